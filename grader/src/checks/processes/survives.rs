//! The program lives on until it is asked to stop, and then ends well.

use crate::checks::{Check, Finding, Outcome, codes};
use crate::evidence::{Asked, Ended, Evidence, Exit};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Survives {
    role: String,
}

codes! {
    Died = "died",
    IgnoredStop = "ignored-stop",
    Unclean = "unclean",
}

impl Check for Survives {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let required = "to go on until it is asked to stop, and to end with status 0 then";
        for Exit { event, how, asked, gave_up, .. } in evidence.exits(&self.role) {
            let finding = |code, seen: &str| Finding::new(code, required, seen, vec![event]).outcome();
            match (asked, how) {
                (None, Ended::Code(code)) => {
                    return finding(Code::Died, &format!("it ended by itself, with status {code}"));
                }
                // The grader waited in vain, and ended it then: that it died is not shown.
                (None, Ended::Signal(9)) if gave_up => {}
                (None, Ended::Signal(signal)) => {
                    return finding(Code::Died, &format!("it was ended by signal {signal}"));
                }
                (Some(_), Ended::Code(0)) => {}
                (Some(Asked { kill: true, .. }), Ended::Signal(_)) => {}
                (Some(_), Ended::Signal(9)) => return finding(Code::IgnoredStop, "it did not end after SIGTERM"),
                (Some(_), _) => return finding(Code::Unclean, "it was asked to stop, and ended with an error"),
            }
        }
        if evidence.endings_asked_for(&self.role).is_empty() {
            return Outcome::NoEvidence(format!("{} was never asked to stop", self.role));
        }
        Outcome::Passed("it went on until it was asked to stop".into())
    }
}
