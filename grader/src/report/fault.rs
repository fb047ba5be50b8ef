//! What is wrong with a program, each thing told once, however many checks have found it.

use super::problem::Problem;
use crate::checks::Harm;
use crate::course::Mistake;
use crate::verdict::{Checked, Played, Status};

/// One thing that is wrong.
#[derive(Debug, Clone)]
pub struct Fault {
    /// What is required, as a short line.
    pub title: String,
    pub harm: Harm,
    pub problem: Problem,
    /// Where it was seen: the scenario's id and title.
    pub scenario: String,
    pub scene: String,
    /// Why it matters, and the commands that explain it and that show its events.
    pub why: String,
    pub read: String,
    pub trace: String,
    /// What other checks required that found the same, or what follows from it. Each once.
    pub also: Vec<String>,
}

/// Everything that is wrong, by its harm, the worst first.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    /// What the diagnosis was made from, with everything that it explains.
    pub diagnosed: Option<Fault>,
    /// What it does not explain.
    pub others: Vec<Fault>,
}

/// A finding, and who found it.
struct Found<'f> {
    fault: Fault,
    kind: &'f str,
    code: &'f str,
}

impl Faults {
    /// What the checks of `exercise` found in what was `played`.
    pub fn new(exercise: &str, played: &[Played<'_>], diagnosis: Option<&Mistake>) -> Faults {
        let mut found: Vec<Found<'_>> = played
            .iter()
            .flat_map(|played| played.checks.iter().flat_map(|check| found(exercise, played, check)))
            .collect();
        found.sort_by_key(|found| found.fault.harm);
        let mut faults = Faults::default();
        if let Some(mistake) = diagnosis {
            let (explained, others): (Vec<_>, Vec<_>) =
                found.into_iter().partition(|found| mistake.explains(&found.fault.problem.code));
            let of_mistake = |found: &Found<'_>| mistake.shows_in(&found.fault.problem.code);
            let first = explained.iter().position(of_mistake).unwrap_or(0);
            faults.diagnosed = explained.get(first).map(|found| found.fault.clone());
            if let Some(fault) = &mut faults.diagnosed {
                explained.iter().for_each(|found| fault.also_seen(&found.fault.title));
            }
            found = others;
        }
        let mut known: Vec<(&str, &str)> = Vec::new();
        for Found { fault, kind, code } in found {
            match known.iter().position(|same| *same == (kind, code)) {
                Some(at) => faults.others[at].also_seen(&fault.title),
                None => {
                    known.push((kind, code));
                    faults.others.push(fault);
                }
            }
        }
        faults
    }

    /// From now on their events are shown by the command that `of` gives for a scenario: this is nobody's latest run.
    pub fn trace_by(&mut self, of: impl Fn(&str) -> String) {
        for fault in self.diagnosed.iter_mut().chain(&mut self.others) {
            fault.trace = of(&fault.scenario) + &around(fault.problem.events.first().copied());
        }
    }

    /// The one that is told first.
    pub fn first(&self) -> Option<&Fault> {
        self.diagnosed.iter().chain(&self.others).next()
    }
}

impl Fault {
    fn also_seen(&mut self, title: &str) {
        if self.title != title && !self.also.iter().any(|known| known == title) {
            self.also.push(title.to_owned());
        }
    }
}

fn found<'f>(exercise: &str, played: &Played<'_>, check: &'f Checked<'_>) -> Vec<Found<'f>> {
    let (spec, scenario) = (check.spec, played.scenario);
    let Status::Failed(findings) = &check.status else { return Vec::new() };
    let found = findings.iter().map(|finding| Found {
        kind: spec.kind.name(),
        code: finding.code,
        fault: Fault {
            title: spec.title.clone(),
            harm: finding.harm,
            problem: Problem::new(&spec.id, finding, &played.evidence),
            scenario: scenario.id.clone(),
            scene: scenario.title.clone(),
            why: spec.why.clone(),
            read: format!("kafkacourse read {}", spec.read),
            trace: trace(exercise, &scenario.id, finding.events.first().copied()),
            also: Vec::new(),
        },
    });
    found.collect()
}

/// The command that shows the events around one of them, or all of the scenario.
fn trace(exercise: &str, scenario: &str, event: Option<usize>) -> String {
    format!("kafkacourse trace {exercise} --scenario {scenario}{}", around(event))
}

fn around(event: Option<usize>) -> String {
    event.map(|event| format!(" --around {event}")).unwrap_or_default()
}
