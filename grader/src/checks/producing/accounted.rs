//! Each record that the program took is told of once, as delivered or as failed, and truly.

use super::fate::{Fate, fates};
use crate::checks::{Check, Finding, Outcome, codes, count, field, given, some};
use crate::evidence::{Because, Evidence, What};
use serde::Deserialize;
use std::collections::{BTreeMap, HashSet};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accounted {
    topic: String,
    id: String,
    /// The call that says that a record is in Kafka.
    delivered: String,
    /// The call that says that it is not.
    failed: String,
    /// So many may have their answer and wait for their word at the same time. One alone may wait long: threads that want to
    /// tell compete.
    within: Option<usize>,
}

codes! {
    // It is told to be in Kafka, and it never was.
    Claimed = "claimed" Lost,
    // It was told to be in Kafka before anybody knew.
    Early = "early" Wrong,
    // It is in Kafka, and told to have failed.
    Denied = "denied" Wrong,
    // Some records were told of, and others were not.
    Untold = "untold" Wrong,
    // None was.
    Silent = "silent" Wrong,
    Repeated = "repeated" Wrong,
    Foreign = "foreign" Wrong,
    // It is true, and nobody heard it when it was known.
    PutOff = "put-off" Slow,
    // All is told, and the program waits for ever.
    Hangs = "hangs" Stuck,
}

/// What the program has told of one record: where, and whether it is to be in Kafka.
type Told = Vec<(usize, bool)>;

impl Check for Accounted {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let given: HashSet<String> = given(evidence, &self.id).into_keys().collect();
        if given.is_empty() {
            return Outcome::NoEvidence("the program was given nothing to send".into());
        }
        let (mut told, mut foreign) = (BTreeMap::<String, Told>::new(), Vec::new());
        for (op, good) in [(&self.delivered, true), (&self.failed, false)] {
            for call in evidence.calls(op) {
                match field(call.args, &self.id).filter(|id| given.contains(id)) {
                    Some(id) => told.entry(id).or_default().push((call.event, good)),
                    None => foreign.push(call.event),
                }
            }
        }
        if told.is_empty() {
            let seen = format!("no such call, although it took {}", count(given.len(), "record"));
            return Finding::new(Code::Silent, self.required(), seen, foreign.into_iter().take(1).collect()).outcome();
        }
        let fates = fates(evidence, &self.topic, &self.id, usize::MAX);
        let late = self.put_off(&fates, &told);
        let mut found = BTreeMap::<Code, Vec<(&String, usize)>>::new();
        for (id, fate) in &fates {
            let told = told.get(id).map_or(&[][..], Vec::as_slice);
            let (code, at) = match (told, fate) {
                ([], _) => (Code::Untold, usize::MAX),
                ([_, (again, _), ..], _) => (Code::Repeated, *again),
                ([(at, false)], Fate::Taken(_)) => (Code::Denied, *at),
                ([(at, true)], Fate::Taken(answer)) if answer > at => (Code::Early, *at),
                ([(at, true)], Fate::Taken(answer)) if late.is_some_and(|late| (*answer..*at).contains(&late)) => {
                    (Code::PutOff, *at)
                }
                ([(at, true)], fate) if !matches!(fate, Fate::Taken(_)) => (Code::Claimed, *at),
                _ => continue,
            };
            found.entry(code).or_default().push((id, at));
        }
        let mut findings: Vec<_> = found.into_iter().map(|(code, records)| self.finding(code, &records)).collect();
        if let Some(first) = foreign.first() {
            let seen = format!("{} about records that the program was not given", count(foreign.len(), "call"));
            findings.push(Finding::new(Code::Foreign, self.required(), seen, vec![*first]));
        }
        let good = told.values().filter(|told| told.iter().all(|(_, good)| *good)).count();
        let last = told.values().flatten().map(|(at, _)| *at).max().unwrap_or_default();
        let did_not_end = |what: &What| matches!(what, What::GaveUp { because: Because::DidNotEnd { .. }, .. });
        let mut gave_up = evidence.iter().filter(|(_, event)| did_not_end(&event.what)).map(|(at, _)| at);
        if let Some(at) = gave_up.next_back().filter(|at| findings.is_empty() && *at > last) {
            let (many, failed) = (count(told.len(), "record"), told.len() - good);
            let seen =
                format!("{many} told of, {failed} of them as failed, and then it did nothing more, and did not end");
            let required = "an end when everything is settled";
            findings.push(Finding::new(Code::Hangs, required, seen, vec![last, at]));
        }
        Outcome::unless_found(findings, || {
            format!("{} told of: {good} delivered, {} failed", count(told.len(), "record"), told.len() - good)
        })
    }
}

impl Accounted {
    fn required(&self) -> String {
        format!("one call “{}” or “{}” for each record, when its outcome is known", self.delivered, self.failed)
    }

    /// Where more records had their answer, and were yet to be told of, than may be: the position at which there were most.
    fn put_off(&self, fates: &BTreeMap<String, Fate>, told: &BTreeMap<String, Told>) -> Option<usize> {
        let within = self.within?;
        let mut changes = Vec::new();
        for (id, fate) in fates {
            if let (Fate::Taken(answer), Some([(at, _), ..])) = (fate, told.get(id).map(Vec::as_slice))
                && answer < at
            {
                changes.extend([(*answer, true), (*at, false)]);
            }
        }
        changes.sort_unstable();
        let (mut waiting, mut most) = (0, (within, None));
        for (at, more) in changes {
            waiting = if more { waiting + 1 } else { waiting - 1 };
            if waiting > most.0 {
                most = (waiting, Some(at));
            }
        }
        most.1
    }

    fn finding(&self, code: Code, records: &[(&String, usize)]) -> Finding<Code> {
        let ids: Vec<&String> = records.iter().map(|(id, _)| *id).collect();
        let (many, which) = (count(ids.len(), "record"), some(&ids));
        let seen = match code {
            Code::Untold => format!("nothing was reported of {many}: {which}"),
            Code::Repeated => format!("{many} reported more than once: {which}"),
            Code::Denied => format!("{many} reported as failed, and in Kafka: {which}"),
            Code::PutOff => format!("{many} reported long after the broker had taken them: {which}"),
            Code::Early => format!("{many} reported as delivered before the broker had taken them: {which}"),
            _ => format!("{many} reported as delivered, and never taken by the broker: {which}"),
        };
        let events = records.iter().map(|(_, at)| *at).filter(|at| *at != usize::MAX).take(3).collect();
        Finding::new(code, self.required(), seen, events)
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::{Recording, batch, record};
    use crate::evidence::Ended;
    use serde_json::json;

    fn judged(recording: Recording) -> String {
        recording.judged(json!({"accounted": {"topic": "t", "id": "id", "delivered": "yes", "failed": "no"}}))
    }

    #[test]
    fn each_record_is_told_of_once_and_truly() {
        let one = || vec![batch(0, vec![record("k", &json!({"id": 1}))])];
        let given = || Recording::default().given(json!({"id": 1}));
        let yes = |recording: Recording| recording.call("yes", json!({"id": 1}));
        let no = |recording: Recording| recording.call("no", json!({"id": 1, "error": "why"}));
        assert_eq!(judged(yes(given().produce(one()))), "passed");
        assert_eq!(judged(no(given().send(-1, one()).refuse(87))), "passed");
        assert_eq!(judged(no(given())), "passed", "it was never sent, and that is what is told");
        assert_eq!(judged(given().produce(one())), "silent");
        assert_eq!(judged(yes(given().given(json!({"id": 2})).produce(one()))), "untold");
        assert_eq!(judged(yes(yes(given().produce(one())))), "repeated");
        assert_eq!(judged(no(yes(given().produce(one())))), "repeated");
        assert_eq!(judged(no(given().produce(one()))), "denied");
        assert_eq!(judged(yes(given().send(-1, one())).acknowledge(0)), "early");
        assert_eq!(judged(yes(given().send(-1, one()).refuse(87))), "claimed");
        assert_eq!(judged(yes(given())), "claimed");
        assert_eq!(judged(yes(given().produce(one())).call("yes", json!({"id": 7}))), "foreign");
        assert_eq!(judged(no(given().send(-1, one()).refuse(87)).did_not_end()), "hangs");
        assert_eq!(judged(no(given()).exited(Ended::Code(0))), "passed");
        assert_eq!(judged(Recording::default()), "no evidence");
        let later = |count: usize| {
            let all = (0..count).fold(Recording::default(), |all, id| all.given(json!({"id": id})));
            let records = (0..count).map(|id| record("k", &json!({"id": id}))).collect();
            let all =
                (0..count).fold(all.produce(vec![batch(0, records)]), |all, id| all.call("yes", json!({"id": id})));
            all.judged(
                json!({"accounted": {"topic": "t", "id": "id", "delivered": "yes", "failed": "no", "within": 5}}),
            )
        };
        assert_eq!([later(5), later(6)], ["passed", "put-off"]);
    }
}
