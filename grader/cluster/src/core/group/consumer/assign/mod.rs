//! Who gets which partitions: the assignors that a coordinator has (KIP-848, `group.consumer.assignors`).

mod range;
mod uniform;
mod uniform_mixed;

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::partitions::Partitions;

/// What is known of a member when partitions are assigned.
#[derive(Debug)]
pub struct Subscriber<'a> {
    /// `group.instance.id`
    pub instance: Option<&'a str>,
    /// Topics that exist.
    pub topics: BTreeSet<Uuid>,
    /// Its target until now.
    pub target: Partitions,
}

/// What partitions are assigned by.
#[derive(Debug, Default)]
pub struct Group<'a> {
    /// By their ids.
    pub members: BTreeMap<&'a str, Subscriber<'a>>,
    /// How many partitions each topic has that somebody is subscribed to.
    pub topics: BTreeMap<Uuid, i32>,
}

impl Group<'_> {
    /// Are all members subscribed to the same topics?
    fn is_homogeneous(&self) -> bool {
        self.members.values().all(|member| member.topics.len() == self.topics.len())
    }
}

/// The targets of all members, by their ids.
pub type Targets = BTreeMap<String, Partitions>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assignor {
    /// As many partitions for each member as for the others, give or take one; as few of them as possible move.
    Uniform,
    /// Of each topic a range of partitions, so that members have the same ranges of topics that are alike.
    Range,
}

impl Assignor {
    /// The first is what a group uses whose members do not ask for another.
    pub const EACH: [Assignor; 2] = [Assignor::Uniform, Assignor::Range];

    pub fn name(self) -> &'static str {
        match self {
            Assignor::Uniform => "uniform",
            Assignor::Range => "range",
        }
    }

    pub fn by_name(name: &str) -> Option<Assignor> {
        Assignor::EACH.into_iter().find(|assignor| assignor.name() == name)
    }

    pub fn assign(self, group: &Group<'_>) -> Targets {
        match self {
            Assignor::Range => range::assign(group),
            Assignor::Uniform if group.is_homogeneous() => uniform::assign(group),
            Assignor::Uniform => uniform_mixed::assign(group),
        }
    }
}

#[cfg(test)]
mod tests;
