//! The program does not wait for each answer before it sends the next record.

use crate::checks::{Check, Finding, Outcome, codes, count, only};
use crate::evidence::{Evidence, Produce};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pipelined {
    topic: String,
}

/// Fewer records prove nothing: a few of them may well go out alone.
const ENOUGH: usize = 20;
/// Who waits for answers after so many records or fewer waits nearly all the time.
const FEW: usize = 4;

codes! {
    OneAtATime = "one-at-a-time" Slow,
    FewAtATime = "few-at-a-time" Slow,
}

/// Requests that went out while something was on its way.
struct Burst {
    /// Position of the first request.
    event: usize,
    records: usize,
    /// Position of the last answer; none where one of the requests never got any.
    answered: Option<usize>,
}

impl Check for Pipelined {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let (mut records, mut alone, mut bursts) = (0, Vec::new(), Vec::<Burst>::new());
        let produces = evidence.produces(&self.topic);
        let mut before = None;
        for Produce { event, batches, answer, .. } in &produces {
            let carried: usize = batches.iter().map(|batch| batch.records.len()).sum();
            let answered = answer.map(|answer| answer.event);
            records += carried;
            if carried == 1 && before.is_none_or(|before: Option<usize>| before.is_some_and(|before| before < *event)) {
                alone.push(*event);
            }
            before = Some(answered);
            match bursts.last_mut().filter(|burst| burst.answered.is_none_or(|answered| *event < answered)) {
                Some(burst) => {
                    burst.records += carried;
                    burst.answered = burst.answered.zip(answered).map(|(all, this)| all.max(this));
                }
                None => bursts.push(Burst { event: *event, records: carried, answered }),
            }
        }
        if records < ENOUGH {
            return Outcome::NoEvidence(format!("{} sent", only(records, "record")));
        }
        // Nine in ten: the first and the last record may rightly travel alone.
        if alone.len() * 10 >= records * 9 {
            let seen = format!(
                "{} in {}, each sent after the answer to the one before",
                count(records, "record"),
                count(produces.len(), "request")
            );
            let required = "records that travel together, or at least without waiting for each other";
            return Finding::new(Code::OneAtATime, required, seen, alone.into_iter().take(3).collect()).outcome();
        }
        let most = bursts.iter().map(|burst| burst.records).max().unwrap_or(0);
        if most <= FEW {
            let seen = format!("never more than {} sent before everything was answered", count(most, "record"));
            let required = "all records sent without waiting for answers in between";
            let events = bursts.iter().map(|burst| burst.event).take(3).collect();
            return Finding::new(Code::FewAtATime, required, seen, events).outcome();
        }
        Outcome::Passed(format!("{} in {}", count(records, "record"), count(produces.len(), "Produce request")))
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::{Recording, batch, record};
    use crate::wire::Batch;
    use serde_json::json;

    fn request(records: usize) -> Vec<Batch> {
        vec![batch(0, vec![record("k", &json!(1)); records])]
    }

    #[test]
    fn records_do_not_wait_for_answers() {
        let check = || json!({"pipelined": {"topic": "t"}});
        let repeat = |times: usize, add: &dyn Fn(Recording) -> Recording| {
            (0..times).fold(Recording::default(), |recording, _| add(recording))
        };
        assert_eq!(repeat(30, &|all| all.send(-1, request(1))).judged(check()), "passed");
        assert_eq!(repeat(6, &|all| all.produce(request(5))).judged(check()), "passed");
        assert_eq!(repeat(30, &|all| all.produce(request(1))).judged(check()), "one-at-a-time");
        let pairs = repeat(15, &|all| all.send(-1, request(1)).send(-1, request(1)).acknowledge(0));
        assert_eq!(pairs.judged(check()), "passed", "the first of each pair is never answered");
        assert_eq!(repeat(15, &|all| all.produce(request(2))).judged(check()), "few-at-a-time");
        assert_eq!(repeat(3, &|all| all.produce(request(2))).judged(check()), "no evidence");
    }
}
