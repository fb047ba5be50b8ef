//! One alert for each time that the lag of a group in a partition comes to a limit.

use super::moments::{moments, report};
use crate::checks::{Check, Finding, Outcome, codes, count};
use crate::evidence::{Call, Evidence};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alerted {
    topic: String,
    /// The call that carries the report of a group: `{"group": "…", "lag": {"0": 3, "1": null}}`. What it says is what
    /// alerts are held against: whether it is true is for another check.
    op: String,
    /// The call that is the alert: `{"group": "…", "partition": 0}`.
    alert: String,
    /// From this lag on.
    limit: i64,
}

codes! {
    // The lag is beyond the limit for the first time, and there is no alert.
    Missing = "missing" Wrong,
    // The same, where it is the limit itself.
    Edge = "edge" Wrong,
    // The lag had been below the limit since the last alert, and there is no other.
    NotAgain = "not-again" Wrong,
    // It was there already.
    Repeated = "repeated" Duplicate,
    // It was there before it was unknown for a while, and has not been below the limit since.
    AfterUnknown = "after-unknown" Duplicate,
    // The lag is below the limit, or unknown.
    Unfounded = "unfounded" Wrong,
    // Of which partition, it does not say.
    NoPartition = "no-partition" Wrong,
}

/// A partition of a group.
type Place = (String, i32);

/// How it stood with a place at the look before.
#[derive(Clone, Copy)]
enum Before {
    Below,
    Above,
    /// It had been above, and then nobody could know.
    Unknown,
}

/// What has been seen of a place.
#[derive(Default)]
struct Watched {
    above: bool,
    /// Nothing was known at the last look.
    unknown: bool,
    /// How often it came to the limit.
    crossings: usize,
}

impl Check for Alerted {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let (reports, alerts) = (evidence.calls(&self.op), evidence.calls(&self.alert));
        let mut watched: BTreeMap<Place, Watched> = BTreeMap::new();
        let (mut missing, mut findings, mut crossings) = (Vec::new(), Vec::new(), 0);
        for moment in moments(evidence, &self.topic) {
            let mut due: BTreeSet<Place> = BTreeSet::new();
            let mut lags: BTreeMap<Place, (Option<i64>, Before)> = BTreeMap::new();
            for call in moment.about(&reports) {
                let Ok(report) = report(call) else { continue };
                for (partition, lag) in &report.lags {
                    let place = (report.group.to_owned(), *partition);
                    let state = watched.entry(place.clone()).or_default();
                    let before = match (state.above, state.unknown) {
                        (false, _) => Before::Below,
                        (true, false) => Before::Above,
                        (true, true) => Before::Unknown,
                    };
                    lags.insert(place.clone(), (*lag, before));
                    state.unknown = lag.is_none();
                    let Some(lag) = *lag else { continue };
                    if lag >= self.limit && !state.above {
                        state.crossings += 1;
                        due.insert(place);
                    }
                    state.above = lag >= self.limit;
                }
            }
            for call in moment.about(&alerts) {
                let Some(place) = place(call) else {
                    let required = r#"{"group": "…", "partition": 0}"#;
                    findings.push(Finding::new(Code::NoPartition, required, call.args.to_string(), vec![call.event]));
                    continue;
                };
                if due.remove(&place) {
                    crossings += 1;
                    continue;
                }
                let Some((lag, before)) = lags.get(&place) else { continue }; // of this place there was no report
                findings.push(self.too_many(call, &place, *lag, *before));
            }
            for place in due {
                let crossing = watched.get(&place).map_or(0, |state| state.crossings);
                let lag = lags.get(&place).and_then(|(lag, _)| *lag).unwrap_or_default();
                missing.push((place, lag, crossing, moment.event));
            }
        }
        findings.extend(self.missed(&missing));
        let mut told = Vec::new();
        findings.retain(|finding| {
            !told.contains(&finding.code) && {
                told.push(finding.code);
                true
            }
        });
        if findings.is_empty() && !watched.values().any(|state| state.crossings > 1) {
            return Outcome::NoEvidence(format!("no lag came to {} twice", self.limit));
        }
        Outcome::unless_found(findings, || format!("{}, each for one crossing", count(crossings, "alert")))
    }
}

impl Alerted {
    fn too_many(&self, call: &Call<'_>, (group, partition): &Place, lag: Option<i64>, before: Before) -> Finding<Code> {
        let limit = self.limit;
        match lag {
            Some(lag) if lag >= limit => {
                let required = format!("one alert until the lag has been below {limit} again");
                let place = format!("{group}[{partition}]");
                let (code, seen) = match before {
                    Before::Above => (
                        Code::Repeated,
                        format!("another one for {place}, which has been at {limit} or more since the last"),
                    ),
                    Before::Unknown => (
                        Code::AfterUnknown,
                        format!("another one for {place}, which was unknown for a while and never below {limit}"),
                    ),
                    Before::Below => (Code::Repeated, format!("two for {place} at once")),
                };
                Finding::new(code, required, seen, vec![call.event])
            }
            lag => {
                let lag = lag.map_or_else(|| "unknown".to_owned(), |lag| lag.to_string());
                let seen = format!("one for {group}[{partition}], whose lag is {lag}");
                Finding::new(Code::Unfounded, format!("an alert at a lag of {limit} or more"), seen, vec![call.event])
            }
        }
    }

    /// One name for all that are missing, where one explains each.
    fn missed(&self, missing: &[(Place, i64, usize, usize)]) -> Option<Finding<Code>> {
        let ((group, partition), lag, _, event) = missing.first()?;
        let code = match () {
            () if missing.iter().all(|(_, lag, ..)| *lag == self.limit) => Code::Edge,
            () if missing.iter().all(|(_, _, crossing, _)| *crossing > 1) => Code::NotAgain,
            () => Code::Missing,
        };
        let alert = format!("alert for {group}[{partition}], whose lag is {lag}");
        Some(Finding::new(code, format!("an {alert}"), format!("no {alert}"), vec![*event]))
    }
}

fn place(call: &Call<'_>) -> Option<Place> {
    let group = call.args.get("group").and_then(Value::as_str)?;
    let partition = call.args.get("partition").and_then(Value::as_i64)?;
    Some((group.to_owned(), i32::try_from(partition).ok()?))
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::{GROUP, Recording, TOPIC};
    use serde_json::{Value, json};

    /// At each moment a lag, and so many alerts.
    fn judged(moments: &[(Value, usize)]) -> String {
        let of = |recording: Recording, (lag, alerts): &(Value, usize)| {
            let report = json!({"group": GROUP, "lag": {"0": lag}});
            let recording = recording.observed(&[(0, 20)], &[]).call("lag", report);
            let alert = |recording: Recording, _| recording.call("alert", json!({"group": GROUP, "partition": 0}));
            (0..*alerts).fold(recording, alert)
        };
        moments.iter().fold(Recording::default(), of).judged(check())
    }

    fn check() -> Value {
        json!({"alerted": {"topic": TOPIC, "op": "lag", "alert": "alert", "limit": 10}})
    }

    #[test]
    fn one_alert_for_each_crossing() {
        let said = |lags: [i64; 5], alerts: [usize; 5]| {
            judged(&lags.map(Value::from).into_iter().zip(alerts).collect::<Vec<_>>())
        };
        assert_eq!(said([3, 12, 15, 4, 10], [0, 1, 0, 0, 1]), "passed");
        assert_eq!(said([3, 12, 15, 4, 10], [0, 1, 1, 0, 1]), "repeated");
        assert_eq!(said([3, 12, 15, 4, 10], [0, 2, 0, 0, 1]), "repeated");
        assert_eq!(said([3, 12, 15, 4, 11], [0, 1, 0, 0, 0]), "not-again");
        assert_eq!(said([3, 10, 15, 4, 11], [0, 0, 0, 0, 1]), "edge");
        assert_eq!(said([3, 12, 15, 4, 11], [0, 0, 0, 0, 1]), "missing");
        assert_eq!(said([3, 12, 15, 4, 11], [1, 1, 0, 0, 1]), "unfounded");
        assert_eq!(said([3, 4, 5, 6, 7], [0; 5]), "no evidence");
        // What is unknown is neither above nor below.
        let unknown = [(json!(12), 1), (Value::Null, 0), (json!(11), 0), (json!(3), 0), (json!(11), 1)];
        assert_eq!(judged(&unknown), "passed");
        let unknown = [(json!(12), 1), (Value::Null, 0), (json!(11), 1), (json!(3), 0), (json!(11), 1)];
        assert_eq!(judged(&unknown), "after-unknown");
    }

    #[test]
    fn an_alert_says_of_which_partition_it_is() {
        let report = json!({"group": GROUP, "lag": {"0": 12}});
        let said = Recording::default().observed(&[(0, 20)], &[]).call("lag", report);
        assert_eq!(said.call("alert", json!({"group": GROUP, "lag": 12})).judged(check()), "no-partition missing");
    }
}
