//! What fails is tried again, so often and no more; what works is not tried again.

use crate::checks::{Check, Finding, Outcome, codes, count, field, some};
use crate::evidence::Evidence;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attempts {
    op: String,
    /// The field of a call that says what it is about.
    id: String,
    /// How often something is tried at most.
    most: usize,
    /// The topic that the records come from. With it, a record that was left alone can be told from one that was given
    /// up.
    from: Option<String>,
}

/// One attempt.
struct Attempt {
    /// Position of the call.
    event: usize,
    worked: bool,
}

codes! {
    PassedOver = "passed-over" Lost,
    Left = "left" Lost,
    Once = "once" Wrong,
    TooFew = "too-few" Wrong,
    // One record was given up after so many attempts, and another after more or fewer.
    Uneven = "uneven" Wrong,
    TooMany = "too-many" Slow,
    Again = "again" Duplicate,
}

impl Check for Attempts {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let mut tried: BTreeMap<String, Vec<Attempt>> = BTreeMap::new();
        for call in evidence.calls(&self.op) {
            if let (Some(id), Some(answer)) = (field(call.args, &self.id), call.answer) {
                tried.entry(id).or_default().push(Attempt { event: call.event, worked: answer.ok });
            }
        }
        let failing = tried.values().filter(|tried| tried.iter().any(|attempt| !attempt.worked)).count();
        if failing == 0 {
            return Outcome::NoEvidence(format!("no call “{}” failed, so there was nothing to try again", self.op));
        }
        let required = format!("{} at most, and none after one that worked", count(self.most, "attempt"));
        let mut findings = Vec::new();
        let mut report = |code, is: &dyn Fn(&[Attempt]) -> bool, words: &str| {
            let ids: Vec<&String> = tried.iter().filter(|(_, tried)| is(tried)).map(|(id, _)| id).collect();
            if let Some(attempts) = ids.first().and_then(|id| tried.get(*id)) {
                let numbers = format!("{}; {} had {}", some(&ids), ids[0], count(attempts.len(), "attempt"));
                let events = attempts.iter().map(|attempt| attempt.event).collect();
                findings.push(Finding::new(code, &required, format!("{words}: {numbers}"), events));
            }
        };
        let worked = |tried: &[Attempt]| tried.iter().position(|attempt| attempt.worked);
        report(
            Code::Again,
            &|tried| worked(tried).is_some_and(|at| at + 1 < tried.len()),
            "tried again after it had worked",
        );
        let few = |tried: &[Attempt]| worked(tried).is_none() && tried.len() < self.most;
        let moved_on = self.moved_on(evidence);
        let next = |tried: &[Attempt]| match tried {
            [only] if few(tried) => moved_on.get(&only.event).copied(),
            _ => None,
        };
        // Whoever was ended in the middle of its attempts has not given up.
        let finished = |tried: &[Attempt]| {
            self.from.is_none() || tried.first().is_some_and(|first| moved_on.contains_key(&first.event))
        };
        let given_up = |tried: &[Attempt]| few(tried) && next(tried).is_none() && finished(tried);
        let too_many = |tried: &[Attempt]| worked(tried).unwrap_or(tried.len()) > self.most;
        let left = |tried: &[Attempt]| next(tried) == Some(MovedOn::Past);
        let early = |tried: &[Attempt]| next(tried) == Some(MovedOn::Done) || given_up(tried);
        let ends = tried.values().filter(|tried| worked(tried).is_none() && finished(tried));
        let numbers: BTreeSet<usize> = ends.map(|tried| tried.len()).collect();
        if self.from.is_some()
            && numbers.len() > 1
            && tried.values().any(|tried| early(tried))
            && !tried.values().any(|tried| left(tried))
        {
            let numbers: Vec<String> = numbers.iter().map(usize::to_string).collect();
            let words = format!("given up after different numbers of attempts ({})", numbers.join(", "));
            report(Code::Uneven, &|tried| early(tried) || too_many(tried), &words);
            findings.extend(self.passed_over(evidence, &tried));
            return Outcome::unless_found(findings, String::new);
        }
        report(Code::TooMany, &too_many, "tried too often");
        report(Code::Left, &left, "refused, passed by, and never tried again");
        report(Code::Once, &|tried| next(tried) == Some(MovedOn::Done), "done with after a single attempt");
        report(Code::TooFew, &given_up, "given up too early");
        findings.extend(self.passed_over(evidence, &tried));
        if findings.is_empty()
            && tried.values().all(|tried| worked(tried).is_some() || !finished(tried))
            && tried.values().any(|tried| few(tried))
        {
            return Outcome::NoEvidence("it came to no end with what had failed".into());
        }
        Outcome::unless_found(findings, || {
            format!("{} tried again, {} at most", count(failing, "record"), count(self.most, "time"))
        })
    }
}

/// How the program went on after a record's first attempt, by what it committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MovedOn {
    /// It committed this record: it is done with it.
    Done,
    /// It never committed this record, and then one behind it.
    Past,
}

impl Attempts {
    /// Of each first call about a record that was committed: how.
    fn moved_on(&self, evidence: &Evidence) -> HashMap<usize, MovedOn> {
        let Some(from) = &self.from else { return HashMap::new() };
        let (commits, mut first) = (evidence.commits_asked_for(from), HashMap::new());
        for call in evidence.calls(&self.op) {
            if let Some(id) = field(call.args, &self.id) {
                first.entry(id).or_insert(call.event);
            }
        }
        let inputs = evidence.inputs(from);
        let moved_on = inputs.iter().filter_map(|input| {
            let call = first.get(&field(input.value.as_ref()?, &self.id)?)?;
            let commit = commits.first_beyond(input.partition, input.offset)?;
            Some((*call, if commit.offset == input.offset + 1 { MovedOn::Done } else { MovedOn::Past }))
        });
        moved_on.collect()
    }

    /// Records that were never tried, and were committed by the very request that committed one which had failed: what
    /// was fetched with it went with it.
    fn passed_over(&self, evidence: &Evidence, tried: &BTreeMap<String, Vec<Attempt>>) -> Option<Finding<Code>> {
        let from = self.from.as_ref()?;
        let (commits, inputs) = (evidence.commits_asked_for(from), evidence.inputs(from));
        let (mut failed, mut untried) = (HashSet::new(), Vec::new());
        for input in &inputs {
            let Some(commit) = commits.first_beyond(input.partition, input.offset) else { continue };
            if input.poison {
                failed.insert(commit.event);
                continue;
            }
            let Some(id) = input.value.as_ref().and_then(|value| field(value, &self.id)) else { continue };
            match tried.get(&id).and_then(|tried| tried.last()) {
                Some(last) if !last.worked => _ = failed.insert(commit.event),
                Some(_) => {}
                None => untried.push((id, input.event, commit.event)),
            }
        }
        untried.retain(|(_, _, commit)| failed.contains(commit));
        let (_, input, commit) = untried.first()?;
        let ids: Vec<&String> = untried.iter().map(|(id, ..)| id).collect();
        let required = "every record that is committed has been tried, those fetched with a failed one as well";
        let seen = format!("never tried, and committed together with one that had failed: {}", some(&ids));
        Some(Finding::new(Code::PassedOver, required, seen, vec![*input, *commit]))
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::Recording;
    use serde_json::json;

    #[test]
    fn what_fails_is_tried_so_often_and_what_works_once() {
        let judged = |answers: &[bool]| {
            let attempts =
                answers.iter().fold(Recording::default(), |all, ok| all.ask("ship", json!({"id": 1})).reply(*ok));
            attempts.judged(json!({"attempts": {"op": "ship", "id": "id", "most": 3}}))
        };
        assert_eq!(judged(&[false, false, true]), "passed");
        assert_eq!(judged(&[false, false, false]), "passed");
        assert_eq!(judged(&[false, false]), "too-few");
        assert_eq!(judged(&[false, false, false, false]), "too-many");
        assert_eq!(judged(&[false, true, true]), "again");
        assert_eq!(judged(&[true]), "no evidence");
    }

    #[test]
    fn a_record_that_was_left_is_told_from_one_that_was_given_up() {
        let value = |id: u32| json!({"id": id});
        let check = || json!({"attempts": {"op": "ship", "id": "id", "most": 3, "from": "t"}});
        let input = || Recording::default().input(0, value(1)).input(0, value(2)).refused("ship", value(1));
        assert_eq!(input().judged(check()), "no evidence");
        assert_eq!(input().refused("ship", value(1)).commit(&[(0, 1)]).judged(check()), "too-few");
        assert_eq!(input().commit(&[(0, 1)]).call("ship", value(2)).commit(&[(0, 2)]).judged(check()), "once");
        assert_eq!(input().call("ship", value(2)).commit(&[(0, 2)]).judged(check()), "left");
        let two = input().refused("ship", value(1)).commit(&[(0, 1)]);
        let four = (0..4).fold(two, |all, _| all.refused("ship", value(2))).commit(&[(0, 2)]);
        assert_eq!(four.judged(check()), "uneven");
        let failed = || input().refused("ship", value(1)).refused("ship", value(1));
        assert_eq!(failed().commit(&[(0, 2)]).judged(check()), "passed-over");
        assert_eq!(failed().commit(&[(0, 1)]).commit(&[(0, 2)]).judged(check()), "passed");
    }
}
