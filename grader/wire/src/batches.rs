//! The batches of a Produce request, which are decoded when somebody first looks at them.
//!
//! A producer that sends as fast as it can sends some hundred thousand records a second, and to decode them takes longer
//! than to hand them on. Most of the time nobody asks what they say before the run is over.

use std::ops::Deref;
use std::sync::OnceLock;

use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::batch::{Batch, Budget, batches_within, size};

/// All batches of a Produce request, in order: a list like any other, which is decoded for its first reader.
#[derive(Debug, Clone, Default)]
pub struct Batches {
    sent: Vec<Sent>,
    decoded: OnceLock<Vec<Batch>>,
}

/// What was sent for one partition.
#[derive(Debug, Clone)]
struct Sent {
    topic: String,
    partition: i32,
    records: Bytes,
}

impl Batches {
    /// One more partition's field `records`, before anybody has looked at the batches.
    pub(super) fn add(&mut self, topic: &str, partition: i32, records: Bytes) {
        self.sent.push(Sent { topic: topic.to_owned(), partition, records });
    }

    /// Goes to the names of the topics, which it may change, without a look at the batches.
    pub fn each_topic(&mut self, mut see: impl FnMut(&mut String)) {
        self.sent.iter_mut().for_each(|sent| see(&mut sent.topic));
        self.decoded.get_mut().into_iter().flatten().for_each(|batch| see(&mut batch.topic));
    }

    /// Lets `change` change each batch.
    pub fn change(&mut self, change: impl FnMut(&mut Batch)) {
        let mut batches = self.decoded.take().unwrap_or_else(|| self.decode());
        batches.iter_mut().for_each(change);
        *self = batches.into();
    }

    /// How many records there are at most, and in how many bytes. None where somebody has looked at the batches already,
    /// and where they have to be decoded to tell: they are compressed, or none.
    pub fn undecoded_size(&self) -> Option<(usize, usize)> {
        match self.decoded.get() {
            Some(_) => None,
            None => self.sent.iter().try_fold((0, 0), |(records, bytes), sent| {
                size(&sent.records).map(|more| (records + more.0, bytes + more.1))
            }),
        }
    }

    fn decode(&self) -> Vec<Batch> {
        let mut budget = Budget::default();
        let sent = self.sent.iter();
        sent.flat_map(|sent| batches_within(&mut budget, &sent.topic, sent.partition, &sent.records)).collect()
    }
}

impl From<Vec<Batch>> for Batches {
    fn from(batches: Vec<Batch>) -> Self {
        Batches { sent: Vec::new(), decoded: batches.into() }
    }
}

impl Deref for Batches {
    type Target = Vec<Batch>;

    fn deref(&self) -> &Vec<Batch> {
        self.decoded.get_or_init(|| self.decode())
    }
}

impl PartialEq for Batches {
    fn eq(&self, other: &Batches) -> bool {
        **self == **other
    }
}

impl Serialize for Batches {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Batches {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Batches::from)
    }
}
