//! The seconds in the figures can be true.
//!
//! A program tells the outside world when a run begins and when it ends, and its clock runs in between. So a true time
//! lies between two that were seen from outside: it is not shorter than from the run's first request to its last answer,
//! and not longer than from the answer to “it begins” to the call “it ends”. That is not a matter of speed: whatever the
//! machine does meanwhile lengthens all three.

use super::figures;
use crate::checks::{Check, Finding, Outcome, codes, count};
use crate::evidence::{Evidence, Figures, Run};
use crate::wire::error::OUT_OF_ORDER_SEQUENCE_NUMBER;
use serde::Deserialize;
use std::collections::HashMap;

/// For clocks that are rounded, and for those that are set while they run. Seconds.
const TOLERANCE: f64 = 0.01;
/// By how much the rate may differ from what it is made of: two in a hundred, and a millisecond that was cut off.
const RATE: f64 = 0.02;
const ROUNDING: f64 = 0.001;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timed {
    topic: String,
    file: String,
    /// The calls that enclose the clock, with `{"name": …}`.
    begin: String,
    end: String,
}

codes! {
    Unannounced = "unannounced" Wrong,
    BegunLate = "begun-late" Wrong,
    EndedEarly = "ended-early" Wrong,
    Overlapping = "overlapping" Wrong,
    TooShort = "too-short" Wrong,
    TooLong = "too-long" Wrong,
    Inconsistent = "inconsistent" Wrong,
    OtherBytes = "other-bytes" Wrong,
}

impl Check for Timed {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let figures = match figures::read(evidence, &self.file) {
            Ok(figures) => figures,
            Err(outcome) => return outcome,
        };
        let (begins, ends) = (Announced::new(evidence, &self.begin), Announced::new(evidence, &self.end));
        // One finding for each code, about the first run that shows it: they tend to be wrong all in the same way.
        let mut findings: Vec<(Finding<Code>, Vec<String>)> = Vec::new();
        let mut judged = 0;
        for run in evidence.runs(&self.topic) {
            let Some(row) = figures.row(&run.key) else { continue };
            judged += 1;
            for mut finding in self.findings(evidence, &run, row, &begins, &ends) {
                finding.events.push(figures.event);
                match findings.iter_mut().find(|(known, _)| known.code == finding.code) {
                    Some((_, others)) => others.push(run.key.clone()),
                    None => findings.push((finding, Vec::new())),
                }
            }
        }
        if judged == 0 {
            return Outcome::NoEvidence("no run on the wire has figures".into());
        }
        if findings.is_empty() {
            return Outcome::Passed(format!(
                "{}: each time lies between what the wire and the calls allow, to {:.0} ms",
                count(judged, "run"),
                TOLERANCE * 1000.0
            ));
        }
        let told = findings.into_iter().map(|(mut finding, others)| {
            if !others.is_empty() {
                finding.seen.push_str(&format!("; also in {}", others.join(", ")));
            }
            finding
        });
        Outcome::Failed(told.collect())
    }
}

impl Timed {
    /// What is wrong with the time of one run.
    fn findings(
        &self,
        evidence: &Evidence,
        run: &Run<'_>,
        row: &Figures,
        begins: &Announced<'_>,
        ends: &Announced<'_>,
    ) -> Vec<Finding<Code>> {
        let name = &run.key;
        let mut findings = Vec::new();
        findings.extend(inconsistent(row));
        findings.extend(other_bytes(row, run.bytes()));
        let shown: Vec<usize> = run.first().into_iter().collect();
        let shortest = shortest(evidence, run);
        if let Some(Least { seconds: least, last }) = shortest.filter(|least| row.seconds < least.seconds - TOLERANCE) {
            let required = format!("at least {least:.3} s, the time from {name}'s first request to its last answer");
            let seen = format!("{:.3} s in {name}", row.seconds);
            findings.push(Finding::new(Code::TooShort, required, seen, [shown.clone(), vec![last]].concat()));
        }
        let (called, ended) = (begins.calls(name), ends.calls(name));
        let (&[Announcement { event: begin, answer: Some(begun) }], &[Announcement { event: end, .. }]) =
            (called, ended)
        else {
            let required = format!("one call “{}” and one “{}” with {{\"name\": \"{name}\"}}", self.begin, self.end);
            let seen = format!("{} and {}", called.len(), ended.len());
            let events = called.iter().chain(ended).map(|call| call.event).take(3).collect();
            findings.push(Finding::new(Code::Unannounced, required, seen, events));
            return findings;
        };
        if let Some((at, of)) = begins.first_other(name, begun, end) {
            let required = format!("“{}” of {name}, then the next run: one after the other", self.end);
            let seen = format!("{of} began before {name} had ended");
            findings.push(Finding::new(Code::Overlapping, required, seen, vec![begin, at, end]));
        }
        let late = run.first().filter(|first| *first < begin);
        if let Some(first) = late {
            let required = format!("“{}”, then the records of {name}", self.begin);
            findings.push(Finding::new(Code::BegunLate, required, "a request before that call", vec![first, begin]));
        }
        let early = shortest.filter(|least| least.last > end);
        if let Some(Least { last, .. }) = early {
            let required = format!("“{}” when every record of {name} has been answered", self.end);
            let seen = "an answer that came after that call";
            findings.push(Finding::new(Code::EndedEarly, required, seen, vec![end, last]));
        }
        let most = between(evidence, begun, end);
        if late.is_none() && early.is_none() && row.seconds > most + TOLERANCE {
            let required = format!("at most {most:.3} s, the time from “{}” to “{}” of {name}", self.begin, self.end);
            let seen = format!("{:.3} s in {name}", row.seconds);
            findings.push(Finding::new(Code::TooLong, required, seen, vec![begin, end]));
        }
        findings
    }
}

/// A call that says that a run begins or ends.
#[derive(Clone, Copy)]
struct Announcement {
    event: usize,
    /// Position of the answer.
    answer: Option<usize>,
}

/// All calls of one `op`.
struct Announced<'e> {
    by_name: HashMap<&'e str, Vec<Announcement>>,
    /// Position and name, in order.
    in_order: Vec<(usize, &'e str)>,
}

impl<'e> Announced<'e> {
    fn new(evidence: &'e Evidence, op: &str) -> Announced<'e> {
        let mut announced = Announced { by_name: HashMap::new(), in_order: Vec::new() };
        for call in evidence.calls(op) {
            let Some(name) = call.args.get("name").and_then(|name| name.as_str()) else { continue };
            let answer = call.answer.map(|answer| answer.event);
            announced.by_name.entry(name).or_default().push(Announcement { event: call.event, answer });
            announced.in_order.push((call.event, name));
        }
        announced
    }

    fn calls(&self, name: &str) -> &[Announcement] {
        self.by_name.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// The first call of another run in this range.
    fn first_other(&self, name: &str, from: usize, to: usize) -> Option<(usize, &'e str)> {
        let begin = self.in_order.partition_point(|(at, _)| *at < from);
        let mut within = self.in_order[begin..].iter().take_while(|(at, _)| *at < to);
        within.find(|(_, other)| *other != name).copied()
    }
}

/// The least time that a run can have taken.
#[derive(Clone, Copy)]
struct Least {
    seconds: f64,
    /// Position of the last answer.
    last: usize,
}

/// From the first request to the last answer. With `acks=0` there is none: the
/// client is done when its own socket has taken the bytes, and nothing contradicts its clock.
///
/// Once a batch is refused for good, the broker takes nothing of what follows it: its sequence numbers leave a gap. A client
/// knows that and may give it up at once (franz-go does), whatever is still on its way. Nothing waits for those answers.
fn shortest(evidence: &Evidence, run: &Run<'_>) -> Option<Least> {
    let awaited = run.sent.iter().filter_map(|sent| sent.answer);
    let last =
        awaited.filter(|answer| answer.error != OUT_OF_ORDER_SEQUENCE_NUMBER).map(|answer| answer.event).max()?;
    Some(Least { seconds: between(evidence, run.first()?, last), last })
}

fn between(evidence: &Evidence, from: usize, to: usize) -> f64 {
    evidence.at(to).saturating_sub(evidence.at(from)) as f64 / 1e6
}

/// A rate that is not what was delivered in those seconds.
fn inconsistent(row: &Figures) -> Option<Finding<Code>> {
    let delivered = row.delivered as f64;
    // Rounded to whole records per second, it may be one off.
    (!fits(row.records_per_second, delivered, row.seconds, 1.0)).then(|| {
        let rate = delivered / row.seconds.max(ROUNDING);
        let required = format!("{rate:.0} records/s, for {} delivered in {:.3} s", row.delivered, row.seconds);
        let seen = format!("{:.0} records/s in {}, not {rate:.0}", row.records_per_second, row.name);
        Finding::new(Code::Inconsistent, required, seen, vec![])
    })
}

/// Megabytes that are not those of the values that the broker took.
fn other_bytes(row: &Figures, bytes: u64) -> Option<Finding<Code>> {
    let megabytes = bytes as f64 / 1e6;
    let told = row.megabytes_per_second.filter(|told| !fits(*told, megabytes, row.seconds, 0.01))?;
    let rate = megabytes / row.seconds.max(ROUNDING);
    let required = format!("{rate:.3} MB/s, for values of {bytes} bytes, delivered in {:.3} s", row.seconds);
    Some(Finding::new(Code::OtherBytes, required, format!("{told:.3} MB/s in {}, not {rate:.3}", row.name), vec![]))
}

/// Can this be the rate of so much in so many seconds, all of them rounded? The rate may be off by `slack` of its unit.
fn fits(rate: f64, amount: f64, seconds: f64, slack: f64) -> bool {
    let least = amount / (seconds + ROUNDING) * (1.0 - RATE);
    let most = match seconds - ROUNDING {
        seconds if seconds > 0.0 => amount / seconds * (1.0 + RATE),
        _ if amount == 0.0 => 0.0,
        _ => f64::INFINITY,
    };
    rate >= least - slack && rate <= most + slack
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{Recording, batch, record};
    use serde_json::json;

    fn row(delivered: u64, seconds: f64, records_per_second: f64) -> Figures {
        Figures { name: "acks-1".into(), delivered, failed: 0, seconds, records_per_second, megabytes_per_second: None }
    }

    #[test]
    fn a_rate_is_delivered_by_seconds_however_they_were_rounded() {
        for fits in [
            row(217, 0.02, 217.0 / 0.02098),
            row(200, 0.5, 400.0),
            row(200, 0.012, 200.0 / 0.0124),
            row(200, 0.0, 1e7),
            row(0, 0.3, 0.0),
        ] {
            assert_eq!(inconsistent(&fits), None, "{fits:?}");
        }
        for wrong in [row(150, 0.5, 400.0), row(200, 0.5, 0.4), row(200, 20.0, 812_000.0), row(0, 0.3, 600.0)] {
            assert!(inconsistent(&wrong).is_some(), "{wrong:?}");
        }
    }

    #[test]
    fn megabytes_are_millions_of_bytes_of_the_values_that_were_taken() {
        let told = |rate: f64| Figures { megabytes_per_second: Some(rate), ..row(200, 0.5, 400.0) };
        assert_eq!(other_bytes(&row(200, 0.5, 400.0), 1_000_000), None);
        assert_eq!(other_bytes(&told(2.0), 1_000_000), None);
        assert_eq!(other_bytes(&told(0.0), 0), None);
        for wrong in [2.0 / 1.048_576, 2.2, 2e6, 400.0] {
            assert!(other_bytes(&told(wrong), 1_000_000).is_some(), "{wrong}");
        }
    }

    /// A run of 100 ms between its first request and its answer, and of 140 ms between its calls.
    fn timed() -> Recording {
        begun("x").pause(100).acknowledge(0).pause(20).call("end", json!({"name": "x"}))
    }

    fn begun(name: &str) -> Recording {
        sent(Recording::default().call("begin", json!({"name": name})).pause(20), name)
    }

    fn sent(recording: Recording, name: &str) -> Recording {
        recording.send(-1, vec![batch(0, vec![record(name, &json!(1))])])
    }

    fn judged(recording: Recording, seconds: f64) -> String {
        let row =
            json!({"name": "x", "delivered": 1, "failed": 0, "seconds": seconds, "records_per_second": 1.0 / seconds});
        let check = json!({"timed": {"topic": "t", "file": "f", "begin": "begin", "end": "end"}});
        recording.collected("f", None, json!([row])).judged(check)
    }

    #[test]
    fn a_true_time_lies_between_two_that_were_seen() {
        assert_eq!(judged(timed(), 0.12), "passed");
        assert_eq!(judged(timed(), 0.05), "too-short");
        assert_eq!(judged(timed(), 0.3), "too-long");
        assert_eq!(judged(Recording::default(), 0.1), "no evidence");
    }

    #[test]
    fn what_can_no_longer_be_taken_is_not_waited_for() {
        let one = || vec![batch(0, vec![record("x", &json!(2))])];
        let refused = begun("x").pause(100).acknowledge(87).send(-1, one()).pause(5);
        let end = |recording: Recording| recording.call("end", json!({"name": "x"}));
        assert_eq!(judged(end(refused.clone()).pause(100).acknowledge(45), 0.1), "passed");
        assert_eq!(judged(end(refused.pause(100).acknowledge(87)), 0.1), "too-short");
    }

    #[test]
    fn a_run_is_enclosed_by_its_calls() {
        let end = |recording: Recording| recording.call("end", json!({"name": "x"}));
        assert_eq!(judged(begun("x").pause(100).acknowledge(0), 0.1), "unannounced");
        assert_eq!(judged(end(begun("x").pause(100)).acknowledge(0), 0.1), "ended-early");
        let late = sent(Recording::default(), "x").acknowledge(0).call("begin", json!({"name": "x"}));
        assert_eq!(judged(end(late.pause(100)), 0.1), "begun-late");
        let other = begun("x").pause(100).acknowledge(0).call("begin", json!({"name": "y"}));
        assert_eq!(judged(end(other), 0.1), "overlapping");
        let row = json!({"name": "x", "delivered": 100, "failed": 0, "seconds": 0.12, "records_per_second": 7});
        let check = json!({"timed": {"topic": "t", "file": "f", "begin": "begin", "end": "end"}});
        assert_eq!(timed().collected("f", None, json!([row])).judged(check.clone()), "inconsistent");
        let row = json!({"name": "x", "delivered": 1, "failed": 0, "seconds": 0.12, "records_per_second": 8.3,
            "megabytes_per_second": 8.3});
        assert_eq!(timed().collected("f", None, json!([row])).judged(check), "other-bytes");
    }
}
