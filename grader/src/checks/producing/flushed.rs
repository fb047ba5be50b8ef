//! The program does not end before the broker has answered for every record.

use super::fate::{Fate, fates_of_batches, fates_without, unrecognised};
use crate::checks::{Check, Finding, Outcome, codes, count};
use crate::evidence::{Ended, Evidence, Exit};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flushed {
    role: String,
    topic: String,
    /// Of what the program was given. Without it, what it sent is all that there was to send.
    id: Option<String>,
}

codes! {
    // It ended while something was on its way, or before anything was.
    LeftBehind = "left-behind" Lost,
    // The same, and its exit status says that something has failed: it knows that it gave up, or it crashed.
    GivenUp = "given-up" Lost,
    // It waited for all that it had sent. The rest never left it.
    NotSent = "not-sent" Lost,
}

impl Check for Flushed {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let exits = evidence.exits(&self.role);
        let Some(&Exit { event: exit, how, .. }) = exits.first().filter(|exit| !exit.gave_up) else {
            return Outcome::NoEvidence(format!("{} did not end by itself", self.role));
        };
        let lost = evidence.lost();
        let fates = match &self.id {
            Some(id) => fates_without(&lost, evidence, &self.topic, id, exit),
            None => fates_of_batches(&lost, evidence, &self.topic, exit),
        };
        if fates.is_empty() {
            return Outcome::NoEvidence(format!("nothing was sent to “{}”", self.topic));
        }
        let many = |is: fn(&Fate) -> bool| fates.values().filter(|fate| is(fate)).count();
        let open = many(|fate| matches!(fate, Fate::Unanswered(_)));
        let unsent = many(|fate| *fate == Fate::NeverSent);
        if let Some(id) = &self.id
            && open == 0
            && unsent > 0
            && unsent <= unrecognised(evidence, &self.topic, id, exit)
        {
            let why =
                format!("“{}” holds records without a known {id}, which may be those that are missing", self.topic);
            return Outcome::NoEvidence(why);
        }
        let required = "an answer for every record before the program ends";
        if open > 0 || unsent == fates.len() && unsent > 0 {
            let left = match (open, unsent) {
                (0, unsent) => format!("none of the {} had been sent", count(unsent, "record")),
                (open, 0) => format!("{} had no answer yet", count(open, "record")),
                (open, unsent) => {
                    format!("{} had no answer yet, and {unsent} had not been sent", count(open, "record"))
                }
            };
            let (code, seen) = match how {
                Ended::Code(status @ 1..) => (Code::GivenUp, format!("it ended with status {status} while {left}")),
                _ => (Code::LeftBehind, format!("it ended while {left}")),
            };
            return Finding::new(code, required, seen, vec![exit]).outcome();
        }
        if unsent > 0 {
            let were = if unsent == 1 { "was" } else { "were" };
            let seen = format!("whatever it sent was answered, and {} {were} never sent", count(unsent, "record"));
            return Finding::new(Code::NotSent, required, seen, vec![exit]).outcome();
        }
        Outcome::Passed(format!("all {} were answered before it ended", count(fates.len(), "record")))
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::{Recording, batch, record};
    use crate::evidence::Ended;
    use serde_json::json;

    #[test]
    fn every_answer_comes_before_the_end() {
        let check = || json!({"flushed": {"role": "a", "topic": "t", "id": "id"}});
        let sent = || {
            let given = Recording::default().given(json!({"id": 1}));
            given.send(-1, vec![batch(0, vec![record("k", &json!({"id": 1}))])])
        };
        assert_eq!(sent().acknowledge(0).exited(Ended::Code(0)).judged(check()), "passed");
        assert_eq!(sent().exited(Ended::Code(0)).acknowledge(0).judged(check()), "left-behind");
        assert_eq!(sent().acknowledge(0).judged(check()), "no evidence");
        let nothing = Recording::default().given(json!({"id": 1}));
        assert_eq!(nothing.exited(Ended::Code(0)).judged(check()), "left-behind");
        assert_eq!(sent().exited(Ended::Code(1)).judged(check()), "given-up");
        let ended_by_us = sent().gave_up().exited(Ended::Signal(9));
        assert_eq!(ended_by_us.judged(check()), "no evidence");
        // The second record was never handed in, or turned away: that is not for want of waiting.
        let one_of_two = || sent().given(json!({"id": 2}));
        assert_eq!(one_of_two().acknowledge(0).exited(Ended::Code(0)).judged(check()), "not-sent");
        assert_eq!(one_of_two().exited(Ended::Code(0)).judged(check()), "left-behind");
    }

    #[test]
    fn what_the_program_made_itself_is_answered_for_as_well() {
        let check = || json!({"flushed": {"role": "a", "topic": "t"}});
        let one = || vec![batch(0, vec![record("k", &json!({"id": 1}))])];
        let sent = || Recording::default().send(-1, one());
        assert_eq!(sent().acknowledge(0).exited(Ended::Code(0)).judged(check()), "passed");
        assert_eq!(sent().exited(Ended::Code(0)).judged(check()), "left-behind");
        assert_eq!(sent().send(-1, one()).acknowledge(0).exited(Ended::Code(0)).judged(check()), "passed", "again");
        assert_eq!(Recording::default().exited(Ended::Code(0)).judged(check()), "no evidence");
        let unheard = || sent().acknowledge(0).lost();
        assert_eq!(unheard().exited(Ended::Code(0)).judged(check()), "left-behind", "it never heard that");
        assert_eq!(unheard().send(-1, one()).acknowledge(0).exited(Ended::Code(0)).judged(check()), "passed", "again");
    }
}
