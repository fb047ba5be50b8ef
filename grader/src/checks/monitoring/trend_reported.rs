//! Each report says how the total has changed since the report of the same group before it.

use super::moments::{Lag, Report, report, told};
use crate::checks::{Check, Finding, Outcome, codes, count, some};
use crate::evidence::Evidence;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrendReported {
    /// The call that carries the report of a group: `{"group": "…", "lag": {"0": 3}, "trend": "growing"}`.
    op: String,
}

codes! {
    // It is none of `growing`, `shrinking`, `steady` and null.
    Unreadable = "unreadable" Wrong,
    // A trend, where there is nothing to compare with.
    Guessed = "guessed" Wrong,
    // Growing for shrinking, and shrinking for growing.
    Backwards = "backwards" Wrong,
    // What has changed since the first report of the group.
    FromFirst = "from-first" Wrong,
    // What has changed since the last report, of whichever group.
    AcrossGroups = "across-groups" Wrong,
    // Compared with a total from before the last report, whose own total was unknown.
    AcrossUnknown = "across-unknown" Wrong,
    Wrong = "wrong" Wrong,
}

/// One report whose trend is not what it should be.
struct Slip {
    event: usize,
    said: Option<String>,
    required: Option<&'static str>,
    since_first: Option<&'static str>,
    since_any: Option<&'static str>,
    since_known: Option<&'static str>,
}

impl Check for TrendReported {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let calls = evidence.calls(&self.op);
        let mut totals: BTreeMap<&str, Vec<Lag>> = BTreeMap::new();
        let (mut last, mut slips, mut seen) = (None, Vec::new(), Vec::new());
        for call in &calls {
            let Ok(report) = report(call) else { continue }; // another check says so
            let total = report.total();
            let before = totals.entry(report.group).or_default();
            let required = trend(before.last().copied().flatten(), total);
            match said(&report) {
                Err(said) => {
                    let required = "trend: growing, shrinking, steady, or null";
                    return Finding::new(Code::Unreadable, required, said, vec![call.event]).outcome();
                }
                Ok(said) if said.as_deref() == required => seen.extend(required),
                Ok(said) => slips.push(Slip {
                    event: call.event,
                    said,
                    required,
                    since_first: trend(before.first().copied().flatten(), total),
                    since_any: trend(last, total),
                    since_known: trend(before.iter().rev().copied().find_map(|known| known), total),
                }),
            }
            before.push(total);
            last = total;
        }
        if !slips.is_empty() {
            return named(&slips).outcome();
        }
        match ["growing", "shrinking", "steady"].iter().find(|trend| !seen.contains(trend)) {
            Some(trend) => Outcome::NoEvidence(format!("no total was ever {trend}")),
            None => {
                Outcome::Passed(format!("{} in {} right", count(seen.len(), "trend"), count(calls.len(), "report")))
            }
        }
    }
}

/// One name for all of them, where one explains each.
fn named(slips: &[Slip]) -> Finding<Code> {
    let all = |explains: &dyn Fn(&Slip) -> bool| slips.iter().all(explains);
    let opposite = |slip: &Slip| {
        matches!(
            (slip.said.as_deref(), slip.required),
            (Some("growing"), Some("shrinking")) | (Some("shrinking"), Some("growing"))
        )
    };
    let code = if all(&|slip| slip.required.is_none() && slip.said.as_deref() == slip.since_known) {
        Code::AcrossUnknown
    } else if all(&|slip| slip.required.is_none()) {
        Code::Guessed
    } else if all(&opposite) {
        Code::Backwards
    } else if all(&|slip| slip.said.as_deref() == slip.since_first) {
        Code::FromFirst
    } else if all(&|slip| slip.said.as_deref() == slip.since_any) {
        Code::AcrossGroups
    } else {
        Code::Wrong
    };
    let word = |trend: Option<&str>| format!("trend {}", trend.unwrap_or("null"));
    let required: Vec<String> = slips.iter().map(|slip| word(slip.required)).collect();
    let seen: Vec<String> = slips.iter().map(|slip| word(slip.said.as_deref())).collect();
    Finding::new(code, some(&required), some(&seen), slips.iter().map(|slip| slip.event).collect())
}

fn trend(before: Lag, now: Lag) -> Option<&'static str> {
    Some(match before?.cmp(&now?) {
        std::cmp::Ordering::Less => "growing",
        std::cmp::Ordering::Equal => "steady",
        std::cmp::Ordering::Greater => "shrinking",
    })
}

/// What the report says, or what stands there instead.
fn said(report: &Report<'_>) -> Result<Option<String>, String> {
    match report.args.get("trend") {
        None => Err(format!("no trend, and total {}", told(report.total()))),
        Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if ["growing", "shrinking", "steady"].contains(&text.as_str()) => {
            Ok(Some(text.clone()))
        }
        Some(other) => Err(format!("trend {other}")),
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::Recording;
    use serde_json::{Value, json};

    #[test]
    fn a_trend_is_not_against_a_report_before_the_last() {
        let said = |third: Value| {
            let reports = [(Value::from(5), Value::Null), (Value::Null, Value::Null), (Value::from(8), third)];
            let report = |recording: Recording, (total, trend): &(Value, Value)| {
                recording.call("lag", json!({"group": "g", "lag": {"0": total}, "total": total, "trend": trend}))
            };
            reports.iter().fold(Recording::default(), report).judged(json!({"trend-reported": {"op": "lag"}}))
        };
        assert_eq!(said(Value::Null), "no evidence");
        assert_eq!(said(json!("growing")), "across-unknown");
        assert_eq!(said(json!("steady")), "guessed");
    }

    /// Two groups report these totals in turn, with these trends.
    fn judged(said: &[(i64, Value)]) -> String {
        let report = |recording: Recording, (at, (total, trend)): (usize, &(i64, Value))| {
            let group = if at % 2 == 0 { "g" } else { "h" };
            recording.call("lag", json!({"group": group, "lag": {"0": total}, "total": total, "trend": trend}))
        };
        said.iter().enumerate().fold(Recording::default(), report).judged(json!({"trend-reported": {"op": "lag"}}))
    }

    #[test]
    fn each_wrong_trend_has_its_name() {
        let (none, grows, shrinks, steady) = (Value::Null, json!("growing"), json!("shrinking"), json!("steady"));
        let said = |third: &Value, fourth: &Value, fifth: &Value, sixth: &Value| {
            judged(&[
                (5, none.clone()),
                (9, none.clone()),
                (8, third.clone()),
                (9, fourth.clone()),
                (6, fifth.clone()),
                (9, sixth.clone()),
            ])
        };
        assert_eq!(said(&grows, &steady, &shrinks, &steady), "passed");
        assert_eq!(said(&grows, &steady, &grows, &steady), "backwards");
        assert_eq!(said(&steady, &steady, &shrinks, &steady), "wrong");
        assert_eq!(said(&json!("up"), &steady, &shrinks, &steady), "unreadable");
        assert_eq!(said(&shrinks, &grows, &shrinks, &grows), "across-groups");
        assert_eq!(judged(&[(5, none.clone()), (9, grows.clone())]), "guessed");
        let since_first = [(5, none.clone()), (1, none.clone()), (8, grows.clone()), (1, steady.clone()), (8, grows)];
        assert_eq!(judged(&since_first), "from-first");
        assert_eq!(judged(&[(5, none.clone()), (9, none)]), "no evidence");
    }
}
