//! Who held which partition of one topic, made to be asked about.

use super::{Evidence, Held};
use std::collections::{BTreeMap, HashMap};

/// Everything that the members of a group held of one topic.
#[derive(Debug, Default)]
pub struct Holdings {
    held: Vec<Held>,
    /// Indices into `held`, in order of the beginnings; so too below.
    by_partition: BTreeMap<i32, Vec<usize>>,
    by_role: HashMap<String, HashMap<i32, Vec<OfRole>>>,
}

/// One of those that a role had of one partition.
#[derive(Debug, Clone, Copy)]
struct OfRole {
    index: usize,
    /// Up to which position this one, or one that began before it, lasts; none where one of them lasts still.
    to: Option<usize>,
}

impl FromIterator<Held> for Holdings {
    /// Of what is in order of the beginnings.
    fn from_iter<I: IntoIterator<Item = Held>>(held: I) -> Holdings {
        let mut holdings = Holdings::default();
        for held in held {
            let index = holdings.held.len();
            holdings.by_partition.entry(held.partition).or_default().push(index);
            let of_role = holdings.by_role.entry(held.role.clone()).or_default().entry(held.partition).or_default();
            let before = of_role.last().map_or(Some(0), |last| last.to);
            let to = before.zip(held.to).map(|(before, to)| before.max(to));
            of_role.push(OfRole { index, to });
            holdings.held.push(held);
        }
        holdings
    }
}

impl Holdings {
    /// All, in order of the beginnings.
    pub fn as_slice(&self) -> &[Held] {
        &self.held
    }

    /// Those of each partition, in order of the beginnings.
    pub fn by_partition(&self) -> impl Iterator<Item = Vec<&Held>> {
        self.by_partition.values().map(|indices| indices.iter().map(|index| &self.held[*index]).collect())
    }

    /// The first that began when `held` had ended, of the same partition; none while it lasts.
    pub fn next_after(&self, held: &Held) -> Option<&Held> {
        let (to, indices) = (held.to?, self.by_partition.get(&held.partition)?);
        let next = indices.partition_point(|index| self.held[*index].from <= to);
        indices.get(next).map(|index| &self.held[*index])
    }

    /// The last one of the partition that began before `at`, whoever has it, with its index in [`Self::as_slice`].
    pub fn last_begun(&self, partition: i32, at: usize) -> Option<(usize, &Held)> {
        let indices = self.by_partition.get(&partition)?;
        let next = indices.partition_point(|index| self.held[*index].from < at);
        let index = *indices.get(next.checked_sub(1)?)?;
        Some((index, &self.held[index]))
    }

    /// Does a process of `role` hold the partition at this position?
    pub fn holds(&self, role: &str, partition: i32, at: usize) -> bool {
        self.last_of_role(role, partition, at).is_some_and(|last| last.to.is_none_or(|to| at < to))
    }

    /// The last time before `at` that `role` was given the partition.
    pub fn last_given(&self, role: &str, partition: i32, at: usize) -> Option<&Held> {
        self.last_of_role(role, partition, at).map(|last| &self.held[last.index])
    }

    fn last_of_role(&self, role: &str, partition: i32, at: usize) -> Option<OfRole> {
        let of_role = self.by_role.get(role)?.get(&partition)?;
        let next = of_role.partition_point(|of_role| self.held[of_role.index].from < at);
        of_role.get(next.checked_sub(1)?).copied()
    }
}

impl Evidence {
    /// Who held the partitions of `topic` in `group`.
    pub fn holdings(&self, group: &str, topic: &str) -> Holdings {
        self.ownership(group, topic).into_iter().collect()
    }
}
