//! A classic group that becomes one of KIP-848, and the way back: online migration.

use std::time::Duration;

use bytes::Bytes;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::{JoinGroupResponse, SyncGroupResponse};

use super::group::{CONSUMER, ClassicGroup, State};
use super::member::{Member, Protocol};
use super::{classic_mut, deliver};
use crate::core::Core;
use crate::core::group::Members;
use crate::time::Now;

/// A member as it is taken from one kind of group to the other.
#[derive(Debug)]
pub struct Emigrant {
    pub id: String,
    pub instance: Option<String>,
    pub client_id: String,
    pub host: String,
    pub rebalance_timeout_ms: i32,
    pub session_timeout_ms: i32,
    pub protocols: Vec<Protocol>,
    pub assignment: Bytes,
    /// When its session ends.
    pub expires: Duration,
}

impl ClassicGroup {
    pub fn generation(&self) -> i32 {
        self.generation
    }

    pub fn size(&self) -> usize {
        self.members.len()
    }

    /// Its members, each with its subscription in the chosen protocol; for a group of KIP-848.
    pub fn emigrants(&self, now: Now) -> Vec<(Emigrant, Bytes)> {
        let emigrant = |member: &Member| {
            let first = member.protocols.first().map(|protocol| protocol.name.as_str());
            let subscription = member.metadata(self.protocol_name.as_deref().or(first).unwrap_or_default());
            let emigrant = Emigrant {
                id: member.id.clone(),
                instance: member.instance.clone(),
                client_id: member.client_id.clone(),
                host: member.host.clone(),
                rebalance_timeout_ms: member.rebalance_timeout_ms,
                session_timeout_ms: member.session_timeout_ms,
                protocols: member.protocols.clone(),
                assignment: member.assignment.clone(),
                expires: now.after_ms(member.session_timeout_ms),
            };
            (emigrant, subscription)
        };
        self.members.values().map(emigrant).collect()
    }

    /// A stable group of members that have been in one of KIP-848 (`ClassicGroup.fromConsumerGroup`).
    pub fn immigrants(generation: i32, members: Vec<Emigrant>) -> ClassicGroup {
        let mut group = ClassicGroup::default();
        group.generation = generation;
        for emigrant in members {
            let member = Member {
                id: emigrant.id,
                instance: emigrant.instance,
                client_id: emigrant.client_id,
                host: emigrant.host,
                rebalance_timeout_ms: emigrant.rebalance_timeout_ms,
                session_timeout_ms: emigrant.session_timeout_ms,
                protocols: emigrant.protocols,
                assignment: emigrant.assignment,
                joining: None,
                syncing: None,
                is_new: false,
                expires: Some(emigrant.expires),
            };
            group.add(member, CONSUMER);
        }
        group.state = State::Stable;
        group.previous = State::Stable;
        group.protocol_name = group.select_protocol();
        group.subscribed = group.read_subscriptions();
        group
    }

    /// Tells all who wait that there is another rebalance.
    fn send_back(&mut self) {
        let error = ResponseError::RebalanceInProgress.code();
        for member in self.members.values_mut() {
            if let Some(connection) = member.joining.take() {
                let answer = JoinGroupResponse::default()
                    .with_error_code(error)
                    .with_member_id(member.id.clone().into())
                    .with_protocol_name(None);
                self.outbox.push((connection, answer.into()));
            }
            if let Some(connection) = member.syncing.take() {
                self.outbox.push((connection, SyncGroupResponse::default().with_error_code(error).into()));
            }
        }
    }
}

/// The classic group with this id is about to be replaced: nobody waits for it any longer.
pub(in crate::core::group) fn send_back(core: &mut Core, id: &str) {
    if let Some(group) = classic_mut(core, id) {
        group.send_back();
        deliver(core, id);
    }
}

/// A classic group takes the place of that with this id. With `rebalance`, its members have to join again, because one
/// has left.
pub(in crate::core::group) fn settle(core: &mut Core, id: &str, mut group: ClassicGroup, rebalance: bool, now: Now) {
    if rebalance {
        group.prepare_rebalance(core.settings.initial_rebalance_delay_ms, now);
    }
    if let Some(place) = core.groups.get_mut(id) {
        place.members = Members::Classic(group);
    }
}
