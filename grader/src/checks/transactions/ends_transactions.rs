//! A program that is asked to stop leaves no transaction open.

use crate::checks::{Check, Finding, Outcome, codes};
use crate::evidence::{Evidence, Fate};
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
        let ours = || transactions.iter().filter(|one| one.role == Some(self.role.as_str()));
        let mut asked_within = 0;
        for exit in evidence.exits(&self.role) {
            let Some(asked) = exit.asked.filter(|asked| !asked.kill) else { continue };
            let begun = |at: usize| move |one: &&crate::evidence::Transaction<'_>| one.began < at;
            let open = ours()
                .filter(begun(exit.event))
                .find(|one| one.fate == Fate::LeftOpen && !over(evidence, one, asked.event));
            if let Some(open) = open {
                let required = "a transaction that is open at SIGTERM is committed or aborted before the end";
                let seen = "it ended, and left its transaction open: readers wait until it times out";
                return Finding::new(Code::LeftOpen, required, seen, vec![open.began, asked.event, exit.event])
                    .outcome();
            }
            let within = |one: &&crate::evidence::Transaction<'_>| one.end.is_some_and(|end| end > asked.event);
            asked_within += ours().filter(begun(asked.event)).filter(within).count().min(1);
        }
        match asked_within {
            0 => Outcome::NoEvidence("it was not asked to stop while a transaction of its was open".into()),
            _ => Outcome::Passed("a transaction was open at SIGTERM, and it was ended in good order".into()),
        }
    }
}

/// Had the process of this transaction ended before `asked`?
fn over(evidence: &Evidence, transaction: &crate::evidence::Transaction<'_>, asked: usize) -> bool {
    let Some(role) = transaction.role else { return false };
    evidence.exits(role).iter().any(|exit| exit.event > transaction.began && exit.event < asked)
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
