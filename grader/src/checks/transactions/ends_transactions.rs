//! A program that is asked to stop leaves no transaction open.

use crate::checks::{Check, Finding, Outcome, codes};
use crate::evidence::{Evidence, Transaction};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndsTransactions {
    role: String,
}

codes! {
    LeftOpen = "left-open" Stuck,
}

impl Check for EndsTransactions {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let transactions = evidence.transactions();
        let ours: Vec<_> = transactions.iter().filter(|one| one.role == Some(self.role.as_str())).collect();
        let mut asked_within = 0;
        for exit in evidence.exits(&self.role) {
            let Some(asked) = exit.asked.filter(|asked| !asked.kill) else { continue };
            let open_at_end = |one: &&&Transaction<'_>| one.end.is_none() && evidence.is_open_at(one, exit.event);
            if let Some(open) = ours.iter().find(open_at_end) {
                let required = "a transaction that is open at SIGTERM is committed or aborted before the end";
                let seen = "it ended, and left its transaction open: readers wait until it times out";
                return Finding::new(Code::LeftOpen, required, seen, vec![open.began, asked.event, exit.event])
                    .outcome();
            }
            asked_within += usize::from(ours.iter().any(|one| evidence.is_open_at(one, asked.event)));
        }
        match asked_within {
            0 => Outcome::NoEvidence("it was not asked to stop while a transaction of its was open".into()),
            _ => Outcome::Passed("a transaction was open at SIGTERM, and it was ended in good order".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::{Recording, batch, record};
    use crate::evidence::Ended;
    use serde_json::json;

    #[test]
    fn none_is_left_open_at_the_end() {
        let check = || json!({"ends-transactions": {"role": "a"}});
        let one = || vec![batch(0, vec![record("k", &json!({"id": 1}))])];
        let open = || Recording::default().started().send_in_transaction(one()).acknowledge(0);
        let exited = |all: Recording| all.exited(Ended::Code(0)).judged(check());
        assert_eq!(exited(open().stopping().end_transaction(true, 0)), "passed");
        assert_eq!(exited(open().stopping().end_transaction(false, 0)), "passed");
        assert_eq!(exited(open().stopping()), "left-open");
        assert_eq!(exited(open().end_transaction(true, 0).stopping()), "no evidence");
        assert_eq!(exited(open().killed()), "no evidence");
        let again = open().killed().exited(Ended::Signal(9)).started().stopping();
        assert_eq!(exited(again), "no evidence", "it was the process before that left it open");
    }
}
