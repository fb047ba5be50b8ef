//! Moments at which the grader looked, and what the program said of them: whatever it said until the grader looked again.

use crate::evidence::{Call, Committed, Evidence, Extent, What};
use serde_json::Value;
use std::collections::BTreeMap;

/// A lag as a program says it: none where it cannot be known.
pub type Lag = Option<i64>;

pub struct Moment<'e> {
    /// The event that says how everything stood.
    pub event: usize,
    pub partitions: &'e [Extent],
    committed: &'e [Committed],
    /// Where what is said is about the next moment, or about none.
    until: usize,
}

impl<'e> Moment<'e> {
    pub fn committed(&self, group: &str, partition: i32) -> Option<i64> {
        let found = self.committed.iter().find(|at| at.group == group && at.partition == partition);
        found.map(|at| at.offset)
    }

    /// Of these calls, in order, those that are about this moment.
    pub fn about<'c>(&self, calls: &'c [Call<'e>]) -> impl Iterator<Item = &'c Call<'e>> + use<'c, 'e> {
        let during = self.event..self.until;
        calls.iter().filter(move |call| during.contains(&call.event))
    }
}

/// All of them, in order.
pub fn moments<'e>(evidence: &'e Evidence, topic: &str) -> Vec<Moment<'e>> {
    let mut moments: Vec<Moment<'e>> = Vec::new();
    for (event, found) in evidence.iter() {
        let What::Observed { topic: of, partitions, committed } = &found.what else { continue };
        if of == topic {
            if let Some(last) = moments.last_mut() {
                last.until = event;
            }
            moments.push(Moment { event, partitions, committed, until: evidence.events.len() });
        }
    }
    moments
}

/// What a program says of one group.
pub struct Report<'e> {
    pub group: &'e str,
    pub event: usize,
    pub lags: BTreeMap<i32, Lag>,
    pub args: &'e Value,
}

impl Report<'_> {
    /// The sum of the lags that are known; none where none is.
    pub fn total(&self) -> Lag {
        self.lags.values().copied().flatten().reduce(|sum, lag| sum.saturating_add(lag))
    }
}

/// Reads `{"group": "…", "lag": {"0": 3, "1": null}}`.
///
/// # Errors
/// What is not as it should be.
pub fn report<'e>(call: &Call<'e>) -> Result<Report<'e>, String> {
    let group = call.args.get("group").and_then(Value::as_str).ok_or("`group` is no text")?;
    let lags = call.args.get("lag").and_then(Value::as_object).ok_or("`lag` is no object")?;
    let mut read = BTreeMap::new();
    for (partition, lag) in lags {
        let partition: i32 = partition.parse().map_err(|_| format!("“{partition}” is no partition"))?;
        let lag = match lag {
            Value::Null => None,
            lag => Some(lag.as_i64().ok_or_else(|| format!("{lag} is no whole number"))?),
        };
        read.insert(partition, lag);
    }
    Ok(Report { group, event: call.event, lags: read, args: call.args })
}

/// As a report has it.
pub fn told(lag: Lag) -> String {
    lag.map_or_else(|| "null".to_owned(), |lag| lag.to_string())
}
