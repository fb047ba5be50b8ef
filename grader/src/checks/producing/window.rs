//! The program takes up as many records as it may while Kafka is slow, and no more.

use super::fate::id_of;
use crate::checks::{Check, Finding, Outcome, codes, count, field, only};
use crate::evidence::{Evidence, Produce, Unsettled, What, stored_by};
use serde::Deserialize;
use std::collections::{HashMap, HashSet};

/// A record is open from the moment when the program is given it until the broker has answered for it, or the program has
/// told what became of it. The answer is recorded before the program can see it, so a program that keeps its bound is never
/// seen beyond it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    topic: String,
    id: String,
    /// So many records may be open, and one more may be in the program's hand and wait for a place.
    most: usize,
}

codes! {
    // It goes on and on: memory is the only bound.
    Unbounded = "unbounded" Wrong,
    // There is a bound, and it is another.
    Over = "over" Wrong,
    OneAtATime = "one-at-a-time" Slow,
    // It stops before it has taken as many as it may.
    Narrow = "narrow" Slow,
    // Nothing is taken up again until everything is settled.
    StopAndGo = "stop-and-go" Slow,
    // It has told of some, and takes up nothing in their places.
    Unused = "unused" Slow,
    // Some have their answer, and it tells of none of them while another is tried again.
    HeldUp = "held-up" Slow,
}

/// Two bounds in a row hold twice as many as may be, and a few more in the hands between them. Whoever holds more than that
/// has none.
const BETWEEN: usize = 10;

/// So many answers that settled a part of what was open, with nothing taken up until all was, show that it waits for all.
const PARTS: usize = 3;

/// Places that are not used for so long, with nothing more to tell, are left free on purpose: it would have taken a moment.
const LEFT_FREE_MS: u64 = 1000;

/// So many have their answer and are not told of, while another is refused so many times more: that is no matter of a moment.
const BEHIND: usize = 2;
const TRIES: usize = 6;

/// How far it went.
#[derive(Default)]
struct Course {
    given: usize,
    most: usize,
    /// Where it was at its most.
    at: usize,
    /// Answers that left something open.
    parts: Vec<usize>,
    /// Records that were taken up while some of those before them were settled and others were not.
    refilled: usize,
}

impl Check for Window {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let course = self.follow(evidence);
        let required = format!("{} open, and one more in hand, while Kafka is slow", count(self.most, "record"));
        let finding = |code, seen, events| Finding::new(code, &required, seen, events).outcome();
        if course.given <= 2 * self.most {
            return Outcome::NoEvidence(format!("{} taken up", only(course.given, "record")));
        }
        let open = count(course.most, "record");
        match course.most {
            most if most > 2 * self.most + BETWEEN => {
                finding(Code::Unbounded, format!("{open} taken up and not settled, and it went on"), vec![course.at])
            }
            most if most > self.most + 1 => {
                finding(Code::Over, format!("up to {open} taken up and not settled"), vec![course.at])
            }
            1 => {
                let seen = "never more than one record: the next was taken up when the one before was settled";
                finding(Code::OneAtATime, seen.to_owned(), vec![course.at])
            }
            most if most < self.most => {
                let seen = format!("never more than {open}, although there was room for {}", self.most);
                finding(Code::Narrow, seen, vec![course.at])
            }
            _ if course.refilled == 0 && course.parts.len() >= PARTS => {
                let seen = "a part was settled, and nothing was taken up until all the rest was";
                finding(Code::StopAndGo, seen.to_owned(), course.parts.into_iter().take(PARTS).collect())
            }
            _ if let Some((code, seen, events)) = self.idle(evidence) => finding(code, seen, events),
            _ => Outcome::Passed(format!("up to {open} open, and never more")),
        }
    }
}

impl Window {
    fn follow(&self, evidence: &Evidence) -> Course {
        let mut open = Unsettled::new(&self.topic, &self.id);
        let (mut course, mut in_part) = (Course::default(), false);
        for (at, event) in evidence.iter() {
            let before = open.count();
            open.see(at, event);
            let now = open.count();
            if now > course.most {
                (course.most, course.at) = (now, at);
            }
            match &event.what {
                What::Given { .. } => {
                    course.given += 1;
                    course.refilled += usize::from(in_part && before > 0);
                }
                What::Response { .. } if now < before && now > 0 => {
                    course.parts.push(at);
                    in_part = true;
                }
                _ => {}
            }
            in_part &= now > 0;
        }
        course
    }

    /// Where the window was full, and then places were free, and for a while nothing was taken up in them.
    fn idle(&self, evidence: &Evidence) -> Option<(Code, String, Vec<usize>)> {
        let trips = Trips::new(evidence, &self.topic, &self.id);
        // What it was given and has not told of, and what of that the broker has.
        let (mut untold, mut done) = (HashSet::new(), HashSet::<&str>::new());
        // What waits for another try, since its first refusal; what was sent since then, and is answered.
        let (mut refused, mut answered) = (HashMap::<&str, usize>::new(), HashSet::<&str>::new());
        let (mut full, mut free, mut left) = (false, None, None);
        let (mut held, mut stood) = (None::<(usize, usize)>, None);
        let late: Vec<(u64, u64)> = evidence.late().collect();
        let for_long = |since: usize, now: u64| {
            let since = evidence.at(since);
            let within = late.iter().map(|(begin, end)| (*end).min(now).saturating_sub((*begin).max(since)));
            let seen = within.fold(now.saturating_sub(since), u64::saturating_sub);
            seen > LEFT_FREE_MS * 1000
        };
        for (at, event) in evidence.iter() {
            match &event.what {
                What::Given { value } => {
                    if let Some(since) = left.or(free.filter(|since| for_long(*since, event.at))) {
                        if untold.is_empty() {
                            let seen = "full, it took up nothing until the last of all these was settled";
                            return Some((Code::StopAndGo, seen.to_owned(), vec![since, at]));
                        }
                        let places = count(self.most.saturating_sub(untold.len()), "place");
                        let seen = format!(
                            "its last words made {places} free, and it took up nothing, although there was more"
                        );
                        return Some((Code::Unused, seen, vec![since, at]));
                    }
                    if let Some(since) = stood {
                        let seen = "while one record was tried again and again, others had their answer: it told of none of \
                                    them, and took up nothing in their places";
                        return Some((Code::HeldUp, seen.to_owned(), vec![since, at]));
                    }
                    untold.extend(field(value, &self.id));
                    (full, free, left, held) = (untold.len() >= self.most, None, None, None);
                }
                What::Call { args, .. } => {
                    if let Some(id) = field(args, &self.id)
                        && untold.remove(&id)
                    {
                        done.remove(id.as_str());
                        refused.remove(id.as_str());
                        // On a busy machine it takes a while to tell of fifty: whoever still tells leaves nothing free.
                        left = left.or(free.filter(|since| for_long(*since, event.at)));
                        free = None;
                        if answered.remove(id.as_str()) {
                            held = None;
                        }
                    }
                }
                What::Response { .. } => {
                    let oldest = refused.iter().min_by_key(|(_, since)| **since).map(|(id, _)| *id);
                    let mut tried = false;
                    for (id, sent, taken) in trips.answered.get(&at).into_iter().flatten() {
                        if !taken {
                            tried |= oldest == Some(id.as_str());
                            refused.entry(id).or_insert(at);
                            continue;
                        }
                        refused.remove(id.as_str());
                        if untold.contains(id) {
                            done.insert(id);
                            // Sent for the first time when the other had been refused: they are not in one call.
                            if refused.values().any(|refusal| refusal < sent) {
                                answered.insert(id);
                            }
                        }
                    }
                    held = held.map(|(since, tries)| (since, tries + usize::from(tried)));
                }
                _ => {}
            }
            if full && untold.len() < self.most {
                free.get_or_insert(at);
            }
            if refused.is_empty() {
                answered.clear();
            }
            held = match full && answered.len() >= BEHIND && untold.len() - done.len() < self.most {
                true => held.or(Some((at, 0))),
                false => None,
            };
            stood = stood.or(held.filter(|(_, tries)| *tries >= TRIES).map(|(since, _)| since));
        }
        None
    }
}

/// What the answers say of records.
struct Trips {
    /// By the position of an answer: which records it is about, where each was sent for the first time, and whether the
    /// broker has it now.
    answered: HashMap<usize, Vec<(String, usize, bool)>>,
}

impl Trips {
    fn new(evidence: &Evidence, topic: &str, id: &str) -> Trips {
        let (mut first, mut answered) = (HashMap::<String, usize>::new(), HashMap::<usize, Vec<_>>::new());
        for produce in evidence.produces(topic) {
            let Produce { event, answer, .. } = &produce;
            for batch in produce.batches_for(topic) {
                for id in batch.records.iter().filter_map(|record| id_of(record, id)) {
                    let sent = *first.entry(id.clone()).or_insert(*event);
                    let about =
                        answer.as_ref().and_then(|answer| Some((answer.event, answer.about(topic, batch.partition)?)));
                    if let Some((at, about)) = about {
                        answered.entry(at).or_default().push((id, sent, stored_by(about.error)));
                    }
                }
            }
        }
        Trips { answered }
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::{Recording, batch, record};
    use serde_json::json;
    use std::ops::Range;

    fn judged(recording: Recording) -> String {
        recording.judged(json!({"window": {"topic": "t", "id": "id", "most": 4}}))
    }

    fn taken(recording: Recording, ids: Range<usize>) -> Recording {
        ids.fold(recording, |all, id| all.given(json!({"id": id})))
    }

    fn settled(recording: Recording, ids: Range<usize>) -> Recording {
        recording.produce(vec![batch(0, ids.map(|id| record("k", &json!({"id": id}))).collect())])
    }

    /// Takes up so many at once, and settles them in parts of this size before it takes up more.
    fn in_portions(of: usize, parts: usize) -> Recording {
        (0..24 / of).fold(Recording::default(), |all, turn| {
            let (from, to) = (turn * of, (turn + 1) * of);
            let all = taken(all, from..to);
            (from..to).step_by(parts).fold(all, |all, at| settled(all, at..to.min(at + parts)))
        })
    }

    #[test]
    fn as_many_are_open_as_may_be_and_no_more() {
        let sliding = |window: usize| {
            (0..20).fold(taken(Recording::default(), 0..window), |all, id| {
                taken(settled(all, id..id + 1), id + window..id + window + 1)
            })
        };
        let codes = [4, 5, 6, 18, 19].map(|window| judged(sliding(window)));
        assert_eq!(codes, ["passed", "passed", "over", "over", "unbounded"]);
        assert_eq!(judged(sliding(1)), "one-at-a-time");
        assert_eq!(judged(sliding(3)), "narrow");
        assert_eq!(judged(taken(Recording::default(), 0..8)), "no evidence");
    }

    #[test]
    fn what_is_settled_makes_room_at_once() {
        assert_eq!(judged(in_portions(4, 2)), "stop-and-go");
        assert_eq!(judged(in_portions(4, 4)), "passed", "one answer settled all: there was no part");
        let told = |recording: Recording, id: usize| recording.call("failed", json!({"id": id}));
        let dropped = (0..20).fold(taken(Recording::default(), 0..4), |all, id| taken(told(all, id), id + 4..id + 5));
        assert_eq!(judged(dropped), "passed", "what is told of is settled");
    }

    fn told(recording: Recording, ids: Range<usize>) -> Recording {
        ids.fold(recording, |all, id| all.call("delivered", json!({"id": id})))
    }

    #[test]
    fn a_place_that_is_free_is_used_at_once() {
        // Full, then one is settled and told of, and the next is taken so many milliseconds later.
        let after = |ms: u64| {
            let freed = told(settled(taken(Recording::default(), 0..4), 0..1), 0..1).pause(ms);
            (4..24).fold(freed, |all, id| told(settled(taken(all, id..id + 1), id - 3..id - 2), id - 3..id - 2))
        };
        assert_eq!([900, 1100].map(|ms| judged(after(ms))), ["passed", "unused"]);
        // Each word takes long, and what they make free is used when the last has been said.
        let slowly =
            (0..3).fold(settled(taken(Recording::default(), 0..4), 0..3), |all, id| told(all.pause(600), id..id + 1));
        let slowly = (4..24).fold(slowly, |all, id| told(settled(taken(all, id..id + 1), id - 1..id), id - 1..id));
        assert_eq!(judged(slowly), "passed");
        // Nothing is taken up until there is more to tell.
        let more = |all: Recording| told(settled(all.pause(1100), 1..2), 1..2);
        let waits = more(told(settled(taken(Recording::default(), 0..4), 0..1), 0..1));
        let waits =
            (4..24).fold(waits, |all, id| told(settled(taken(all, id..id + 1), id - 2..id - 1), id - 2..id - 1));
        assert_eq!(judged(waits), "unused");
        // One is refused and tried again; what was sent since is answered, told of or not, and then more is taken.
        let one = |id: usize| vec![batch(0, vec![record("k", &json!({"id": id}))])];
        let slow = |tells: bool, first: bool| {
            let judged =
                |recording: Recording| recording.judged(json!({"window": {"topic": "t", "id": "id", "most": 8}}));
            let full = taken(Recording::default(), 0..8);
            let refused = |all: Recording| all.send(-1, one(0)).acknowledge(19);
            // Sent before the refusal, the others may wait in one call with it.
            let all = if first { settled(refused(full), 1..8) } else { refused(settled(full, 1..8)) };
            let all = if tells { told(all, 1..8) } else { all };
            let tried = |all: Recording| all.send(-1, one(0)).acknowledge(19);
            let all = (0..6).fold(all, |all, _| tried(all)).produce(one(0));
            judged((8..30).fold(all, |all, id| settled(taken(all, id..id + 1), id..id + 1)))
        };
        assert_eq!([slow(true, true), slow(false, true), slow(false, false)], ["passed", "held-up", "passed"]);
    }
}
