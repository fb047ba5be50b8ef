//! One JSON object per exercise, the same for everybody who reads it: `modules/reference/json.md` is the schema.

use super::picture;
use crate::broker::Description;
use crate::course::{Exercise, Mistake};
use crate::grade::{Graded, Seconds};
use crate::verdict::{Played, Status, Verdict};
use serde_json::{Value, json};

/// What a check of one exercise came to.
pub struct Outcome<'a> {
    pub exercise: &'a Exercise,
    pub verdict: Verdict,
    pub broker: Option<&'a Description>,
    pub seed: u64,
    pub seconds: Seconds,
    pub played: &'a [Played<'a>],
    pub diagnosis: Option<&'a Mistake>,
    /// What went wrong before or beside the scenarios: compiler errors, a fault of ours.
    pub error: Option<&'a str>,
}

impl<'a> Outcome<'a> {
    /// Of a program that was graded.
    pub fn graded(graded: &'a Graded<'a>) -> Outcome<'a> {
        Outcome {
            exercise: graded.exercise,
            verdict: graded.verdict,
            broker: Some(&graded.broker),
            seed: graded.seed,
            seconds: graded.seconds,
            played: &graded.played,
            diagnosis: graded.diagnosis,
            error: None,
        }
    }

    /// Of a check that came to no run, and why.
    pub fn without_run(exercise: &'a Exercise, verdict: Verdict, seed: u64, error: &'a str) -> Outcome<'a> {
        let seconds = Seconds::default();
        Outcome { exercise, verdict, broker: None, seed, seconds, played: &[], diagnosis: None, error: Some(error) }
    }
}

/// The object.
pub fn object(outcome: &Outcome<'_>) -> Value {
    let scenarios: Vec<Value> = outcome
        .played
        .iter()
        .map(|played| {
            let (scenario, passed) = (played.scenario, played.passed());
            json!({"id": scenario.id, "title": scenario.title, "passed": passed, "picture": picture::data(played)})
        })
        .collect();
    let checks: Vec<Value> = outcome
        .played
        .iter()
        .flat_map(|played| played.checks.iter().map(move |check| (played, check)))
        .map(|(played, check)| {
            let first = match &check.status {
                Status::Failed(findings) => findings.first(),
                _ => None,
            };
            let (status, seen) = match &check.status {
                Status::Passed(seen) => ("passed", seen.as_str()),
                Status::Failed(_) => ("failed", first.map_or("", |finding| &finding.seen)),
                Status::NoEvidence(why) => ("no_evidence", why.as_str()),
                Status::NotChecked(why) => ("not_checked", why.as_str()),
            };
            let required = first.map_or(check.spec.title.as_str(), |finding| &finding.required);
            json!({
                "id": check.spec.id,
                "scenario": played.scenario.id,
                "status": status,
                "summary": check.spec.title,
                "required": required,
                "seen": seen,
                "code": first.map(|finding| format!("{}/{}", check.spec.id, finding.code)),
                "events": first.map_or(&[][..], |finding| &finding.events),
            })
        })
        .collect();
    let evidence: Vec<String> = outcome.played.iter().map(|played| played.path.display().to_string()).collect();
    json!({
        "exercise": outcome.exercise.id,
        "verdict": outcome.verdict,
        "broker": outcome.broker,
        "seed": outcome.seed,
        "seconds": {
            "build": round(outcome.seconds.build),
            "broker": round(outcome.seconds.broker),
            "run": round(outcome.seconds.run),
        },
        "scenarios": scenarios,
        "checks": checks,
        "diagnosis": outcome.diagnosis.map(|mistake| &mistake.name),
        "evidence": evidence,
        "error": outcome.error,
    })
}

fn round(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}
