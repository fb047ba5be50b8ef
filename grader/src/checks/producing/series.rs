//! What a source reports is a plausible series: in time, at the stated rate, within limits and without jumps.

use crate::checks::{Check, Finding, Gathered, Outcome, Seen, codes, count, some};
use crate::evidence::{Evidence, Produce, Stored, What, stored_by};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Series {
    topic: String,
    /// The field that says whose reading it is.
    by: String,
    /// All sources that there are.
    sources: Vec<String>,
    /// The field that says when it was taken: a text as RFC 3339 has it.
    time: String,
    /// Milliseconds between two readings of one source, on average, within a factor of two.
    every_ms: f64,
    /// The numbers that each reading has.
    fields: BTreeMap<String, Limits>,
}

/// What is plausible for a number, and for the next one of the same source.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Limits {
    least: f64,
    most: f64,
    /// How far it may get within a second, up or down.
    per_second: Option<f64>,
    /// It never falls.
    #[serde(default)]
    rises: bool,
    /// The field whose mean value is how much this one rises in an hour, within a factor of two.
    per_hour: Option<String>,
}

codes! {
    Unreadable = "unreadable" Wrong,
    // Its time is a text that does not say which moment it was.
    NoTime = "no-time" Wrong,
    Sources = "sources" Lost,
    Foreign = "foreign" Wrong,
    Repeated = "repeated" Duplicate,
    Backwards = "backwards" Wrong,
    TooOften = "too-often" Wrong,
    TooRare = "too-rare" Slow,
    // It was sent before its time had come, or long after it.
    Ahead = "ahead" Wrong,
    Behind = "behind" Wrong,
    // Most readings wait for others before they are sent, though nothing kept them.
    HeldBack = "held-back" Slow,
    Limits = "limits" Wrong,
    Jumps = "jumps" Wrong,
    Falls = "falls" Wrong,
    Disagrees = "disagrees" Wrong,
}

/// One reading, with its numbers in the order of the check's fields.
struct Reading {
    at: Timestamp,
    numbers: Vec<f64>,
    value: Value,
    event: usize,
}

impl Reading {
    fn seconds_since(&self, other: &Reading) -> f64 {
        self.at.duration_since(other.at).as_secs_f64()
    }
}

impl Check for Series {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let stored = evidence.stored(&self.topic);
        if stored.is_empty() {
            return Outcome::NoEvidence(format!("nothing arrived in “{}”", self.topic));
        }
        let mut findings = Gathered::default();
        let mut series: BTreeMap<&str, Vec<Reading>> = BTreeMap::new();
        for stored in &stored {
            match self.reading(stored) {
                Err((code, wrong)) => findings.add(code, wrong, Some(stored.event)),
                Ok((source, reading)) => match self.sources.iter().find(|known| **known == source) {
                    Some(known) => series.entry(known).or_default().push(reading),
                    None => findings.add(Code::Foreign, format!("“{source}”"), Some(stored.event)),
                },
            }
        }
        for source in self.sources.iter().filter(|source| !series.contains_key(source.as_str())) {
            findings.add(Code::Sources, format!("nothing of {source}"), None);
        }
        series.values_mut().for_each(|readings| drop_repeated(readings, &mut findings));
        self.sent_at_once(evidence, &series, &mut findings);
        for (source, readings) in &series {
            self.in_time(evidence, source, readings, &mut findings);
            for reading in readings {
                if let Some(sent) = time_of(evidence, reading.event) {
                    self.sent_in_time(source, reading, sent, &mut findings);
                }
            }
            for pair in readings.windows(2) {
                self.next(source, &pair[0], &pair[1], &mut findings);
            }
            self.within_limits(source, readings, &mut findings);
            self.tells_one_story(source, readings, &mut findings);
        }
        let taken: usize = series.values().map(Vec::len).sum();
        Outcome::unless_found(findings.findings(|code, seen| self.finding(code, &seen)), || {
            format!(
                "{} of {}, each plausible after the one before",
                count(taken, "reading"),
                count(series.len(), "source")
            )
        })
    }
}

impl Series {
    /// Whose reading it is, and what it says.
    fn reading(&self, stored: &Stored<'_>) -> Result<(String, Reading), (Code, String)> {
        let unreadable = |wrong: String| (Code::Unreadable, wrong);
        let value = stored.record.value.as_ref().and_then(|value| value.json()).filter(Value::is_object);
        let value = value.ok_or_else(|| unreadable("a value that is no JSON object".to_owned()))?;
        let source = value.get(&self.by).and_then(Value::as_str);
        let source = source
            .ok_or_else(|| unreadable(format!("{} is no text: {}", self.by, shown(&value, &self.by))))?
            .to_owned();
        let time = value.get(&self.time).and_then(Value::as_str);
        let at = time.and_then(|text| text.parse::<Timestamp>().ok()).ok_or_else(|| {
            let code = if time.is_some() { Code::NoTime } else { Code::Unreadable };
            (code, format!("{} is no time: {}", self.time, shown(&value, &self.time)))
        })?;
        let number = |name: &String| {
            let number = value.get(name).and_then(Value::as_f64).filter(|number| number.is_finite());
            number.ok_or_else(|| unreadable(format!("{name} is no number: {}", shown(&value, name))))
        };
        let numbers = self.fields.keys().map(number).collect::<Result<_, _>>()?;
        Ok((source, Reading { at, numbers, value, event: stored.event }))
    }

    /// Does its clock go at the stated rate, and does it report at that rate?
    fn in_time(&self, evidence: &Evidence, source: &str, readings: &[Reading], findings: &mut Gathered<Code>) {
        let [first, .., last] = readings else { return };
        let steps = (readings.len() - 1) as f64;
        let mean = last.seconds_since(first) * 1_000.0 / steps;
        let words = || format!("one reading of {source} in {mean:.0} ms, by its own clock");
        if mean * 2.0 < self.every_ms {
            if !self.caught_up(evidence, first, last, steps) {
                findings.add(Code::TooOften, words(), Some(last.event));
            }
            return;
        } else if mean > self.every_ms * 2.0 {
            return findings.add(Code::TooRare, words(), Some(last.event));
        }
        let sent = |reading: &Reading| evidence.events.get(reading.event).map(|event| event.at as f64 / 1_000.0);
        let (Some(begin), Some(end)) = (sent(first), sent(last)) else { return };
        let mean = (end - begin) / steps;
        if mean > self.every_ms * 2.0 {
            let words = format!("one reading of {source} in {mean:.0} ms, whatever its clock says");
            findings.add(Code::TooRare, words, Some(last.event));
        }
    }

    /// Had it no more readings than its time as a process allows? A timer that has been kept from its work makes up for it in
    /// one go (Java's scheduleAtFixedRate), and on average its rate is right. Its clock must be that of the machine.
    fn caught_up(&self, evidence: &Evidence, first: &Reading, last: &Reading, steps: f64) -> bool {
        let started = evidence.iter().find(|(_, event)| matches!(event.what, What::Started { .. })).map(|(at, _)| at);
        let Some((started, sent)) = started.and_then(|at| time_of(evidence, at)).zip(time_of(evidence, last.event))
        else {
            return false;
        };
        let mean = last.at.duration_since(started).as_secs_f64() * 1_000.0 / steps;
        first.at >= started && last.at <= sent && mean * 2.0 >= self.every_ms
    }

    /// Does each reading go when it is taken, or do they wait for each other, or go before their time? One alone may be
    /// late for many reasons, so most of them decide.
    fn sent_at_once(&self, evidence: &Evidence, series: &BTreeMap<&str, Vec<Reading>>, findings: &mut Gathered<Code>) {
        let Some(occupied) = Occupied::new(evidence, &self.topic) else { return };
        let (mut judged, mut held, mut ahead) = (0, Vec::new(), Vec::new());
        for reading in series.values().flatten() {
            let Some(sent) = evidence.events.get(reading.event) else { continue };
            let (taken, sent) = (occupied.when(reading.at), sent.at as f64 / 1e6);
            if taken < occupied.first {
                continue; // It may have waited for the client to find its broker.
            }
            judged += 1;
            if occupied.leisure(taken, sent) > HELD {
                held.push((sent - taken, reading.event));
            } else if taken - sent > SAME_MOMENT {
                ahead.push((taken - sent, reading.event));
            }
        }
        for (code, mut found, how) in [(Code::HeldBack, held, "later than"), (Code::Ahead, ahead, "before")] {
            found.sort_by(|(one, _), (other, _)| other.total_cmp(one));
            if let Some((most, event)) = found.first().filter(|_| found.len() >= FEW && found.len() * 2 > judged) {
                let words = format!(
                    "{} of {} sent {how} their {}, by up to {most:.1} s",
                    found.len(),
                    count(judged, "reading"),
                    self.time
                );
                findings.add(code, words, Some(*event));
            }
        }
    }

    /// Can this reading follow that one?
    fn next(&self, source: &str, before: &Reading, now: &Reading, findings: &mut Gathered<Code>) {
        let events = Some(now.event);
        if now.at < before.at {
            findings.add(Code::Backwards, format!("{source}: {} after {}", now.at, before.at), events);
        }
        // A reading that was put off may be taken soon before the next: it is as far away as if it had been in time.
        let seconds = now.seconds_since(before).max(self.every_ms / 1_000.0);
        for (((name, limits), then), now) in self.fields.iter().zip(&before.numbers).zip(&now.numbers) {
            if limits.rises && now < then {
                findings.add(Code::Falls, format!("{source}: {name} {now} after {then}"), events);
            } else if limits.per_second.is_some_and(|most| (now - then).abs() > most * seconds * (1.0 + ROUNDING)) {
                findings.add(Code::Jumps, format!("{source}: {name} {now}, {seconds:.1} s after {then}"), events);
            }
        }
    }

    fn within_limits(&self, source: &str, readings: &[Reading], findings: &mut Gathered<Code>) {
        for reading in readings {
            for ((name, limits), number) in self.fields.iter().zip(&reading.numbers) {
                if !(limits.least..=limits.most).contains(number) {
                    findings.add(Code::Limits, format!("{source}: {name} {number}"), Some(reading.event));
                }
            }
        }
    }

    /// Does what rises rise as fast as another number says?
    fn tells_one_story(&self, source: &str, readings: &[Reading], findings: &mut Gathered<Code>) {
        let [first, .., last] = readings else { return };
        let hours = last.seconds_since(first) / 3_600.0;
        for (at, (name, limits)) in self.fields.iter().enumerate() {
            let Some(of) = limits.per_hour.as_ref() else { continue };
            let Some(place) = self.fields.keys().position(|known| known == of) else { continue };
            let mean = readings.iter().map(|reading| reading.numbers[place]).sum::<f64>() / readings.len() as f64;
            let per_hour = (last.numbers[at] - first.numbers[at]) / hours;
            if hours > 0.0 && !(mean / 2.0 - SLACK..=mean * 2.0 + SLACK).contains(&per_hour) {
                let words =
                    format!("{source}: {name} rises by {per_hour:.1} an hour, and {of} is {mean:.1} on average");
                findings.add(Code::Disagrees, words, Some(last.event));
            }
        }
    }

    /// Was the reading sent when it was taken? A client may put it off, for it has to find its broker first.
    fn sent_in_time(&self, source: &str, reading: &Reading, sent: Timestamp, findings: &mut Gathered<Code>) {
        let late = sent.duration_since(reading.at).as_secs_f64();
        let (code, how, by) = match late {
            late if late < -SAME_CLOCK => (Code::Ahead, "before", -late),
            late if late > PUT_OFF => (Code::Behind, "after", late),
            _ => return,
        };
        let words = format!("one of {source}, {by:.1} s {how} its {}", self.time);
        findings.add(code, words, Some(reading.event));
    }

    fn finding(&self, code: Code, seen: &Seen) -> Finding<Code> {
        let (by, every) = (&self.by, self.every_ms);
        let required = match code {
            Code::NoTime => format!("{} in RFC 3339, with its zone: Z, or an offset such as +01:00", self.time),
            Code::Unreadable => "JSON objects with a source, a time and numbers in every record".to_owned(),
            Code::Sources => format!("readings of each of the {}", count(self.sources.len(), "source")),
            Code::Foreign => format!("{by} one of {}", some(&self.sources)),
            Code::Repeated => "each reading once".to_owned(),
            Code::Backwards => format!("{} of one {by} never earlier than the one before", self.time),
            Code::TooOften | Code::TooRare => format!("a reading of each {by} in {every} ms"),
            Code::Ahead | Code::Behind | Code::HeldBack => "each reading sent when it is taken".to_owned(),
            Code::Limits => self.told(|name, limits| Some(format!("{name} from {} to {}", limits.least, limits.most))),
            Code::Jumps => {
                self.told(|name, limits| Some(format!("{name} at most {} further in a second", limits.per_second?)))
            }
            Code::Falls => self.told(|name, limits| limits.rises.then(|| format!("{name} never falls"))),
            Code::Disagrees => self
                .told(|name, limits| Some(format!("{name} rises in an hour by what {} is", limits.per_hour.as_ref()?))),
        };
        Finding::new(code, required, some(&seen.words), seen.events.iter().copied().take(3).collect())
    }

    fn told(&self, of: impl Fn(&str, &Limits) -> Option<String>) -> String {
        self.fields.iter().filter_map(|(name, limits)| of(name, limits)).collect::<Vec<_>>().join(", ")
    }
}

/// What rounding to a few digits may add to a step.
const ROUNDING: f64 = 0.05;
/// What may lie between two numbers that are both about nothing.
const SLACK: f64 = 5.0;
/// Seconds. Who sends and who records look at the same clock, each in its own moment.
const SAME_CLOCK: f64 = 1.0;
/// Seconds for which a client may put off what was taken: until it has found its broker, and when a connection breaks.
const PUT_OFF: f64 = 15.0;

/// Seconds for which a client may collect what it sends, of its own accord.
const HELD: f64 = 0.25;
/// Seconds by which most clocks and roundings agree.
const SAME_MOMENT: f64 = 0.2;
/// Too few to tell a habit from an accident.
const FEW: usize = 10;

/// When the client had something to wait for, a batch without an answer, or the grader saw nothing. In seconds since the
/// recording began.
struct Occupied {
    began: Timestamp,
    /// When it was first answered; until then it may be looking for its broker.
    first: f64,
    /// In order, each with its end.
    spans: Vec<(f64, f64)>,
}

impl Occupied {
    fn new(evidence: &Evidence, topic: &str) -> Option<Occupied> {
        let began = evidence.header.began.parse().ok()?;
        let lost = evidence.lost();
        let at = |event: usize| evidence.events.get(event).map_or(f64::MAX, |event| event.at as f64 / 1e6);
        let produces = evidence.produces(topic);
        // Of each request, when it was answered with yes, and the program was told.
        let taken = |produce: &Produce<'_>| {
            let answer = produce.answer.filter(|answer| !lost.contains(&answer.event))?;
            answer.partitions.iter().all(|answer| stored_by(answer.error)).then(|| at(answer.event))
        };
        let answers: Vec<Option<f64>> = produces.iter().map(taken).collect();
        let first = answers.iter().flatten().copied().min_by(f64::total_cmp)?;
        // One that failed keeps the client busy until a later one has gone well.
        let mut next = f64::MAX;
        let mut spans: Vec<(f64, f64)> = Vec::new();
        for (produce, answer) in produces.iter().zip(&answers).rev() {
            next = answer.map_or(next, |answer| next.min(answer));
            spans.push((at(produce.event), answer.unwrap_or(next)));
        }
        // What came while the grader was late is recorded late.
        spans.extend(evidence.late().map(|(begin, end)| (begin as f64 / 1e6, end as f64 / 1e6)));
        spans.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        Some(Occupied { began, first, spans })
    }

    fn when(&self, time: Timestamp) -> f64 {
        time.duration_since(self.began).as_secs_f64()
    }

    /// The longest time between the two moments in which it had nothing to wait for.
    fn leisure(&self, from: f64, to: f64) -> f64 {
        let (mut free, mut longest) = (from, 0.0_f64);
        for (begin, end) in self.spans.iter().filter(|(begin, end)| *end > from && *begin < to) {
            longest = longest.max(begin - free);
            free = free.max(*end);
        }
        longest.max(to - free)
    }
}

/// When the event was recorded, by the clock of the machine.
fn time_of(evidence: &Evidence, event: usize) -> Option<Timestamp> {
    let began: Timestamp = evidence.header.began.parse().ok()?;
    began.checked_add(SignedDuration::from_micros(evidence.events.get(event)?.at as i64)).ok()
}

/// The same reading more than once is told as that, and not as time that stands still.
fn drop_repeated(readings: &mut Vec<Reading>, findings: &mut Gathered<Code>) {
    let mut seen = HashSet::new();
    readings.retain(|reading| {
        let new = seen.insert(reading.value.to_string());
        if !new {
            findings.add(Code::Repeated, format!("the reading of {}", reading.at), Some(reading.event));
        }
        new
    });
}

fn shown(value: &Value, name: &str) -> String {
    // As JSON: a text has its quotation marks.
    value.get(name).map_or_else(|| "it is missing".to_owned(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::{Recording, batch, record};
    use serde_json::{Value, json};

    fn check() -> Value {
        let fields = json!({"speed": {"least": 0, "most": 200, "per_second": 50}, "km": {"least": 0, "most": 1e6, "rises": true, "per_hour": "speed"}});
        json!({"series": {"topic": "t", "by": "car", "sources": ["x"], "time": "at", "every_ms": 1000, "fields": fields}})
    }

    /// Readings of one car, one a second: its speed, its odometer, and the second of its clock.
    fn judged(readings: &[(f64, f64, u32)]) -> String {
        paced(readings, 1_000)
    }

    fn paced(readings: &[(f64, f64, u32)], ms: u64) -> String {
        let value = |(speed, km, second): &(f64, f64, u32)| json!({"car": "x", "at": format!("1970-01-02T00:00:{second:02}.000Z"), "speed": speed, "km": km});
        sent(&readings.iter().map(value).collect::<Vec<_>>(), ms)
    }

    fn sent(values: &[Value], ms: u64) -> String {
        let recording = values.iter().fold(Recording::default(), |recording, value| {
            recording.produce(vec![batch(0, vec![record("x", value)])]).pause(ms)
        });
        recording.judged(check())
    }

    #[test]
    fn a_timer_that_was_kept_from_its_work_may_make_up_for_it() {
        let from = |start: Recording| {
            let sent = (0..4).fold(start, |recording, tenth| {
                let at = format!("1970-01-02T00:00:03.{tenth}00Z");
                let value = json!({"car": "x", "at": at, "speed": 36, "km": 1.0 + f64::from(tenth) / 1_000.0});
                recording.produce(vec![batch(0, vec![record("x", &value)])]).pause(100)
            });
            sent.judged(check())
        };
        assert_eq!(from(Recording::default().started().pause(3_000)), "passed");
        assert_eq!(from(Recording::default().pause(3_000).started()), "too-often");
    }

    #[test]
    fn a_series_is_plausible() {
        assert_eq!(judged(&[(36.0, 1.0, 0), (36.0, 1.01, 1), (36.0, 1.02, 2)]), "passed");
        assert_eq!(judged(&[(36.0, 1.0, 0), (36.0, 1.01, 1), (36.0, 1.02, 0)]), "too-often backwards");
        assert_eq!(judged(&[(36.0, 1.0, 0), (90.0, 1.02, 1)]), "jumps");
        assert_eq!(judged(&[(36.0, 1.0, 0), (36.0, 0.99, 1)]), "falls disagrees");
        assert_eq!(judged(&[(190.0, 1.0, 0), (210.0, 1.06, 1)]), "limits");
        assert_eq!(judged(&[(10.0, 1.0, 0), (10.0, 1.01, 1)]), "disagrees", "metres in a second");
        assert_eq!(judged(&[]), "no evidence");
    }

    #[test]
    fn readings_are_taken_at_the_rate_and_sent_then() {
        assert_eq!(paced(&[(36.0, 1.0, 0), (36.0, 1.03, 3)], 3_000), "too-rare");
        assert_eq!(paced(&[(36.0, 1.0, 0), (36.0, 1.01, 1), (36.0, 1.02, 2)], 1), "ahead");
        assert_eq!(paced(&[(36.0, 1.0, 0), (36.0, 1.01, 1)], 20_000), "too-rare behind");
    }

    #[test]
    fn most_readings_are_sent_when_they_are_taken() {
        let value = |tenth: u64| json!({"car": "x", "at": format!("1970-01-02T00:00:{:02}.{}Z", tenth / 10, tenth % 10), "speed": 36, "km": 1.0 + tenth as f64 * 0.001});
        let mut check = check();
        check["series"]["every_ms"] = json!(100);
        // Taken every 100 ms; a batch of so many is sent when the last one is taken.
        let bunches = |size: u64| {
            (0..60 / size).fold(Recording::default(), |recording, bunch| {
                let records = (bunch * size..(bunch + 1) * size).map(|tenth| record("x", &value(tenth))).collect();
                recording.pause(size * 100).produce(vec![batch(0, records)])
            })
        };
        assert_eq!(bunches(2).judged(check.clone()), "passed");
        assert_eq!(bunches(10).judged(check.clone()), "held-back");
        let unseen = (0..6).fold(Recording::default(), |recording, bunch| {
            let records = (bunch * 10..(bunch + 1) * 10).map(|tenth| record("x", &value(tenth))).collect();
            recording.pause(1_000).late(950).produce(vec![batch(0, records)])
        });
        assert_eq!(unseen.judged(check.clone()), "passed", "the grader saw late what may have been sent in time");
        let ahead = |size: u64| {
            (0..60 / size).fold(Recording::default(), |recording, bunch| {
                let records = (bunch * size..(bunch + 1) * size).map(|tenth| record("x", &value(tenth))).collect();
                recording.produce(vec![batch(0, records)]).pause(size * 100)
            })
        };
        assert_eq!(ahead(2).judged(check.clone()), "passed");
        assert_eq!(ahead(10).judged(check.clone()), "ahead");
        let slow = (0..12).fold(Recording::default(), |recording, tenth| {
            recording.produce(vec![batch(0, vec![record("x", &value(tenth))])]).pause(1_000)
        });
        assert_eq!(slow.judged(check), "held-back too-rare");
    }

    #[test]
    fn each_reading_comes_once_from_one_of_the_sources_and_can_be_read() {
        let value =
            |car: &str, speed: Value| json!({"car": car, "at": "1970-01-02T00:00:00Z", "speed": speed, "km": 1});
        assert_eq!(sent(&[value("x", json!(1)), value("x", json!(1))], 1), "repeated");
        assert_eq!(sent(&[value("y", json!(1))], 1), "foreign sources");
        assert_eq!(sent(&[value("x", json!(1)), value("x", json!("1"))], 1), "unreadable");
        let no_zone = json!({"car": "x", "at": "1970-01-02T00:00:00", "speed": 1, "km": 1});
        assert_eq!(sent(&[value("x", json!(1)), no_zone], 1), "no-time");
    }
}
