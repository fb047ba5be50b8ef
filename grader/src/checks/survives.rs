//! The program lives on until it is asked to stop, and then ends well.

use super::{Check, Finding, Outcome};
use crate::evidence::{Ended, Evidence, What};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Survives {
    role: String,
}

impl Check for Survives {
    const CODES: &'static [&'static str] = &["died", "ignored-stop", "unclean"];

    fn judge(&self, evidence: &Evidence) -> Outcome {
        let asked = evidence.endings_asked_for(&self.role);
        let of_role = |(_, event): &(usize, &crate::evidence::Event)| event.role.as_deref() == Some(&self.role);
        let mut began = 0;
        for (at, event) in evidence.iter().filter(of_role) {
            match &event.what {
                What::Started { .. } => began = at,
                What::Exited { how, .. } => {
                    let required = "to go on until it is asked to stop, and to end with status 0 then";
                    let finding = |code, seen: &str| Finding::new(code, required, seen, vec![at]).outcome();
                    let asked = asked.iter().find(|asked| (began..at).contains(asked));
                    let killed = asked.is_some_and(|asked| {
                        evidence.events.get(*asked).is_some_and(|event| event.what == What::Killed)
                    });
                    match (asked, how) {
                        (None, Ended::Code(code)) => {
                            return finding("died", &format!("it ended by itself, with status {code}"));
                        }
                        // The grader waited in vain, and ended it then: that it died is not shown.
                        (None, Ended::Signal(9)) if evidence.gave_up_before(at) => {}
                        (None, Ended::Signal(signal)) => {
                            return finding("died", &format!("it was ended by signal {signal}"));
                        }
                        (Some(_), Ended::Code(0)) => {}
                        (Some(_), Ended::Signal(_)) if killed => {}
                        (Some(_), Ended::Signal(9)) => return finding("ignored-stop", "it did not end after SIGTERM"),
                        (Some(_), _) => return finding("unclean", "it was asked to stop, and ended with an error"),
                    }
                }
                _ => {}
            }
        }
        if asked.is_empty() {
            return Outcome::NoEvidence(format!("{} was never asked to stop", self.role));
        }
        Outcome::Passed("it went on until it was asked to stop".into())
    }
}
