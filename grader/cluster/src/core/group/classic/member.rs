//! A member of a classic group.

use std::time::Duration;

use bytes::Bytes;
use kafka_protocol::messages::JoinGroupRequest;

use crate::core::call::Caller;
use crate::time::Now;
use crate::watch::Connection;

/// A way to assign partitions that a member knows, and what it tells the leader for it: its subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protocol {
    pub name: String,
    pub metadata: Bytes,
}

/// The protocols of a request. Of two with the same name the first counts, as in Kafka. They are copied: a slice would
/// keep all that was read with it.
pub fn protocols(request: &JoinGroupRequest) -> Vec<Protocol> {
    let mut protocols: Vec<Protocol> = Vec::with_capacity(request.protocols.len());
    for protocol in &request.protocols {
        if !protocols.iter().any(|known| known.name == *protocol.name) {
            let metadata = Bytes::copy_from_slice(&protocol.metadata);
            protocols.push(Protocol { name: protocol.name.to_string(), metadata });
        }
    }
    protocols
}

#[derive(Debug)]
pub struct Member {
    pub id: String,
    /// `group.instance.id` of a static member.
    pub instance: Option<String>,
    pub client_id: String,
    pub host: String,
    pub rebalance_timeout_ms: i32,
    pub session_timeout_ms: i32,
    /// In the order in which the member prefers them.
    pub protocols: Vec<Protocol>,
    pub assignment: Bytes,
    /// The connection whose JoinGroup waits.
    pub joining: Option<Connection>,
    /// The connection whose SyncGroup waits.
    pub syncing: Option<Connection>,
    /// It has not been in a generation yet.
    pub is_new: bool,
    /// When its session ends, if it does not show itself before.
    pub expires: Option<Duration>,
}

impl Member {
    pub fn new(id: String, request: &JoinGroupRequest, caller: &Caller) -> Member {
        Member {
            id,
            instance: request.group_instance_id.as_ref().map(ToString::to_string),
            client_id: caller.client_id.clone(),
            host: caller.host.clone(),
            rebalance_timeout_ms: request.rebalance_timeout_ms,
            session_timeout_ms: request.session_timeout_ms,
            protocols: protocols(request),
            assignment: Bytes::new(),
            joining: None,
            syncing: None,
            is_new: false,
            expires: None,
        }
    }

    /// It has shown itself: its session begins anew.
    pub fn renew_session(&mut self, now: Now) {
        self.expires = Some(now.after_ms(self.session_timeout_ms));
    }

    /// Is it waiting for others, so that it cannot show itself? A new member is an exception: one that has gone must not
    /// hold up the others for ever.
    pub fn is_excused(&self) -> bool {
        !self.is_new && (self.joining.is_some() || self.syncing.is_some())
    }

    /// What it tells the leader in this protocol.
    pub fn metadata(&self, protocol: &str) -> Bytes {
        let known = self.protocols.iter().find(|known| known.name == protocol);
        known.map(|protocol| protocol.metadata.clone()).unwrap_or_default()
    }

    /// Bytes that it keeps.
    pub fn bytes(&self) -> usize {
        let protocols = self.protocols.iter().map(|protocol| protocol.name.len() + protocol.metadata.len());
        let names = self.id.len() + self.instance.as_ref().map_or(0, String::len) + self.client_id.len();
        size_of::<Member>() + names + self.assignment.len() + protocols.sum::<usize>()
    }
}
