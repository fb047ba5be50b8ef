//! What a group has of settings of its own (KIP-848), instead of the nodes'.

use crate::settings::Settings;

/// None: as the nodes say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GroupSettings {
    pub assignment_interval_ms: Option<i32>,
    pub heartbeat_ms: Option<i32>,
    pub session_ms: Option<i32>,
}

impl GroupSettings {
    /// What is true for the group, where the nodes have these settings.
    pub fn over(&self, nodes: &Settings) -> Settings {
        let interval = self.assignment_interval_ms.and_then(|interval| u64::try_from(interval).ok());
        Settings {
            consumer_assignment_interval_ms: interval.unwrap_or(nodes.consumer_assignment_interval_ms),
            consumer_heartbeat_ms: self.heartbeat_ms.unwrap_or(nodes.consumer_heartbeat_ms),
            consumer_session_ms: self.session_ms.unwrap_or(nodes.consumer_session_ms),
            ..nodes.clone()
        }
    }
}
