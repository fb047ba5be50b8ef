//! Which records of a topic a program has been given: by the broker's answers, whatever it does with them.

use super::state::{Fetched, within};
use super::{Event, Evidence, Place, What, about, id};
use crate::wire::Response;
use std::collections::{BTreeSet, HashMap, HashSet};

/// The ranges of offsets of `topic` in an answer to Fetch, each with its partition. The first may lie before what was
/// asked for.
fn ranges<'a>(event: &'a Event, topic: &'a str) -> impl Iterator<Item = (i32, i64, i64)> + 'a {
    let partitions = match &event.what {
        What::Response { body: Response::Fetch { partitions, .. }, .. } => partitions.as_slice(),
        _ => &[],
    };
    let ours = partitions.iter().filter(move |fetched| fetched.topic == topic);
    ours.filter_map(|fetched| fetched.records.map(|(first, last)| (fetched.partition, first, last)))
}

/// Follows what has been fetched and not been handed on.
#[derive(Debug)]
pub(super) struct FetchedSoFar {
    of: Fetched,
    /// Where the records of the input are, by id.
    places: HashMap<String, Vec<Place>>,
    /// Of the input, and not handed on by anybody.
    open: BTreeSet<Place>,
    /// Of these, what a process of the role has been given.
    given: BTreeSet<Place>,
    /// Of each partition, the last offset that a process of the role has been given. An answer may be recorded before the
    /// record that it carries: that is when the grader is told where the record is.
    last: HashMap<i32, i64>,
    /// Ids that were handed on; such a call, too, may come before its record.
    handed_on: HashSet<String>,
}

impl FetchedSoFar {
    pub fn new(of: &Fetched) -> FetchedSoFar {
        let (places, open, given) = (HashMap::new(), BTreeSet::new(), BTreeSet::new());
        FetchedSoFar { of: of.clone(), places, open, given, last: HashMap::new(), handed_on: HashSet::new() }
    }

    pub fn see(&mut self, event: &Event) {
        let of = &self.of;
        let ours = of.role.as_ref().is_none_or(|role| event.role.as_ref() == Some(role));
        match &event.what {
            What::Input { topic, partition, offset, value: Some(value), .. } if *topic == of.topic => {
                if let Some(id) = value.json().as_ref().and_then(|value| id(value, &of.id))
                    && !self.handed_on.contains(&id)
                {
                    self.places.entry(id).or_default().push((*partition, *offset));
                    self.open.insert((*partition, *offset));
                    if self.last.get(partition).is_some_and(|last| last >= offset) {
                        self.given.insert((*partition, *offset));
                    }
                }
            }
            What::Call { op, args, .. } if ours => {
                for id in about(&of.op, op, args).iter().filter_map(|args| id(args, &of.id)) {
                    for place in self.places.get(&id).into_iter().flatten() {
                        self.open.remove(place);
                        self.given.remove(place);
                    }
                    self.handed_on.insert(id);
                }
            }
            What::Exited { .. } if ours => {
                self.given.clear();
                self.last.clear();
            }
            _ if ours => {
                for (partition, first, last) in ranges(event, &of.topic) {
                    let furthest = self.last.entry(partition).or_insert(last);
                    *furthest = last.max(*furthest);
                    self.given.extend(self.open.range((partition, first)..=(partition, last.max(first))));
                }
            }
            _ => {}
        }
    }

    pub fn holds(&self) -> bool {
        within(self.given.len(), self.of.least, self.of.most)
    }
}

impl Evidence {
    /// When a process of `role` was first given each record of `topic`: the position of the answer, by partition and
    /// offset.
    pub fn arrivals(&self, role: &str, topic: &str) -> HashMap<(i32, i64), usize> {
        let puts = self.inputs(topic);
        let known: BTreeSet<Place> = puts.iter().map(|input| (input.partition, input.offset)).collect();
        let mut arrivals = HashMap::new();
        for (at, event) in self.iter().filter(|(_, event)| event.role.as_deref() == Some(role)) {
            for (partition, first, last) in ranges(event, topic) {
                for place in known.range((partition, first)..=(partition, last.max(first))) {
                    arrivals.entry(*place).or_insert(at);
                }
            }
        }
        arrivals
    }
}
