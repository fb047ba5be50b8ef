//! The pauses between attempts grow.
//!
//! A pause lies between the answer that said no and the next call. A busy machine makes single pauses longer and none
//! shorter, so the shortest first pause of all records is compared with the shortest second pause, and so on. That hides
//! a pause that grows from record to record, up to its limit, and never goes back to its beginning: so the two pauses of
//! most records must not be the same either.

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
    // Long for one record and short for another, and in most of them the second is as long as the first.
    Uneven = "uneven" Style,
}

/// What is known of an id whose last attempt was refused.
#[derive(Clone, Copy)]
struct Refused {
    attempts: usize,
    /// Position of the answer.
    answer: usize,
}

/// A pause between an answer and the next call.
#[derive(Clone, Copy)]
struct Pause {
    /// Microseconds.
    us: u64,
    events: [usize; 2],
}

impl Pause {
    fn between(evidence: &Evidence, answer: usize, call: usize) -> Pause {
        let us = evidence.at(call).saturating_sub(evidence.at(answer));
        Pause { us, events: [answer, call] }
    }
}

/// Keeps, for the attempt that was the `nth`, the shortest pause behind it.
fn keep(shortest: &mut Vec<Pause>, nth: usize, pause: Pause) {
    match shortest.get_mut(nth) {
        Some(shortest) if pause.us < shortest.us => *shortest = pause,
        Some(_) => {}
        None => shortest.push(pause),
    }
}

impl Check for Backoff {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let mut refused: HashMap<String, Refused> = HashMap::new();
        // Of each attempt after the first: the shortest pause before it.
        let mut pauses: Vec<Pause> = Vec::new();
        // The first two of each record.
        let mut of_id: HashMap<String, Vec<Pause>> = HashMap::new();
        // Of each attempt that failed: the shortest time until the next call, whatever that is about.
        let mut stops: Vec<Pause> = Vec::new();
        let calls = evidence.calls(&self.op);
        for (place, call) in calls.iter().enumerate() {
            let Some(id) = field(call.args, &self.id) else { continue };
            let before = refused.remove(&id);
            if let Some(before) = before {
                let pause = Pause::between(evidence, before.answer, call.event);
                if before.attempts <= 2 {
                    of_id.entry(id.clone()).or_default().push(pause);
                }
                keep(&mut pauses, before.attempts - 1, pause);
            }
            if let Some(Answered { event: answer, ok: false }) = call.answer {
                let attempts = before.map_or(0, |before| before.attempts);
                if let Some(next) = calls[place + 1..].iter().find(|next| next.role == call.role) {
                    keep(&mut stops, attempts, Pause::between(evidence, answer, next.event));
                }
                refused.insert(id, Refused { attempts: attempts + 1, answer });
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
        if let Some(uneven) = self.uneven(evidence, &of_id) {
            return Finding { required, ..uneven }.outcome();
        }
        // Whoever stands still after each refusal and tries others in between waits for them, too, before it is here again.
        stops.truncate(pauses.len());
        let grows = |pair: &[Pause]| pair[1].us as f64 >= pair[0].us as f64 * self.factor;
        let stands = |stop: &Pause| stop.us >= self.least_ms * 1000;
        let stands_longer = stops.len() > 1 && stops.iter().all(stands) && stops.windows(2).all(grows);
        if let Some(pair) = pauses.windows(2).find(|pair| !stands_longer && !grows(pair)) {
            let events = pair.iter().flat_map(|pause| pause.events).collect();
            return Finding::new(Code::Constant, required, seen, events).outcome();
        }
        Outcome::Passed(format!("{} before new attempts, at the shortest {shortest}", count(pauses.len(), "pause")))
    }
}

impl Backoff {
    /// Where most records have a second pause that is as long as the first, and the first ones are not all alike.
    fn uneven(&self, evidence: &Evidence, of_id: &HashMap<String, Vec<Pause>>) -> Option<Finding<Code>> {
        let mut pairs: Vec<(Pause, Pause)> =
            of_id.values().filter_map(|pauses| Some((*pauses.first()?, *pauses.get(1)?))).collect();
        pairs.sort_by_key(|(first, _)| first.events);
        let added = self.turnaround(evidence);
        // Going back to a record costs a client now more and now less: only pauses that are the same are no chance.
        let same = |(first, second): &&(Pause, Pause)| first.us.abs_diff(second.us) <= first.us / SAME;
        let same: Vec<&(Pause, Pause)> = pairs.iter().filter(same).collect();
        let mut firsts: Vec<u64> = pairs.iter().map(|(first, _)| first.us).collect();
        firsts.sort_unstable();
        let (shortest, long) = (*firsts.first()?, *firsts.get(firsts.len().checked_sub(2)?)?);
        let alike = long.saturating_sub(added) <= shortest.saturating_mul(2);
        if alike || same.len() < LEAST || same.len() * 2 < pairs.len() {
            return None;
        }
        let (first, second) = same.first()?;
        let seen = format!(
            "of {} that were tried three times, {} waited as long for the third attempt as for the second: one {} ms and \
             then {} ms, where another waited {} ms before its second attempt",
            count(pairs.len(), "record"),
            same.len(),
            first.us / 1000,
            second.us / 1000,
            shortest / 1000
        );
        let events = first.events.into_iter().chain(second.events).collect();
        Some(Finding::new(Code::Uneven, "", seen, events))
    }

    /// How long it takes the program to make the next call after one that worked, seldom longer. Nobody waits there on
    /// purpose, so that is what a busy machine may add to a pause.
    fn turnaround(&self, evidence: &Evidence) -> u64 {
        let calls = evidence.calls(&self.op);
        let mut took: Vec<u64> = calls
            .iter()
            .zip(calls.iter().skip(1))
            .filter_map(|(before, next)| {
                let answer = before.answer.filter(|answer| answer.ok)?;
                Some(Pause::between(evidence, answer.event, next.event).us)
            })
            .collect();
        took.sort_unstable();
        took.get(took.len() * 9 / 10).copied().unwrap_or_default()
    }
}

/// Two pauses are the same where they differ by this part of the first at most.
const SAME: u64 = 50;

/// So many records must have two pauses that are the same, before that is called more than chance.
const LEAST: usize = 3;

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
        // One after the other, and each pause keeps all of them waiting.
        let value = |id: u32| json!({"id": id});
        let in_turns = |first: u64, second: u64| {
            let refused = |all: Recording, id: u32, ms: u64| all.refused("ship", value(id)).pause(ms);
            let all = refused(refused(Recording::default(), 1, first), 2, first);
            let all = refused(refused(all, 1, second), 2, second).call("ship", value(1)).call("ship", value(2));
            all.judged(json!({"backoff": {"op": "ship", "id": "id", "least_ms": 50, "factor": 1.5}}))
        };
        assert_eq!((in_turns(80, 160).as_str(), in_turns(80, 80).as_str()), ("passed", "constant"));
        assert_eq!(judged(&[100]), "no evidence");
    }

    #[test]
    fn pauses_that_grow_no_more_are_found_in_most_records() {
        let judged = |records: &[(u64, u64)]| {
            let record = |all: Recording, (id, (first, second)): (usize, &(u64, u64))| {
                let refused = |all: Recording| all.refused("ship", json!({"id": id}));
                let again = refused(refused(all).pause(*first)).pause(*second).call("ship", json!({"id": id}));
                (0..4).fold(again, |all, healthy| all.pause(2).call("ship", json!({"id": 100 + 10 * id + healthy})))
            };
            let all = records.iter().enumerate().fold(Recording::default(), record);
            all.judged(json!({"backoff": {"op": "ship", "id": "id", "least_ms": 20, "factor": 1.4}}))
        };
        assert_eq!(judged(&[(50, 100), (200, 400), (800, 800), (800, 800), (800, 800), (800, 800)]), "uneven");
        assert_eq!(judged(&[(50, 100), (90, 110), (50, 100), (60, 100), (200, 110), (50, 100)]), "passed");
        assert_eq!(judged(&[(100, 200), (200, 400), (400, 800), (50, 100)]), "passed");
        assert_eq!(judged(&[(50, 50), (50, 51), (52, 50), (50, 50)]), "constant");
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
