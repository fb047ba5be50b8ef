//! The program does not wait for each answer before it sends the next record.

use crate::checks::{Check, Finding, Outcome, codes, count, only};
use crate::evidence::Evidence;
use crate::wire::Request;
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
    OneAtATime = "one-at-a-time",
    FewAtATime = "few-at-a-time",
}

impl Check for Pipelined {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let (mut records, mut alone, mut answered) = (0, Vec::new(), 0);
        // Of each time that nothing was on its way any more: how many records went out until the next.
        let (mut bursts, mut all_answered): (Vec<(usize, usize)>, usize) = (Vec::new(), 0);
        let produces = evidence.produces(&self.topic);
        for (event, request) in &produces {
            let Request::Produce { batches, .. } = request else { continue };
            let carried: usize = batches.iter().map(|batch| batch.records.len()).sum();
            records += carried;
            if carried == 1 && *event > answered {
                alone.push(*event);
            }
            answered = evidence.response(*event).map_or(usize::MAX, |(at, ..)| at);
            match bursts.last_mut().filter(|_| *event < all_answered) {
                Some((_, sent)) => *sent += carried,
                None => bursts.push((*event, carried)),
            }
            all_answered = all_answered.max(answered);
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
        let most = bursts.iter().map(|(_, sent)| *sent).max().unwrap_or(0);
        if most <= FEW {
            let seen = format!("never more than {} sent before everything was answered", count(most, "record"));
            let required = "all records sent without waiting for answers in between";
            let events = bursts.iter().map(|(event, _)| *event).take(3).collect();
            return Finding::new(Code::FewAtATime, required, seen, events).outcome();
        }
        Outcome::Passed(format!("{} in {}", count(records, "record"), count(produces.len(), "Produce request")))
    }
}
