//! The pauses between attempts grow.
//!
//! A pause lies between the answer that said no and the next call. A busy machine makes single pauses longer and none
//! shorter, so the shortest first pause of all records is compared with the shortest second pause, and so on.

use crate::checks::{Check, Finding, Outcome, codes, count, field};
use crate::evidence::{Answered, Evidence};
use serde::Deserialize;
use std::collections::HashMap;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Backoff {
    op: String,
    id: String,
    /// Milliseconds that the first pause has at least: what is shorter, a busy machine makes without anybody waiting.
    least_ms: u64,
    /// Each pause is at least so many times as long as the one before.
    factor: f64,
}

codes! {
    None = "none" Slow,
    Constant = "constant" Style,
}

/// What is known of an id whose last attempt was refused.
#[derive(Clone, Copy)]
struct Refused {
    attempts: usize,
    /// Position of the answer.
    answer: usize,
}

/// A pause between an answer and the next call.
struct Pause {
    /// Microseconds.
    us: u64,
    events: [usize; 2],
}

impl Pause {
    fn between(evidence: &Evidence, answer: usize, call: usize) -> Pause {
        let at = |event: usize| evidence.events.get(event).map_or(0, |event| event.at);
        Pause { us: at(call).saturating_sub(at(answer)), events: [answer, call] }
    }
}

impl Check for Backoff {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let mut refused: HashMap<String, Refused> = HashMap::new();
        // Of each attempt after the first: the shortest pause before it.
        let mut pauses: Vec<Pause> = Vec::new();
        for call in evidence.calls(&self.op) {
            let Some(id) = field(call.args, &self.id) else { continue };
            let before = refused.remove(&id);
            if let Some(before) = before {
                let pause = Pause::between(evidence, before.answer, call.event);
                match pauses.get_mut(before.attempts - 1) {
                    Some(shortest) if pause.us < shortest.us => *shortest = pause,
                    Some(_) => {}
                    None => pauses.push(pause),
                }
            }
            if let Some(Answered { event: answer, ok: false }) = call.answer {
                let attempts = before.map_or(0, |before| before.attempts) + 1;
                refused.insert(id, Refused { attempts, answer });
            }
        }
        if pauses.len() < 2 {
            return Outcome::NoEvidence(format!("no call “{}” was tried three times", self.op));
        }
        let shortest: Vec<String> = pauses.iter().map(|pause| format!("{} ms", pause.us / 1000)).collect();
        let required = format!(
            "a pause of at least {} ms before each new attempt, each at least {} times as long as the one before",
            self.least_ms, self.factor
        );
        let shortest = shortest.join(", then ");
        let seen = format!("the shortest pauses were {shortest}");
        if let Some(pause) = pauses.iter().find(|pause| pause.us < self.least_ms * 1000) {
            return Finding::new(Code::None, required, seen, pause.events.to_vec()).outcome();
        }
        if let Some(pair) = pauses.windows(2).find(|pair| (pair[1].us as f64) < pair[0].us as f64 * self.factor) {
            let events = pair.iter().flat_map(|pause| pause.events).collect();
            return Finding::new(Code::Constant, required, seen, events).outcome();
        }
        Outcome::Passed(format!("{} before new attempts, at the shortest {shortest}", count(pauses.len(), "pause")))
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::Recording;
    use serde_json::json;

    #[test]
    fn each_pause_is_longer_than_the_one_before() {
        let judged = |pauses: &[u64]| {
            let refused = |all: Recording| all.refused("ship", json!({"id": 1}));
            let all = pauses.iter().fold(refused(Recording::default()), |all, ms| refused(all.pause(*ms)));
            all.judged(json!({"backoff": {"op": "ship", "id": "id", "least_ms": 50, "factor": 1.5}}))
        };
        assert_eq!(judged(&[100, 200]), "passed");
        assert_eq!(judged(&[100, 120]), "constant");
        assert_eq!(judged(&[10, 200]), "none");
        assert_eq!(judged(&[100]), "no evidence");
    }

    #[test]
    fn the_shortest_pause_of_all_records_counts_and_one_that_worked_begins_anew() {
        let check = || json!({"backoff": {"op": "ship", "id": "id", "least_ms": 50, "factor": 1.5}});
        let refused = |all: Recording, id: u32| all.refused("ship", json!({"id": id}));
        let two = refused(refused(Recording::default(), 1), 2).pause(100);
        let two = refused(refused(two, 1).pause(400), 2).pause(300);
        assert_eq!(refused(refused(two, 1).pause(700), 2).judged(check()), "passed");
        let worked = refused(Recording::default(), 1).pause(100).call("ship", json!({"id": 1}));
        assert_eq!(refused(refused(worked, 1).pause(100), 1).judged(check()), "no evidence");
    }
}
