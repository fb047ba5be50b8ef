//! What the processes around a program say to each other: values as JSON, each behind its length.

use super::confinement::Exceeded;
use crate::evidence::Ended;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::fmt;
use std::io::{self, Read, Write};

/// The grader's one word: the program is to be started.
pub const START: &[u8] = b"s";

/// Which kind of control groups the machine has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Version {
    /// A tree for each kind of resource.
    One,
    /// One tree.
    Two,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Version::One => "cgroup1",
            Version::Two => "cgroup2",
        })
    }
}

/// What holds in a cell besides namespaces, system calls and limits, which every cell has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The version of Landlock.
    pub landlock: Option<u8>,
    pub cgroup: Option<Version>,
}

/// Why there is no cell.
#[derive(Debug, thiserror::Error)]
#[error("its sandbox cannot be built: {doing}: {source}")]
pub struct NotBuilt {
    pub doing: String,
    pub source: io::Error,
}

/// How a confined program ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    pub how: Ended,
    /// The bound that it ran into.
    pub exceeded: Option<Exceeded>,
}

/// What a supervisor says to the grader, and the first process of a cell to a supervisor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Word {
    /// Everything is there, and it waits for [`START`].
    Ready,
    /// So is the cell. Its listeners follow.
    Built(Held),
    /// The cell could not be built, and where that failed, and why (`errno`).
    NotBuilt { doing: String, errno: i32 },
    /// The program runs under this process id, which is that of its group as well.
    Started(i32),
    /// The program could not be started, for this reason (`errno`).
    NotStarted(i32),
    /// The program has ended, and so has everything that it has started.
    Ended(Ended),
    /// The same of one that ran into a bound.
    Stopped(Ended, Exceeded),
}

/// More than any plan has; what claims to be longer is none.
const MOST: u32 = 4 << 20;

/// Says `value` on `stream`.
///
/// # Errors
/// Nobody reads it any more.
pub fn say(mut stream: impl Write, value: &impl Serialize) -> io::Result<()> {
    let text = serde_json::to_vec(value)?;
    let length = u32::try_from(text.len()).ok().filter(|length| *length <= MOST);
    let length = length.ok_or_else(|| io::Error::other("that is too long to be said"))?;
    stream.write_all(&[&length.to_be_bytes(), text.as_slice()].concat())
}

/// What is said next on `stream`.
///
/// # Errors
/// Nothing more is said, or something else.
pub fn hear<T: DeserializeOwned>(mut stream: impl Read) -> io::Result<T> {
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let length = u32::from_be_bytes(length);
    if length > MOST {
        return Err(io::Error::other("that is too long to have been said"));
    }
    let mut text = vec![0; length as usize];
    stream.read_exact(&mut text)?;
    Ok(serde_json::from_slice(&text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_heard() {
        let mut said = Vec::new();
        say(&mut said, &Word::NotBuilt { doing: "a mount".into(), errno: 1 }).expect("room");
        say(&mut said, &Word::Ended(Ended::Signal(9))).expect("room");
        let mut rest = said.as_slice();
        assert!(matches!(hear(&mut rest), Ok(Word::NotBuilt { errno: 1, .. })));
        assert!(matches!(hear(&mut rest), Ok(Word::Ended(Ended::Signal(9)))));
        assert!(hear::<Word>(&mut rest).is_err());
        assert!(hear::<Word>([0xff; 8].as_slice()).is_err());
    }
}
