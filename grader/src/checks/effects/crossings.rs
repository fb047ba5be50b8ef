//! One record for each time that a value reaches a limit which it had not reached before, and for nothing else.
//!
//! The readings of one source are followed in the order of its partition. A reading that is not later than one before it
//! is old news: it says nothing, whether its clock went back or it came a second time.

mod standing;

use crate::checks::{Check, Finding, Gathered, Outcome, Seen, codes, count, some};
use crate::evidence::{Commits, Evidence, Stored, stored_by};
use crate::wire::Record;
use serde::Deserialize;
use serde_json::Value;
use standing::{Followed, Standing};
use std::collections::HashMap;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crossings {
    /// Where the readings come from, and where the records go.
    from: String,
    topic: String,
    /// The field that says whose reading it is: of both. It is the record's key.
    by: String,
    /// The field that says when it was taken: of both.
    time: String,
    /// The field of the record that says which limit it is about, and that for the value that reached it.
    limit: String,
    value: String,
    limits: Vec<Limit>,
    /// After a crash a program may say again what it has said, and that a value is beyond a limit.
    #[serde(default)]
    may_repeat: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Limit {
    name: String,
    field: String,
    at_least: Option<f64>,
    at_most: Option<f64>,
    /// A reading without this number is none.
    #[serde(default)]
    required: bool,
}

impl Limit {
    fn reached_by(&self, number: f64) -> bool {
        self.at_least.is_none_or(|limit| number >= limit) && self.at_most.is_none_or(|limit| number <= limit)
    }

    fn is_exactly(&self, number: f64) -> bool {
        [self.at_least, self.at_most].contains(&Some(number))
    }
}

codes! {
    Missing = "missing" Lost,
    // The value is exactly the limit.
    AtLimit = "at-limit" Lost,
    // The value is exactly zero.
    AtZero = "at-zero" Lost,
    // The same source had crossed the limit before, and that was told.
    OnlyFirst = "only-first" Lost,
    Waiting = "waiting" Stuck,
    // The reading was committed before its record was sent.
    CommitFirst = "commit-first" Lost,
    // It was committed while its record was on its way.
    BeforeAnswer = "before-answer" Lost,
    Unreadable = "unreadable" Wrong,
    Inside = "inside" Duplicate,
    // The value stayed beyond the limit, and a reading in between did not have it.
    AfterAbsent = "after-absent" Duplicate,
    Again = "again" Duplicate,
    Late = "late" Wrong,
    Below = "below" Wrong,
    Absent = "absent" Wrong,
    // It is about something that has this time and is no reading, or about a reading behind such a thing.
    NoReading = "no-reading" Wrong,
    Stamped = "stamped" Wrong,
    // It is the reading's moment, in other letters.
    Rewritten = "rewritten" Wrong,
    Unfounded = "unfounded" Wrong,
    Value = "value" Wrong,
    Key = "key" Wrong,
}

/// What a record says.
struct Told {
    source: String,
    limit: usize,
    time: String,
    value: Value,
}

impl Told {
    fn number(&self, check: &Crossings) -> Option<f64> {
        self.value.get(&check.value).and_then(Value::as_f64)
    }
}

impl Check for Crossings {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let inputs = evidence.inputs(&self.from);
        let followed = Followed::new(self, &inputs);
        if followed.crossings().next().is_none() {
            return Outcome::NoEvidence("no value reached a limit".into());
        }
        let mut findings = Gathered::default();
        let mut times: HashMap<(String, usize, String), usize> = HashMap::new();
        let stored = evidence.stored(&self.topic).into_iter().map(|stored| (self.told(stored.record), stored));
        let stored: Vec<_> = stored.collect();
        let every = stored.iter().filter_map(|(told, _)| told.as_ref().ok()).any(|told| {
            let reading = followed.reading(&told.source, &told.time, told.limit, told.number(self));
            reading.is_some_and(|reading| reading.standing(told.limit) == Standing::Inside)
        });
        for (told, stored) in stored {
            match told {
                Err(wrong) => findings.add(Code::Unreadable, wrong, Some(stored.event)),
                Ok(told) => self.founded(&followed, &stored, &told, every, &mut times, &mut findings),
            }
        }
        let told = |source: &str, limit: usize, time: &str| times.contains_key(&(source.into(), limit, time.into()));
        let commits = evidence.commits_asked_for(&self.from);
        let (mut missing, mut waiting, mut done) = (Vec::new(), Vec::new(), 0);
        for crossing in followed.crossings() {
            if told(crossing.source, crossing.limit, crossing.time) {
                done += 1;
            } else if commits.first_beyond(crossing.input.partition, crossing.input.offset).is_none() {
                waiting.push(crossing);
            } else {
                missing.push(crossing);
            }
        }
        self.committed_too_soon(evidence, &followed, &commits, &mut findings);
        let only_first = !missing.is_empty() && followed.only_first(told);
        for crossing in &missing {
            let code = match () {
                () if only_first => Code::OnlyFirst,
                () if self.limits[crossing.limit].is_exactly(crossing.number) => Code::AtLimit,
                () if crossing.number == 0.0 => Code::AtZero,
                () => Code::Missing,
            };
            findings.add(
                code,
                self.named(crossing.source, crossing.limit, crossing.time, crossing.number),
                Some(crossing.input.event),
            );
        }
        for crossing in &waiting {
            let words = self.named(crossing.source, crossing.limit, crossing.time, crossing.number);
            findings.add(Code::Waiting, words, Some(crossing.input.event));
        }
        Outcome::unless_found(findings.findings(|code, seen| self.finding(code, &seen)), || {
            format!("{} in “{}”, one for each crossing", count(done, "record"), self.topic)
        })
    }
}

impl Crossings {
    fn told(&self, record: &Record) -> Result<Told, String> {
        let value = record.value.as_ref().and_then(|value| value.json()).filter(Value::is_object);
        let value = value.ok_or_else(|| "a value that is no JSON object".to_owned())?;
        let text = |name: &str| {
            let text = value.get(name).and_then(Value::as_str).map(str::to_owned);
            text.ok_or_else(|| format!("{name} is no text"))
        };
        let (source, name, time) = (text(&self.by)?, text(&self.limit)?, text(&self.time)?);
        let limit = self.limits.iter().position(|limit| limit.name == name);
        let limit = limit.ok_or_else(|| format!("{} is “{name}”", self.limit))?;
        Ok(Told { source, limit, time, value })
    }

    /// Is there a reason for the record, and does it say what it should? Where `every` one is told that is beyond its limit,
    /// nothing has misled it.
    fn founded(
        &self,
        followed: &Followed<'_, '_>,
        stored: &Stored<'_>,
        told: &Told,
        every: bool,
        times: &mut HashMap<(String, usize, String), usize>,
        findings: &mut Gathered<Code>,
    ) {
        let Told { source, limit, time, .. } = told;
        let as_read = followed.as_read(source, time);
        let (time, rewritten) = as_read.map_or((time.as_str(), false), |text| (text, text != time));
        let words = || format!("“{}” of {source} at {time}", self.limits[*limit].name);
        let told_number = told.number(self);
        let Some(reading) = followed.reading(source, time, *limit, told_number) else {
            let code = match () {
                () if followed.is_of_no_reading(time) => Code::NoReading,
                () if followed.knows(source) => Code::Stamped,
                () => Code::Unfounded,
            };
            return findings.add(code, words(), Some(stored.event));
        };
        let code = match reading.standing(*limit) {
            Standing::Crossing => {
                let times = times.entry((source.clone(), *limit, time.to_owned())).or_default();
                *times += 1;
                (*times > 1 && !self.may_repeat).then_some(Code::Again)
            }
            Standing::Inside => (!self.may_repeat).then_some(Code::Inside),
            Standing::InsideAfterAbsent => (!self.may_repeat).then_some(Code::AfterAbsent),
            // Who tells each time has not been misled.
            Standing::InsideAfterNone => {
                (!self.may_repeat).then_some(if every { Code::Inside } else { Code::NoReading })
            }
            Standing::Outside => Some(Code::Below),
            Standing::Absent => Some(Code::Absent),
            Standing::OldNews => Some(Code::Late),
        };
        if let Some(code) = code {
            let number = reading.number(*limit).map_or_else(|| "no number".to_owned(), |number| number.to_string());
            findings.add(
                code,
                format!("{}, where {} is {number}", words(), self.limits[*limit].field),
                Some(stored.event),
            );
        } else if rewritten {
            findings.add(Code::Rewritten, format!("{}, written as {}", words(), told.time), Some(stored.event));
        } else if told_number != reading.number(*limit) {
            findings.add(Code::Value, words(), Some(stored.event));
        }
        if stored.record.key.as_ref().and_then(|key| key.text()) != Some(source) {
            findings.add(Code::Key, words(), Some(stored.event));
        }
    }

    /// Readings that were committed before the record about them was acknowledged.
    fn committed_too_soon(
        &self,
        evidence: &Evidence,
        followed: &Followed<'_, '_>,
        commits: &Commits,
        findings: &mut Gathered<Code>,
    ) {
        let lost = evidence.lost();
        // Of each record, where it was first sent, and where the program was first told that the broker has it.
        let mut sent: HashMap<(String, usize, String), (usize, Option<usize>)> = HashMap::new();
        for produce in evidence.produces(&self.topic) {
            // What is sent in a transaction is there when that commits.
            for batch in produce.batches_for(&self.topic).filter(|batch| !batch.transactional) {
                let answer = produce.answer.filter(|answer| !lost.contains(&answer.event));
                let taken = answer.filter(|answer| {
                    answer.about(&self.topic, batch.partition).is_some_and(|answer| stored_by(answer.error))
                });
                for record in &batch.records {
                    let Ok(Told { source, limit, time, .. }) = self.told(record) else { continue };
                    let time = followed.as_read(&source, &time).map_or(time.clone(), str::to_owned);
                    let (_, told) = sent.entry((source, limit, time)).or_insert((produce.event, None));
                    *told = told.or(taken.map(|answer| answer.event));
                }
            }
        }
        for crossing in followed.crossings() {
            let about = (crossing.source.to_owned(), crossing.limit, crossing.time.to_owned());
            let Some((sent, told)) = sent.get(&about) else { continue };
            let Some(commit) = commits.first_beyond(crossing.input.partition, crossing.input.offset) else { continue };
            let code = match commit.event {
                event if event < *sent => Code::CommitFirst,
                event if told.is_none_or(|told| event < told) => Code::BeforeAnswer,
                _ => continue,
            };
            let words = self.named(crossing.source, crossing.limit, crossing.time, crossing.number);
            findings.add(code, words, Some(commit.event));
        }
    }

    fn named(&self, source: &str, limit: usize, time: &str, number: f64) -> String {
        let Limit { name, field, .. } = &self.limits[limit];
        format!("“{name}” of {source} at {time}, where {field} is {number}")
    }

    fn finding(&self, code: Code, seen: &Seen) -> Finding<Code> {
        let (by, time) = (&self.by, &self.time);
        let required = match code {
            Code::Missing | Code::OnlyFirst => "one record for each time that a value reaches a limit".to_owned(),
            Code::AtLimit => "a value that is exactly the limit has reached it".to_owned(),
            Code::AtZero => "0 is a value like any other".to_owned(),
            Code::Waiting => format!("all of “{}” read and committed", self.from),
            Code::CommitFirst | Code::BeforeAnswer => {
                format!("the offset of a reading committed when its record in “{}” is acknowledged", self.topic)
            }
            Code::Unreadable => format!("a JSON object with {by}, {}, {time} and {}", self.limit, self.value),
            Code::Inside => "nothing as long as a value stays beyond its limit".to_owned(),
            Code::AfterAbsent => "a reading without the number changes nothing".to_owned(),
            Code::Again => "one record for each crossing".to_owned(),
            Code::Late => format!("a reading that is not later than one before it is left alone ({time})"),
            Code::Below => "nothing for a value that is not beyond its limit".to_owned(),
            Code::Absent => "nothing for a number that a reading does not have".to_owned(),
            Code::NoReading => {
                let numbers = self.limits.iter().filter(|limit| limit.required).map(|limit| limit.field.as_str());
                let fields = [by.as_str(), time.as_str()].into_iter().chain(numbers).collect::<Vec<_>>().join(", ");
                format!("nothing for a record that is no reading ({fields}: there, and of their type)")
            }
            Code::Stamped => format!("{time} of the reading that crossed the limit"),
            Code::Rewritten => format!("{time} as the reading has it, letter by letter"),
            Code::Unfounded => format!("records about readings of “{}”", self.from),
            Code::Value => format!("{} is what the reading says", self.value),
            Code::Key => format!("{by} as the record's key"),
        };
        let records = some(&seen.words);
        let seen_words = match code {
            Code::Missing | Code::AtLimit | Code::AtZero | Code::OnlyFirst | Code::Waiting => {
                format!("not told: {records}")
            }
            Code::CommitFirst => format!("committed before it was sent: {records}"),
            Code::BeforeAnswer => format!("committed before it was answered: {records}"),
            Code::Unreadable => records,
            _ => format!("told: {records}"),
        };
        Finding::new(code, required, seen_words, seen.events.iter().copied().take(3).collect())
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::{Recording, batch, record};
    use crate::wire::Batch;
    use serde_json::{Value, json};

    fn check(may_repeat: bool) -> Value {
        let limits = json!([
            {"name": "fast", "field": "speed", "at_least": 120, "required": true},
            {"name": "empty", "field": "battery", "at_most": 10},
        ]);
        json!({"crossings": {"from": "t", "topic": "alerts", "by": "car", "time": "at", "limit": "what", "value": "value",
            "limits": limits, "may_repeat": may_repeat}})
    }

    /// What the check says when, in the end, all of it is committed.
    fn judged(recording: Recording, may_repeat: bool) -> String {
        recording.commit(&[(0, 100)]).judged(check(may_repeat))
    }

    /// The speeds of car x, at 0, 1, 2 …, each as a reading.
    fn drives(speeds: &[f64]) -> Recording {
        let reading = |(at, speed): (usize, &f64)| json!({"car": "x", "at": at.to_string(), "speed": speed});
        let put = speeds.iter().enumerate().map(reading);
        put.fold(Recording::default(), |recording, reading| recording.input(0, reading))
    }

    fn alert(recording: Recording, what: &str, at: usize, value: f64) -> Recording {
        says(recording, "x", json!({"car": "x", "what": what, "at": at.to_string(), "value": value}))
    }

    fn says(recording: Recording, key: &str, value: Value) -> Recording {
        recording.produce(vec![Batch { topic: "alerts".into(), ..batch(0, vec![record(key, &value)]) }])
    }

    #[test]
    fn there_is_one_record_for_each_crossing() {
        let drives = || drives(&[80.0, 120.0, 130.0, 119.9, 121.0]);
        let both = || alert(alert(drives(), "fast", 1, 120.0), "fast", 4, 121.0);
        assert_eq!(judged(both(), false), "passed");
        assert_eq!(judged(alert(drives(), "fast", 4, 121.0), false), "at-limit");
        assert_eq!(judged(alert(drives(), "fast", 1, 120.0), false), "only-first");
        assert_eq!(judged(drives(), false), "at-limit missing");
        assert_eq!(judged(alert(both(), "fast", 2, 130.0), false), "inside");
        assert_eq!(judged(alert(both(), "fast", 1, 120.0), false), "again");
        assert_eq!(judged(alert(both(), "fast", 3, 119.9), false), "below");
        assert_eq!(judged(alert(both(), "fast", 9, 120.0), false), "stamped");
        assert_eq!(judged(alert(both(), "empty", 1, 0.0), false), "absent");
        assert_eq!(judged(alert(both(), "slow", 1, 0.0), false), "unreadable");
        assert_eq!(judged(self::drives(&[80.0]), false), "no evidence");
    }

    #[test]
    fn after_a_crash_it_may_say_so_again() {
        let both = alert(alert(drives(&[80.0, 120.0, 130.0]), "fast", 1, 120.0), "fast", 1, 120.0);
        assert_eq!(judged(alert(both, "fast", 2, 130.0), true), "passed");
        assert_eq!(judged(drives(&[80.0, 120.5]), true), "missing");
    }

    #[test]
    fn a_reading_is_committed_when_its_record_is_acknowledged() {
        let reading = json!({"car": "x", "at": "1", "speed": 130});
        let there = || Recording::default().input(0, reading.clone());
        let told = || {
            vec![Batch {
                topic: "alerts".into(),
                ..batch(0, vec![record("x", &json!({"car": "x", "what": "fast", "at": "1", "value": 130}))])
            }]
        };
        assert_eq!(there().send(-1, told()).acknowledge(0).commit(&[(0, 1)]).judged(check(false)), "passed");
        assert_eq!(there().commit(&[(0, 1)]).produce(told()).judged(check(true)), "commit-first");
        let again = there().send(-1, told()).acknowledge(0).lost().commit(&[(0, 1)]);
        assert_eq!(again.judged(check(true)), "before-answer", "it was never told");
    }

    #[test]
    fn a_record_says_what_the_reading_says() {
        let drives = || drives(&[80.0, 120.0]);
        assert_eq!(judged(alert(drives(), "fast", 1, 121.0), false), "value");
        let told = |car: &str| json!({"car": car, "what": "fast", "at": "1", "value": 120});
        assert_eq!(judged(says(drives(), "x", told("x")), false), "passed", "120 is 120.0");
        assert_eq!(judged(says(drives(), "y", told("x")), false), "key");
        let at = |time: &str| json!({"car": "x", "at": time, "speed": 130});
        let then = Recording::default().input(0, at("2026-03-02T08:00:07.100Z"));
        let tells = |time: &str| json!({"car": "x", "what": "fast", "at": time, "value": 130});
        assert_eq!(judged(says(then.clone(), "x", tells("2026-03-02T08:00:07.1+00:00")), false), "rewritten");
        assert_eq!(judged(says(then, "x", tells("2026-03-02T08:00:07.100Z")), false), "passed");
        assert_eq!(judged(says(says(drives(), "x", told("x")), "y", told("y")), false), "unfounded");
    }

    #[test]
    fn zero_is_a_number_and_none_is_none() {
        let charge = |at: &str, battery: Value| json!({"car": "x", "at": at, "speed": 50, "battery": battery});
        let drives = || {
            let put = [("1", json!(50)), ("2", json!(0)), ("3", Value::Null), ("4", json!(3)), ("5", json!(2))];
            put.into_iter()
                .fold(Recording::default(), |recording, (at, battery)| recording.input(0, charge(at, battery)))
        };
        let told = || alert(drives(), "empty", 2, 0.0);
        assert_eq!(judged(told(), false), "passed");
        assert_eq!(judged(drives(), false), "at-zero");
        assert_eq!(judged(alert(told(), "empty", 4, 3.0), false), "after-absent");
        assert_eq!(judged(alert(told(), "empty", 5, 2.0), false), "inside");
        assert_eq!(judged(alert(told(), "empty", 4, 3.0), true), "passed", "after a crash nothing is known");
    }

    #[test]
    fn what_is_no_reading_is_no_reason() {
        let reading = |at: &str, speed: Value| json!({"car": "x", "at": at, "speed": speed});
        let put = || {
            let first = Recording::default().input(0, reading("1", json!(80))).input(0, reading("2", json!("130")));
            let none = first
                .input(0, json!([reading("3", json!(131))]))
                .input(0, json!({"car": null, "at": "4", "speed": 132}));
            alert(none.input(0, reading("5", json!(125))), "fast", 5, 125.0)
        };
        assert_eq!(judged(put(), false), "passed");
        assert_eq!(judged(alert(put(), "fast", 2, 130.0), false), "no-reading");
        assert_eq!(judged(alert(put(), "fast", 3, 131.0), false), "no-reading");
        let goes_on = || {
            alert(drives(&[80.0, 125.0]), "fast", 1, 125.0)
                .input(0, reading("2", json!(true)))
                .input(0, reading("3", json!(130)))
        };
        assert_eq!(judged(goes_on(), false), "passed");
        let misled = || alert(goes_on(), "fast", 3, 130.0);
        assert_eq!(judged(misled(), false), "no-reading", "it seemed to have slowed down");
        let each = alert(misled().input(0, reading("4", json!(131))), "fast", 4, 131.0);
        assert_eq!(judged(each, false), "inside", "it tells each time");
        let nobody = json!({"car": "null", "what": "fast", "at": "4", "value": 132});
        assert_eq!(judged(says(put(), "null", nobody), false), "no-reading");
    }

    #[test]
    fn of_two_at_one_moment_the_second_is_old_news() {
        let reading = |at: &str, speed: f64| json!({"car": "x", "at": at, "speed": speed});
        let put = Recording::default()
            .input(0, reading("1", 80.0))
            .input(0, reading("1", 130.0))
            .input(0, reading("2", 131.0));
        let right = alert(put, "fast", 2, 131.0);
        assert_eq!(judged(right.clone(), false), "passed");
        assert_eq!(judged(alert(right, "fast", 1, 130.0), false), "late");
    }

    #[test]
    fn a_reading_of_before_says_nothing_and_nor_does_one_that_cannot_be_read() {
        let reading = |at: &str, speed: Value| json!({"car": "x", "at": at, "speed": speed});
        let put = Recording::default()
            .input(0, reading("5", json!(80)))
            .input(0, reading("4", json!(130)))
            .input(0, reading("6", json!("fast")))
            .input(0, reading("7", json!(125)))
            .input(0, reading("5", json!(80)))
            .input(0, reading("8", json!(126)));
        let right = || alert(put.clone(), "fast", 7, 125.0);
        assert_eq!(judged(right(), false), "passed");
        assert_eq!(judged(alert(right(), "fast", 4, 130.0), false), "late");
        assert_eq!(put.commit(&[(0, 1)]).judged(check(false)), "waiting");
    }
}
