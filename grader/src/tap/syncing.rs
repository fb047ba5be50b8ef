//! The leader of a group speaks last.
//!
//! librdkafka's test cluster takes the group's rebalance for complete as soon as the leader has sent the assignments, and
//! refuses with INVALID_REQUEST the member whose own SyncGroup comes a moment later; that one joins again, and so does
//! everybody else. A Kafka broker answers it. So the tap lets the leader wait for the others.

use super::exchange;
use crate::wire::{self, Assignment};
use std::time::Duration;
use tokio::sync::watch;

/// Well below the session timeout, at which the test cluster gives up the rebalance.
const LONGEST: Duration = Duration::from_millis(700);

/// SyncGroup requests of members that are not the leader, which have been forwarded: group, generation, member.
#[derive(Debug, Default)]
pub(super) struct Syncing(watch::Sender<Vec<(String, i32, String)>>);

impl Syncing {
    pub(super) fn forwarded(&self, group: String, generation: i32, member: String) {
        self.0.send_modify(|known| known.push((group, generation, member)));
    }

    /// Waits until everybody to whom the leader `member` assigns something has spoken.
    pub(super) async fn all_but(
        &self,
        member: &str,
        (group, generation): (&str, i32),
        to: &[Assignment],
        broker: &str,
    ) {
        let others: Vec<&String> = to.iter().map(|one| &one.member).filter(|other| *other != member).collect();
        if others.is_empty() {
            return;
        }
        let spoken = |known: &Vec<(String, i32, String)>| {
            others.iter().all(|other| known.iter().any(|(of, at, by)| of == group && *at == generation && by == *other))
        };
        let _ = tokio::time::timeout(LONGEST, self.0.subscribe().wait_for(spoken)).await;
        // They were sent on connections of their own. When the broker has answered this, it has read them, too.
        exchange(broker, wire::heartbeat_request(1, group, generation, member)).await.ok();
    }
}
