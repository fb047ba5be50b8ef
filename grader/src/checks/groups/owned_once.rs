//! No partition has two readers at once.

use crate::checks::{Check, Finding, Outcome, codes, count};
use crate::evidence::{Evidence, Held, What};
use crate::wire::{Request, Response};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnedOnce {
    group: String,
    topic: String,
}

codes! {
    Twice = "twice",
    ReadsAlong = "reads-along",
}

impl Check for OwnedOnce {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let held = evidence.ownership(&self.group, &self.topic);
        let required = "one reader for each partition in a group";
        for (at, first) in held.iter().enumerate() {
            let both = held[at + 1..].iter().find(|second| {
                second.partition == first.partition && second.member != first.member && first.lasts_at(second.from)
            });
            if let Some(second) = both {
                let (partition, one, two) = (first.partition, &first.role, &second.role);
                let seen = format!("partition {partition} was given to {two} while {one} still held it");
                return Finding::new(Code::Twice, required, seen, vec![first.from, second.from]).outcome();
            }
        }
        for owner in &held {
            if let Some((role, at)) = self.reads_along(evidence, owner, &held) {
                let (partition, owns) = (owner.partition, &owner.role);
                let seen = format!("{role} fetched from partition {partition}, which was {owns}'s");
                return Finding::new(Code::ReadsAlong, required, seen, vec![owner.from, at]).outcome();
            }
        }
        let handed = held.iter().filter(|one| {
            held.iter().any(|next| next.partition == one.partition && next.role != one.role && next.from > one.from)
        });
        match handed.count() {
            0 => Outcome::NoEvidence("no partition went from one member to another".into()),
            n => Outcome::Passed(format!("partitions changed hands {}, none was in two", count(n, "time"))),
        }
    }
}

impl OwnedOnce {
    /// Another role that fetches from what `owner` holds. Its last request may overtake the news on another connection,
    /// so only one counts that it sent after the answer to an earlier one had come, in the owner's time.
    fn reads_along<'e>(&self, evidence: &'e Evidence, owner: &Held, held: &[Held]) -> Option<(&'e str, usize)> {
        let end = owner.to.unwrap_or(evidence.events.len());
        let mut answered: Vec<u32> = Vec::new();
        for (at, event) in evidence.iter().skip(owner.from).take(end - owner.from) {
            let Some(role) = event.role.as_deref().filter(|role| *role != owner.role) else { continue };
            match &event.what {
                What::Response { conn, body: Response::Fetch { .. }, .. } => answered.push(*conn),
                What::Request { conn, body: Request::Fetch { partitions, .. }, .. } if answered.contains(conn) => {
                    let reads =
                        partitions.iter().any(|from| from.topic == self.topic && from.partition == owner.partition);
                    let its_own =
                        |held: &Held| held.role == role && held.partition == owner.partition && held.lasts_at(at);
                    if reads && !held.iter().any(its_own) {
                        return Some((role, at));
                    }
                }
                _ => {}
            }
        }
        None
    }
}
