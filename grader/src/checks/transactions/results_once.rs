//! What a reader of committed records finds in a topic in the end: one right result for each record of the input.

use crate::checks::{Check, Finding, Gathered, Outcome, Seen, codes, count, field, same, some};
use crate::evidence::{Evidence, Found, Input, What};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResultsOnce {
    /// Where the records come from, and where their results go. A step `read` takes the latter into the evidence.
    from: String,
    topic: String,
    id: String,
    /// Fields that a result takes over as they are.
    copies: Vec<String>,
    /// Fields of a result, each with the fields of the record whose product it is.
    #[serde(default)]
    products: BTreeMap<String, Vec<String>>,
}

codes! {
    Blocked = "blocked" Stuck,
    Missing = "missing" Lost,
    Doubled = "doubled" Duplicate,
    Foreign = "foreign" Wrong,
    Key = "key" Wrong,
    // A product, and next to the right one.
    Rounded = "rounded" Wrong,
    Value = "value" Wrong,
}

/// What the grader read, of all partitions.
struct Read<'e> {
    /// Position of the last event.
    event: usize,
    records: Vec<(i32, &'e Found)>,
    /// A partition that no reader of committed records gets to the end of, and the offset where it waits.
    blocked: Option<(i32, i64)>,
}

impl Check for ResultsOnce {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let Some(read) = self.read(evidence) else {
            return Outcome::NoEvidence(format!("the run did not reach the point where {} is read", self.topic));
        };
        let inputs = evidence.inputs(&self.from);
        let wanted: HashMap<String, &Input<'_>> =
            inputs.iter().filter_map(|input| Some((field(input.value.as_ref()?, &self.id)?, input))).collect();
        if wanted.is_empty() {
            return Outcome::NoEvidence(format!("nothing was put into {}", self.from));
        }
        let mut found = Gathered::default();
        let mut times: HashMap<String, usize> = HashMap::new();
        for (partition, record) in &read.records {
            let place = format!("{}[{partition}]@{}", self.topic, record.offset);
            let value = record.value.as_ref().and_then(|value| value.json());
            let id = value.as_ref().and_then(|value| field(value, &self.id));
            let (Some(value), Some(id)) = (value, id) else {
                found.add(Code::Value, format!("{place} is no JSON with {}", self.id), None);
                continue;
            };
            let Some(input) = wanted.get(&id) else {
                found.add(Code::Foreign, format!("{id} at {place}"), None);
                continue;
            };
            let before = times.entry(id.clone()).or_default();
            *before += 1;
            if *before == 2 {
                found.add(Code::Doubled, id.clone(), Some(input.event));
            }
            if record.key.as_ref() != input.key {
                found.add(Code::Key, format!("the result of {id}"), Some(input.event));
            }
            if let Some((code, wrong)) = self.wrong(&value, input.value.as_ref().unwrap_or(&Value::Null)) {
                found.add(code, format!("{id}: {wrong}"), Some(input.event));
            }
        }
        if let Some((partition, offset)) = read.blocked {
            let words = format!("{}[{partition}] from offset {offset} on", self.topic);
            found.add(Code::Blocked, words, None);
        } else {
            let mut missing: Vec<&String> = wanted.keys().filter(|id| !times.contains_key(*id)).collect();
            missing.sort();
            for id in missing {
                found.add(Code::Missing, id.clone(), Some(wanted[id].event));
            }
        }
        let all = count(wanted.len(), "record");
        Outcome::unless_found(found.findings(|code, seen| self.finding(code, seen, &all, read.event)), || {
            format!("{all}, and one committed result for each of them")
        })
    }
}

impl ResultsOnce {
    /// What each partition of the topic held when it was last read.
    fn read<'e>(&self, evidence: &'e Evidence) -> Option<Read<'e>> {
        let mut last: BTreeMap<i32, usize> = BTreeMap::new();
        for (at, event) in evidence.iter() {
            if let What::Read { topic, partition, .. } = &event.what
                && *topic == self.topic
            {
                last.insert(*partition, at);
            }
        }
        let mut read = Read { event: *last.values().max()?, records: Vec::new(), blocked: None };
        for at in last.values() {
            if let What::Read { partition, stable, end, records, .. } = &evidence.events[*at].what {
                read.records.extend(records.iter().map(|record| (*partition, record)));
                read.blocked = read.blocked.or((stable < end).then_some((*partition, *stable)));
            }
        }
        Some(read)
    }

    /// What is wrong with a result, given the record that it comes from.
    fn wrong(&self, result: &Value, record: &Value) -> Option<(Code, String)> {
        let number = |of: &str| record.get(of).and_then(Value::as_i64);
        let copies = self.copies.iter().map(|name| (name, record.get(name).cloned()));
        let products = self.products.iter().map(|(name, factors)| {
            let product = factors
                .iter()
                .map(|factor| number(factor))
                .try_fold(1_i64, |product, factor| product.checked_mul(factor?));
            (name, product.map(Value::from))
        });
        copies.chain(products).find_map(|(name, wanted)| {
            let wanted = wanted?;
            match result.get(name) {
                Some(value) if same(value, &wanted) => None,
                Some(value) => {
                    let off = value.as_f64().zip(wanted.as_f64()).map(|(value, wanted)| (value - wanted).abs());
                    let code = if off.is_some_and(|off| off <= 1.0) { Code::Rounded } else { Code::Value };
                    Some((code, format!("{name} is {value} instead of {wanted}")))
                }
                None => Some((Code::Value, format!("it has no {name}, which should be {wanted}"))),
            }
        })
    }

    fn finding(&self, code: Code, Seen { words, mut events }: Seen, all: &str, read: usize) -> Finding<Code> {
        let words = some(&words);
        let required = format!("for each of the {all} one right result that counts, in {}", self.topic);
        let seen = match code {
            Code::Blocked => format!("a transaction is open, and readers of committed records stand still: {words}"),
            Code::Missing => format!("there is no committed result of {words}"),
            Code::Doubled => format!("there is more than one committed result of {words}"),
            Code::Foreign => format!("a committed result of something that is not in {}: {words}", self.from),
            Code::Key => format!("not the key of its record: {words}"),
            Code::Value | Code::Rounded => format!("a result is not what it should be: {words}"),
        };
        events.truncate(3);
        events.push(read);
        Finding::new(code, required, seen, events)
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::{Recording, found};
    use serde_json::{Value, json};

    fn check() -> Value {
        json!({"results-once": {"from": "t", "topic": "results", "id": "id", "copies": ["who"],
            "products": {"total": ["n", "cents"]}}})
    }

    fn input() -> Recording {
        let record = |id: u32| json!({"id": id, "who": "a", "n": 3, "cents": 50});
        Recording::default().input(0, record(1)).input(0, record(2))
    }

    fn result(id: u32) -> Value {
        json!({"id": id, "who": "a", "total": 150})
    }

    #[test]
    fn one_right_result_for_each_record() {
        let judged = |values: &[Value]| {
            let records = values.iter().map(|value| found("k", value)).collect();
            input().read("results", 9, records).judged(check())
        };
        assert_eq!(judged(&[result(1), result(2)]), "passed");
        assert_eq!(judged(&[result(1)]), "missing");
        assert_eq!(judged(&[result(1), result(2), result(2)]), "doubled");
        assert_eq!(judged(&[result(1), result(2), result(3)]), "foreign");
        assert_eq!(judged(&[result(1), json!({"id": 2, "who": "a", "total": 1.5})]), "value");
        assert_eq!(judged(&[result(1), json!({"id": 2, "who": "a", "total": 149.999})]), "rounded");
        assert_eq!(
            judged(&[result(1), json!({"id": 2, "who": "a", "total": 149})]),
            "rounded",
            "cut off behind the point"
        );
        assert_eq!(judged(&[result(1), json!({"id": 2, "total": 150})]), "value");
        assert_eq!(judged(&[result(1), result(2), json!("no object")]), "value");
        assert_eq!(judged(&[]), "missing");
        let other_key = vec![found("k", &result(1)), found("other", &result(2))];
        assert_eq!(input().read("results", 9, other_key).judged(check()), "key");
    }

    #[test]
    fn behind_an_open_transaction_nothing_is_missing_yet() {
        assert_eq!(input().read_to("results", 1, 3, vec![found("k", &result(1))]).judged(check()), "blocked");
    }

    #[test]
    fn what_was_not_read_proves_nothing() {
        assert_eq!(input().judged(check()), "no evidence");
        assert_eq!(Recording::default().read("results", 0, Vec::new()).judged(check()), "no evidence");
        let twice = input().read("results", 0, Vec::new()).read(
            "results",
            9,
            vec![found("k", &result(1)), found("k", &result(2))],
        );
        assert_eq!(twice.judged(check()), "passed", "the last look counts");
    }
}
