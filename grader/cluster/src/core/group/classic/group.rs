//! The state of a classic group (`ClassicGroup` in Kafka's source).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::time::Duration;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::{JoinGroupRequest, JoinGroupResponse, ResponseKind, SyncGroupResponse};

use super::member::{Member, Protocol, protocols};
use crate::core::group::embedded;
use crate::time::Now;
use crate::watch::Connection;

/// Where a group is between two generations. There is no `Dead`: a group that is deleted is gone at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    #[default]
    Empty,
    /// Members join.
    PreparingRebalance,
    /// All have joined; the leader assigns.
    CompletingRebalance,
    Stable,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// What ends the joining.
#[derive(Clone, Copy, Debug)]
pub(super) enum JoinTimer {
    /// The rebalance timeout: whoever has not joined by then is removed.
    Complete(Duration),
    /// The first rebalance of an empty group waits for more members, each time for `delay_ms` if one has come.
    Initial { at: Duration, delay_ms: i64, remaining_ms: i64 },
}

impl JoinTimer {
    pub(super) fn at(&self) -> Duration {
        match self {
            JoinTimer::Complete(at) | JoinTimer::Initial { at, .. } => *at,
        }
    }
}

/// The protocol type of consumers; others (Kafka Connect's) use groups in their own ways.
pub(super) const CONSUMER: &str = "consumer";

/// A group of the classic protocol; or a simple one, which only keeps offsets and has no protocol type.
#[derive(Debug, Default)]
pub struct ClassicGroup {
    pub(super) state: State,
    pub(super) previous: State,
    pub(super) generation: i32,
    pub(super) protocol_type: Option<String>,
    pub(super) protocol_name: Option<String>,
    pub(super) leader: Option<String>,
    pub(super) members: BTreeMap<String, Member>,
    /// Member ids by `group.instance.id`.
    pub(super) static_members: HashMap<String, String>,
    /// Members that have been given an id and have not joined with it yet, and when that is forgotten.
    pub(super) pending_joins: BTreeMap<String, Duration>,
    /// Members of this generation that have not sent SyncGroup yet.
    pub(super) pending_syncs: BTreeSet<String>,
    /// How many members know each protocol.
    supported: HashMap<String, usize>,
    /// What the members are subscribed to, if that can be known.
    pub(super) subscribed: Option<BTreeSet<String>>,
    /// Somebody has joined during the initial delay.
    pub(super) newcomer: bool,
    pub(super) join_timer: Option<JoinTimer>,
    /// When whoever has not sent SyncGroup is removed.
    pub(super) sync_timer: Option<Duration>,
    /// Answers to those who wait.
    pub(super) outbox: Vec<(Connection, ResponseKind)>,
}

impl ClassicGroup {
    pub fn state(&self) -> State {
        self.state
    }

    pub fn is_empty(&self) -> bool {
        self.state == State::Empty
    }

    /// `consumer`, or whatever the members have said; none for a simple group.
    pub fn protocol_type(&self) -> Option<&str> {
        self.protocol_type.as_deref()
    }

    pub fn uses_consumer_protocol(&self) -> bool {
        self.protocol_type() == Some(CONSUMER)
    }

    pub(super) fn is_leader(&self, member: &str) -> bool {
        self.leader.as_deref() == Some(member)
    }

    /// Is a member subscribed to this topic? Yes for all topics where consumers' subscriptions cannot be read.
    pub fn subscribes(&self, topic: &str) -> bool {
        match &self.subscribed {
            Some(topics) => topics.contains(topic),
            None => self.uses_consumer_protocol(),
        }
    }

    /// When the group has something to do by time alone.
    pub fn next_timer(&self) -> Option<Duration> {
        let sessions = self.members.values().filter_map(|member| member.expires);
        let rebalance = self.join_timer.map(|timer| timer.at()).into_iter().chain(self.sync_timer);
        sessions.chain(self.pending_joins.values().copied()).chain(rebalance).min()
    }

    /// Bytes that its members keep.
    pub fn bytes(&self) -> usize {
        let pending: usize = self.pending_joins.keys().map(|id| id.len() + size_of::<Duration>()).sum();
        pending + self.members.values().map(Member::bytes).sum::<usize>()
    }

    pub(super) fn transition(&mut self, to: State) {
        self.previous = std::mem::replace(&mut self.state, to);
    }

    pub(super) fn add(&mut self, member: Member, protocol_type: &str) {
        if let Some(instance) = &member.instance {
            self.static_members.insert(instance.clone(), member.id.clone());
        }
        if self.members.is_empty() {
            self.protocol_type = Some(protocol_type.to_owned());
        }
        self.leader.get_or_insert_with(|| member.id.clone());
        self.pending_joins.remove(&member.id);
        self.count(&member.protocols, 1);
        self.members.insert(member.id.clone(), member);
    }

    /// Removes a member, or one that has not joined yet. Another one becomes the leader if it was.
    pub(super) fn remove(&mut self, id: &str) -> Option<Member> {
        let member = self.members.remove(id);
        if let Some(member) = &member {
            self.count(&member.protocols, -1);
            if let Some(instance) = &member.instance {
                self.static_members.remove(instance);
            }
        }
        if self.is_leader(id) {
            self.leader = self.members.keys().next().cloned();
        }
        self.pending_joins.remove(id);
        self.pending_syncs.remove(id);
        member
    }

    /// A member has joined again.
    pub(super) fn update(&mut self, id: &str, request: &JoinGroupRequest, connection: Connection) {
        let Some(member) = self.members.get_mut(id) else { return };
        member.rebalance_timeout_ms = request.rebalance_timeout_ms;
        member.session_timeout_ms = request.session_timeout_ms;
        member.joining = Some(connection);
        let new = protocols(request);
        let old = std::mem::replace(&mut member.protocols, new.clone());
        self.count(&old, -1);
        self.count(&new, 1);
    }

    /// A static member has come back under a new id: it is the old one otherwise. If the old one still waits somewhere,
    /// it is fenced there.
    pub(super) fn replace_static(&mut self, instance: &str, old: &str, new: &str) {
        let Some(mut member) = self.members.remove(old) else { return };
        if let Some(connection) = member.joining.take() {
            let answer = JoinGroupResponse::default()
                .with_error_code(ResponseError::FencedInstanceId.code())
                .with_member_id(old.to_owned().into())
                .with_protocol_name(None);
            self.outbox.push((connection, answer.into()));
        }
        if let Some(connection) = member.syncing.take() {
            let answer = SyncGroupResponse::default().with_error_code(ResponseError::FencedInstanceId.code());
            self.outbox.push((connection, answer.into()));
        }
        if self.is_leader(old) {
            self.leader = Some(new.to_owned());
        }
        self.static_members.insert(instance.to_owned(), new.to_owned());
        member.id = new.to_owned();
        member.is_new = false;
        self.members.insert(new.to_owned(), member);
    }

    /// Is this a member, and if it says so, the static one of this instance?
    ///
    /// # Errors
    /// `UnknownMemberId`, or `FencedInstanceId` if another one has taken the instance's place.
    pub(super) fn check_member(&self, id: &str, instance: Option<&str>) -> Result<(), ResponseError> {
        if let Some(instance) = instance {
            let holder = self.static_members.get(instance).ok_or(ResponseError::UnknownMemberId)?;
            if holder != id {
                return Err(ResponseError::FencedInstanceId);
            }
        }
        match self.members.contains_key(id) {
            true => Ok(()),
            false => Err(ResponseError::UnknownMemberId),
        }
    }

    fn count(&mut self, protocols: &[Protocol], change: isize) {
        for protocol in protocols {
            let count = self.supported.entry(protocol.name.clone()).or_default();
            *count = count.saturating_add_signed(change);
            if *count == 0 {
                self.supported.remove(&protocol.name);
            }
        }
    }

    /// Do all members know this protocol?
    fn is_candidate(&self, protocol: &str) -> bool {
        // A group that waits for members who have only got their ids has no others, and then any protocol will do.
        self.supported.get(protocol).copied().unwrap_or_default() == self.members.len()
    }

    /// Can somebody with these protocols join? One of them must be known to all members.
    pub(super) fn supports(&self, protocol_type: &str, protocols: &[Protocol]) -> bool {
        match self.state {
            State::Empty => !protocol_type.is_empty() && !protocols.is_empty(),
            _ => {
                self.protocol_type() == Some(protocol_type)
                    && protocols.iter().any(|protocol| self.is_candidate(&protocol.name))
            }
        }
    }

    /// The protocol of the next generation: each member votes for the first one in its list that all know.
    pub(super) fn select_protocol(&self) -> Option<String> {
        let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
        for member in self.members.values() {
            let vote = member.protocols.iter().find(|protocol| self.is_candidate(&protocol.name));
            *votes.entry(vote?.name.as_str()).or_default() += 1;
        }
        votes.into_iter().max_by_key(|(_, count)| *count).map(|(name, _)| name.to_owned())
    }

    /// The topics that consumers have subscribed to; none if they cannot be read, or if these are no consumers.
    pub(super) fn read_subscriptions(&self) -> Option<BTreeSet<String>> {
        if !self.uses_consumer_protocol() {
            return None;
        }
        if self.members.is_empty() {
            return Some(BTreeSet::new());
        }
        let protocol = self.protocol_name.as_deref()?;
        let mut topics = BTreeSet::new();
        for member in self.members.values() {
            topics.extend(embedded::topics(&member.metadata(protocol))?);
        }
        Some(topics)
    }

    pub(super) fn have_all_joined(&self) -> bool {
        self.pending_joins.is_empty() && self.members.values().all(|member| member.joining.is_some())
    }

    /// The longest of the members' rebalance timeouts.
    pub(super) fn rebalance_timeout_ms(&self) -> i32 {
        self.members.values().map(|member| member.rebalance_timeout_ms).max().unwrap_or(0).max(0)
    }

    /// A member has shown itself.
    pub(super) fn renew_session(&mut self, id: &str, now: Now) {
        if let Some(member) = self.members.get_mut(id) {
            member.renew_session(now);
        }
    }
}
