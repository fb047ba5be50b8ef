//! What a database holds in the end is the sum of everything that was to be applied: each once, none missing.

use crate::checks::consuming::from_end;
use crate::checks::{Check, Finding, Outcome, codes, count, field, some};
use crate::evidence::{Evidence, What};
use crate::wire::Request;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppliedOnce {
    topic: String,
    /// The field that tells one record from another; the same id twice is the same thing twice.
    id: String,
    /// The field whose numbers are added up.
    amount: String,
    /// The field that says to which total, and the column that names it.
    by: String,
    /// What was collected: the file and its table, and the column with the totals.
    file: String,
    table: String,
    total: String,
}

codes! {
    Doubled = "doubled" Duplicate,
    Lost = "lost" Lost,
    Empty = "empty" Lost,
    Unreadable = "unreadable" Stuck,
    Foreign = "foreign" Wrong,
    // It has read nothing of what was there, and nothing has come of it.
    FromEnd = "from-end" Lost,
    // Each partition is committed to its last record, and none to what comes after that.
    OneShort = "one-short" Wrong,
}

impl Check for AppliedOnce {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let Some(Table { collected, value, error }) = self.table(evidence) else {
            if let Some(event) = from_end(evidence, &self.topic) {
                let many = count(evidence.inputs(&self.topic).len(), "record");
                let required = format!("each {} applied once, from the oldest on", self.id);
                let seen = format!("it began to read after the {many} that were already there, and read none of them");
                return Finding::new(Code::FromEnd, required, seen, vec![event]).outcome();
            }
            if let Some((at, offset)) = one_short(evidence, &self.topic) {
                let required = format!("{} committed, the offset after the last record", offset.saturating_add(1));
                let seen =
                    format!("{offset} committed, the offset of the last record itself, and so in each partition");
                return Finding::new(Code::OneShort, required, seen, vec![at]).outcome();
            }
            return Outcome::NoEvidence(format!("the run did not reach the point where {} is read", self.file));
        };
        let place = format!("table {} of {}", self.table, self.file);
        let Some(rows) = value.as_array().filter(|_| error.is_empty()) else {
            let required = format!("a row for each {} in {place}", self.by);
            return Finding::new(Code::Unreadable, required, format!("it cannot be read: {error}"), vec![collected])
                .outcome();
        };
        let wanted = self.wanted(evidence);
        if wanted.is_empty() {
            return Outcome::NoEvidence(format!("there was nothing in {} to apply", self.topic));
        }
        // Wider than any number of the database, so that no sum of them is too large.
        let mut found: BTreeMap<String, i128> = BTreeMap::new();
        for row in rows {
            let total = row.get(&self.total).and_then(Value::as_i64);
            let (Some(name), Some(total)) = (field(row, &self.by), total) else {
                let required = format!("column {}, and a whole number in column {} of each row", self.by, self.total);
                return Finding::new(Code::Unreadable, required, format!("the row {row}"), vec![collected]).outcome();
            };
            *found.entry(name).or_default() += i128::from(total);
        }
        let (mut doubled, mut lost, mut events) = (Vec::new(), Vec::new(), Vec::new());
        for (name, records) in &wanted {
            let sum: i128 = records.iter().map(|record| record.amount).sum();
            let total = found.remove(name).unwrap_or(0);
            if sum == total {
                continue;
            }
            // Where one record alone makes up for the difference, it is that one.
            let mut makes_up = records.iter().filter(|record| record.amount == (sum - total).abs());
            let culprit = makes_up.next().filter(|_| makes_up.next().is_none());
            events.extend(culprit.map(|record| record.event));
            let words = culprit.map_or_else(String::new, |record| format!(" ({})", record.id));
            let words = format!("{name} has {total} instead of {sum}{words}");
            if total > sum { doubled.push(words) } else { lost.push(words) }
        }
        let required = format!("each {} applied once in {place}, whatever happens", self.id);
        let mut findings = Vec::new();
        events.push(collected);
        if !doubled.is_empty() {
            let seen = format!("too much in {}: {}", count(doubled.len(), "row"), some(&doubled));
            findings.push(Finding::new(Code::Doubled, &required, seen, events.clone()));
        }
        if !lost.is_empty() {
            let seen = format!("too little in {}: {}", count(lost.len(), "row"), some(&lost));
            findings.push(Finding::new(Code::Lost, &required, seen, events));
            if rows.is_empty() {
                let seen = "the table is empty: of all that was written, nothing is there".to_owned();
                findings.push(Finding::new(Code::Empty, &required, seen, vec![collected]));
            }
        }
        if let Some(name) = found.keys().next() {
            let seen = format!("a row for “{name}”, for which there was no record");
            findings.push(Finding::new(Code::Foreign, &required, seen, vec![collected]));
        }
        Outcome::unless_found(findings, || {
            let (records, totals) = (wanted.values().map(Vec::len).sum(), rows.len());
            let (records, totals) = (count(records, "record"), count(totals, "total"));
            format!("{records} applied, each once: {totals} are right to the last digit")
        })
    }
}

struct Record {
    id: String,
    amount: i128,
    event: usize,
}

/// What was read from the table.
struct Table<'e> {
    /// Position at which it was read.
    collected: usize,
    value: &'e Value,
    /// Why there is nothing to be had from it; empty where there is.
    error: &'e str,
}

impl AppliedOnce {
    /// The table as it was last collected.
    fn table<'e>(&self, evidence: &'e Evidence) -> Option<Table<'e>> {
        evidence.iter().rev().find_map(|(at, event)| match &event.what {
            What::Collected { file, table, value, error }
                if *file == self.file && table.as_ref() == Some(&self.table) =>
            {
                Some(Table { collected: at, value, error })
            }
            _ => None,
        })
    }

    /// The different records of the topic, by the total that they belong to.
    fn wanted(&self, evidence: &Evidence) -> BTreeMap<String, Vec<Record>> {
        let mut seen = HashSet::new();
        let mut wanted: BTreeMap<String, Vec<Record>> = BTreeMap::new();
        for input in evidence.inputs(&self.topic) {
            let Some(value) = &input.value else { continue };
            let (Some(id), Some(by)) = (field(value, &self.id), field(value, &self.by)) else { continue };
            let amount = value.get(&self.amount).and_then(Value::as_i64).unwrap_or_default();
            if seen.insert(id.clone()) {
                wanted.entry(by).or_default().push(Record { id, amount: amount.into(), event: input.event });
            }
        }
        wanted
    }
}

/// The last commit, and its offset, where in each partition of the topic the last record itself is what was committed.
fn one_short(evidence: &Evidence, topic: &str) -> Option<(usize, i64)> {
    let mut last: BTreeMap<i32, i64> = BTreeMap::new();
    for input in evidence.inputs(topic) {
        let offset = last.entry(input.partition).or_default();
        *offset = (*offset).max(input.offset);
    }
    let mut committed: BTreeMap<i32, i64> = BTreeMap::new();
    let mut latest = None;
    for (at, event) in evidence.iter() {
        let What::Request { body: Request::OffsetCommit { offsets, .. }, .. } = &event.what else { continue };
        for of in offsets.iter().filter(|of| of.topic == topic) {
            committed.insert(of.partition, of.offset);
            latest = Some((at, of.offset));
        }
    }
    latest.filter(|_| committed == last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::Recording;
    use serde_json::json;

    /// What is said when two payments of five cents by “a” came, and the table holds these rows: the codes, and what was
    /// seen.
    fn outcome(rows: Value) -> (String, String) {
        let payment = |id: &str| json!({"payment_id": id, "customer_id": "a", "amount_cents": 5});
        let input = Recording::default().input(0, payment("p1")).input(0, payment("p2"));
        let check = json!({"topic": "t", "id": "payment_id", "amount": "amount_cents", "by": "customer_id",
            "file": "payments.db", "table": "balances", "total": "total_cents"});
        input.collected("payments.db", Some("balances"), rows).outcome(json!({"applied-once": check}))
    }

    #[test]
    fn whatever_the_table_holds_is_judged() {
        let row = |total: Value| json!({"customer_id": "a", "total_cents": total});
        let codes = |rows| outcome(rows).0;
        assert_eq!(codes(json!([row(json!(10))])), "passed");
        assert_eq!(codes(json!([row(json!(15))])), "doubled");
        assert_eq!(codes(json!([row(json!(i64::MAX)), row(json!(i64::MAX))])), "doubled");
        assert_eq!(codes(json!([row(json!(i64::MIN)), row(json!(i64::MIN))])), "lost");
        assert_eq!(codes(json!([row(json!(10.5))])), "unreadable");
        assert_eq!(codes(json!([{"who": "a", "total_cents": 10}])), "unreadable");
        assert_eq!(codes(json!("no rows")), "unreadable");
        assert_eq!(codes(json!([])), "lost empty");
        let long = "a".repeat(1_000_000);
        let (codes, seen) = outcome(json!([row(json!(10)), {"customer_id": long, "total_cents": 0}]));
        assert!(codes == "foreign" && seen.len() < 1_000, "a finding is for reading");
    }

    #[test]
    fn nothing_to_apply_and_nothing_collected_prove_nothing() {
        let check = || {
            json!({"applied-once": {"topic": "t", "id": "i", "amount": "a", "by": "b", "file": "f", "table": "x",
            "total": "s"}})
        };
        assert_eq!(Recording::default().judged(check()), "no evidence");
        let fetched = |offset| Recording::default().input(0, json!({"i": 1})).fetch(0, offset).judged(check());
        assert_eq!((fetched(1).as_str(), fetched(0).as_str()), ("from-end", "no evidence"));
        let committed = |offset| Recording::default().input(0, json!({"i": 1})).commit(&[(0, offset)]).judged(check());
        assert_eq!((committed(0).as_str(), committed(1).as_str()), ("one-short", "no evidence"));
        assert_eq!(Recording::default().collected("f", Some("x"), json!([])).judged(check()), "no evidence");
    }
}
