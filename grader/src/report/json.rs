//! A story as one JSON object, the same for everybody who reads it: `modules/reference/json.md` is the schema.

use super::fault::Fault;
use super::last_words::LastWords;
use super::problem::Problem;
use super::story::{Ending, Judged, Panic, Scene, Story, Told};
use crate::evidence::Ended;
use crate::foreign::{self, Foreign};
use serde_json::{Value, json};

/// The object on one line, harmless on a terminal.
pub fn line(story: &Story) -> String {
    foreign::json(&object(story)).unwrap_or_default() // a JSON value is always JSON
}

/// The object.
pub fn object(story: &Story) -> Value {
    let checks = story.scenes.iter().flat_map(|scene| scene.checks.iter().map(|check| self::check(scene, check)));
    let seconds = story.facts.seconds;
    json!({
        "exercise": story.exercise,
        "verdict": match story.ending {
            Ending::PartPassed => json!("passed_in_part"),
            _ => json!(story.verdict),
        },
        "broker": story.facts.broker,
        "seed": story.facts.seed,
        "seconds": {
            "build": round(seconds.build),
            "broker": round(seconds.broker),
            "run": round(seconds.run),
        },
        "proved": proved(story),
        "of": story.of,
        "interrupted": story.facts.interrupted,
        "scenarios": story.scenes.iter().map(scenario).collect::<Vec<Value>>(),
        "checks": checks.collect::<Vec<Value>>(),
        "diagnosis": story.diagnosis.as_ref().map(|mistake| &mistake.name),
        "diagnosis_certain": story.diagnosis.as_ref().map(|mistake| mistake.certain),
        "faults": faults(story),
        "last_words": story.last_words.as_ref().map(last_words),
        "evidence": story.scenes.iter().map(|scene| scene.evidence.display().to_string()).collect::<Vec<String>>(),
        "not_served": story.not_served,
        "error": story.facts.error,
        "next": story.facts.next.as_ref().map(|next| &next.command),
    })
}

/// What a pass of the whole exercise proves.
fn proved(story: &Story) -> Option<&str> {
    matches!(story.ending, Ending::Passed).then_some(story.proves.as_str())
}

fn scenario(scene: &Scene) -> Value {
    let panic =
        |Panic { place, message, .. }: &Panic| json!({ "file": place.file, "line": place.line, "message": message });
    json!({
        "id": scene.id,
        "title": scene.title,
        "passed": scene.passed(),
        "picture": scene.picture.as_ref().map(|picture| picture.data()),
        "gave_up": scene.gave_up.as_ref().map(|wait| json!({ "awaited": wait.awaited, "because": wait.because })),
        "panic": scene.panic.as_ref().map(panic),
    })
}

fn check(scene: &Scene, check: &Judged) -> Value {
    let (status, seen, problems) = match &check.status {
        Told::Proved(seen) => ("passed", Some(seen), &[][..]),
        Told::Failed(problems) => ("failed", problems.first().map(|first| &first.seen), problems.as_slice()),
        Told::NoEvidence(why) => ("no_evidence", Some(why), &[][..]),
        Told::NotChecked(why) => ("not_checked", Some(why), &[][..]),
    };
    let first = problems.first();
    json!({
        "id": check.id,
        "scenario": scene.id,
        "status": status,
        "summary": check.title,
        "required": first.map_or(check.title.as_str(), |problem| problem.required.raw()),
        "seen": seen.map_or("", Foreign::raw),
        "code": first.map(|problem| &problem.code),
        "events": first.map_or(&[][..], |problem| &problem.events),
        "findings": problems.iter().map(finding).collect::<Vec<Value>>(),
        "why": check.why,
        "read": check.read,
    })
}

/// What is wrong, each thing once: first what the diagnosis explains, then the rest.
fn faults(story: &Story) -> Vec<Value> {
    let diagnosed = story.faults.diagnosed.iter().map(|fault| (fault, true));
    let others = story.faults.others.iter().map(|fault| (fault, false));
    let fault = |(fault, diagnosed): (&Fault, bool)| {
        json!({
            "code": fault.problem.code,
            "harm": fault.harm,
            "diagnosed": diagnosed,
            "scenario": fault.scenario,
            "summary": fault.title,
            "seen": fault.problem.seen,
            "events": fault.problem.events,
            "also": fault.also,
            "trace": fault.trace,
        })
    };
    diagnosed.chain(others).map(fault).collect()
}

fn last_words(LastWords { role, how, asked, said, refused }: &LastWords) -> Value {
    let (status, signal) = match how {
        Ended::Code(code) => (Some(code), None),
        Ended::Signal(signal) => (None, Some(signal)),
    };
    let refused = refused.as_ref().map(|line| line.event);
    json!({ "role": role, "status": status, "signal": signal, "asked": asked, "said": said, "refused": refused })
}

fn finding(problem: &Problem) -> Value {
    let Problem { code, required, seen, events, .. } = problem;
    json!({ "code": code, "required": required, "seen": seen, "events": events })
}

fn round(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}
