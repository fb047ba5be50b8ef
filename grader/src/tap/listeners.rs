//! Nobody changes a group while a member is deaf.
//!
//! librdkafka's test cluster gives a rebalance a fixed time, and whoever has not joined again by then misses it; a Kafka
//! broker waits. A member hears of it by a heartbeat, and between two of them it is deaf for up to three seconds. So the
//! tap lets who would change the group wait until every other member has a heartbeat on its way.

use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::watch;

/// A little more than the time between two heartbeats, by default.
const LONGEST: Duration = Duration::from_millis(3_500);

#[derive(Debug, Clone)]
struct Member {
    /// As the broker knows it.
    group: String,
    /// It takes part in a rebalance already.
    joining: bool,
    /// Its heartbeat waits for news.
    listens: bool,
}

/// The members of all groups, by their connections to the coordinator.
#[derive(Debug, Default)]
pub(super) struct Listeners(watch::Sender<BTreeMap<u32, Member>>);

impl Listeners {
    pub(super) fn joins(&self, conn: u32, group: &str) {
        self.0.send_modify(|members| {
            let listens = members.get(&conn).is_some_and(|member| member.listens);
            members.insert(conn, Member { group: group.to_owned(), joining: true, listens });
        });
    }

    pub(super) fn synced(&self, conn: u32) {
        self.change(conn, |member| member.joining = false);
    }

    pub(super) fn listens(&self, conn: u32, listens: bool) {
        self.change(conn, |member| member.listens = listens);
    }

    pub(super) fn gone(&self, conn: u32) {
        self.0.send_modify(|members| drop(members.remove(&conn)));
    }

    fn change(&self, conn: u32, change: impl FnOnce(&mut Member)) {
        self.0.send_modify(|members| members.get_mut(&conn).map_or((), change));
    }

    /// Waits until all members of `group` but that of `conn` would hear of a rebalance.
    pub(super) async fn all_but(&self, conn: Option<u32>, group: &str) {
        let all = |members: &BTreeMap<u32, Member>| {
            let others = members.iter().filter(|(of, member)| Some(**of) != conn && member.group == group);
            others.into_iter().all(|(_, member)| member.joining || member.listens)
        };
        let _ = tokio::time::timeout(LONGEST, self.0.subscribe().wait_for(all)).await;
    }
}
