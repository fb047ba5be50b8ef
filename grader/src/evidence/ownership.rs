//! Who holds which partition, from which event to which: what a group's own protocol says about it.
//!
//! A partition is a member's from the answer that assigns it (SyncGroup, ConsumerGroupHeartbeat) until the member says
//! that it has let go: by a JoinGroup whose owned partitions leave it out (an eager member owns none there), by a
//! heartbeat of a KIP-848 group that leaves it out, by LeaveGroup, or by the end of its process.

use super::{Event, Evidence, What};
use crate::wire::{Request, Response, TopicPartition};
use std::collections::{BTreeMap, HashMap};

/// One partition in one member's hands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Its name; its id (KIP-848) until the member has asked for its name.
    topic: String,
    pub partition: i32,
    pub role: String,
    pub member: String,
    /// Position of the answer that assigned it.
    pub from: usize,
    /// Position of the event with which it ended; none while it lasts.
    pub to: Option<usize>,
    pub end: End,
}

/// How a member came to hold a partition no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It holds it still.
    Open,
    /// Given up in a rebalance.
    GivenUp,
    /// The member has left the group.
    Left,
    /// The group had dropped the member, and told it so.
    Dropped,
    /// The process ended without a word to the group.
    Died,
}

impl Held {
    /// Does it last at this position?
    pub fn lasts_at(&self, at: usize) -> bool {
        self.from < at && self.to.is_none_or(|to| at < to)
    }

    /// Was the end such that the next one can go on where this one stopped?
    pub fn was_planned(&self) -> bool {
        matches!(self.end, End::GivenUp | End::Left)
    }
}

/// Follows one group through the events.
#[derive(Debug)]
pub struct Ownership {
    group: String,
    /// Topic ids of KIP-848, as Metadata tells them.
    ids: HashMap<String, String>,
    held: Vec<Held>,
    seen: usize,
}

impl Ownership {
    pub fn new(group: &str) -> Ownership {
        Ownership { group: group.to_owned(), ids: HashMap::new(), held: Vec::new(), seen: 0 }
    }

    /// Takes in what has been added to `events` since the last time.
    pub fn follow(&mut self, events: &[Event]) {
        for at in self.seen..events.len() {
            self.event(at, events);
        }
        self.seen = events.len();
    }

    /// Who held a partition of `topic`, in order of the beginnings.
    pub fn held<'a>(&'a self, topic: &'a str) -> impl Iterator<Item = &'a Held> {
        self.held.iter().filter(move |held| self.name(&held.topic) == topic)
    }

    /// How many partitions of `topic` each role holds now; who holds none is not named.
    pub fn now<'a>(&'a self, topic: &'a str) -> BTreeMap<&'a str, usize> {
        let mut now = BTreeMap::new();
        for held in self.held(topic).filter(|held| held.to.is_none()) {
            *now.entry(held.role.as_str()).or_default() += 1;
        }
        now
    }

    fn event(&mut self, at: usize, events: &[Event]) {
        let event = &events[at];
        if let What::Response { body: Response::Metadata { topics, .. }, .. } = &event.what {
            let known = topics.iter().filter_map(|topic| Some((topic.id.clone()?, topic.name.clone())));
            self.ids.extend(known);
        }
        let Some(role) = event.role.as_deref() else { return };
        match &event.what {
            What::Request { body, .. } => self.request(at, role, body),
            What::Response { to, body, .. } => {
                if let Some(What::Request { body: asked, .. }) = events.get(*to).map(|event| &event.what) {
                    self.response(at, role, asked, body);
                }
            }
            What::Exited { .. } => self.end(at, End::Died, |held| held.role == role),
            _ => {}
        }
    }

    fn request(&mut self, at: usize, role: &str, asked: &Request) {
        match asked {
            Request::JoinGroup { group, member, owned, .. } if *group == self.group => {
                self.keep_only(at, (role, member), owned);
            }
            Request::LeaveGroup { group, members } if *group == self.group => {
                self.end(at, End::Left, |held| held.role == role && members.contains(&held.member));
            }
            Request::ConsumerGroupHeartbeat { group, member, epoch, owned, .. } if *group == self.group => {
                if *epoch < 0 {
                    self.end(at, End::Left, |held| held.role == role && held.member == *member);
                } else if let Some(owned) = owned {
                    self.keep_only(at, (role, member), owned);
                }
            }
            _ => {}
        }
    }

    fn response(&mut self, at: usize, role: &str, asked: &Request, answer: &Response) {
        match (asked, answer) {
            (Request::SyncGroup { group, member, .. }, Response::SyncGroup { error: 0, partitions })
                if *group == self.group =>
            {
                self.assign(at, (role, member), partitions);
            }
            (
                Request::ConsumerGroupHeartbeat { group, member: asked, .. },
                Response::ConsumerGroupHeartbeat { error: 0, member, assignment: Some(partitions), .. },
            ) if *group == self.group => {
                self.assign(at, (role, member.as_ref().unwrap_or(asked)), partitions);
            }
            (Request::Heartbeat { group, member, .. }, Response::Heartbeat { error })
            | (Request::ConsumerGroupHeartbeat { group, member, .. }, Response::ConsumerGroupHeartbeat { error, .. })
                if *group == self.group && DROPPED.contains(error) =>
            {
                self.end(at, End::Dropped, |held| held.role == role && held.member == *member);
            }
            _ => {}
        }
    }

    fn name<'a>(&'a self, topic: &'a String) -> &'a str {
        self.ids.get(topic).unwrap_or(topic)
    }

    fn assign(&mut self, at: usize, (role, member): (&str, &String), partitions: &[TopicPartition]) {
        for TopicPartition { topic, partition } in partitions {
            let has = |held: &Held| {
                held.to.is_none()
                    && (&held.topic, held.partition) == (topic, *partition)
                    && (held.role.as_str(), &held.member) == (role, member)
            };
            if !self.held.iter().any(has) {
                let (topic, role, member) = (topic.clone(), role.to_owned(), member.clone());
                let (partition, from) = (*partition, at);
                self.held.push(Held { topic, partition, role, member, from, to: None, end: End::Open });
            }
        }
    }

    /// What the member holds and does not name here it has given up.
    fn keep_only(&mut self, at: usize, (role, member): (&str, &String), owned: &[TopicPartition]) {
        let kept = |held: &Held| owned.iter().any(|kept| kept.topic == held.topic && kept.partition == held.partition);
        self.end(at, End::GivenUp, |held| held.role == role && held.member == *member && !kept(held));
    }

    fn end(&mut self, at: usize, how: End, of: impl Fn(&Held) -> bool) {
        for held in self.held.iter_mut().filter(|held| held.to.is_none() && of(held)) {
            (held.to, held.end) = (Some(at), how);
        }
    }
}

/// UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, FENCED_MEMBER_EPOCH: the group knows the member no longer.
const DROPPED: [i16; 3] = [25, 82, 110];

impl Evidence {
    /// Who held the partitions of `topic` in `group`, in order of the beginnings.
    pub fn ownership(&self, group: &str, topic: &str) -> Vec<Held> {
        let mut ownership = Ownership::new(group);
        ownership.follow(&self.events);
        ownership.held(topic).cloned().collect()
    }
}
