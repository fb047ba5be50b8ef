//! No partition has two readers at once.

use crate::checks::{Check, Finding, Outcome, codes, count};
use crate::evidence::{Evidence, Held, Holdings, What};
use crate::wire::{Request, Response};
use serde::Deserialize;
use std::collections::HashMap;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnedOnce {
    group: String,
    topic: String,
}

codes! {
    Twice = "twice" Duplicate,
    ReadsAlong = "reads-along" Duplicate,
}

impl Check for OwnedOnce {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let holdings = evidence.holdings(&self.group, &self.topic);
        let required = "one reader for each partition in a group";
        if let Some((first, second)) = twice(&holdings) {
            let (partition, one, two) = (first.partition, &first.role, &second.role);
            let seen = format!("partition {partition} was given to {two} while {one} still held it");
            return Finding::new(Code::Twice, required, seen, vec![first.from, second.from]).outcome();
        }
        if let Some(Along { owner, role, event }) = self.reads_along(evidence, &holdings) {
            let (partition, owns) = (owner.partition, &owner.role);
            let seen = format!("{role} fetched from partition {partition}, which was {owns}'s");
            return Finding::new(Code::ReadsAlong, required, seen, vec![owner.from, event]).outcome();
        }
        match holdings.by_partition().map(|held| handed_on(&held)).sum() {
            0 => Outcome::NoEvidence("no partition went from one member to another".into()),
            n => Outcome::Passed(format!("partitions changed hands {}, and none was in two at once", count(n, "time"))),
        }
    }
}

/// Two members that hold one partition at once: the first such pair.
fn twice(holdings: &Holdings) -> Option<(&Held, &Held)> {
    let both = holdings.by_partition().filter_map(|held| {
        held.iter().enumerate().find_map(|(at, first)| {
            // What begins later, while this one lasts. Of another member there is nothing where all is well.
            let mut during = held[at + 1..].iter().take_while(|second| first.to.is_none_or(|to| second.from < to));
            let second = during.find(|second| second.member != first.member && first.lasts_at(second.from))?;
            Some((*first, *second))
        })
    });
    both.min_by_key(|(first, _)| first.from)
}

/// How often one member had the partition, and another one later.
fn handed_on(held: &[&Held]) -> usize {
    let other = held.last().and_then(|last| held.iter().rposition(|held| held.role != last.role));
    other.map_or(0, |at| at + 1)
}

/// A role that fetches from what another one holds.
struct Along<'a> {
    owner: &'a Held,
    role: &'a str,
    event: usize,
}

impl OwnedOnce {
    /// Another role that fetches from what somebody holds. Its last request may overtake the news on another connection,
    /// so only one counts that it sent after the answer to an earlier one had come, in the owner's time.
    fn reads_along<'a>(&self, evidence: &'a Evidence, holdings: &'a Holdings) -> Option<Along<'a>> {
        // Where each connection was last answered.
        let mut answered: HashMap<u32, usize> = HashMap::new();
        let mut first: Option<(usize, Along<'_>)> = None;
        for (event, found) in evidence.iter() {
            let Some(role) = found.role.as_deref() else { continue };
            match &found.what {
                What::Response { conn, body: Response::Fetch { .. }, .. } => _ = answered.insert(*conn, event),
                What::Request { conn, body: Request::Fetch { partitions, .. }, .. } => {
                    let Some(answer) = answered.get(conn) else { continue };
                    for from in partitions.iter().filter(|from| from.topic == self.topic) {
                        let Some((index, owner)) = holdings.last_begun(from.partition, event) else { continue };
                        let anothers = owner.lasts_at(event) && owner.role != role && owner.from <= *answer;
                        let earliest = first.as_ref().is_none_or(|(other, _)| index < *other);
                        if anothers && earliest && !holdings.holds(role, from.partition, event) {
                            first = Some((index, Along { owner, role, event }));
                        }
                    }
                }
                _ => {}
            }
        }
        first.map(|(_, along)| along)
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::Recording;
    use serde_json::json;

    fn check() -> serde_json::Value {
        json!({"owned-once": {"group": "g", "topic": "t"}})
    }

    /// `a` holds a partition, gives it up, and `b` gets it.
    fn handed_on() -> Recording {
        Recording::default().assigned(&[0]).fetch(0, 0).join(None, &[]).role("b").assigned(&[0])
    }

    #[test]
    fn a_partition_has_one_reader_at_a_time() {
        assert_eq!(handed_on().fetch(0, 0).judged(check()), "passed");
        let both = Recording::default().assigned(&[0]).role("b").assigned(&[0]);
        assert_eq!(both.judged(check()), "twice");
        assert_eq!(Recording::default().assigned(&[0]).judged(check()), "no evidence");
    }

    #[test]
    fn a_request_may_overtake_the_news_and_the_next_one_may_not() {
        let late = || handed_on().role("a").fetch(0, 1);
        assert_eq!(late().judged(check()), "passed");
        assert_eq!(late().fetch(0, 2).judged(check()), "reads-along");
    }
}
