//! The role was killed as often as it was to be, each time started again, and was done with its work in the end.

use super::{Check, Finding, Outcome, count};
use crate::evidence::{Ended, Event, Evidence, What};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crashed {
    role: String,
    /// How often it is killed, at least; less is no evidence.
    times: usize,
}

impl Check for Crashed {
    const CODES: &'static [&'static str] = &["by-itself"];

    fn judge(&self, evidence: &Evidence) -> Outcome {
        let ours = |event: &&Event| event.role.as_ref() == Some(&self.role);
        let killed = evidence.events.iter().filter(ours).filter(|event| matches!(event.what, What::Killed)).count();
        // A process that ends with a panic or a status of its own did not survive what the crash before it left.
        let asked = evidence.endings_asked_for(&self.role);
        let ends = evidence.exits(&self.role);
        let by_itself = ends.iter().enumerate().skip(1).find(|(nth, (at, _, how))| {
            let began = ends[nth - 1].0;
            !matches!(how, Ended::Signal(9)) && !asked.iter().any(|asked| (began..*at).contains(asked))
        });
        if let Some((_, (at, run, how))) = by_itself.filter(|(_, (at, ..))| !evidence.gave_up_before(*at)) {
            let how = match how {
                Ended::Code(code) => format!("with status {code}"),
                Ended::Signal(signal) => format!("by signal {signal}"),
            };
            let required = "a program that goes on after each restart".to_owned();
            return Finding::new("by-itself", required, format!("its run {run} ended {how}"), vec![*at]).outcome();
        }
        if killed < self.times {
            return Outcome::NoEvidence(format!("it was killed only {} of {}", killed, count(self.times, "time")));
        }
        Outcome::Passed(format!("killed {} and started again", count(killed, "time")))
    }
}
