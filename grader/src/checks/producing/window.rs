//! The program takes up as many records as it may while Kafka is slow, and no more.

use crate::checks::{Check, Finding, Outcome, codes, count, only};
use crate::evidence::{Evidence, Unsettled, What};
use serde::Deserialize;

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
}

/// Two bounds in a row hold twice as many as may be, and a few more in the hands between them. Whoever holds more than that
/// has none.
const BETWEEN: usize = 10;

/// So many answers that settled a part of what was open, with nothing taken up until all was, show that it waits for all.
const PARTS: usize = 3;

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
}
