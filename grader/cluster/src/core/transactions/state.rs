//! One transactional id: its producer, and its transaction from the first partition to the last marker.
//!
//! The states and their order are those of Kafka's `TransactionMetadata`. What Kafka writes to its transaction log takes
//! effect at once here, so there are no transitions that are pending.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use kafka_protocol::ResponseError;

use crate::producers::{Producer, Producers};
use crate::time::Now;

/// The highest epoch that a producer is given. The one after it is kept for fencing that producer.
const LAST_EPOCH: i16 = i16::MAX - 1;

/// `offsets.topic.num.partitions`
const OFFSETS_PARTITIONS: i32 = 50;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Empty,
    Ongoing,
    PrepareCommit,
    PrepareAbort,
    CompleteCommit,
    CompleteAbort,
}

impl State {
    /// As DescribeTransactions shows it.
    pub fn name(self) -> &'static str {
        match self {
            State::Empty => "Empty",
            State::Ongoing => "Ongoing",
            State::PrepareCommit => "PrepareCommit",
            State::PrepareAbort => "PrepareAbort",
            State::CompleteCommit => "CompleteCommit",
            State::CompleteAbort => "CompleteAbort",
        }
    }
}

/// The names of all states that Kafka knows. The last two are not seen here: they are on the way between others.
pub const STATES: [&str; 8] = [
    "Empty",
    "Ongoing",
    "PrepareCommit",
    "PrepareAbort",
    "CompleteCommit",
    "CompleteAbort",
    "Dead",
    "PrepareEpochFence",
];

/// Something that a transaction writes to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// Records, into a partition of a topic.
    Partition(String, i32),
    /// Offsets of consumer groups, into a partition of the topic where Kafka keeps them.
    Offsets(i32),
}

impl Target {
    /// Where Kafka keeps the offsets of this group.
    pub fn offsets(group: &str) -> Target {
        // `String.hashCode`, over the units of UTF-16, and `Utils.abs`.
        let hash = group.encode_utf16().fold(0_i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(unit.into()));
        Target::Offsets((hash & i32::MAX) % OFFSETS_PARTITIONS)
    }

    /// As DescribeTransactions shows it.
    pub fn topic_and_partition(&self) -> (&str, i32) {
        match self {
            Target::Partition(topic, index) => (topic, *index),
            Target::Offsets(index) => ("__consumer_offsets", *index),
        }
    }
}

/// Where a marker stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    pub offset: i64,
    /// Of the leader that has written it.
    pub epoch: i32,
}

/// How a transaction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Commit,
    Abort,
}

/// Which rules a client follows: with version 2 each transaction has an epoch of its own (KIP-890).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionVersion {
    One,
    Two,
}

#[derive(Debug)]
pub struct Transaction {
    pub producer: Producer,
    /// The id before the last change of state. It differs from the present one only just after that one was new.
    previous_id: i64,
    /// Takes over when the markers have been written, because the present id has run out of epochs.
    next_id: Option<i64>,
    /// The epoch before the present one, if the producer that had it may have missed the answer with the present one.
    last_epoch: i16,
    pub timeout_ms: i32,
    pub state: State,
    /// What may be written to and has no marker yet, or one that is not replicated.
    pub targets: BTreeMap<Target, Option<Written>>,
    /// Consumer groups for which offsets are staged.
    pub groups: BTreeSet<String>,
    /// When the transaction began, in milliseconds since 1970; −1 before the first.
    pub started_ms: i64,
    /// When an ongoing transaction is aborted, on the clock of timers.
    pub deadline: Duration,
    /// When anything happened last, on the clock of timers.
    pub touched: Duration,
}

impl Transaction {
    /// A transactional id that nobody has used. [`Transaction::init`] makes its first epoch 0.
    pub fn new(producer_id: i64, timeout_ms: i32, now: Now) -> Transaction {
        Transaction {
            producer: Producer { id: producer_id, epoch: -1 },
            previous_id: -1,
            next_id: None,
            last_epoch: -1,
            timeout_ms,
            state: State::Empty,
            targets: BTreeMap::new(),
            groups: BTreeSet::new(),
            started_ms: -1,
            deadline: Duration::ZERO,
            touched: now.elapsed,
        }
    }

    /// May a producer that says it is `expected` go on with this transactional id? Its epoch is looked at later.
    pub fn accepts(&self, expected: Producer) -> bool {
        self.producer.epoch == -1
            || expected.id == self.producer.id
            // It may have missed the answer that gave it a new id.
            || (expected.id == self.previous_id && expected.epoch >= LAST_EPOCH)
    }

    /// Lets a producer begin: a new epoch, or a new id when there are no more epochs.
    ///
    /// # Errors
    /// `ProducerFenced`: somebody else has begun since.
    pub fn init(
        &mut self,
        expected: Option<Producer>,
        timeout_ms: i32,
        producers: &mut Producers,
        now: Now,
    ) -> Result<Producer, ResponseError> {
        let Producer { id, epoch } = self.producer;
        let (producer, last_epoch) = match expected {
            _ if epoch >= LAST_EPOCH && expected.is_none_or(|expected| expected.epoch == epoch) => {
                let last = if expected.is_some() { epoch } else { -1 };
                (Producer { id: producers.new_id(), epoch: 0 }, last)
            }
            // Kafka runs into an exception of its own here: whoever asks has not had the last epoch.
            Some(_) if epoch >= LAST_EPOCH => return Err(ResponseError::UnknownServerError),
            None => (Producer { id, epoch: epoch + 1 }, -1),
            Some(expected) if epoch == -1 || expected.epoch == epoch => (Producer { id, epoch: epoch + 1 }, epoch),
            // It asks once more, because it has missed the answer.
            Some(expected) if expected.epoch == self.last_epoch => (self.producer, self.last_epoch),
            Some(_) => return Err(ResponseError::ProducerFenced),
        };
        self.enter(State::Empty, now);
        self.producer = producer;
        self.last_epoch = last_epoch;
        self.timeout_ms = timeout_ms;
        self.started_ms = -1;
        Ok(producer)
    }

    /// Is this producer the one that may write now?
    ///
    /// # Errors
    /// `InvalidProducerIdMapping`, `ProducerFenced`, or `ConcurrentTransactions` while markers are being written.
    pub fn check(&self, producer: Producer) -> Result<(), ResponseError> {
        if self.producer.id != producer.id {
            return Err(ResponseError::InvalidProducerIdMapping);
        }
        if self.producer.epoch != producer.epoch {
            return Err(ResponseError::ProducerFenced);
        }
        match self.state {
            State::PrepareCommit | State::PrepareAbort => Err(ResponseError::ConcurrentTransactions),
            _ => Ok(()),
        }
    }

    /// Adds what is going to be written to, and begins a transaction if none is going on.
    pub fn add(&mut self, targets: impl IntoIterator<Item = Target>, now: Now) {
        if self.state != State::Ongoing {
            self.started_ms = now.wall_ms;
            self.deadline = now.after_ms(self.timeout_ms);
        }
        self.enter(State::Ongoing, now);
        self.targets.extend(targets.into_iter().map(|target| (target, None)));
    }

    /// Begins to end the transaction; markers are still to be written, by [`Transaction::producer`].
    pub fn prepare(&mut self, outcome: Outcome, version: TransactionVersion, producers: &mut Producers, now: Now) {
        if self.state != State::Ongoing {
            self.started_ms = now.wall_ms;
        }
        self.enter(outcome.prepared(), now);
        self.next_id = None;
        if version == TransactionVersion::Two {
            self.next_id = (self.producer.epoch >= LAST_EPOCH).then(|| producers.new_id());
            self.last_epoch = self.producer.epoch;
            self.producer.epoch = self.producer.epoch.saturating_add(1);
        }
    }

    /// Whom the producer will be when all markers have been written.
    pub fn next_producer(&self) -> Producer {
        self.next_id.map_or(self.producer, |id| Producer { id, epoch: 0 })
    }

    /// All markers have been written.
    pub fn complete(&mut self, now: Now) {
        let complete = match self.state {
            State::PrepareCommit => State::CompleteCommit,
            _ => State::CompleteAbort,
        };
        self.enter(complete, now);
        self.producer = self.next_producer();
        self.next_id = None;
        self.targets.clear();
        self.groups.clear();
    }

    /// Does EndTxn ask again for what is done already (KIP-890)?
    pub fn is_repeated(&self, producer: Producer) -> bool {
        producer.epoch.checked_add(1) == Some(self.producer.epoch) || self.has_replaced(producer)
    }

    /// Was this the last epoch of the id before?
    pub fn has_replaced(&self, producer: Producer) -> bool {
        self.previous_id == producer.id && producer.epoch == LAST_EPOCH && self.producer.epoch == 0
    }

    fn enter(&mut self, state: State, now: Now) {
        self.previous_id = self.producer.id;
        self.state = state;
        self.touched = now.elapsed;
    }
}

impl Outcome {
    fn prepared(self) -> State {
        match self {
            Outcome::Commit => State::PrepareCommit,
            Outcome::Abort => State::PrepareAbort,
        }
    }
}
