//! What happened according to a topic: its good events of one type, each once.

use crate::checks::field;
use crate::evidence::{Evidence, Input, What};
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};

/// An event that was put into a topic, where it first stands.
#[derive(Debug, Clone)]
pub(super) struct Happened {
    /// Its `data`.
    pub data: Value,
    pub partition: i32,
    pub offset: i64,
    pub event: usize,
}

/// The good events of this type that were put into `topic`, each `event_id` once.
pub(super) fn happened(evidence: &Evidence, topic: &str, event_type: &str) -> Vec<Happened> {
    let mut seen = HashSet::new();
    let one = |input: Input<'_>| {
        let value = input.value?;
        if field(&value, "event_type")? != event_type || !seen.insert(field(&value, "event_id")?) {
            return None;
        }
        let (partition, offset, event) = (input.partition, input.offset, input.event);
        Some(Happened { data: value.get("data")?.clone(), partition, offset, event })
    };
    evidence.inputs(topic).into_iter().filter_map(one).collect()
}

/// The sum of `amount` in each of the `items` of what happened, by the items' field `by`; several fields are multiplied.
pub(super) fn sums<'a>(
    happened: impl IntoIterator<Item = &'a Happened>,
    items: &str,
    by: &str,
    amount: &[String],
) -> BTreeMap<String, i128> {
    let mut sums = BTreeMap::new();
    for item in happened.into_iter().filter_map(|happened| happened.data.get(items)?.as_array()).flatten() {
        let factors = amount.iter().map(|name| item.get(name).and_then(Value::as_i64).unwrap_or_default());
        let Some(name) = field(item, by) else { continue };
        *sums.entry(name).or_default() += factors.map(i128::from).product::<i128>();
    }
    sums
}

/// What a table held when it was last collected.
pub(super) struct Table<'e> {
    /// Position at which it was read.
    pub event: usize,
    /// Its rows, or why there are none to be had.
    pub rows: Result<&'e [Value], String>,
}

/// The first row in which one of these columns is no whole number.
pub(super) fn not_whole<'a>(rows: &'a [Value], columns: &[&String]) -> Option<&'a Value> {
    rows.iter().find(|row| !columns.iter().all(|column| row.get(column.as_str()).is_some_and(Value::is_i64)))
}

/// The table as it was last collected; none where the run did not come to that.
pub(super) fn table<'e>(evidence: &'e Evidence, wanted: &str, name: &str) -> Option<Table<'e>> {
    evidence.iter().rev().find_map(|(event, found)| match &found.what {
        What::Collected { file, table, value, error } if file == wanted && table.as_deref() == Some(name) => {
            let rows = match value.as_array() {
                Some(rows) if error.is_empty() => Ok(rows.as_slice()),
                _ => Err(error.clone()),
            };
            Some(Table { event, rows })
        }
        _ => None,
    })
}
