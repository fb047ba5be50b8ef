//! The pauses between attempts grow.
//!
//! A pause lies between the answer that said no and the next call. A busy machine makes single pauses longer and none
//! shorter, so the shortest first pause of all records is compared with the shortest second pause, and so on.

use crate::checks::{Check, Finding, Outcome, codes, count, field};
use crate::evidence::Evidence;
use serde::Deserialize;
use std::collections::BTreeMap;

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
    None = "none",
    Constant = "constant",
}

impl Check for Backoff {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let mut last: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        // Of each attempt after the first: the shortest pause before it, and between which events it lies.
        let mut pauses: Vec<(u64, [usize; 2])> = Vec::new();
        let at = |event: usize| evidence.events.get(event).map_or(0, |event| event.at);
        for call in evidence.calls(&self.op) {
            let Some(id) = field(call.args, &self.id) else { continue };
            if let Some((attempts, refused)) = last.get(&id).copied() {
                let pause = (at(call.event).saturating_sub(at(refused)), [refused, call.event]);
                match pauses.get_mut(attempts - 1) {
                    Some(shortest) if pause.0 < shortest.0 => *shortest = pause,
                    Some(_) => {}
                    None => pauses.push(pause),
                }
            }
            match call.answer {
                Some((answer, false)) => {
                    let attempts = last.get(&id).map_or(1, |(attempts, _)| attempts + 1);
                    last.insert(id, (attempts, answer));
                }
                _ => drop(last.remove(&id)),
            }
        }
        if pauses.len() < 2 {
            return Outcome::NoEvidence(format!("no call “{}” was tried three times", self.op));
        }
        let told: Vec<String> = pauses.iter().map(|(pause, _)| format!("{} ms", pause / 1000)).collect();
        let required = format!(
            "a pause of at least {} ms before each new attempt, and each {} times the one before",
            self.least_ms, self.factor
        );
        let seen = format!("at the shortest {}", told.join(", then "));
        if let Some((_, events)) = pauses.iter().find(|(pause, _)| *pause < self.least_ms * 1000) {
            return Finding::new(Code::None, required, seen, events.to_vec()).outcome();
        }
        if let Some(pair) = pauses.windows(2).find(|pair| (pair[1].0 as f64) < pair[0].0 as f64 * self.factor) {
            let events = pair.iter().flat_map(|(_, events)| events).copied().collect();
            return Finding::new(Code::Constant, required, seen, events).outcome();
        }
        Outcome::Passed(format!("{} before new attempts, {seen}", count(pauses.len(), "pause")))
    }
}
