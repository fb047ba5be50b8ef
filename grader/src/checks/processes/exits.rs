//! The exit status says whether all went well.

use crate::checks::{Check, Finding, Outcome, codes};
use crate::evidence::{Ended, Evidence, Exit};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exits {
    role: String,
    /// The status of its last process: `"zero"` or `"not-zero"`.
    with: Status,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Status {
    Zero,
    NotZero,
}

codes! {
    ClaimsSuccess = "claims-success" Wrong,
    ClaimsFailure = "claims-failure" Wrong,
    Crashed = "crashed" Stuck,
}

impl Check for Exits {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let exits = evidence.exits(&self.role);
        let Some(Exit { event, how, gave_up, .. }) = exits.last() else {
            return Outcome::NoEvidence(format!("{} did not end", self.role));
        };
        let finding = |code, required, seen| Finding::new(code, required, seen, vec![*event]).outcome();
        match (self.with, how) {
            (_, Ended::Signal(9)) if *gave_up => Outcome::NoEvidence(format!("{} did not end by itself", self.role)),
            (_, Ended::Signal(signal)) => {
                finding(Code::Crashed, "an exit of its own, with a status", format!("signal {signal}"))
            }
            (Status::Zero, Ended::Code(0)) => Outcome::Passed("it ended with status 0".into()),
            (Status::Zero, Ended::Code(code)) => {
                finding(Code::ClaimsFailure, "exit status 0: nothing went wrong", format!("exit status {code}"))
            }
            (Status::NotZero, Ended::Code(0)) => {
                let required = "an exit status other than 0: not everything went well";
                finding(Code::ClaimsSuccess, required, "exit status 0".into())
            }
            (Status::NotZero, Ended::Code(code)) => Outcome::Passed(format!("it ended with status {code}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::Recording;
    use serde_json::json;

    #[test]
    fn the_status_says_whether_all_went_well() {
        let judged = |with: &str, how: Ended| {
            Recording::default().started().exited(how).judged(json!({"exits": {"role": "a", "with": with}}))
        };
        assert_eq!(judged("zero", Ended::Code(0)), "passed");
        assert_eq!(judged("zero", Ended::Code(1)), "claims-failure");
        assert_eq!(judged("not-zero", Ended::Code(0)), "claims-success");
        assert_eq!(judged("not-zero", Ended::Code(1)), "passed");
        assert_eq!(judged("not-zero", Ended::Signal(11)), "crashed");
        let check = || json!({"exits": {"role": "a", "with": "zero"}});
        assert_eq!(Recording::default().started().judged(check()), "no evidence");
        let ended_by_us = Recording::default().started().gave_up().exited(Ended::Signal(9));
        assert_eq!(ended_by_us.judged(check()), "no evidence");
    }
}
