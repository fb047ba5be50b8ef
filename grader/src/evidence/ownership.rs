//! Who holds which partition, from which event to which: what a group's own protocol says about it.
//!
//! A partition is a member's from the answer that assigns it (SyncGroup, ConsumerGroupHeartbeat) until the member says
//! that it has let go: by a JoinGroup whose owned partitions leave it out (an eager member owns none there), by a
//! heartbeat of a KIP-848 group that leaves it out, by LeaveGroup, or by the end of its process.

use super::{Event, Evidence, What};
use crate::wire::error::{FENCED_INSTANCE_ID, FENCED_MEMBER_EPOCH, UNKNOWN_MEMBER_ID};
use crate::wire::{Request, Response, TopicPartition};
use serde::Serialize;
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
    /// The member of a KIP-848 group has said that it has it.
    named: bool,
}

/// How a member came to hold a partition no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// It holds it still.
    Open,
    /// Given up in a rebalance.
    GivenUp,
    /// The member has left the group.
    Left,
    /// The group had dropped the member, and told it so: by a heartbeat, or by what became of a commit.
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
                    self.named(at, (role, member), owned);
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
            (Request::OffsetCommit { group, member, .. }, Response::OffsetCommit { partitions })
                if *group == self.group && partitions.iter().any(|answer| DROPPED.contains(&answer.error)) =>
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
                self.held.push(Held { topic, partition, role, member, from, to: None, end: End::Open, named: false });
            }
        }
    }

    /// What the member holds and does not name here it has given up.
    fn keep_only(&mut self, at: usize, (role, member): (&str, &String), owned: &[TopicPartition]) {
        let kept = |held: &Held| owned.iter().any(|kept| kept.topic == held.topic && kept.partition == held.partition);
        self.end(at, End::GivenUp, |held| held.role == role && held.member == *member && !kept(held));
    }

    /// A heartbeat of a KIP-848 group that says what the member has. One that has nothing yet may say so while the answer
    /// that assigns it something is on its way, or waits for the program's callback: that gives up nothing.
    fn named(&mut self, at: usize, (role, member): (&str, &String), owned: &[TopicPartition]) {
        let theirs = |held: &Held| held.to.is_none() && held.role == role && held.member == *member;
        if owned.is_empty() && !self.held.iter().any(|held| theirs(held) && held.named) {
            return;
        }
        self.keep_only(at, (role, member), owned);
        self.held.iter_mut().filter(|held| theirs(held)).for_each(|held| held.named = true);
    }

    fn end(&mut self, at: usize, how: End, of: impl Fn(&Held) -> bool) {
        for held in self.held.iter_mut().filter(|held| held.to.is_none() && of(held)) {
            (held.to, held.end) = (Some(at), how);
        }
    }
}

/// The group no longer knows the member.
const DROPPED: [i16; 3] = [UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, FENCED_MEMBER_EPOCH];

impl Evidence {
    /// Who held the partitions of `topic` in `group`, in order of the beginnings.
    pub fn ownership(&self, group: &str, topic: &str) -> Vec<Held> {
        let mut ownership = Ownership::new(group);
        ownership.follow(&self.events);
        ownership.held(topic).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn request(role: &str, body: Value) -> Value {
        json!({"at": 0, "role": role, "event": "request", "conn": 1, "correlation": 1, "version": 1, "body": body})
    }

    fn answer(role: &str, to: usize, body: Value) -> Value {
        json!({"at": 0, "role": role, "event": "response", "conn": 1, "to": to, "by": "broker", "body": body})
    }

    fn places(topic: &str, partitions: &[i32]) -> Value {
        partitions.iter().map(|partition| json!({"topic": topic, "partition": partition})).collect()
    }

    /// Partition, beginning, end, how; looked at event by event, which must come to the same as all at once.
    fn held(events: &[Value]) -> Vec<(i32, usize, Option<usize>, End)> {
        let events: Vec<Event> =
            events.iter().map(|event| serde_json::from_value(event.clone()).expect("an event")).collect();
        let (mut steps, mut whole) = (Ownership::new("g"), Ownership::new("g"));
        (1..=events.len()).for_each(|n| steps.follow(&events[..n]));
        whole.follow(&events);
        let told = |of: &Ownership| -> Vec<_> {
            of.held("t").map(|held| (held.partition, held.from, held.to, held.end)).collect()
        };
        assert_eq!(told(&steps), told(&whole));
        told(&whole)
    }

    fn sync(partitions: &[i32]) -> [Value; 2] {
        [
            request("a", json!({"api": "sync_group", "group": "g", "generation": 1, "member": "m"})),
            answer("a", 0, json!({"api": "sync_group", "error": 0, "partitions": places("t", partitions)})),
        ]
    }

    fn join(owned: &[i32]) -> Value {
        request(
            "a",
            json!({"api": "join_group", "group": "g", "member": "m", "session_timeout_ms": 1, "rebalance_timeout_ms": 1, "protocols": ["p"], "owned": places("t", owned)}),
        )
    }

    #[test]
    fn a_cooperative_member_keeps_what_it_names_and_an_eager_one_names_nothing() {
        let [ask, given] = sync(&[0, 1]);
        let kept = held(&[ask.clone(), given.clone(), join(&[1])]);
        assert_eq!(kept, [(0, 1, Some(2), End::GivenUp), (1, 1, None, End::Open)]);
        let eager = held(&[ask, given, join(&[])]);
        assert_eq!(eager, [(0, 1, Some(2), End::GivenUp), (1, 1, Some(2), End::GivenUp)]);
    }

    #[test]
    fn leaving_dying_and_being_dropped_are_ends_of_their_own() {
        let [ask, given] = sync(&[0]);
        let leave = request("a", json!({"api": "leave_group", "group": "g", "members": ["m"]}));
        let exit = json!({"at": 0, "role": "a", "event": "exited", "run": 1, "code": 0});
        assert_eq!(held(&[ask.clone(), given.clone(), leave, exit.clone()]), [(0, 1, Some(2), End::Left)]);
        assert_eq!(held(&[ask.clone(), given.clone(), exit]), [(0, 1, Some(2), End::Died)]);
        let beat = request("a", json!({"api": "heartbeat", "group": "g", "generation": 1, "member": "m"}));
        let unknown = answer("a", 2, json!({"api": "heartbeat", "error": 25}));
        assert_eq!(held(&[ask.clone(), given.clone(), beat, unknown]), [(0, 1, Some(3), End::Dropped)]);
        // A member that was stuck for too long may hear of it by its commit first.
        let place = json!([{"topic": "t", "partition": 0, "offset": 1, "error": 25}]);
        let commit = request(
            "a",
            json!({"api": "offset_commit", "group": "g", "generation": 1, "member": "m", "offsets": place}),
        );
        let unknown = answer("a", 2, json!({"api": "offset_commit", "partitions": place}));
        assert_eq!(held(&[ask, given, commit, unknown]), [(0, 1, Some(3), End::Dropped)]);
    }

    #[test]
    fn a_topic_id_is_known_by_its_name_as_soon_as_somebody_asks() {
        let beat = |epoch: i32, owned: Value| {
            request(
                "a",
                json!({"api": "consumer_group_heartbeat", "group": "g", "member": "m", "epoch": epoch, "rebalance_timeout_ms": 1, "owned": owned}),
            )
        };
        let given = answer(
            "a",
            0,
            json!({"api": "consumer_group_heartbeat", "error": 0, "epoch": 1, "heartbeat_interval_ms": 1, "assignment": places("ID", &[0, 1])}),
        );
        let metadata = answer(
            "a",
            0,
            json!({"api": "metadata", "brokers": [], "topics": [{"name": "t", "id": "ID", "error": 0, "partitions": []}]}),
        );
        let (first, left) = (beat(0, json!([])), beat(-1, json!(null)));
        let told = held(&[first.clone(), given.clone(), metadata.clone(), beat(1, places("ID", &[1])), left.clone()]);
        assert_eq!(told, [(0, 1, Some(3), End::GivenUp), (1, 1, Some(4), End::Left)]);
        // Its callback has not been called yet, so it has nothing, and nothing to give up.
        let early = beat(1, json!([]));
        let told = held(&[first, given, metadata, early.clone(), beat(1, places("ID", &[0, 1])), early, left]);
        assert_eq!(told, [(0, 1, Some(5), End::GivenUp), (1, 1, Some(5), End::GivenUp)]);
    }
}
