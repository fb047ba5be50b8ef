//! Who gives up a partition as planned has committed what it did there, and nobody takes that back: the next one
//! repeats nothing.

use crate::checks::{Check, Finding, Outcome, codes, count, field, places};
use crate::evidence::{Commit, End, Evidence, Held, Holdings, What};
use crate::wire::{Request, Response};
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

/// A partition that was given up as planned, with work done in it.
struct Handed<'a> {
    held: &'a Held,
    next: &'a Held,
    /// The offset after the last record that was processed there.
    done: i64,
    processed: usize,
}

/// One where the next member begins before what was done.
struct Again<'a> {
    handed: &'a Handed<'a>,
    /// What the next one was told when it asked where to begin; nothing that is written later can help it.
    begins: Begins,
}

codes! {
    Again = "again" Duplicate,
    // The same, where the last owner had asked for that commit and was refused.
    Refused = "refused" Duplicate,
    // A member committed what had gone to another one.
    Gone = "gone" Duplicate,
    SetBack = "set-back" Duplicate,
    // A member began to read before the committed offset.
    BeginsBelow = "begins-below" Duplicate,
}

impl Check for HandedOver {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let holdings = evidence.holdings(&self.group, &self.topic);
        let handed = self.handed(evidence, &holdings);
        let commits = evidence.commits(&self.group, &self.topic);
        let told = self.answers_to_begin(evidence);
        let again: Vec<Again<'_>> = handed
            .iter()
            .filter_map(|handed| {
                let begins = told.begins(handed.next)?;
                // Committed, and set back by somebody since, is another story.
                let first = commits.first_beyond(handed.held.partition, handed.done - 1);
                let in_time = first.is_some_and(|commit| commit.event < begins.event);
                (begins.offset < handed.done && !in_time).then_some(Again { handed, begins })
            })
            .collect();
        let refused = self.refused(evidence);
        let back = set_back(evidence, commits.as_slice());
        let gone = gone(evidence, &holdings, commits.as_slice());
        let below = self.begins_below(evidence, &holdings, commits.as_slice(), &told);
        let found = below.into_iter().chain(comes_again(&again, &refused)).chain(back).chain(gone);
        let findings: Vec<Finding<Code>> = found.collect();
        let work: usize = handed.iter().map(|handed| handed.processed).sum();
        if findings.is_empty() && work == 0 {
            return Outcome::NoEvidence("no partition with work done in it was handed over".into());
        }
        Outcome::unless_found(findings, || {
            let (partitions, records) = (count(handed.len(), "partition"), count(work, "record"));
            format!("{partitions} handed over, {records} processed there, none of them again")
        })
    }
}

/// What was processed and not committed when the next one began.
fn comes_again(open: &[Again<'_>], refused: &[Commit]) -> Option<Finding<Code>> {
    let Again { handed, begins } = open.first()?;
    // It had asked for that commit, which was refused, and did not ask again.
    let asked = |again: &Again<'_>| {
        let Held { partition, .. } = *again.handed.held;
        refused.iter().any(|commit| {
            let enough = commit.partition == partition && commit.offset >= again.handed.done;
            enough && again.handed.held.lasts_at(commit.event)
        })
    };
    let code = if open.iter().all(asked) { Code::Refused } else { Code::Again };
    let (held, next) = (handed.held, handed.next);
    let partitions: BTreeSet<i32> = open.iter().map(|open| open.handed.held.partition).collect();
    let again = open.iter().map(|open| open.handed.done - open.begins.offset.max(0)).fold(0, i64::saturating_add);
    let required =
        "what was processed is committed before the partition is given up, so that nothing is processed again";
    let seen = format!(
        "“{}” gave up partition {} after offset {}{}, and “{}” {}; {} will be processed again, in {}",
        held.role,
        held.partition,
        handed.done - 1,
        if code == Code::Refused { ", whose commit had been refused" } else { "" },
        next.role,
        if begins.offset < 0 { "finds nothing committed".to_owned() } else { format!("begins at {}", begins.offset) },
        count(usize::try_from(again).unwrap_or_default(), "record"),
        count(partitions.len(), "partition")
    );
    let events = held.to.into_iter().chain([begins.event]).collect();
    Some(Finding::new(code, required, seen, events))
}

/// Commits of partitions that their member had given up, and not got again.
fn gone(evidence: &Evidence, holdings: &Holdings, commits: &[Commit]) -> Option<Finding<Code>> {
    let late = commits.iter().filter_map(|commit| {
        let role = evidence.events.get(commit.event)?.role.as_deref()?;
        let held = holdings.last_given(role, commit.partition, commit.event)?;
        let over = held.end == End::GivenUp && !holdings.holds(role, commit.partition, commit.event);
        over.then_some((commit, role, held))
    });
    let late: Vec<_> = late.collect();
    let (commit, role, held) = late.first()?;
    let required = "commits only for partitions that the member holds";
    let seen = format!(
        "{role} committed offset {} of partition {}, which it had given up; {} in all",
        commit.offset,
        commit.partition,
        count(late.len(), "such commit")
    );
    Some(Finding::new(Code::Gone, required, seen, held.to.into_iter().chain([commit.event]).collect()))
}

/// A commit that lies behind another one which the group had in this partition.
fn set_back(evidence: &Evidence, commits: &[Commit]) -> Option<Finding<Code>> {
    let mut furthest: HashMap<i32, Commit> = HashMap::new();
    let mut back: Vec<(Commit, Commit)> = Vec::new();
    for commit in commits {
        let most = furthest.entry(commit.partition).or_insert(*commit);
        if most.offset > commit.offset {
            back.push((*most, *commit));
        } else {
            *most = *commit;
        }
    }
    let (before, later) = back.first()?;
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
        count(back.len(), "such commit")
    );
    Some(Finding::new(Code::SetBack, required, seen, vec![before.event, later.event]))
}

/// A record that was processed.
struct Done {
    /// Position of the call.
    event: usize,
    offset: i64,
}

impl HandedOver {
    /// Every planned hand-over, with what had been processed.
    fn handed<'h>(&self, evidence: &Evidence, holdings: &'h Holdings) -> Vec<Handed<'h>> {
        let places = places(&evidence.inputs(&self.topic), &self.id);
        let mut done: HashMap<(&str, i32), Vec<Done>> = HashMap::new();
        let calls = evidence.calls(&self.op);
        for call in calls.iter().filter(|call| call.done().is_some()) {
            let place = field(call.args, &self.id).and_then(|id| places.get(&id));
            if let (Some(role), Some(place)) = (call.role, place) {
                let done = done.entry((role, place.partition)).or_default();
                done.push(Done { event: call.event, offset: place.offset });
            }
        }
        let planned = holdings.as_slice().iter().filter(|held| held.was_planned());
        let handed = planned.filter_map(|held| {
            let next = holdings.next_after(held)?;
            let done = done.get(&(held.role.as_str(), held.partition))?;
            let begin = done.partition_point(|done| done.event <= held.from);
            let there = done[begin..].iter().take_while(|done| held.lasts_at(done.event));
            let (processed, last) = there.fold((0, None), |(n, last), done| (n + 1, last.max(Some(done.offset))));
            Some(Handed { held, next, done: last?.saturating_add(1), processed })
        });
        handed.collect()
    }

    /// Members that began to read a partition before the offset that was committed, and that they were told, if they
    /// asked: by a seek, or by an offset of their own in the callback.
    fn begins_below(
        &self,
        evidence: &Evidence,
        holdings: &Holdings,
        commits: &[Commit],
        told: &Told<'_>,
    ) -> Option<Finding<Code>> {
        let below = holdings.as_slice().iter().filter_map(|held| {
            let (fetch, begins) = self.first_fetch(evidence, held)?;
            let ours = || commits.iter().filter(|commit| commit.partition == held.partition);
            let there = ours().take_while(|commit| commit.event < held.from).last()?;
            // Whoever sets it back meanwhile does so to this member, too.
            let since = ours().filter(|commit| (held.from..fetch).contains(&commit.event));
            let least = since.chain([there]).map(|commit| commit.offset).min()?;
            let asked = told.begins(held).map_or(least, |begins| begins.offset);
            (begins < least.min(asked)).then_some((held, there, fetch, begins))
        });
        let below: Vec<_> = below.collect();
        let (held, there, fetch, begins) = below.first()?;
        let seen = format!(
            "{} began to read partition {} at offset {begins}, where {} was committed; {} in all",
            held.role,
            held.partition,
            there.offset,
            count(below.len(), "such beginning")
        );
        let required = "a member that goes on at the committed offset";
        Some(Finding::new(Code::BeginsBelow, required, seen, vec![there.event, *fetch]))
    }

    /// Where it first asked for records of what it had been given: the position, and the offset.
    fn first_fetch(&self, evidence: &Evidence, held: &Held) -> Option<(usize, i64)> {
        let events = evidence.iter().skip(held.from).take_while(|(at, _)| held.to.is_none_or(|to| *at < to));
        let ours = events.filter(|(_, event)| event.role.as_deref() == Some(&held.role));
        let mut asked = ours.filter_map(|(at, event)| match &event.what {
            What::Request { body: Request::Fetch { partitions, .. }, .. } => {
                let from = partitions.iter().find(|from| from.topic == self.topic && from.partition == held.partition);
                from.map(|from| (at, from.offset))
            }
            _ => None,
        });
        asked.next()
    }

    /// What members asked to commit, and were refused.
    fn refused(&self, evidence: &Evidence) -> Vec<Commit> {
        let ours = |request: &Request| matches!(request, Request::OffsetCommit { group, .. } if *group == self.group);
        let asked = evidence.exchanges(ours).into_iter();
        let refused = asked.filter(|asked| asked.answer.is_some_and(|answer| answer.body.error() != 0));
        let offsets = refused.flat_map(|asked| match asked.request {
            Request::OffsetCommit { offsets, .. } => offsets.iter().map(|at| (asked.event, at)).collect(),
            _ => Vec::new(),
        });
        let ours = offsets.filter(|(_, at)| at.topic == self.topic);
        ours.map(|(event, at)| Commit { partition: at.partition, offset: at.offset, event }).collect()
    }

    /// What the coordinator told the members about where to begin.
    fn answers_to_begin<'e>(&self, evidence: &'e Evidence) -> Told<'e> {
        let asks = |request: &Request| matches!(request, Request::OffsetFetch { group, .. } if *group == self.group);
        let mut told = Told(HashMap::new());
        for asked in evidence.exchanges(asks) {
            let (Some(role), Some(answer)) = (asked.role, asked.answer) else { continue };
            let Response::OffsetFetch { error: 0, offsets } = answer.body else { continue };
            for offset in offsets.iter().filter(|offset| offset.topic == self.topic && offset.error == 0) {
                let begins = Begins { asked: asked.event, event: answer.event, offset: offset.offset };
                told.0.entry((role, offset.partition)).or_default().push(begins);
            }
        }
        told
    }
}

/// What a member was told about where to begin in a partition.
#[derive(Clone, Copy)]
struct Begins {
    /// Position of the request.
    asked: usize,
    /// Position of the answer.
    event: usize,
    /// Negative where nothing is committed.
    offset: i64,
}

/// By role and partition, in order of the requests.
struct Told<'e>(HashMap<(&'e str, i32), Vec<Begins>>);

impl Told<'_> {
    /// What the one that holds the partition was told first.
    fn begins(&self, held: &Held) -> Option<Begins> {
        let told = self.0.get(&(held.role.as_str(), held.partition))?;
        let next = told.partition_point(|begins| begins.asked <= held.from);
        let within = |begins: &&Begins| held.to.is_none_or(|to| begins.event < to);
        told.get(next).filter(within).copied()
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::Recording;
    use serde_json::json;

    /// Four records in one partition, of which `a` processes three and commits so far; then `b` begins at an offset.
    fn handed(committed: i64, begins: i64) -> Recording {
        let input = (0..4).fold(Recording::default(), |all, id| all.input(0, json!({"id": id})));
        let work = (0..3).fold(input.assigned(&[0]), |all, id| all.call("process", json!({"id": id})));
        let work = if committed > 0 { work.commit(&[(0, committed)]) } else { work };
        work.join(None, &[]).role("b").assigned(&[0]).begins(0, begins)
    }

    fn check() -> serde_json::Value {
        json!({"handed-over": {"group": "g", "topic": "t", "op": "process", "id": "id"}})
    }

    #[test]
    fn the_next_one_begins_where_the_last_one_stopped() {
        assert_eq!(handed(3, 3).judged(check()), "passed");
        let (code, seen) = handed(2, 2).outcome(check());
        assert_eq!((code.as_str(), seen.contains("“b” begins at 2; 1 record")), ("again", true), "{seen}");
        let (code, seen) = handed(0, -1).outcome(check());
        assert_eq!((code.as_str(), seen.contains("finds nothing committed")), ("again", true), "{seen}");
        assert_eq!(Recording::default().judged(check()), "no evidence");
    }

    #[test]
    fn a_commit_that_was_refused_is_made_again_while_there_is_time() {
        let refused = |again: bool| {
            let input = (0..4).fold(Recording::default(), |all, id| all.input(0, json!({"id": id})));
            let work = (0..3).fold(input.assigned(&[0]), |all, id| all.call("process", json!({"id": id})));
            let work = work.commit_refused(&[(0, 3)], 27);
            let work = if again { work.commit(&[(0, 3)]) } else { work };
            work.join(None, &[]).role("b").assigned(&[0]).begins(0, if again { 3 } else { -1 })
        };
        assert_eq!(refused(true).judged(check()), "passed");
        assert_eq!(refused(false).judged(check()), "refused");
    }

    #[test]
    fn what_has_gone_is_committed_by_the_next_one_alone() {
        assert_eq!(handed(3, 3).role("a").commit(&[(0, 3)]).judged(check()), "gone");
    }

    #[test]
    fn who_reads_from_before_the_committed_offset_is_told_so() {
        assert_eq!(handed(3, 3).fetch(0, 3).judged(check()), "passed");
        assert_eq!(handed(3, 3).fetch(0, 1).judged(check()), "begins-below");
    }

    #[test]
    fn a_commit_that_goes_back_is_another_finding() {
        assert_eq!(handed(3, 3).commit(&[(0, 1)]).judged(check()), "set-back");
        assert_eq!(handed(3, 3).commit(&[(0, 3)]).commit(&[(0, 4)]).judged(check()), "passed");
    }
}
