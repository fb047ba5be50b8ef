//! What came of the runs.

use super::shelf::Program;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::process::Output;

/// One run.
pub struct Row {
    name: String,
    seconds: f64,
    /// Why it is not what belongs to this program.
    wrong: Option<String>,
}

/// All runs, by program.
#[derive(Default)]
pub struct Table {
    rows: BTreeMap<String, Vec<Row>>,
}

impl Row {
    /// Reads what `kafkacourse check --json` said.
    pub fn new(program: &Program, variant: &str, output: &Output) -> Self {
        let name = if variant.is_empty() { program.name() } else { format!("{} KIP-848", program.name()) };
        let Ok(told) = serde_json::from_slice::<Value>(&output.stdout) else {
            let said = String::from_utf8_lossy(&output.stderr);
            return Self { name, seconds: 0.0, wrong: Some(format!("{}: {said}", output.status)) };
        };
        let failed: Vec<&Value> =
            told["checks"].as_array().into_iter().flatten().filter(|check| check["status"] != "passed").collect();
        let excused = |check: &&Value| program.lacks.iter().any(|lack| check["id"] == lack.as_str());
        let judged = told["verdict"] == "passed" || told["verdict"] == "failed";
        let as_expected = judged && failed.iter().all(excused);
        let codes = || -> Vec<String> {
            failed
                .iter()
                .map(|check| check["code"].as_str().or(check["id"].as_str()).unwrap_or("?").to_owned())
                .collect()
        };
        let wrong = (!as_expected).then(|| {
            let (verdict, seed) = (&told["verdict"], &told["seed"]);
            format!("{verdict} {}, seed {seed}, {:?}", codes().join(" "), given_up(&told))
        });
        Self { name, seconds: told["seconds"]["run"].as_f64().unwrap_or(0.0), wrong }
    }
}

/// What was waited for in vain, by scenario.
fn given_up(told: &Value) -> Vec<String> {
    let scenarios = told["scenarios"].as_array().into_iter().flatten();
    let in_vain = scenarios.filter(|scenario| !scenario["gave_up"].is_null());
    in_vain.map(|scenario| format!("{}: {}", scenario["id"], scenario["gave_up"])).collect()
}

impl Table {
    pub fn add(&mut self, row: Row) {
        self.rows.entry(row.name.clone()).or_default().push(row);
    }

    /// Each run that went wrong, and how.
    pub fn wrong(&self) -> Vec<String> {
        let rows = self.rows.values().flatten();
        rows.filter_map(|row| Some(format!("{}: {}", row.name, row.wrong.as_ref()?))).collect()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:40} {:>5} {:>5} {:>6} {:>6} {:>6}", "program", "runs", "right", "least", "median", "most")?;
        for (name, rows) in &self.rows {
            let mut seconds: Vec<f64> = rows.iter().map(|row| row.seconds).collect();
            seconds.sort_by(f64::total_cmp);
            let (least, median, most) = (seconds[0], seconds[seconds.len() / 2], seconds[seconds.len() - 1]);
            let right = rows.iter().filter(|row| row.wrong.is_none()).count();
            writeln!(f, "{name:40} {:5} {right:5} {least:6.1} {median:6.1} {most:6.1}", rows.len())?;
        }
        Ok(())
    }
}
