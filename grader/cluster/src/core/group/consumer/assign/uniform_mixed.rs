//! `uniform` where members are subscribed to different topics (`UniformHeterogeneousAssignmentBuilder`).
//!
//! Members keep what they have and may have. What is free goes to whoever has least. Then partitions move from those who
//! have most to those who have least, topic by topic, until no move makes it more even.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::{Group, Targets};

/// Rounds over all topics: a bound, which is hardly ever reached.
const MOST_ROUNDS: usize = 16;

pub fn assign(group: &Group<'_>) -> Targets {
    let mut plan = Plan::new(group);
    let topics = plan.topics_in_order();
    for topic in &topics {
        plan.assign_free(*topic);
    }
    for _ in 0..MOST_ROUNDS {
        let moved: usize = topics.iter().map(|topic| plan.balance(*topic)).sum();
        if moved == 0 {
            break;
        }
    }
    plan.targets()
}

struct Plan<'a> {
    ids: Vec<&'a str>,
    /// Of each topic: the members that are subscribed to it, by their place in `ids`.
    subscribers: BTreeMap<Uuid, Vec<usize>>,
    /// Of each topic: which member has which partition.
    owners: BTreeMap<Uuid, Vec<Option<usize>>>,
    /// How many partitions each member has.
    loads: Vec<usize>,
}

impl<'a> Plan<'a> {
    fn new(group: &Group<'a>) -> Plan<'a> {
        let mut plan = Plan {
            ids: group.members.keys().copied().collect(),
            subscribers: BTreeMap::new(),
            owners: BTreeMap::new(),
            loads: vec![0; group.members.len()],
        };
        for (topic, partitions) in &group.topics {
            plan.owners.insert(*topic, vec![None; usize::try_from(*partitions).unwrap_or(0)]);
        }
        for (member, subscriber) in group.members.values().enumerate() {
            for topic in &subscriber.topics {
                plan.subscribers.entry(*topic).or_default().push(member);
                for partition in subscriber.target.get(topic).into_iter().flatten() {
                    plan.give(*topic, *partition, member);
                }
            }
        }
        plan
    }

    /// A partition that has no owner gets one.
    fn give(&mut self, topic: Uuid, partition: i32, member: usize) {
        let place = usize::try_from(partition).ok().and_then(|index| self.owners.get_mut(&topic)?.get_mut(index));
        if let Some(owner @ None) = place {
            *owner = Some(member);
            self.loads[member] += 1;
        }
    }

    /// Those with the most partitions for each subscriber come first.
    fn topics_in_order(&self) -> Vec<Uuid> {
        let mut topics: Vec<Uuid> = self.subscribers.keys().copied().collect();
        let size = |topic: &Uuid| (self.owners[topic].len(), self.subscribers[topic].len());
        topics.sort_by(|one, other| {
            let ((partitions, members), (others, other_members)) = (size(one), size(other));
            (others * members).cmp(&(partitions * other_members)).then(members.cmp(&other_members)).then(one.cmp(other))
        });
        topics
    }

    fn assign_free(&mut self, topic: Uuid) {
        // By load and place, so that the first is always the one who has least.
        let mut queue: BTreeSet<(usize, usize)> =
            self.subscribers[&topic].iter().map(|m| (self.loads[*m], *m)).collect();
        let free: Vec<i32> =
            (0..).zip(&self.owners[&topic]).filter(|(_, owner)| owner.is_none()).map(|(i, _)| i).collect();
        for partition in free {
            let Some((load, member)) = queue.pop_first() else { return };
            self.give(topic, partition, member);
            queue.insert((load + 1, member));
        }
    }

    /// Moves partitions of a topic from members that have more to members that have less; says how many.
    fn balance(&mut self, topic: Uuid) -> usize {
        let mut owned: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (partition, owner) in self.owners[&topic].iter().enumerate() {
            owned.entry(owner.unwrap_or(usize::MAX)).or_default().push(partition);
        }
        let subscribers = self.subscribers[&topic].clone();
        let mut moved = 0;
        loop {
            let givers = subscribers.iter().filter(|member| owned.get(member).is_some_and(|some| !some.is_empty()));
            let most = givers.copied().max_by_key(|member| (self.loads[*member], Reverse(*member)));
            let least = subscribers.iter().copied().min_by_key(|member| (self.loads[*member], *member));
            let (Some(most), Some(least)) = (most, least) else { return moved };
            if self.loads[most] <= self.loads[least] + 1 {
                return moved;
            }
            let Some(partition) = owned.get_mut(&most).and_then(Vec::pop) else { return moved };
            if let Some(owners) = self.owners.get_mut(&topic) {
                owners[partition] = Some(least);
            }
            self.loads[most] -= 1;
            self.loads[least] += 1;
            moved += 1;
        }
    }

    fn targets(&self) -> Targets {
        let mut targets: Targets = self.ids.iter().map(|id| ((*id).to_owned(), Default::default())).collect();
        for (topic, owners) in &self.owners {
            for (partition, owner) in (0..).zip(owners) {
                if let Some(target) = owner.and_then(|member| targets.get_mut(self.ids[member])) {
                    super::super::partitions::add(target, *topic, partition);
                }
            }
        }
        targets
    }
}
