//! The role was killed as often as it was to be, each time started again, and was done with its work in the end.

use crate::checks::{Check, Finding, Outcome, codes, count};
use crate::evidence::{Ended, Event, Evidence, Exit, What};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crashed {
    role: String,
    /// How often it is killed, at least; less is no evidence.
    times: usize,
}

codes! {
    ByItself = "by-itself" Stuck,
}

impl Check for Crashed {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let ours = |event: &&Event| event.role.as_ref() == Some(&self.role);
        let killed = evidence.events.iter().filter(ours).filter(|event| matches!(event.what, What::Killed)).count();
        // A process that ends with a panic or a status of its own did not survive what the crash before it left.
        let exits = evidence.exits(&self.role);
        let by_itself = exits.iter().skip(1).find(|exit| exit.asked.is_none() && *exit.how != Ended::Signal(9));
        if let Some(Exit { event, run, how, .. }) = by_itself.filter(|exit| !exit.gave_up) {
            let how = match how {
                Ended::Code(code) => format!("with status {code}"),
                Ended::Signal(signal) => format!("by signal {signal}"),
            };
            let required = "a program that goes on after each restart".to_owned();
            return Finding::new(Code::ByItself, required, format!("its run {run} ended {how}"), vec![*event])
                .outcome();
        }
        if killed < self.times {
            return Outcome::NoEvidence(format!("it was killed only {} of {}", killed, count(self.times, "time")));
        }
        Outcome::Passed(format!("killed {} and started again", count(killed, "time")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::Recording;
    use serde_json::json;

    #[test]
    fn it_was_killed_so_often_and_by_nobody_else() {
        let check = || json!({"crashed": {"role": "a", "times": 2}});
        let crash = |all: Recording| all.started().killed().exited(Ended::Signal(9));
        let once = || crash(Recording::default());
        assert_eq!(crash(once()).started().judged(check()), "passed");
        assert_eq!(crash(once().started().exited(Ended::Code(1))).judged(check()), "by-itself");
        assert_eq!(once().gave_up().started().exited(Ended::Code(1)).judged(check()), "no evidence");
        assert_eq!(once().judged(check()), "no evidence");
    }
}
