//! Heartbeats on behalf of the members of a group on librdkafka's test cluster.
//!
//! There each rebalance lasts as long as the members' session timeout, less one second: 44 s with the default, while a
//! real Kafka is done as soon as everybody has rejoined. So the tap asks for a short session in the member's name, and
//! keeps it alive with a pulse of its own, faster than the member's. The pulse ends with the process: a member that is
//! killed is missed as it would be by a real broker, only sooner.

use super::{Shared, exchange};
use crate::wire::{self, Response};
use std::sync::Arc;
use std::time::Duration;

/// The session timeout that the test cluster sees.
pub(super) const SESSION_MS: i32 = 2_000;
/// Eight pulses per session: a busy machine may swallow some.
const PULSE: Duration = Duration::from_millis(250);

/// Keeps `member` alive until its process ends, or the broker no longer knows it.
pub(super) fn keep_alive(shared: &Arc<Shared>, group: String, generation: i32, member: String) {
    let (address, mut gone) = (shared.upstream.address.clone(), shared.gone.subscribe());
    shared.spawn(async move {
        loop {
            tokio::select! {
                _ = gone.wait_for(|gone| *gone) => return,
                () = tokio::time::sleep(PULSE) => {}
            }
            let request = wire::heartbeat_request(1, &group, generation, &member);
            let Ok(answer) = exchange(&address, request).await else { return };
            match wire::response(wire::HEARTBEAT, 1, &answer) {
                Ok(Response::Heartbeat { error: 0 | REBALANCE_IN_PROGRESS }) => {}
                // A newer generation has a pulse of its own; an unknown member has left.
                _ => return,
            }
        }
    });
}

const REBALANCE_IN_PROGRESS: i16 = 27;
