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
    Died = "died" Stuck,
    IgnoredStop = "ignored-stop" Stuck,
    Unclean = "unclean" Wrong,
}

impl Check for Survives {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let required = "it goes on until it is asked to stop, and then ends with status 0";
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::Recording;
    use serde_json::json;

    #[test]
    fn it_goes_on_until_it_is_asked_to_stop() {
        let check = || json!({"survives": {"role": "a"}});
        let started = || Recording::default().started();
        let stopped = |how| started().stopping().exited(how).judged(check());
        assert_eq!(stopped(Ended::Code(0)), "passed");
        assert_eq!(stopped(Ended::Code(1)), "unclean");
        assert_eq!(stopped(Ended::Signal(9)), "ignored-stop");
        assert_eq!(started().exited(Ended::Code(0)).judged(check()), "died");
        assert_eq!(started().exited(Ended::Signal(9)).judged(check()), "died");
        assert_eq!(started().killed().exited(Ended::Signal(9)).judged(check()), "passed");
        assert_eq!(started().gave_up().exited(Ended::Signal(9)).judged(check()), "no evidence");
        assert_eq!(started().judged(check()), "no evidence");
    }
}
