//! A partition that stays with its member through a rebalance is never given up meanwhile.

use crate::checks::{Check, Finding, Outcome, codes, count};
use crate::evidence::{End, Evidence, Held, What};
use crate::wire::Request;
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap, HashSet};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keeps {
    group: String,
    topic: String,
}

codes! {
    Stopped = "stopped" Slow,
}

impl Check for Keeps {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let holdings = evidence.holdings(&self.group, &self.topic);
        let held = holdings.as_slice();
        // Given up, and the next to hold it is the same member again.
        let stopped: Vec<(&Held, &Held)> = held
            .iter()
            .filter(|first| first.end == End::GivenUp)
            .filter_map(|first| Some((first, holdings.next_after(first)?)))
            .filter(|(first, next)| next.member == first.member)
            .collect();
        if let Some((first, next)) = stopped.first() {
            let partitions: BTreeSet<i32> = stopped.iter().map(|(held, _)| held.partition).collect();
            let required =
                "a member gives up only the partitions that go to another member, and keeps reading the others";
            let them = if partitions.len() == 1 { "it" } else { "them" };
            let seen = format!(
                "{} gave up {} in a rebalance and got {them} back at its end; meanwhile nobody read {them} (partition {}, \
                 for example)",
                first.role,
                count(partitions.len(), "partition"),
                first.partition
            );
            let events = [first.to, Some(next.from)].into_iter().flatten().collect();
            return Finding::new(Code::Stopped, required, seen, events).outcome();
        }
        let mut asked: HashMap<&str, usize> = HashMap::new();
        for said in evidence.membership(&self.group) {
            asked.entry(said.role).or_insert(said.event);
        }
        // A newcomer, and what another one held before it came and after it got its share. Of what a role got later, no
        // more can be said.
        let mut looked_at: HashSet<&str> = HashSet::new();
        for new in held.iter().filter(|new| looked_at.insert(&new.role)) {
            let Some(asked) = asked.get(new.role.as_str()).copied() else { continue };
            let stays = |old: &&Held| old.role != new.role && old.lasts_at(asked) && old.lasts_at(new.from);
            let stayed: Vec<&Held> = held.iter().filter(stays).collect();
            let Some(keeper) = stayed.first() else { continue };
            let stayed: HashSet<i32> = stayed.iter().map(|held| held.partition).collect();
            let fetched = |at: usize| match evidence.events.get(at).map(|event| (&event.role, &event.what)) {
                Some((Some(role), What::Request { body: Request::Fetch { partitions, .. }, .. })) => {
                    *role == keeper.role
                        && partitions.iter().any(|from| from.topic == self.topic && stayed.contains(&from.partition))
                }
                _ => false,
            };
            let fetches = (asked..new.from).filter(|at| fetched(*at)).count();
            let them = if stayed.len() == 1 { "it" } else { "them" };
            return Outcome::Passed(format!(
                "{} kept {} (partition {}, for example) while {} joined, and fetched from {them} {} meanwhile",
                keeper.role,
                count(stayed.len(), "partition"),
                keeper.partition,
                new.role,
                count(fetches, "time")
            ));
        }
        Outcome::NoEvidence("no partition stayed with its member while another member joined".into())
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::Recording;
    use serde_json::json;

    fn check() -> serde_json::Value {
        json!({"keeps": {"group": "g", "topic": "t"}})
    }

    #[test]
    fn a_member_gives_up_only_what_goes_to_another() {
        let alone = || Recording::default().join(None, &[]).assigned(&[0, 1]);
        let came = || alone().role("b").join(None, &[]).role("a");
        // It keeps 0, and reads on there.
        let kept = came().join(None, &[0]).fetch(0, 1).assigned(&[0]).role("b").assigned(&[1]);
        let (code, seen) = kept.outcome(check());
        assert_eq!((code.as_str(), seen.contains("a kept 1 partition")), ("passed", true), "{seen}");
        let eager = came().join(None, &[]).assigned(&[0]).role("b").assigned(&[1]);
        assert_eq!(eager.judged(check()), "stopped");
        assert_eq!(alone().judged(check()), "no evidence");
    }
}
