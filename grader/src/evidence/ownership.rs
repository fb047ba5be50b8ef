//! Who holds which partition, from which event to which: what a group's own protocol says about it.
//!
//! A partition is a member's from the answer that assigns it (SyncGroup, ConsumerGroupHeartbeat) until the member says
//! that it has let go: by a JoinGroup whose owned partitions leave it out (an eager member owns none there), by a
//! heartbeat of a KIP-848 group that leaves it out, by LeaveGroup, or by the end of its process.

use super::membership::{Says, about_membership};
use super::{Event, Evidence, What};
use crate::wire::error::{FENCED_INSTANCE_ID, FENCED_MEMBER_EPOCH, UNKNOWN_MEMBER_ID};
use crate::wire::{Request, Response, TopicPartition};
use serde::Serialize;
use std::borrow::Borrow;
use std::collections::{BTreeMap, HashMap, HashSet};

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
    /// By role and member, what lasts still. Each event looks only at what its member has.
    open: HashMap<String, HashMap<String, Open>>,
    seen: usize,
}

/// What one member holds now.
#[derive(Debug, Default)]
struct Open {
    /// Indices into `Ownership::held`.
    places: HashMap<TopicPartition, usize>,
    /// What the group last said that it is to have.
    told: HashSet<TopicPartition>,
    /// The member of a KIP-848 group has said that it has some of it.
    named: bool,
}

impl Ownership {
    pub fn new(group: &str) -> Ownership {
        Ownership { group: group.to_owned(), ids: HashMap::new(), held: Vec::new(), open: HashMap::new(), seen: 0 }
    }

    /// Takes in what has been added to `events` since the last time.
    pub fn follow<E: Borrow<Event>>(&mut self, events: &[E]) {
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
        for (role, members) in &self.open {
            let places = members.values().flat_map(|open| open.places.keys());
            let count = places.filter(|place| self.name(&place.topic) == topic).count();
            if count > 0 {
                now.insert(role.as_str(), count);
            }
        }
        now
    }

    /// What its holder has been told to give up, and has not given up yet: roles and partitions of `topic`.
    pub fn moving<'a>(&'a self, topic: &'a str) -> impl Iterator<Item = (&'a str, i32)> {
        let members = self.open.iter().flat_map(|(role, members)| members.values().map(move |open| (role, open)));
        members.flat_map(move |(role, open)| {
            let going = open.places.keys().filter(|place| !open.told.contains(*place));
            let ours = going.filter(move |place| self.name(&place.topic) == topic);
            ours.map(move |place| (role.as_str(), place.partition))
        })
    }

    fn event<E: Borrow<Event>>(&mut self, at: usize, events: &[E]) {
        let event: &Event = events[at].borrow();
        if let What::Response { body: Response::Metadata { topics, .. }, .. } = &event.what {
            let named = topics.iter().filter_map(|topic| Some((topic.id.clone()?, topic.name.clone())));
            self.ids.extend(named);
        }
        let Some(role) = event.role.as_deref() else { return };
        match &event.what {
            What::Request { body, .. } => self.request(at, role, body),
            What::Response { to, body, .. } => {
                if let Some(What::Request { body: asked, .. }) = events.get(*to).map(|event| &event.borrow().what) {
                    self.response(at, role, asked, body);
                }
            }
            What::Exited { .. } => {
                for (_, open) in self.open.remove(role).unwrap_or_default() {
                    self.end(at, End::Died, open.places.into_values());
                }
            }
            _ => {}
        }
    }

    fn request(&mut self, at: usize, role: &str, asked: &Request) {
        match about_membership(asked) {
            Some((group, says)) if group == self.group => match says {
                Says::Joins { member, owned, .. } => self.keep_only(at, (role, member), owned),
                Says::Beats { member, owned: Some(owned), .. } => self.named(at, (role, member), owned),
                Says::Beats { owned: None, .. } => {}
                Says::Leaves { members, .. } => {
                    members.into_iter().for_each(|member| self.end_all(at, End::Left, (role, member)));
                }
            },
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
                self.end_all(at, End::Dropped, (role, member));
            }
            (Request::OffsetCommit { group, member, .. }, Response::OffsetCommit { partitions })
                if *group == self.group && partitions.iter().any(|answer| DROPPED.contains(&answer.error)) =>
            {
                self.end_all(at, End::Dropped, (role, member));
            }
            _ => {}
        }
    }

    fn name<'a>(&'a self, topic: &'a String) -> &'a str {
        self.ids.get(topic).unwrap_or(topic)
    }

    fn assign(&mut self, at: usize, (role, member): (&str, &str), partitions: &[TopicPartition]) {
        let open = self.open.entry(role.to_owned()).or_default().entry(member.to_owned()).or_default();
        open.told = partitions.iter().cloned().collect();
        for place in partitions.iter() {
            if !open.places.contains_key(place) {
                open.places.insert(place.clone(), self.held.len());
                let TopicPartition { topic, partition } = place.clone();
                let (role, member) = (role.to_owned(), member.to_owned());
                self.held.push(Held { topic, partition, role, member, from: at, to: None, end: End::Open });
            }
        }
    }

    /// What the member holds and does not name here it has given up.
    fn keep_only(&mut self, at: usize, member: (&str, &str), owned: &[TopicPartition]) {
        let Some(open) = self.open_of(member) else { return };
        let owned: HashSet<&TopicPartition> = owned.iter().collect();
        let given_up: Vec<usize> =
            open.places.extract_if(|place, _| !owned.contains(place)).map(|(_, held)| held).collect();
        self.end(at, End::GivenUp, given_up);
    }

    /// A heartbeat of a KIP-848 group that says what the member has. One that has nothing yet may say so while the answer
    /// that assigns it something is on its way, or waits for the program's callback: that gives up nothing.
    fn named(&mut self, at: usize, member: (&str, &str), owned: &[TopicPartition]) {
        if owned.is_empty() && !self.open_of(member).is_some_and(|open| open.named) {
            return;
        }
        self.keep_only(at, member, owned);
        if let Some(open) = self.open_of(member) {
            open.named = !open.places.is_empty();
        }
    }

    fn open_of(&mut self, (role, member): (&str, &str)) -> Option<&mut Open> {
        self.open.get_mut(role)?.get_mut(member)
    }

    fn end_all(&mut self, at: usize, how: End, (role, member): (&str, &str)) {
        let open = self.open.get_mut(role).and_then(|members| members.remove(member)).unwrap_or_default();
        self.end(at, how, open.places.into_values());
    }

    fn end(&mut self, at: usize, how: End, held: impl IntoIterator<Item = usize>) {
        for index in held {
            (self.held[index].to, self.held[index].end) = (Some(at), how);
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
