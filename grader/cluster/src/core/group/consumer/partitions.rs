//! Sets of partitions, by topic.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

/// Partitions of some topics. A topic without partitions does not stand in it.
pub type Partitions = BTreeMap<Uuid, BTreeSet<i32>>;

/// Partitions, each with the epoch at which the member has got it (KIP-1251).
pub type Owned = BTreeMap<Uuid, BTreeMap<i32, i32>>;

pub fn add(partitions: &mut Partitions, topic: Uuid, partition: i32) {
    partitions.entry(topic).or_default().insert(partition);
}

pub fn contains(partitions: &Partitions, topic: Uuid, partition: i32) -> bool {
    partitions.get(&topic).is_some_and(|indexes| indexes.contains(&partition))
}

/// One after the other.
pub fn each(partitions: &Partitions) -> impl Iterator<Item = (Uuid, i32)> {
    partitions.iter().flat_map(|(topic, indexes)| indexes.iter().map(|index| (*topic, *index)))
}

/// One after the other, with their epochs.
pub fn each_owned(owned: &Owned) -> impl Iterator<Item = (Uuid, i32, i32)> {
    owned.iter().flat_map(|(topic, indexes)| indexes.iter().map(|(index, epoch)| (*topic, *index, *epoch)))
}

/// The epoch at which this partition was given, if it is in there.
pub fn epoch_of(owned: &Owned, topic: Uuid, partition: i32) -> Option<i32> {
    owned.get(&topic)?.get(&partition).copied()
}
