//! What a program sent, told apart by the key of each record, as when each run of a benchmark has a key of its own; and
//! the figures that it wrote about these runs.

use super::view::stored_by;
use super::{Evidence, What};
use crate::foreign::cut;
use crate::wire::{Batch, Record};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Records with one key, in one batch of one Produce request.
#[derive(Debug, Clone)]
pub struct Sent<'a> {
    /// Position of the Produce request.
    pub event: usize,
    pub acks: i16,
    /// All of the batch, records with other keys included.
    pub batch: &'a Batch,
    pub records: Vec<&'a Record>,
    pub answer: Option<Acknowledged>,
}

/// What the broker answered about one batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acknowledged {
    /// Position of the response.
    pub event: usize,
    /// 0 where the broker has the batch.
    pub error: i16,
}

impl Sent<'_> {
    /// Has the broker said yes? With `acks=0` nobody asks it, and sent is all that can be known.
    pub fn accepted(&self) -> bool {
        self.answer.map_or(self.acks == 0, |answer| stored_by(answer.error))
    }
}

/// Everything that was sent with one key.
#[derive(Debug, Clone)]
pub struct Run<'a> {
    pub key: String,
    pub sent: Vec<Sent<'a>>,
}

impl Run<'_> {
    /// Position of its first request.
    pub fn first(&self) -> Option<usize> {
        self.sent.iter().map(|sent| sent.event).min()
    }

    /// Position of the last answer that it got; none where nobody answered.
    pub fn last_answer(&self) -> Option<usize> {
        self.sent.iter().filter_map(|sent| sent.answer).map(|answer| answer.event).max()
    }

    /// Bytes of the different values that the broker took.
    pub fn bytes(&self) -> u64 {
        let accepted = self.sent.iter().filter(|sent| sent.accepted()).flat_map(|sent| &sent.records);
        let values: HashSet<&[u8]> = accepted.filter_map(|record| Some(record.value.as_ref()?.as_bytes())).collect();
        values.into_iter().map(|value| value.len() as u64).sum()
    }
}

/// What a program says of one run: an object of the list in its file.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    pub name: String,
    pub delivered: u64,
    pub failed: u64,
    pub seconds: f64,
    pub records_per_second: f64,
    /// Millions of bytes of values; none where the program does not say.
    pub megabytes_per_second: Option<f64>,
}

impl Evidence {
    /// What was sent to `topic`, by key, in the order in which the keys first appear; records without a key left out.
    pub fn runs(&self, topic: &str) -> Vec<Run<'_>> {
        let (mut runs, mut places): (Vec<Run<'_>>, HashMap<String, usize>) = Default::default();
        for produce in self.produces(topic) {
            for batch in produce.batches_for(topic) {
                let answer = produce.answer.and_then(|answer| {
                    let about = answer.about(topic, batch.partition)?;
                    Some(Acknowledged { event: answer.event, error: about.error })
                });
                let mut by_key: BTreeMap<String, Vec<&Record>> = BTreeMap::new();
                for record in &batch.records {
                    let Some(key) = &record.key else { continue };
                    by_key.entry(key.to_string()).or_default().push(record);
                }
                for (key, records) in by_key {
                    let sent = Sent { event: produce.event, acks: produce.acks, batch, records, answer };
                    let place = *places.entry(key.clone()).or_insert(runs.len());
                    if place == runs.len() {
                        runs.push(Run { key, sent: Vec::new() });
                    }
                    runs[place].sent.push(sent);
                }
            }
        }
        runs
    }

    /// The figures that the program wrote into `file`, with the position at which the file was read; none when the
    /// scenario did not come so far.
    ///
    /// # Errors
    /// What is wrong with the file, as a sentence.
    pub fn figures(&self, file: &str) -> Option<(usize, Result<Vec<Figures>, String>)> {
        self.iter().rev().find_map(|(at, event)| match &event.what {
            What::Collected { file: of, table: None, value, error } if of == file => {
                let figures = if error.is_empty() { figures(value) } else { Err(error.clone()) };
                Some((at, figures))
            }
            _ => None,
        })
    }
}

fn figures(value: &Value) -> Result<Vec<Figures>, String> {
    let rows = value.as_array().ok_or_else(|| format!("it holds no list but {}", described(value)))?;
    rows.iter().enumerate().map(|(at, row)| entry(row).map_err(|why| format!("entry {} {why}", at + 1))).collect()
}

fn entry(row: &Value) -> Result<Figures, String> {
    let fields = row.as_object().ok_or_else(|| format!("is no object but {}", described(row)))?;
    let field = |name: &str| {
        fields.get(name).ok_or_else(|| {
            let others: Vec<&str> = fields.keys().take(6).map(String::as_str).collect();
            let others = if others.is_empty() { "nothing".to_owned() } else { cut(&others.join(", "), 60) };
            format!("has no “{name}”; it has {others}")
        })
    };
    let number = |name: &str| -> Result<f64, String> {
        let value = field(name)?;
        let number = value.as_f64().filter(|number| *number >= 0.0);
        number.ok_or_else(|| format!("has as “{name}” {}, and that is no number from 0 up", described(value)))
    };
    let count = |name: &str| -> Result<u64, String> {
        let found = number(name)?;
        // 200.0 is a whole number, too: not every language keeps them apart.
        let whole = found.fract() == 0.0 && found < 1e15;
        let complaint =
            || format!("has as “{name}” {}, and that is no count", field(name).map_or_else(|why| why, described));
        whole.then_some(found as u64).ok_or_else(complaint)
    };
    let name = field("name")?;
    Ok(Figures {
        name: name
            .as_str()
            .ok_or_else(|| format!("has as “name” {}, and that is no text", described(name)))?
            .to_owned(),
        delivered: count("delivered")?,
        failed: count("failed")?,
        seconds: number("seconds")?,
        records_per_second: number("records_per_second")?,
        megabytes_per_second: match fields.contains_key("megabytes_per_second") {
            true => Some(number("megabytes_per_second")?),
            false => None,
        },
    })
}

/// A JSON value for a sentence, whatever its size.
fn described(value: &Value) -> String {
    match value {
        Value::Object(_) => "an object".into(),
        Value::Array(_) => "a list".into(),
        Value::String(text) => format!("the text “{}”", cut(text, 40)),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn figures_are_numbers_or_a_sentence() {
        let right = json!({"name": "acks-0", "delivered": 200.0, "failed": 0, "seconds": 0.5,
            "records_per_second": 400, "note": "other fields are welcome"});
        assert_eq!(figures(&json!([right])).unwrap()[0].delivered, 200);
        let with = |name: &str, value: Value| {
            let mut row = right.clone();
            row[name] = value;
            figures(&json!([right, row])).unwrap_err()
        };
        let complaints = [
            (with("seconds", json!("0.5")), "entry 2 has as “seconds” the text “0.5”, and that is no number from 0 up"),
            (with("seconds", json!(null)), "entry 2 has as “seconds” null, and that is no number from 0 up"),
            (with("seconds", json!(-1)), "entry 2 has as “seconds” -1, and that is no number from 0 up"),
            (with("megabytes_per_second", json!("3 MB")), "has as “megabytes_per_second” the text “3 MB”"),
            (with("delivered", json!(0.5)), "entry 2 has as “delivered” 0.5, and that is no count"),
            (with("delivered", json!(1e300)), "and that is no count"),
            (with("name", json!(["x"])), "entry 2 has as “name” a list, and that is no text"),
            (figures(&json!({"rows": []})).unwrap_err(), "it holds no list but an object"),
            (figures(&json!([7])).unwrap_err(), "entry 1 is no object but 7"),
            (figures(&json!([{"took": 1}])).unwrap_err(), "entry 1 has no “name”; it has took"),
            (figures(&json!([{}])).unwrap_err(), "entry 1 has no “name”; it has nothing"),
            (figures(&json!(["x".repeat(1 << 20)])).unwrap_err(), "xxx…”"),
        ];
        for (complaint, expected) in complaints {
            assert!(complaint.contains(expected) && complaint.len() < 200, "{complaint}");
        }
    }
}
