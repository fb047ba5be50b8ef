//! A topic moves on while a record that failed waits for its next attempt.

use crate::checks::{Check, Finding, Outcome, codes, count, field};
use crate::evidence::{Call, Evidence, What};
use serde::Deserialize;
use std::collections::{HashMap, HashSet};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MovesOn {
    topic: String,
    op: String,
    id: String,
    /// Milliseconds. Whoever lets so much time pass after each first refusal, with other records to read, was waiting: a
    /// busy machine makes single pauses longer and none shorter. Where it is so busy that the program takes long after
    /// what went well, too, more is needed.
    least_ms: u64,
    /// The mark of a record, in whichever topic, whose time does not come in this run: the others are done without it.
    mark: Option<String>,
}

codes! {
    Slept = "slept" Stuck,
    Blocked = "blocked" Stuck,
}

/// So many times the pause that is usual behind what went well: what failed has to be sent elsewhere, and that answered.
const SEVERAL: u64 = 5;

impl Check for MovesOn {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        match &self.mark {
            Some(mark) => self.beside(evidence, mark),
            None => self.after_refusals(evidence),
        }
    }
}

impl MovesOn {
    /// The topic's records and where each came, by id.
    fn came(&self, evidence: &Evidence) -> HashMap<String, usize> {
        let inputs = evidence.inputs(&self.topic);
        inputs.iter().filter_map(|input| Some((field(input.value.as_ref()?, &self.id)?, input.event))).collect()
    }

    /// Was every record of the topic done before the marked one was tried?
    fn beside(&self, evidence: &Evidence, mark: &str) -> Outcome<Code> {
        let waits = evidence.iter().find_map(|(at, event)| match &event.what {
            What::Input { mark: Some(of), value: Some(value), .. } if of == mark => {
                Some((at, field(&value.json()?, &self.id)?))
            }
            _ => None,
        });
        let Some((waits, marked)) = waits else { return Outcome::NoEvidence("no record had to wait".into()) };
        let calls = evidence.calls(&self.op);
        let about = |call: &&Call<'_>| field(call.args, &self.id).as_ref() == Some(&marked);
        let end = calls.iter().find(about).map(|call| call.event);
        let gave_up = evidence.gave_up();
        let last = end.or(gave_up).unwrap_or(evidence.events.len());
        let done = calls.iter().filter(|call| call.done().is_some_and(|done| done < last));
        let done: HashSet<String> = done.filter_map(|call| field(call.args, &self.id)).collect();
        let mut came = self.came(evidence);
        came.remove(&marked);
        // What comes when it has been tried already has nothing to wait for.
        came.retain(|_, event| *event < last);
        let left = came.keys().filter(|id| !done.contains(*id)).count();
        if left == 0 {
            return match came.len() {
                0 => Outcome::NoEvidence(format!("nothing came to {} while a record waited", self.topic)),
                n => Outcome::Passed(format!("{} processed beside the one that waits", count(n, "record"))),
            };
        }
        let ended = evidence.iter().take(last).any(|(_, event)| matches!(event.what, What::Exited { .. }));
        let Some(stuck) = end.or(gave_up).filter(|_| !ended) else {
            return Outcome::NoEvidence("the program ended before all was done".into());
        };
        let required = format!("{} is read on while a record of another topic waits for its time", self.topic);
        let seen = format!("while one record waited, {} of {} not processed", count(left, "record"), self.topic);
        Finding::new(Code::Blocked, required, seen, vec![waits, stuck]).outcome()
    }

    /// How long is the shortest pause between a first refusal and the next call?
    fn after_refusals(&self, evidence: &Evidence) -> Outcome<Code> {
        let (came, calls) = (self.came(evidence), evidence.calls(&self.op));
        let mut tried: HashSet<String> = HashSet::new();
        let mut pauses: Vec<(u64, [usize; 2])> = Vec::new();
        let mut healthy: Vec<u64> = Vec::new();
        for (place, call) in calls.iter().enumerate() {
            let Some(id) = field(call.args, &self.id) else { continue };
            let first = tried.insert(id);
            let more = came.iter().any(|(id, event)| *event < call.event && !tried.contains(id));
            let next = calls[place + 1..].iter().find(|next| next.role == call.role);
            let (Some(answer), Some(next)) = (call.answer, next.filter(|_| more)) else { continue };
            let pause = evidence.at(next.event).saturating_sub(evidence.at(answer.event));
            match answer.ok {
                true => healthy.push(pause),
                false if first => pauses.push((pause, [answer.event, next.event])),
                false => {}
            }
        }
        // One alone may be chance.
        let Some((shortest, events)) = pauses.iter().min().filter(|_| pauses.len() > 1) else {
            return Outcome::NoEvidence("no record failed while others could be read".into());
        };
        healthy.sort_unstable();
        let usual = healthy.get(healthy.len() / 2).map_or(0, |pause| pause / 1000);
        let ms = shortest / 1000;
        if ms >= self.least_ms.max(usual.saturating_mul(SEVERAL)) {
            let required = format!("what is healthy in {} does not wait for what has failed", self.topic);
            let seen = format!(
                "after each of {} nothing else was processed for {} ms or more",
                count(pauses.len(), "refusal"),
                ms
            );
            return Finding::new(Code::Slept, required, seen, events.to_vec()).outcome();
        }
        Outcome::Passed(format!("{} refused, and the next one tried {ms} ms later", count(pauses.len(), "record")))
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::Recording;
    use serde_json::{Value, json};

    fn value(id: u32) -> Value {
        json!({"id": id})
    }

    #[test]
    fn a_refusal_holds_nothing_up() {
        let check = || json!({"moves-on": {"topic": "t", "op": "ship", "id": "id", "least_ms": 150}});
        let run = |pauses: [u64; 2]| {
            let input = (1..=4).fold(Recording::default(), |all, id| all.input(0, value(id)));
            let first = input.refused("ship", value(1)).pause(pauses[0]).refused("ship", value(2));
            first.pause(pauses[1]).call("ship", value(3)).judged(check())
        };
        assert_eq!(run([5, 5]), "passed");
        assert_eq!(run([200, 5]), "passed", "a busy machine");
        assert_eq!(run([200, 201]), "slept");
        let busy = (1..=6).fold(Recording::default(), |all, id| all.input(0, value(id)));
        let busy = (1..=4).fold(busy, |all, id| match id % 2 {
            0 => all.call("ship", value(id)).pause(90),
            _ => all.refused("ship", value(id)).pause(200),
        });
        assert_eq!(busy.call("ship", value(5)).judged(check()), "passed", "what went well takes long, too");
        assert_eq!(Recording::default().judged(check()), "no evidence");
    }

    #[test]
    fn a_record_that_waits_holds_nothing_up() {
        let check = || json!({"moves-on": {"topic": "t", "op": "ship", "id": "id", "least_ms": 150, "mark": "later"}});
        let input = || Recording::default().started().input(0, value(1)).marked(1, value(2), "later");
        assert_eq!(input().gave_up().judged(check()), "blocked");
        assert_eq!(input().call("ship", value(2)).judged(check()), "blocked");
        assert_eq!(input().call("ship", value(1)).judged(check()), "passed");
        assert_eq!(input().call("ship", value(1)).call("ship", value(2)).judged(check()), "passed");
        assert_eq!(Recording::default().input(0, value(1)).judged(check()), "no evidence");
    }
}
