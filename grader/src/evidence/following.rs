//! Follows a state through the events of a run, each of which is looked at once.

use super::fetching::FetchedSoFar;
use super::state::{Moving, Sent, State, Work, within};
use super::{Event, Ownership, Pattern, Place, Unsettled, What, about, id};
use crate::wire::{Offset, PartitionError, Request, Response};
use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A state, and what it takes to say whether it holds.
#[derive(Debug)]
pub struct Following {
    state: SoFar,
    seen: usize,
}

#[derive(Debug)]
enum SoFar {
    Between { begin: Pattern, end: Pattern, holds: bool },
    Work { of: Work, done: bool, work: Box<WorkSoFar> },
    Moving { of: Moving, ownership: Box<Ownership> },
    InFlight { of: Sent, requests: Asked<usize> },
    Fetched(FetchedSoFar),
    Unsettled { least: Option<usize>, most: Option<usize>, records: Unsettled },
}

impl Following {
    pub fn new(state: &State) -> Following {
        let work = |of: &Work, done| SoFar::Work { of: of.clone(), done, work: Box::new(WorkSoFar::new(&of.group)) };
        let state = match state {
            State::Between { begin, end } => SoFar::Between { begin: begin.clone(), end: end.clone(), holds: false },
            State::InHand(of) => work(of, false),
            State::Uncommitted(of) => work(of, true),
            State::Moving(of) => SoFar::Moving { of: of.clone(), ownership: Box::new(Ownership::new(&of.group)) },
            State::InFlight(of) => SoFar::InFlight { of: of.clone(), requests: Asked::default() },
            State::Fetched(of) => SoFar::Fetched(FetchedSoFar::new(of)),
            State::Unsettled(of) => {
                SoFar::Unsettled { least: of.least, most: of.most, records: Unsettled::new(&of.topic, &of.id) }
            }
        };
        Following { state, seen: 0 }
    }

    /// Does the state hold after these events, which are those of the last time and further ones?
    pub fn holds<E: Borrow<Event>>(&mut self, events: &[E]) -> bool {
        for (at, event) in events.iter().enumerate().skip(self.seen) {
            let event: &Event = event.borrow();
            match &mut self.state {
                SoFar::Between { begin, end, holds } => {
                    *holds = !end.matches(event) && (*holds || begin.matches(event));
                }
                SoFar::Work { of, work, .. } => work.see(of, at, event, events),
                SoFar::Moving { .. } => {}
                SoFar::InFlight { of, requests } => in_flight(of, requests, at, event),
                SoFar::Fetched(fetched) => fetched.see(event),
                SoFar::Unsettled { records, .. } => records.see(at, event),
            }
        }
        self.seen = events.len();
        match &mut self.state {
            SoFar::Between { holds, .. } => *holds,
            SoFar::Work { of, done, work } => {
                work.ownership.follow(events);
                work.holds(of, *done)
            }
            SoFar::Moving { of, ownership } => {
                ownership.follow(events);
                let mut moving = ownership.moving(&of.topic);
                moving.any(|(role, _)| of.role.as_ref().is_none_or(|of| of == role))
            }
            SoFar::InFlight { of, requests } => within(requests.values().sum(), of.least, of.most),
            SoFar::Fetched(fetched) => fetched.holds(),
            SoFar::Unsettled { least, most, records } => within(records.count(), *least, *most),
        }
    }
}

/// What was asked and not answered, by the position of the question. An answer takes effect with the event behind it, so
/// that a rule for answers can still see what its own was about.
#[derive(Debug)]
struct Asked<T> {
    open: HashMap<usize, (Option<String>, T)>,
    answered: Option<usize>,
}

impl<T> Default for Asked<T> {
    fn default() -> Asked<T> {
        Asked { open: HashMap::new(), answered: None }
    }
}

impl<T> Asked<T> {
    /// What ends with this event, whatever else it says.
    fn see(&mut self, event: &Event) {
        if let Some(answered) = self.answered.take() {
            self.open.remove(&answered);
        }
        match &event.what {
            What::Response { to, .. } | What::Answer { to, .. } => self.answered = Some(*to),
            What::Exited { .. } => self.open.retain(|_, (role, _)| *role != event.role),
            _ => {}
        }
    }

    fn values(&self) -> impl Iterator<Item = &T> {
        self.open.values().map(|(_, value)| value)
    }
}

fn in_flight(of: &Sent, requests: &mut Asked<usize>, at: usize, event: &Event) {
    requests.see(event);
    if let What::Request { body: Request::Produce { batches, acks, .. }, .. } = &event.what
        && *acks != 0
        && of.role.as_ref().is_none_or(|role| event.role.as_ref() == Some(role))
    {
        let ours = batches.iter().filter(|batch| batch.topic == of.topic);
        requests.open.insert(at, (event.role.clone(), ours.map(|batch| batch.records.len()).sum()));
    }
}

#[derive(Debug)]
struct WorkSoFar {
    /// Where the records of the input are, by id.
    places: HashMap<String, Vec<Place>>,
    in_hand: Asked<Vec<Place>>,
    /// Processed and not committed, and by whom.
    uncommitted: BTreeMap<Place, String>,
    ownership: Ownership,
}

impl WorkSoFar {
    fn new(group: &str) -> WorkSoFar {
        let (places, in_hand) = (HashMap::new(), Asked::default());
        WorkSoFar { places, in_hand, uncommitted: BTreeMap::new(), ownership: Ownership::new(group) }
    }

    fn see<E: Borrow<Event>>(&mut self, of: &Work, at: usize, event: &Event, events: &[E]) {
        self.in_hand.see(event);
        match &event.what {
            What::Input { topic, partition, offset, value: Some(value), .. } if *topic == of.topic => {
                if let Some(id) = value.json().as_ref().and_then(|value| id(value, &of.id)) {
                    self.places.entry(id).or_default().push((*partition, *offset));
                }
            }
            What::Call { op, args, .. } => {
                let ids = about(&of.op, op, args).iter().filter_map(|args| id(args, &of.id));
                let places: Vec<Place> = ids.filter_map(|id| self.places.get(&id)).flatten().copied().collect();
                if !places.is_empty() && of.role.as_ref().is_none_or(|role| event.role.as_ref() == Some(role)) {
                    self.in_hand.open.insert(at, (event.role.clone(), places));
                }
            }
            What::Answer { to, ok: true, .. } => {
                if let Some((role, places)) = self.in_hand.open.get(to) {
                    let role = role.clone().unwrap_or_default();
                    self.uncommitted.extend(places.iter().map(|place| (*place, role.clone())));
                }
            }
            What::Response { to, body: Response::OffsetCommit { partitions }, .. } => {
                if let Some(What::Request { body: Request::OffsetCommit { group, offsets, .. }, .. }) =
                    events.get(*to).map(|event| &event.borrow().what)
                    && *group == of.group
                {
                    self.committed(&of.topic, offsets, partitions);
                }
            }
            _ => {}
        }
    }

    fn committed(&mut self, topic: &str, offsets: &[Offset], answers: &[PartitionError]) {
        let refused = |partition: i32| {
            answers.iter().any(|answer| answer.topic == topic && answer.partition == partition && answer.error != 0)
        };
        for taken in offsets.iter().filter(|offset| offset.topic == topic && !refused(offset.partition)) {
            self.uncommitted.retain(|(partition, offset), _| *partition != taken.partition || *offset >= taken.offset);
        }
    }

    fn holds(&self, of: &Work, done: bool) -> bool {
        let moving: BTreeSet<(&str, i32)> = match of.moving {
            true => self.ownership.moving(&of.topic).collect(),
            false => BTreeSet::new(),
        };
        let counts = |role: &str, partition: i32| !of.moving || moving.contains(&(role, partition));
        let partitions: Vec<i32> = match done {
            true => {
                let counted = self.uncommitted.iter().filter(|((partition, _), role)| counts(role, *partition));
                counted.map(|((partition, _), _)| *partition).collect()
            }
            false => {
                let each = self.in_hand.open.values().flat_map(|(role, places)| {
                    places.iter().map(|(partition, _)| (role.as_deref().unwrap_or_default(), *partition))
                });
                each.filter(|(role, partition)| counts(role, *partition)).map(|(_, partition)| partition).collect()
            }
        };
        let apart: BTreeSet<i32> = partitions.iter().copied().collect();
        within(partitions.len(), of.least, of.most) && apart.len() >= of.partitions
    }
}

#[cfg(test)]
mod tests;
