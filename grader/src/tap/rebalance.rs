//! What librdkafka's test cluster needs before a group changes; a Kafka broker needs none of it.
//!
//! It gives a rebalance a fixed time, and whoever has not joined again by then misses it, where a Kafka broker waits. A
//! member hears of a rebalance by a heartbeat, and between two of them it is deaf for up to three seconds. So whoever
//! would change a group waits at the tap until every other member has a heartbeat on its way.
//!
//! It also takes a rebalance for complete as soon as the leader has sent the assignments, and refuses with
//! INVALID_REQUEST the member whose own SyncGroup comes a moment later; that one joins again, and so does everybody
//! else. So the leader waits for the others.

use super::members::{Classic, Member, Members};
use crate::broker::exchange;
use crate::wire::{self, Assignment};
use std::time::Duration;
use tokio::time::timeout;

/// A little more than the time between two heartbeats, by default.
const UNTIL_HEARD: Duration = Duration::from_millis(3_500);

/// Well below the session timeout, at which the test cluster gives up the rebalance.
const UNTIL_SYNCED: Duration = Duration::from_millis(700);

/// Waits until all members of `group`, but not that of the connection `conn`, would hear of a rebalance.
pub(super) async fn others_hear(members: &Members, conn: Option<u32>, group: &str) {
    let hears = |classic: &Classic| classic.joining || classic.listens || !classic.patient;
    let is_other = |member: &Member| member.group == group && member.conn.is_some() && member.conn != conn;
    let all_hear = |members: &[Member]| {
        let mut others = members.iter().filter(|member| is_other(member)).filter_map(|member| member.classic.as_ref());
        others.all(hears)
    };
    timeout(UNTIL_HEARD, members.until(all_hear)).await.ok();
}

/// Waits until everybody to whom the leader assigns something has sent its SyncGroup to `broker`.
pub(super) async fn others_synced(
    members: &Members,
    leader: &str,
    (group, generation): (&str, i32),
    assignments: &[Assignment],
    broker: &str,
) {
    let others: Vec<&String> = assignments.iter().map(|given| &given.member).filter(|id| *id != leader).collect();
    if others.is_empty() {
        return;
    }
    let all_synced = |members: &[Member]| {
        let synced = |id: &str| {
            let member = members.iter().find(|member| member.is(group, id));
            member.and_then(|member| member.classic.as_ref()).is_some_and(|member| member.synced == Some(generation))
        };
        others.iter().all(|id| synced(id))
    };
    timeout(UNTIL_SYNCED, members.until(all_synced)).await.ok();
    // They were sent on connections of their own. When the broker has answered this, it has read them, too.
    exchange(broker, wire::heartbeat_request(1, group, generation, leader)).await.ok();
}
