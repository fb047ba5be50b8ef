//! Each record was handed to the outside world as what it means, whichever version of the schema it is in.

use crate::checks::{Check, Finding, Gathered, Outcome, Seen, codes, count, field, same, some};
use crate::evidence::{Call, Evidence, Input};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Translated {
    topic: String,
    op: String,
    /// The fields that together tell one record from another, in its value and in the arguments of a call.
    ids: Vec<String>,
    /// For each argument, the names that a record may have it under. The first that is there counts.
    fields: BTreeMap<String, Vec<String>>,
    /// The version that is looked at: a mark of the input.
    version: String,
}

codes! {
    Missing = "missing" Lost,
    // Only records are missing that have 0 where there is something to tell.
    ZeroMissing = "zero-missing" Lost,
    // Only records are missing that have the least or the largest number of all.
    EdgeMissing = "edge-missing" Lost,
    Waiting = "waiting" Stuck,
    // What is missing in the record is there in the call, as zero or empty, or zero stands for what is there.
    Defaulted = "defaulted" Wrong,
    // The record has the argument under two names, and it is not the one that counts.
    OtherName = "other-name" Wrong,
    LeftOut = "left-out" Wrong,
    // The same, of a 0.
    ZeroLeftOut = "zero-left-out" Wrong,
    Altered = "altered" Wrong,
    Twice = "twice" Duplicate,
}

impl Check for Translated {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let inputs = evidence.inputs(&self.topic);
        let meant: Vec<(&Input<'_>, &Value)> = inputs
            .iter()
            .filter(|input| input.mark == Some(&self.version))
            .filter_map(|input| Some((input, input.value.as_ref()?)))
            .collect();
        if meant.is_empty() {
            return Outcome::NoEvidence(format!("there was no record of “{}”", self.version));
        }
        let mut calls: HashMap<Vec<String>, Vec<Call<'_>>> = HashMap::new();
        for call in evidence.calls(&self.op).into_iter().filter(|call| call.done().is_some()) {
            calls.entry(self.id_of(call.args)).or_default().push(call);
        }
        let (commits, mut findings) = (evidence.commits_asked_for(&self.topic), Gathered::default());
        let mut missing = Vec::new();
        for (input, value) in &meant {
            let name = self.id_of(value).join(" at ");
            match calls.get(&self.id_of(value)).map(Vec::as_slice) {
                None | Some([]) => match commits.first_beyond(input.partition, input.offset) {
                    Some(_) => missing.push((name, input.event, *value)),
                    None => findings.add(Code::Waiting, name, Some(input.event)),
                },
                Some([call, more @ ..]) => {
                    if let Some(again) = more.first() {
                        findings.add(Code::Twice, name.clone(), Some(again.event));
                    }
                    self.compare(&name, value, call, &mut findings);
                }
            }
        }
        let code = self.missed(&missing, &meant);
        missing.into_iter().for_each(|(name, event, _)| findings.add(code, name, Some(event)));
        Outcome::unless_found(findings.findings(|code, seen| self.finding(code, &seen)), || {
            format!("{} of “{}” handed on as what they mean", count(meant.len(), "record"), self.version)
        })
    }
}

impl Translated {
    fn id_of(&self, value: &Value) -> Vec<String> {
        self.ids.iter().map(|id| field(value, id).unwrap_or_default()).collect()
    }

    /// What the record says of an argument, under each of its names that is there. The first one counts.
    fn said<'v>(value: &'v Value, names: &[String]) -> impl Iterator<Item = &'v Value> {
        names.iter().filter_map(|name| value.get(name)).filter(|value| !value.is_null())
    }

    /// What those records have in common that were not handed on.
    fn missed(&self, missing: &[(String, usize, &Value)], all: &[(&Input<'_>, &Value)]) -> Code {
        let number = |value: &Value, names: &Vec<String>| Self::said(value, names).next().and_then(Value::as_f64);
        let all_have = |is: &dyn Fn(f64, &Vec<String>) -> bool| {
            missing.iter().all(|(_, _, value)| {
                self.fields.values().any(|names| number(value, names).is_some_and(|number| is(number, names)))
            })
        };
        let edge = |edge: f64, names: &Vec<String>| {
            let numbers = || all.iter().filter_map(|(_, value)| number(value, names));
            numbers().all(|number| number <= edge) || numbers().all(|number| number >= edge)
        };
        match () {
            () if missing.len() == all.len() => Code::Missing,
            () if all_have(&|number, _| number == 0.0) => Code::ZeroMissing,
            () if all_have(&edge) => Code::EdgeMissing,
            () => Code::Missing,
        }
    }

    /// Does the call say what the record says?
    fn compare(&self, name: &str, value: &Value, call: &Call<'_>, findings: &mut Gathered<Code>) {
        for (argument, names) in &self.fields {
            let wanted = Self::said(value, names).next();
            let found = call.args.get(argument).filter(|value| !value.is_null());
            let code = match (wanted, found) {
                (None, None) => continue,
                (Some(wanted), Some(found)) if same(wanted, found) => continue,
                (_, Some(found)) if is_nothing(found) => Code::Defaulted,
                (_, Some(found)) if Self::said(value, names).any(|said| same(said, found)) => Code::OtherName,
                (_, Some(_)) => Code::Altered,
                (Some(wanted), None) if wanted.as_f64() == Some(0.0) => Code::ZeroLeftOut,
                (_, None) => Code::LeftOut,
            };
            let shown = |value: Option<&Value>| value.map_or_else(|| "missing".to_owned(), Value::to_string);
            let words = format!("{name}: {argument} is {} in the call, and should be {}", shown(found), shown(wanted));
            findings.add(code, words, Some(call.event));
        }
    }

    fn finding(&self, code: Code, seen: &Seen) -> Finding<Code> {
        let (op, version) = (&self.op, &self.version);
        let required = match code {
            Code::Missing | Code::ZeroMissing | Code::EdgeMissing => {
                format!("a call “{op}” for each record of “{version}”")
            }
            Code::Waiting => format!("all of “{}” read and committed", self.topic),
            Code::Defaulted => "what is missing stays missing, and what is there is found".to_owned(),
            Code::OtherName => {
                let two = self.fields.values().filter(|names| names.len() > 1).map(|names| names.join(" before "));
                format!("of two names, {}", two.collect::<Vec<_>>().join(", "))
            }
            Code::LeftOut | Code::ZeroLeftOut | Code::Altered => "what the record says".to_owned(),
            Code::Twice => format!("one call “{op}” for each record"),
        };
        Finding::new(code, required, some(&seen.words), seen.events.iter().copied().take(3).collect())
    }
}

/// What a type is when nobody has said anything.
fn is_nothing(value: &Value) -> bool {
    value.as_f64() == Some(0.0) || value == &Value::Bool(false) || value.as_str() == Some("")
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::Recording;
    use serde_json::{Value, json};

    fn judged(put: Value, called: &[Value]) -> String {
        let check = json!({"translated": {"topic": "t", "op": "reading", "ids": ["car"], "version": "v1",
            "fields": {"kmh": ["kmh", "speed"], "battery": ["battery"]}}});
        let recording = Recording::default().marked(0, put, "v1");
        called.iter().fold(recording, |all, args| all.call("reading", args.clone())).commit(&[(0, 1)]).judged(check)
    }

    #[test]
    fn a_record_is_handed_on_as_what_it_means() {
        let v1 = || json!({"car": "x", "speed": 70});
        let call = |rest: Value| {
            let mut args = json!({"car": "x"});
            args.as_object_mut().expect("an object").extend(rest.as_object().expect("an object").clone());
            args
        };
        assert_eq!(judged(v1(), &[call(json!({"kmh": 70.0}))]), "passed");
        assert_eq!(judged(v1(), &[call(json!({"kmh": 70, "battery": null}))]), "passed");
        assert_eq!(judged(v1(), &[]), "missing");
        assert_eq!(judged(v1(), &[call(json!({"kmh": 0}))]), "defaulted");
        assert_eq!(judged(v1(), &[call(json!({"kmh": 70, "battery": 0.0}))]), "defaulted");
        assert_eq!(judged(v1(), &[call(json!({}))]), "left-out");
        assert_eq!(judged(v1(), &[call(json!({"kmh": 71}))]), "altered");
        assert_eq!(judged(v1(), &[call(json!({"kmh": 70})), call(json!({"kmh": 70}))]), "twice");
        let both = || json!({"car": "x", "speed": 40, "kmh": 64});
        assert_eq!(judged(both(), &[call(json!({"kmh": 64}))]), "passed");
        assert_eq!(judged(both(), &[call(json!({"kmh": 40}))]), "other-name");
    }

    #[test]
    fn what_the_missing_records_have_in_common_has_a_name() {
        let check = json!({"translated": {"topic": "t", "op": "reading", "ids": ["car"], "version": "v1",
            "fields": {"kmh": ["kmh"], "battery": ["battery"]}}});
        let judged = |missing: &[i64]| {
            let speeds = [0, 400, 70, 50];
            let put = |all: Recording, kmh: &i64| all.marked(0, json!({"car": kmh.to_string(), "kmh": kmh}), "v1");
            let call = |all: Recording, kmh: &i64| all.call("reading", json!({"car": kmh.to_string(), "kmh": kmh}));
            let put = speeds.iter().fold(Recording::default(), put);
            let told = speeds.iter().filter(|kmh| !missing.contains(kmh)).fold(put, call);
            told.commit(&[(0, 4)]).judged(check.clone())
        };
        assert_eq!(judged(&[]), "passed");
        assert_eq!(judged(&[0]), "zero-missing");
        assert_eq!(judged(&[0, 400]), "edge-missing");
        assert_eq!(judged(&[400]), "edge-missing");
        assert_eq!(judged(&[0, 70]), "missing");
        assert_eq!(judged(&[0, 400, 70, 50]), "missing");
        let put = Recording::default().marked(0, json!({"car": "x", "kmh": 0}), "v1");
        assert_eq!(put.call("reading", json!({"car": "x"})).commit(&[(0, 1)]).judged(check.clone()), "zero-left-out");
    }

    #[test]
    fn what_was_not_read_is_waiting_and_another_version_is_no_evidence() {
        let check = |version: &str| json!({"translated": {"topic": "t", "op": "reading", "ids": ["car"], "version": version, "fields": {}}});
        let put = || Recording::default().marked(0, json!({"car": "x"}), "v1");
        assert_eq!(put().judged(check("v1")), "waiting");
        assert_eq!(put().judged(check("v2")), "no evidence");
    }
}
