//! Totals over the items of all events are exact, to the last digit.

use super::happened::{happened, not_whole, sums, table};
use crate::checks::{Check, Finding, Gathered, Outcome, codes, count, field, some};
use crate::evidence::Evidence;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Totals {
    topic: String,
    event_type: String,
    /// The field of `data` with the items, and the one of each that says to which total it belongs.
    items: String,
    by: String,
    /// What was collected: the file and its table, with a column `by`.
    file: String,
    table: String,
    /// Each further column, and the fields of an item whose product it is the sum of.
    columns: BTreeMap<String, Vec<String>>,
    /// A difference in the last of them that is smaller than this for each event comes of rounding.
    rounding: i64,
}

codes! {
    TooLittle = "too-little" Lost,
    Rounded = "rounded" Wrong,
    Foreign = "foreign" Wrong,
    TooMuch = "too-much" Duplicate,
    NotWhole = "not-whole" Wrong,
    Unreadable = "unreadable" Stuck,
}

impl Check for Totals {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let happened = happened(evidence, &self.topic, &self.event_type);
        if happened.is_empty() {
            return Outcome::NoEvidence(format!("no {} was put into “{}”", self.event_type, self.topic));
        }
        let Some(table) = table(evidence, &self.file, &self.table) else {
            return Outcome::NoEvidence(format!("the run did not reach the point where {} is read", self.file));
        };
        let required = format!("exact totals in table {} of {}", self.table, self.file);
        let one = |code, seen: String| Finding::new(code, &required, seen, vec![table.event]).outcome();
        let rows = match table.rows {
            Ok(rows) => rows,
            Err(why) => return one(Code::Unreadable, format!("it cannot be read: {why}")),
        };
        let columns: Vec<&String> = self.columns.keys().collect();
        let complete = |row: &&Value| {
            field(row, &self.by).is_some() && columns.iter().all(|name| row.get(name.as_str()).is_some())
        };
        if let Some(row) = rows.iter().find(|row| !complete(row)) {
            return one(Code::Unreadable, format!("the row {row}"));
        }
        if let Some(row) = not_whole(rows, &columns) {
            return one(Code::NotWhole, format!("the row {row}, with a number that is not whole"));
        }
        let mut found = Gathered::default();
        let mut known: BTreeSet<String> = BTreeSet::new();
        for (column, amount) in &self.columns {
            let wanted = sums(&happened, &self.items, &self.by, amount);
            let mut is: BTreeMap<String, i128> = BTreeMap::new();
            for row in rows {
                let number = row.get(column).and_then(Value::as_i64).unwrap_or_default();
                *is.entry(field(row, &self.by).unwrap_or_default()).or_default() += i128::from(number);
            }
            for (name, sum) in &wanted {
                let total = is.get(name).copied().unwrap_or_default();
                let off = total - sum;
                // Only where a rounding error is smaller than anything that could have been left out or come twice.
                let smallest = self.smallest(&happened, name, amount);
                let rounded = off.abs() < smallest.min(i128::from(self.rounding) * happened.len() as i128);
                let code = match off {
                    0 => continue,
                    _ if rounded && amount.len() > 1 => Code::Rounded,
                    ..0 => Code::TooLittle,
                    _ => Code::TooMuch,
                };
                found.add(code, format!("{column} of {name} are {total} and not {sum}"), Some(table.event));
            }
            known.extend(wanted.into_keys());
        }
        for row in rows {
            if let Some(name) = field(row, &self.by).filter(|name| !known.contains(name)) {
                found.add(Code::Foreign, format!("a row for “{name}”, which nobody bought"), Some(table.event));
            }
        }
        let findings = found.findings(|code, seen| {
            Finding::new(code, &required, some(&seen.words), seen.events.into_iter().take(1).collect())
        });
        Outcome::unless_found(findings, || {
            format!("{} in {}, right to the last digit", count(happened.len(), "event"), count(known.len(), "row"))
        })
    }
}

impl Totals {
    /// The least that one event adds to this total.
    fn smallest(&self, happened: &[super::happened::Happened], name: &str, amount: &[String]) -> i128 {
        let each = happened.iter().filter_map(|one| sums([one], &self.items, &self.by, amount).remove(name));
        each.min().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::Recording;
    use serde_json::{Value, json};

    /// What is said when two lamps of 115 cents were bought twice, and the table holds these rows.
    fn judged(rows: Value) -> String {
        let placed = |id: &str| {
            let items = json!([{"product": "lamp", "quantity": 2, "price_cents": 115}]);
            json!({"event_type": "order.placed", "event_id": id, "data": {"order_id": id, "items": items}})
        };
        let input = Recording::default().input(0, placed("a")).input(0, placed("b")).input(0, placed("a"));
        input.collected("a.db", Some("totals"), rows).judged(check())
    }

    fn check() -> Value {
        json!({"totals": {"topic": "t", "event_type": "order.placed", "items": "items", "by": "product", "file": "a.db",
            "table": "totals", "columns": {"pieces": ["quantity"], "cents": ["quantity", "price_cents"]}, "rounding": 5}})
    }

    #[test]
    fn each_event_counts_once_and_exactly() {
        let row = |pieces: i64, cents: Value| json!({"product": "lamp", "pieces": pieces, "cents": cents});
        assert_eq!(judged(json!([row(4, json!(460))])), "passed");
        assert_eq!(judged(json!([row(4, json!(458))])), "rounded");
        assert_eq!(judged(json!([row(2, json!(230))])), "too-little");
        assert_eq!(judged(json!([row(6, json!(690))])), "too-much");
        assert_eq!(judged(json!([row(4, json!(460.5))])), "not-whole");
        assert_eq!(judged(json!([row(4, json!(460)), {"product": "car", "pieces": 0, "cents": 0}])), "foreign");
        assert_eq!(judged(json!([{"product": "lamp"}])), "unreadable");
        assert_eq!(judged(json!("no rows")), "unreadable");
        assert_eq!(judged(json!([])), "too-little");
        assert_eq!(judged(json!([row(i64::MAX, json!(i64::MAX)), row(i64::MAX, json!(i64::MAX))])), "too-much");
    }

    #[test]
    fn nothing_collected_and_nothing_bought_prove_nothing() {
        assert_eq!(Recording::default().collected("a.db", Some("totals"), json!([])).judged(check()), "no evidence");
        let placed = json!({"event_type": "order.placed", "event_id": "a", "data": {"items": []}});
        assert_eq!(Recording::default().input(0, placed).judged(check()), "no evidence");
    }
}
