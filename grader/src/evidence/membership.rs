//! What members say to their group about being in it, in either of Kafka's two protocols.

use super::{Evidence, What};
use crate::wire::{Request, TopicPartition};

/// A request in which a member speaks of its membership.
#[derive(Debug, Clone)]
pub struct Said<'a> {
    /// Position of the request.
    pub event: usize,
    pub role: &'a str,
    pub says: Says<'a>,
}

/// What it says.
#[derive(Debug, Clone)]
pub enum Says<'a> {
    /// JoinGroup: it wants to be in the group, or to be in it after the rebalance that goes on.
    Joins {
        member: &'a str,
        /// `group.instance.id`.
        instance: Option<&'a str>,
        max_poll_interval_ms: i32,
        /// What it has not given up.
        owned: &'a [TopicPartition],
    },
    /// A heartbeat of a KIP-848 group, the first of which joins.
    Beats {
        member: &'a str,
        /// None: as before.
        max_poll_interval_ms: Option<i32>,
        /// None: as before.
        owned: Option<&'a [TopicPartition]>,
    },
    /// LeaveGroup, or the heartbeat that says the same.
    Leaves {
        members: Vec<&'a str>,
        /// A static member of a KIP-848 group that will come back.
        for_a_while: bool,
    },
}

/// Which group a request speaks to about membership, and what it says; none where it is about something else.
pub fn about_membership(request: &Request) -> Option<(&str, Says<'_>)> {
    match request {
        Request::JoinGroup { group, member, instance, rebalance_timeout_ms, owned, .. } => {
            let (instance, max_poll_interval_ms) = (instance.as_deref(), *rebalance_timeout_ms);
            Some((group, Says::Joins { member, instance, max_poll_interval_ms, owned }))
        }
        Request::LeaveGroup { group, members } => {
            let members = members.iter().map(String::as_str).collect();
            Some((group, Says::Leaves { members, for_a_while: false }))
        }
        Request::ConsumerGroupHeartbeat { group, member, epoch, rebalance_timeout_ms, owned, .. } => {
            let says = match epoch {
                0.. => Says::Beats {
                    member,
                    max_poll_interval_ms: Some(*rebalance_timeout_ms).filter(|ms| *ms > 0),
                    owned: owned.as_deref(),
                },
                _ => Says::Leaves { members: vec![member], for_a_while: *epoch == -2 },
            };
            Some((group, says))
        }
        _ => None,
    }
}

impl Evidence {
    /// What was said to `group` about membership, in order.
    pub fn membership(&self, group: &str) -> impl Iterator<Item = Said<'_>> {
        self.iter().filter_map(move |(event, found)| {
            let What::Request { body, .. } = &found.what else { return None };
            let (to, says) = about_membership(body)?;
            (to == group).then(|| Said { event, role: found.role.as_deref().unwrap_or_default(), says })
        })
    }
}
