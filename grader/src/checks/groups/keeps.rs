//! A partition that stays with its member through a rebalance is never given up meanwhile.

use crate::checks::{Check, Finding, Outcome, codes, count};
use crate::evidence::{End, Evidence, Held, What};
use crate::wire::Request;
use serde::Deserialize;
use std::collections::BTreeSet;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keeps {
    group: String,
    topic: String,
}

codes! {
    Stopped = "stopped",
}

impl Check for Keeps {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let held = evidence.ownership(&self.group, &self.topic);
        // Given up, and the next to hold it is the same member again.
        let stopped: Vec<(&Held, &Held)> = held
            .iter()
            .filter(|first| first.end == End::GivenUp)
            .filter_map(|first| {
                let next = held.iter().find(|later| later.partition == first.partition && Some(later.from) > first.to);
                next.filter(|next| next.member == first.member).map(|next| (first, next))
            })
            .collect();
        if let Some((first, next)) = stopped.first() {
            let partitions: BTreeSet<i32> = stopped.iter().map(|(held, _)| held.partition).collect();
            let required =
                "a member that gives up only the partitions which go to another one, and reads on in the others";
            let seen = format!(
                "{} gave up {} in a rebalance and got {} back at its end; meanwhile nobody read there, partition {} say",
                first.role,
                count(partitions.len(), "partition"),
                if partitions.len() == 1 { "it" } else { "them" },
                first.partition
            );
            let events = [first.to, Some(next.from)].into_iter().flatten().collect();
            return Finding::new(Code::Stopped, required, seen, events).outcome();
        }
        // A newcomer, and what another one held before it came and after it got its share.
        for new in &held {
            let Some(asked) = asks(evidence, &self.group, &new.role) else { continue };
            let stays = |old: &&Held| old.role != new.role && old.lasts_at(asked) && old.lasts_at(new.from);
            let stayed: Vec<i32> = held.iter().filter(stays).map(|held| held.partition).collect();
            let (Some(first), Some(keeper)) = (stayed.first(), held.iter().find(stays)) else { continue };
            let fetched = |at: usize| match evidence.events.get(at).map(|event| (&event.role, &event.what)) {
                Some((Some(role), What::Request { body: Request::Fetch { partitions, .. }, .. })) => {
                    *role == keeper.role
                        && partitions.iter().any(|from| from.topic == self.topic && stayed.contains(&from.partition))
                }
                _ => false,
            };
            let fetches = (asked..new.from).filter(|at| fetched(*at)).count();
            return Outcome::Passed(format!(
                "{} kept {} (partition {first} say) while {} came, and fetched from them {} times meanwhile",
                keeper.role,
                count(stayed.len(), "partition"),
                new.role,
                fetches
            ));
        }
        Outcome::NoEvidence("no partition stayed with its member while another one came".into())
    }
}

/// Where the role first asks to join the group.
fn asks(evidence: &Evidence, group: &str, role: &str) -> Option<usize> {
    evidence.iter().find_map(|(at, event)| match &event.what {
        What::Request {
            body: Request::JoinGroup { group: of, .. } | Request::ConsumerGroupHeartbeat { group: of, .. },
            ..
        } if of == group && event.role.as_deref() == Some(role) => Some(at),
        _ => None,
    })
}
