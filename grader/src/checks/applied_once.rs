//! What a database holds in the end is the sum of everything that was to be applied: each once, none missing.

use super::{Check, Finding, Outcome, count, field, some};
use crate::evidence::{Evidence, What};
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

impl Check for AppliedOnce {
    const CODES: &'static [&'static str] = &["doubled", "lost", "unreadable", "foreign"];

    fn judge(&self, evidence: &Evidence) -> Outcome {
        let Some((collected, value, error)) = self.collected(evidence) else {
            return Outcome::NoEvidence(format!("the run did not come to the point where {} is read", self.file));
        };
        let place = format!("table {} of {}", self.table, self.file);
        let Some(rows) = value.as_array().filter(|_| error.is_empty()) else {
            let required = format!("a row for each {} in {place}", self.by);
            return Finding::new("unreadable", required, format!("it cannot be read: {error}"), vec![collected]).outcome();
        };
        let wanted = self.wanted(evidence);
        if wanted.is_empty() {
            return Outcome::NoEvidence(format!("there was nothing in {} to be applied", self.topic));
        }
        let mut found: BTreeMap<String, i64> = BTreeMap::new();
        for row in rows {
            let Some(total) = row.get(&self.total).and_then(Value::as_i64) else {
                let seen = format!("the row {row}");
                let required = format!("a whole number in column {} of each row", self.total);
                return Finding::new("unreadable", required, seen, vec![collected]).outcome();
            };
            *found.entry(field(row, &self.by).unwrap_or_default()).or_default() += total;
        }
        let (mut doubled, mut lost, mut events) = (Vec::new(), Vec::new(), Vec::new());
        for (name, records) in &wanted {
            let sum: i64 = records.iter().map(|record| record.amount).sum();
            let total = found.remove(name).unwrap_or(0);
            if sum == total {
                continue;
            }
            // Where one record makes up for the difference, it is that one.
            let culprit = records.iter().find(|record| record.amount == (sum - total).abs());
            events.extend(culprit.map(|record| record.event));
            let words = culprit.map_or_else(String::new, |record| format!(" ({})", record.id));
            let words = format!("{name} has {total} and not {sum}{words}");
            if total > sum { doubled.push(words) } else { lost.push(words) }
        }
        let required = format!("each {} once in {place}, whatever happens", self.id);
        let mut findings = Vec::new();
        events.push(collected);
        if !doubled.is_empty() {
            let seen = format!("too much in {}: {}", count(doubled.len(), "row"), some(&doubled));
            findings.push(Finding::new("doubled", &required, seen, events.clone()));
        }
        if !lost.is_empty() {
            let seen = format!("too little in {}: {}", count(lost.len(), "row"), some(&lost));
            findings.push(Finding::new("lost", &required, seen, events));
        }
        if let Some(name) = found.keys().next() {
            let seen = format!("a row for “{name}”, of which there was no record");
            findings.push(Finding::new("foreign", &required, seen, vec![collected]));
        }
        if findings.is_empty() {
            let records = wanted.values().map(Vec::len).sum();
            Outcome::Passed(format!("{} applied, each once: {} are right to the last digit", count(records, "record"), count(rows.len(), "total")))
        } else {
            Outcome::Failed(findings)
        }
    }
}

struct Record {
    id: String,
    amount: i64,
    event: usize,
}

impl AppliedOnce {
    fn collected<'e>(&self, evidence: &'e Evidence) -> Option<(usize, &'e Value, &'e str)> {
        evidence.iter().rev().find_map(|(at, event)| match &event.what {
            What::Collected { file, table, value, error } if *file == self.file && table.as_ref() == Some(&self.table) => {
                Some((at, value, error.as_str()))
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
                wanted.entry(by).or_default().push(Record { id, amount, event: input.event });
            }
        }
        wanted
    }
}
