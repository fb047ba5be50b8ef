//! The program wrote its figures: a JSON list with one object for each run, and numbers in it.

use crate::checks::{Check, Codes, Finding, Outcome, codes, count};
use crate::evidence::{Evidence, Figures as Row};
use serde::Deserialize;
use std::collections::HashMap;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figures {
    /// What was collected.
    file: String,
    /// The names of the runs.
    runs: Vec<String>,
}

codes! {
    Unreadable = "unreadable" Wrong,
    Missing = "missing" Wrong,
    Repeated = "repeated" Wrong,
}

impl Check for Figures {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let (at, rows) = match evidence.figures(&self.file) {
            None => {
                return Outcome::NoEvidence(format!("the run did not reach the point where {} is read", self.file));
            }
            Some((at, Err(why))) => {
                let required = format!(
                    "{}, a JSON list of objects with name, delivered, failed, seconds and records_per_second \
                     (JSON has neither NaN nor Infinity)",
                    self.file
                );
                return Finding::new(Code::Unreadable, required, why, vec![at]).outcome();
            }
            Some((at, Ok(rows))) => (at, rows),
        };
        let entries = |name: &String| rows.iter().filter(|row| row.name == *name).count();
        let required = || format!("one entry in {} for each of {}", self.file, self.runs.join(", "));
        let missing: Vec<&str> = self.runs.iter().filter(|run| entries(run) == 0).map(String::as_str).collect();
        let repeated: Vec<&str> = self.runs.iter().filter(|run| entries(run) > 1).map(String::as_str).collect();
        let mut findings = Vec::new();
        if !missing.is_empty() {
            findings.push(Finding::new(
                Code::Missing,
                required(),
                format!("no entry for {}", missing.join(", ")),
                vec![at],
            ));
        }
        if !repeated.is_empty() {
            let seen = format!("more than one entry for {}", repeated.join(", "));
            findings.push(Finding::new(Code::Repeated, required(), seen, vec![at]));
        }
        Outcome::unless_found(findings, || format!("{} with figures", count(self.runs.len(), "run")))
    }
}

/// The figures in a file, for the checks that hold them against the wire.
pub(super) struct Read {
    /// Position at which the file was read.
    pub event: usize,
    by_name: HashMap<String, Row>,
}

impl Read {
    /// The first figures of the run `name`.
    pub(super) fn row(&self, name: &str) -> Option<&Row> {
        self.by_name.get(name)
    }
}

/// The figures in `file`.
///
/// # Errors
/// There are none: no evidence.
pub(super) fn read<C: Codes>(evidence: &Evidence, file: &str) -> Result<Read, Outcome<C>> {
    match evidence.figures(file) {
        Some((event, Ok(rows))) if !rows.is_empty() => {
            let mut by_name = HashMap::new();
            for row in rows {
                by_name.entry(row.name.clone()).or_insert(row);
            }
            Ok(Read { event, by_name })
        }
        _ => Err(Outcome::NoEvidence(format!("{file} holds no figures that can be read"))),
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::Recording;
    use serde_json::json;

    #[test]
    fn each_run_has_one_entry() {
        let judged = |rows: serde_json::Value| {
            let check = json!({"figures": {"file": "results.json", "runs": ["x", "y"]}});
            Recording::default().collected("results.json", None, rows).judged(check)
        };
        let row =
            |name: &str| json!({"name": name, "delivered": 1, "failed": 0, "seconds": 1.0, "records_per_second": 1.0});
        assert_eq!(judged(json!([row("x"), row("y")])), "passed");
        assert_eq!(judged(json!([row("x")])), "missing");
        assert_eq!(judged(json!([row("x"), row("x"), row("y")])), "repeated");
        assert_eq!(judged(json!([row("x"), row("x")])), "missing repeated");
        assert_eq!(judged(json!({"x": 1})), "unreadable");
        let check = json!({"figures": {"file": "results.json", "runs": []}});
        assert_eq!(Recording::default().judged(check), "no evidence");
    }
}
