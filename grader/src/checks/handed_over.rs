//! Who gives up a partition as planned has committed what it did there: the next one repeats nothing.

use super::{Check, Finding, Outcome, count, field};
use crate::evidence::{Evidence, Held, What};
use crate::wire::{Committed, Request, Response};
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandedOver {
    group: String,
    topic: String,
    op: String,
    id: String,
}

/// What is known of one partition that was given up.
struct Handed<'a> {
    held: &'a Held,
    next: &'a Held,
    /// The offset after the last record that was processed there.
    done: i64,
    processed: usize,
}

impl Check for HandedOver {
    const CODES: &'static [&'static str] = &["again"];

    fn judge(&self, evidence: &Evidence) -> Outcome {
        let held = evidence.ownership(&self.group, &self.topic);
        let handed = self.handed(evidence, &held);
        let mut open = Vec::new();
        for one in &handed {
            // What the next one was told when it asked where to begin: nothing that is written later can help it.
            let Some((at, begins)) = self.begins(evidence, one.next) else { continue };
            if begins < one.done {
                open.push((one, at, begins));
            }
        }
        let work: usize = handed.iter().map(|one| one.processed).sum();
        let Some((one, at, begins)) = open.first() else {
            return match work {
                0 => Outcome::NoEvidence("no partition with work done in it was handed over".into()),
                _ => Outcome::Passed(format!(
                    "{} handed over, {} processed there, none of them again",
                    count(handed.len(), "partition"),
                    count(work, "record")
                )),
            };
        };
        let partitions: BTreeSet<i32> = open.iter().map(|(one, ..)| one.held.partition).collect();
        let again: i64 = open.iter().map(|(one, _, begins)| one.done - begins.max(&0)).sum();
        let required = "what was processed committed before the partition is given up, so that nothing comes again";
        let seen = format!(
            "{} gave up partition {} after offset {}, and {} {}; {} will come again, in {}",
            one.held.role,
            one.held.partition,
            one.done - 1,
            one.next.role,
            if *begins < 0 { "finds nothing committed".to_owned() } else { format!("begins at {begins}") },
            count(usize::try_from(again).unwrap_or_default(), "record"),
            count(partitions.len(), "partition")
        );
        let events = one.held.to.into_iter().chain([*at]).collect();
        Finding::new("again", required, seen, events).outcome()
    }
}

impl HandedOver {
    /// Every planned hand-over, with what had been processed.
    fn handed<'h>(&self, evidence: &Evidence, held: &'h [Held]) -> Vec<Handed<'h>> {
        let inputs = evidence.inputs(&self.topic);
        let places: HashMap<String, (i32, i64)> = inputs
            .iter()
            .filter_map(|input| Some((field(input.value.as_ref()?, &self.id)?, (input.partition, input.offset))))
            .collect();
        let done: Vec<(usize, &str, i32, i64)> = evidence
            .calls(&self.op)
            .iter()
            .filter(|call| call.answer.is_some_and(|(_, ok)| ok))
            .filter_map(|call| {
                let role = evidence.events.get(call.event)?.role.as_deref()?;
                let (partition, offset) = places.get(&field(call.args, &self.id)?)?;
                Some((call.event, role, *partition, *offset))
            })
            .collect();
        held.iter()
            .filter(|one| one.was_planned())
            .filter_map(|one| {
                let next = held.iter().find(|next| next.partition == one.partition && Some(next.from) > one.to)?;
                let there = done.iter().filter(|(at, role, partition, _)| {
                    *role == one.role && *partition == one.partition && one.lasts_at(*at)
                });
                let (processed, last) = there.fold((0, None), |(n, last), (.., at)| (n + 1, last.max(Some(*at))));
                Some(Handed { held: one, next, done: last? + 1, processed })
            })
            .collect()
    }

    /// What the coordinator told this holder about where to begin, and the position of that answer.
    fn begins(&self, evidence: &Evidence, next: &Held) -> Option<(usize, i64)> {
        let end = next.to.unwrap_or(evidence.events.len());
        evidence.iter().take(end).skip(next.from).find_map(|(at, event)| {
            let What::Response { to, body: Response::OffsetFetch { error: 0, offsets }, .. } = &event.what else {
                return None;
            };
            let asked = evidence.events.get(*to)?;
            let of_group = matches!(&asked.what,
                What::Request { body: Request::OffsetFetch { group, .. }, .. } if *group == self.group);
            let here = |known: &&Committed| {
                known.topic == self.topic && known.partition == next.partition && known.error == 0
            };
            let found = offsets.iter().find(here).filter(|_| of_group && *to > next.from)?;
            (event.role.as_deref() == Some(&next.role)).then_some((at, found.offset))
        })
    }
}
