//! Who gives up a partition as planned has committed what it did there, and nobody takes that back: the next one
//! repeats nothing.

use crate::checks::{Check, Finding, Outcome, codes, count, field};
use crate::evidence::{Commit, Evidence, Held, What};
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

codes! {
    Again = "again",
    SetBack = "set-back",
}

impl Check for HandedOver {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let held = evidence.ownership(&self.group, &self.topic);
        let handed = self.handed(evidence, &held);
        let commits = evidence.commits(&self.group, &self.topic);
        let mut open = Vec::new();
        for one in &handed {
            // What the next one was told when it asked where to begin: nothing that is written later can help it.
            let Some((at, begins)) = self.begins(evidence, one.next) else { continue };
            // Committed, and set back by somebody since, is another story.
            let in_time = |commit: &Commit| {
                commit.partition == one.held.partition && commit.offset >= one.done && commit.event < at
            };
            if begins < one.done && !commits.iter().any(in_time) {
                open.push((one, at, begins));
            }
        }
        let findings: Vec<Finding<Code>> = again(&open).into_iter().chain(set_back(evidence, &commits)).collect();
        let work: usize = handed.iter().map(|one| one.processed).sum();
        match (findings.is_empty(), work) {
            (false, _) => Outcome::Failed(findings),
            (true, 0) => Outcome::NoEvidence("no partition with work done in it was handed over".into()),
            (true, _) => Outcome::Passed(format!(
                "{} handed over, {} processed there, none of them again",
                count(handed.len(), "partition"),
                count(work, "record")
            )),
        }
    }
}

/// What was processed and not committed when the next one began.
fn again(open: &[(&Handed<'_>, usize, i64)]) -> Option<Finding<Code>> {
    let (one, at, begins) = open.first()?;
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
    Some(Finding::new(Code::Again, required, seen, events))
}

/// A commit that lies behind another one which the group had in this partition.
fn set_back(evidence: &Evidence, commits: &[Commit]) -> Option<Finding<Code>> {
    let back = |(at, later): (usize, &Commit)| {
        let before = commits[..at].iter().filter(|before| before.partition == later.partition);
        let most = before.max_by_key(|before| before.offset)?;
        (most.offset > later.offset).then_some((*most, *later))
    };
    let all: Vec<(Commit, Commit)> = commits.iter().enumerate().filter_map(back).collect();
    let (before, later) = all.first()?;
    let role =
        |commit: &Commit| evidence.events.get(commit.event).and_then(|event| event.role.as_deref()).unwrap_or("?");
    let required = "a committed offset that only grows, whoever holds the partition";
    let seen = format!(
        "{} committed offset {} of partition {}, where {} had committed {}; {} in all",
        role(later),
        later.offset,
        later.partition,
        role(before),
        before.offset,
        count(all.len(), "such commit")
    );
    Some(Finding::new(Code::SetBack, required, seen, vec![before.event, later.event]))
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
            let here =
                |known: &&Committed| known.topic == self.topic && known.partition == next.partition && known.error == 0;
            let found = offsets.iter().find(here).filter(|_| of_group && *to > next.from)?;
            (event.role.as_deref() == Some(&next.role)).then_some((at, found.offset))
        })
    }
}
