//! Who producers are: ids and epochs.

/// A producer as its batches name it: its id, and the epoch that tells it from those that had the same id before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Producer {
    pub id: i64,
    pub epoch: i16,
}

/// No producer at all, as requests and answers say it.
pub const NO_PRODUCER: Producer = Producer { id: -1, epoch: -1 };

/// The ids that have been given away.
#[derive(Debug, Default)]
pub struct Producers {
    next_id: i64,
}

impl Producers {
    /// An id that nobody has had.
    pub fn new_id(&mut self) -> i64 {
        let id = self.next_id;
        self.next_id += 1;
        id
    }
}
