//! Outcomes of all scenarios to one verdict, and the mistake that they look like.

use crate::broker;
use crate::checks::{Finding, Harm, Outcome};
use crate::course::{CheckSpec, Exercise, Mistake, Scenario};
use crate::evidence::{Because, Ended, Evidence, What};
use crate::wire::Request;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// How an exercise ended. Each has its own exit code, which `--help` lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Passed,
    Failed,
    NotStarted,
    DidNotBuild,
    TimedOut,
    Crashed,
    GraderFault,
}

impl Verdict {
    /// The exit code of `check`. 2 is taken by a wrong command line.
    pub fn exit_code(self) -> u8 {
        match self {
            Verdict::Passed => 0,
            Verdict::Failed => 1,
            Verdict::NotStarted => 3,
            Verdict::DidNotBuild => 4,
            Verdict::TimedOut => 5,
            Verdict::Crashed => 6,
            Verdict::GraderFault => 7,
        }
    }

    /// In words.
    pub fn in_words(self) -> &'static str {
        match self {
            Verdict::Passed => "passed",
            Verdict::Failed => "not yet",
            Verdict::NotStarted => "not started",
            Verdict::DidNotBuild => "does not build",
            Verdict::TimedOut => "timed out",
            Verdict::Crashed => "crashed",
            Verdict::GraderFault => "fault of the grader",
        }
    }
}

/// One scenario, judged.
#[derive(Debug)]
pub struct Played<'a> {
    pub scenario: &'a Scenario,
    pub evidence: Evidence,
    /// Where the evidence is stored.
    pub path: PathBuf,
    pub checks: Vec<Checked<'a>>,
    /// The step that waited in vain, where one did.
    pub gave_up: Option<GaveUp>,
    /// A panic: file, line, message.
    pub panic: Option<(String, u32, String)>,
}

impl<'a> Played<'a> {
    /// A scenario with what its checks say, in their order, of its evidence.
    pub fn new(scenario: &'a Scenario, statuses: Vec<Status>, evidence: Evidence, path: PathBuf) -> Played<'a> {
        let checks = scenario.checks.iter().zip(statuses).map(|(spec, status)| Checked { spec, status }).collect();
        let gave_up = evidence.events.iter().find_map(|event| match &event.what {
            What::GaveUp { waited_for, because } => Some(GaveUp { waited_for: waited_for.clone(), because: *because }),
            _ => None,
        });
        let panic = evidence.events.iter().find_map(|event| match &event.what {
            What::Panicked { file, line, message } => Some((file.clone(), *line, message.clone())),
            _ => None,
        });
        Played { scenario, evidence, path, checks, gave_up, panic }
    }

    /// Did the program come to a `todo!()`?
    pub fn not_started(&self) -> bool {
        self.panic.as_ref().is_some_and(|(.., message)| is_todo(message))
    }

    /// How the program ended, if that was by itself and before it had asked Kafka or the outside world for anything: a
    /// client looks around (ApiVersions, Metadata) unasked.
    pub fn ended_at_once(&self) -> Option<&Ended> {
        let ours = |what: &What| matches!(what, What::Stopping | What::Killed | What::GaveUp { .. });
        let asks = |what: &What| match what {
            What::Call { .. } => true,
            What::Request { body, .. } => !matches!(body, Request::ApiVersions { .. } | Request::Metadata { .. }),
            _ => false,
        };
        let mut events = self.evidence.events.iter().map(|event| &event.what);
        if events.clone().any(asks) {
            return None;
        }
        match events.find(|what| ours(what) || matches!(what, What::Exited { .. }))? {
            What::Exited { how, .. } => Some(how),
            _ => None,
        }
    }

    /// Did it end with the status that a check asks for? Such an end is no news, whatever else is found.
    pub fn ended_as_asked(&self) -> bool {
        let exits = self.checks.iter().filter(|check| check.spec.kind.name() == "exits");
        exits.map(|check| &check.status).any(|status| matches!(status, Status::Passed(_)))
    }

    /// Did it do any of the things that are asked of a program: send, commit, call the outside world?
    pub fn did_something(&self) -> bool {
        self.evidence.events.iter().any(|event| match &event.what {
            What::Call { .. } => true,
            What::Request { body, .. } => {
                matches!(body, Request::Produce { .. } | Request::OffsetCommit { .. } | Request::TxnOffsetCommit { .. })
            }
            _ => false,
        })
    }
}

/// A step that waited in vain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GaveUp {
    pub waited_for: String,
    pub because: Because,
}

/// One check, judged.
#[derive(Debug)]
pub struct Checked<'a> {
    pub spec: &'a CheckSpec,
    pub status: Status,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Status {
    Passed(String),
    Failed(Vec<Finding>),
    NoEvidence(String),
    /// The broker that ran cannot show it; counts neither way.
    NotChecked(String),
}

impl Played<'_> {
    /// Did every check that could be judged pass, and the scenario come to its end?
    pub fn passed(&self) -> bool {
        self.gave_up.is_none()
            && self.checks.iter().all(|check| matches!(check.status, Status::Passed(_) | Status::NotChecked(_)))
    }
}

/// What each check says of the evidence, and of nothing else.
pub fn statuses(scenario: &Scenario, evidence: &Evidence) -> Vec<Status> {
    let embedded = evidence.header.broker_kind == broker::Kind::Embedded.to_string();
    let status = |spec: &CheckSpec| {
        if embedded && spec.needs == crate::course::Needs::RealKafka {
            return Status::NotChecked("needs a real Kafka (--broker docker)".into());
        }
        if !embedded && scenario.cluster.is_some() {
            return Status::NotChecked("needs several nodes that can be changed (--broker embedded)".into());
        }
        match spec.kind.judge(evidence) {
            Outcome::Passed(seen) => Status::Passed(seen),
            Outcome::Failed(findings) => Status::Failed(findings),
            Outcome::NoEvidence(why) => Status::NoEvidence(why),
        }
    };
    scenario.checks.iter().map(status).collect()
}

/// Judges one scenario from its evidence alone.
pub fn judge(scenario: &Scenario, evidence: Evidence, path: PathBuf) -> Played<'_> {
    Played::new(scenario, statuses(scenario, &evidence), evidence, path)
}

/// The verdict over all scenarios, and the mistake that it looks like.
pub fn sum_up<'a>(exercise: &'a Exercise, played: &[Played<'_>]) -> (Verdict, Option<&'a Mistake>) {
    if played.iter().all(Played::passed) && !played.is_empty() {
        return (Verdict::Passed, None);
    }
    if played.iter().any(Played::not_started) {
        return (Verdict::NotStarted, None);
    }
    let found: Vec<(String, Harm)> = played.iter().flat_map(found).collect();
    let fitting = exercise.mistakes.iter().filter_map(|mistake| Some((mistake, mistake.fits(&found)?)));
    // The first of those that explain the most harm.
    let worst = fitting.min_by_key(|(_, harm)| *harm).map(|(mistake, _)| mistake);
    let diagnosis = worst.filter(|_| !never_began(played));
    // Who is at rest would do nothing more, whatever the time: what was found says why.
    let in_time = |because: Because| match because {
        Because::HadEnded => true,
        Because::AtRest | Because::Limit(_) => !found.is_empty(),
        _ => false,
    };
    let verdict = if diagnosis.is_some() {
        Verdict::Failed
    } else if played.iter().any(crashed) {
        Verdict::Crashed
    } else if played.iter().any(|played| played.gave_up.as_ref().is_some_and(|gave_up| !in_time(gave_up.because))) {
        Verdict::TimedOut
    } else {
        Verdict::Failed
    };
    (verdict, diagnosis)
}

/// Did it end at once in each scenario, and with an error? Then the findings say nothing about what it would have done.
pub fn never_began(played: &[Played<'_>]) -> bool {
    let failed = |played: &Played<'_>| played.ended_at_once().is_some_and(|how| *how != Ended::Code(0));
    !played.is_empty() && played.iter().all(failed)
}

/// What `todo!()` and `unimplemented!()` say (core::panicking).
fn is_todo(message: &str) -> bool {
    message.starts_with("not yet implemented") || message.starts_with("not implemented")
}

/// A panic, or a signal that nobody sent on purpose.
fn crashed(played: &Played<'_>) -> bool {
    let asked = played.evidence.events.iter().any(|event| matches!(event.what, What::Killed | What::Stopping));
    let ours = |signal| signal == 9 && (asked || played.gave_up.is_some()) || signal == 15 && asked;
    let mut events = played.evidence.events.iter();
    let signal = events.any(|event| matches!(event.what, What::Exited { how: Ended::Signal(n), .. } if !ours(n)));
    played.panic.is_some() || signal
}

/// All findings as `CHECK/CODE`, with their harm.
fn found<'p>(played: &'p Played<'_>) -> impl Iterator<Item = (String, Harm)> + 'p {
    played.checks.iter().flat_map(|check| {
        let findings = match &check.status {
            Status::Failed(findings) => findings.as_slice(),
            _ => &[],
        };
        findings.iter().map(|finding| (format!("{}/{}", check.spec.id, finding.code), finding.harm))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{FORMAT, Header};

    #[test]
    fn a_scenario_with_a_cluster_is_judged_where_there_is_one() {
        let scenario = r#"
            id = "steady"
            title = "a leader moves"
            cluster = { nodes = 2 }
            steps = [{ change = { leader-moves = { topic = "orders", to = 2 } } }]
            [[check]]
            id = "all"
            title = "acks=all"
            kind = { acks = { topic = "orders" } }
            why = "because"
            read = "producers/03-acks"
        "#;
        let scenario: Scenario = toml::from_str(scenario).expect("a scenario");
        let on = |kind: broker::Kind| {
            let header = Header {
                format: FORMAT,
                recorded_by: String::new(),
                exercise: String::new(),
                scenario: String::new(),
                program: String::new(),
                seed: 1,
                broker_kind: kind.to_string(),
                broker_version: String::new(),
                began: String::new(),
            };
            let evidence = Evidence { header, events: Vec::new() };
            judge(&scenario, evidence, PathBuf::new())
        };
        let embedded = on(broker::Kind::Embedded);
        assert!(matches!(embedded.checks[0].status, Status::NoEvidence(_)) && !embedded.passed());
        for kind in [broker::Kind::Docker, broker::Kind::Address] {
            let elsewhere = on(kind);
            assert!(matches!(elsewhere.checks[0].status, Status::NotChecked(_)) && elsewhere.passed());
        }
    }
}
