//! Heartbeats on behalf of the members of a group on librdkafka's test cluster.
//!
//! There each rebalance lasts as long as the members' session timeout, less one second: 44 s with the default, while a
//! real Kafka is done as soon as everybody has rejoined. So the tap asks for a short session in the member's name, and
//! keeps it alive with a pulse of its own, faster than the member's. The pulse ends with the process: a member that is
//! killed is missed as it would be by a real broker, only sooner.

use super::Shared;
use crate::broker::exchange;
use crate::evidence::What;
use crate::wire::error::{REBALANCE_IN_PROGRESS, UNKNOWN_MEMBER_ID};
use crate::wire::{self, Response};
use std::sync::Arc;
use std::time::Duration;

/// The session timeout that the test cluster sees, in milliseconds. A rebalance lasts one second less, and in that time
/// every other member must have heard of it and joined again; where there is no other member it may be short.
pub(super) fn session_ms(members: usize) -> i32 {
    if members > 1 { 2_000 } else { 1_300 }
}

/// A dozen pulses per session: a busy machine may swallow some.
const PULSE: Duration = Duration::from_millis(100);

/// Keeps `member` alive until its process ends, or the broker no longer knows it.
pub(super) fn keep_alive(shared: &Arc<Shared>, group: String, generation: i32, member: String) {
    let (address, mut gone) = (shared.upstream.address.clone(), shared.gone.subscribe());
    let (recorder, upstream) = (shared.recorder.clone(), shared.upstream.clone());
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
                Ok(Response::Heartbeat { error: UNKNOWN_MEMBER_ID })
                    if !*gone.borrow() && upstream.members.contains(&group, &member) =>
                {
                    let what = format!("the test cluster has dropped {member}, whose heartbeats came too late");
                    recorder.record(None, What::GraderFault { what });
                    return;
                }
                // A newer generation has a pulse of its own; an unknown member has left.
                _ => return,
            }
        }
    });
}
