//! What a program publishes are events: in their envelope, each under an id of its own that stays the same.

use crate::checks::{Check, Finding, Gathered, Outcome, codes, count, field, given, same, some};
use crate::evidence::{Evidence, Stored};
use crate::foreign::cut;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    topic: String,
    /// What may be published there.
    types: Vec<String>,
    /// The field of `data` that says what the event is about.
    id: String,
    /// Where the program was given what to publish, the field of that which is the event's `timestamp`.
    time: Option<String>,
}

codes! {
    Missing = "missing" Lost,
    SharedId = "shared-id" Lost,
    Bare = "bare" Wrong,
    OtherType = "other-type" Wrong,
    NoId = "no-id" Wrong,
    NoTime = "no-time" Wrong,
    Altered = "altered" Wrong,
    OtherTime = "other-time" Wrong,
    NewId = "new-id" Duplicate,
}

impl Check for Published {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let (stored, given) = (evidence.stored(&self.topic), given(evidence, &self.id));
        if stored.is_empty() && given.is_empty() {
            return Outcome::NoEvidence(format!("nothing was published to “{}”", self.topic));
        }
        let mut found = Gathered::default();
        let mut ids = Ids::default();
        let mut missing: BTreeSet<&String> = given.keys().collect();
        for Stored { record, event, .. } in &stored {
            let value = record.value.as_ref().and_then(|value| value.json()).unwrap_or_default();
            let (code, words) = match self.envelope(&value) {
                Err(wrong) => wrong,
                Ok(envelope) => {
                    missing.remove(&envelope.about);
                    ids.add(&envelope, *event);
                    match self.against(&envelope, given.get(&envelope.about).copied()) {
                        Some(wrong) => wrong,
                        None => continue,
                    }
                }
            };
            found.add(code, words, Some(*event));
        }
        // A bare order is there, in its way.
        let bare = found.has(Code::Bare);
        for id in missing.into_iter().filter(|_| !bare) {
            found.add(Code::Missing, format!("no event about {id}"), None);
        }
        ids.judge(&mut found);
        let types = self.types.join(" or ");
        let required = format!("{types}, as {{event_type, event_id, timestamp, data}}, in “{}”", self.topic);
        let findings = found.findings(|code, seen| {
            let events = seen.events.into_iter().take(3).collect();
            Finding::new(code, &required, some(&seen.words), events)
        });
        Outcome::unless_found(findings, || {
            format!("{} about {}", count(stored.len(), "event"), count(ids.of.len(), "order"))
        })
    }
}

/// A good envelope.
struct Envelope<'v> {
    event_type: String,
    event_id: &'v str,
    timestamp: jiff::Timestamp,
    data: &'v Value,
    /// What it is about.
    about: String,
}

impl Published {
    fn envelope<'v>(&self, value: &'v Value) -> Result<Envelope<'v>, (Code, String)> {
        let short = || cut(&value.to_string(), 80);
        let (Some(event_type), Some(data)) = (field(value, "event_type"), value.get("data")) else {
            return Err((Code::Bare, format!("no envelope: {}", short())));
        };
        if !self.types.contains(&event_type) {
            return Err((Code::OtherType, format!("event_type “{event_type}”")));
        }
        let Some(event_id) = value.get("event_id").and_then(Value::as_str).filter(|id| !id.is_empty()) else {
            return Err((Code::NoId, format!("no event_id that is a text: {}", short())));
        };
        let Some(timestamp) =
            value.get("timestamp").and_then(Value::as_str).and_then(|time| time.parse::<jiff::Timestamp>().ok())
        else {
            let seen = value.get("timestamp").unwrap_or(&Value::Null);
            return Err((Code::NoTime, format!("timestamp {seen}, and not as 2026-11-21T10:15:30Z")));
        };
        let Some(about) = field(data, &self.id) else {
            return Err((Code::Altered, format!("data without {}: {}", self.id, short())));
        };
        Ok(Envelope { event_type, event_id, timestamp, data, about })
    }

    /// What differs from what the program was given, if it was.
    fn against(&self, envelope: &Envelope<'_>, given: Option<&Value>) -> Option<(Code, String)> {
        let (time, given) = (self.time.as_ref()?, given?);
        if !same(envelope.data, given) {
            return Some((Code::Altered, format!("the data of {} is not what it was", envelope.about)));
        }
        let wanted = field(given, time)?;
        let is_that = wanted.parse().is_ok_and(|wanted: jiff::Timestamp| wanted == envelope.timestamp);
        let words = || format!("timestamp {} for {}, whose {time} is {wanted}", envelope.timestamp, envelope.about);
        (!is_that).then(|| (Code::OtherTime, words()))
    }
}

/// Which ids the events have.
#[derive(Default)]
struct Ids {
    /// The ids of the events about each thing, with the type: one where all is well.
    of: BTreeMap<(String, String), BTreeMap<String, usize>>,
    /// What each id was given to.
    given_to: BTreeMap<String, BTreeMap<(String, String), usize>>,
}

impl Ids {
    fn add(&mut self, envelope: &Envelope<'_>, event: usize) {
        let about = (envelope.about.clone(), envelope.event_type.clone());
        let id = envelope.event_id.to_owned();
        self.of.entry(about.clone()).or_default().entry(id.clone()).or_insert(event);
        self.given_to.entry(id).or_default().entry(about).or_insert(event);
    }

    fn judge(&self, found: &mut Gathered<Code>) {
        for ((about, event_type), ids) in self.of.iter().filter(|(_, ids)| ids.len() > 1) {
            let names: Vec<&String> = ids.keys().collect();
            let words = format!("{event_type} of {about} under {}", some(&names));
            found.add(Code::NewId, words, ids.values().next().copied());
        }
        for (id, things) in self.given_to.iter().filter(|(_, things)| things.len() > 1) {
            let names: Vec<&String> = things.keys().map(|(about, _)| about).collect();
            let words = format!("event_id “{id}” for {}", some(&names));
            found.add(Code::SharedId, words, things.values().next().copied());
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::{Recording, batch, record};
    use serde_json::{Value, json};

    /// What is said when order “a” was given, and these values were published.
    fn judged(values: &[Value]) -> String {
        let check =
            json!({"published": {"topic": "t", "types": ["order.placed"], "id": "order_id", "time": "placed_at"}});
        let order = json!({"order_id": "a", "placed_at": "2026-11-21T10:15:30Z"});
        let records = values.iter().map(|value| record("a", value)).collect();
        Recording::default().given(order).produce(vec![batch(0, records)]).judged(check)
    }

    #[test]
    fn an_event_has_its_envelope_and_one_id() {
        let data = json!({"order_id": "a", "placed_at": "2026-11-21T10:15:30Z"});
        let good = json!({"event_type": "order.placed", "event_id": "e", "timestamp": "2026-11-21T11:15:30+01:00",
            "data": data});
        let but = |name: &str, value: Value| {
            let mut event = good.clone();
            event[name] = value;
            judged(&[event])
        };
        assert_eq!(judged(&[good.clone(), good.clone()]), "passed");
        assert_eq!(judged(&[]), "missing");
        assert_eq!(judged(std::slice::from_ref(&data)), "bare");
        assert_eq!(judged(&[json!("text")]), "bare");
        assert_eq!(but("event_type", json!("place_order")), "other-type missing");
        assert_eq!(but("event_id", json!(7)), "no-id missing");
        assert_eq!(but("timestamp", json!(1_763_720_130)), "no-time missing");
        assert_eq!(but("timestamp", json!("2026-11-21T10:15:31Z")), "other-time");
        assert_eq!(but("data", json!({"order_id": "a"})), "altered");
        let (mut renamed, mut another) = (good.clone(), good.clone());
        renamed["event_id"] = json!("f");
        another["data"]["order_id"] = json!("b");
        assert_eq!(judged(&[good.clone(), renamed]), "new-id");
        assert_eq!(judged(&[good, another]), "shared-id");
    }

    #[test]
    fn nothing_given_and_nothing_published_proves_nothing() {
        let check = json!({"published": {"topic": "t", "types": ["order.placed"], "id": "order_id"}});
        assert_eq!(Recording::default().judged(check), "no evidence");
    }
}
