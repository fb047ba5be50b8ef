//! What a KIP-848 group keeps of a member that speaks the classic protocol.

use std::time::Duration;

use crate::core::group::classic::Protocol;

/// What a member of the classic protocol has beyond others.
#[derive(Clone, Debug)]
pub struct Classic {
    pub session_timeout_ms: i32,
    /// The first one is its protocol, whatever others know: nobody assigns by it.
    pub protocols: Vec<Protocol>,
    /// It was told to join again. Without that until then, it is put out of the group.
    pub join_ends: Option<Duration>,
    /// The same of SyncGroup, since it has joined.
    pub sync_ends: Option<Duration>,
}

impl Classic {
    pub fn protocol(&self) -> &str {
        self.protocols.first().map_or("", |protocol| &protocol.name)
    }

    /// When its time runs out by these.
    pub fn deadline(&self) -> Option<Duration> {
        self.join_ends.into_iter().chain(self.sync_ends).min()
    }
}
