//! What a supervisor says to the grader: words of five bytes, of which nothing can be cut unnoticed.

use crate::evidence::Ended;

/// What ends with a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Whatever it has started, wherever that has gone.
    Everything,
    /// The processes of its group.
    Group,
}

impl Reach {
    /// As an argument on a command line.
    pub fn argument(self) -> &'static str {
        match self {
            Reach::Everything => "everything",
            Reach::Group => "group",
        }
    }
}

/// The grader's one word: the program is to be started.
pub(super) const START: &[u8] = b"s";

/// One word of a supervisor's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Message {
    /// It waits for [`START`].
    Ready,
    /// The program runs under this process id, which is that of its group as well.
    Started(i32),
    /// The program could not be started, for this reason (`errno`).
    Failed(i32),
    /// The program has ended, and so has everything that it has started.
    Ended(Ended),
}

impl Message {
    pub const BYTES: usize = 5;

    pub fn bytes(&self) -> [u8; Message::BYTES] {
        let (kind, number) = match self {
            Message::Ready => (b'r', 0),
            Message::Started(id) => (b's', *id),
            Message::Failed(errno) => (b'f', *errno),
            Message::Ended(Ended::Code(code)) => (b'c', *code),
            Message::Ended(Ended::Signal(signal)) => (b'k', *signal),
        };
        let [a, b, c, d] = number.to_be_bytes();
        [kind, a, b, c, d]
    }

    /// None where these are no word.
    pub fn read([kind, number @ ..]: [u8; Message::BYTES]) -> Option<Message> {
        let number = i32::from_be_bytes(number);
        match kind {
            b'r' => Some(Message::Ready),
            b's' => Some(Message::Started(number)),
            b'f' => Some(Message::Failed(number)),
            b'c' => Some(Message::Ended(Ended::Code(number))),
            b'k' => Some(Message::Ended(Ended::Signal(number))),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_as_it_was_said() {
        let ends = [Ended::Code(0), Ended::Code(255), Ended::Signal(15)].map(Message::Ended);
        for word in [Message::Ready, Message::Started(4_194_304), Message::Failed(2)].into_iter().chain(ends) {
            assert_eq!(Message::read(word.bytes()), Some(word));
        }
        assert_eq!(Message::read(*b"later"), None);
    }
}
