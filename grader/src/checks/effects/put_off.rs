//! What failed waits in a topic, labelled with the number of its next attempt and with its time, and both are kept.
//!
//! Times of day are compared here, for the contract is about them: those of the label with those at which a call and its
//! answer passed us, on the same machine.

use super::hops::{Hop, Hops};
use crate::checks::{Check, Finding, Gathered, Outcome, Seen, codes, count, some};
use crate::evidence::{Call, Evidence};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PutOff {
    /// Where it waits.
    topic: String,
    op: String,
    id: String,
    /// Milliseconds between a refusal and the next attempt: after the first, after the second, and so on.
    pauses_ms: Vec<i64>,
    /// The header with the number of the next attempt, from 1 for the very first.
    attempt: String,
    /// The header with the time before which it is not made, in milliseconds since 1970.
    not_before: String,
}

codes! {
    Dropped = "dropped" Lost,
    InPlace = "in-place" Stuck,
    Unlabelled = "unlabelled" Wrong,
    LabelledTwice = "labelled-twice" Wrong,
    Miscounted = "miscounted" Wrong,
    NoTime = "no-time" Wrong,
    OtherUnit = "other-unit" Wrong,
    Near = "near" Slow,
    Far = "far" Stuck,
    Early = "early" Slow,
    PutBack = "put-back" Slow,
}

/// Microseconds by which two readings of one clock may differ.
const SLACK: i64 = 20_000;
/// Microseconds by which a time may lie further ahead than it must.
const GENEROUS: i64 = 1_000_000;
/// Microseconds: what is further away from now is not the time of day in milliseconds.
const DAY: i64 = 86_400_000_000;

impl Check for PutOff {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let hops = Hops::new(evidence, &self.topic, (&self.op, &self.id));
        let (mut judged, mut found) = (0, Gathered::default());
        for (id, calls) in &hops.calls {
            for call in calls {
                judged += usize::from(hops.last_before(id, call.event).is_some());
                self.time_of(evidence, &hops, (id, call), &mut found);
            }
            for pair in calls.windows(2) {
                let refused = pair[0].answer.is_some_and(|answer| !answer.ok);
                let last = hops.last_before(id, pair[1].event);
                if refused && last.is_none_or(|hop| hop.event() < pair[0].event) {
                    found.add(Code::InPlace, id.clone(), Some(pair[1].event));
                }
            }
        }
        for hop in &hops.all {
            if hop.own() {
                judged += 1;
                self.label_of(evidence, &hops, hop, &mut found);
            } else {
                judged += usize::from(hop.number(&self.attempt).and(hop.number(&self.not_before)).is_ok());
            }
            if let Some(commit) = hops.dropped(hop).filter(|commit| self.waits_at(evidence, hop, *commit)) {
                found.add(Code::Dropped, hop.name(), Some(commit));
            }
        }
        if judged == 0 && !found.has(Code::InPlace) && !found.has(Code::Dropped) {
            return Outcome::NoEvidence(format!("nothing waited in {} for its next attempt", self.topic));
        }
        let required = self.required();
        let finding = |code, Seen { words, events }: Seen| {
            let seen = format!("{}: {}", self.told(code), some(&words));
            Finding::new(code, &required, seen, events)
        };
        Outcome::unless_found(found.findings(finding), || {
            format!("{} put off, counted, and none made before its time", count(judged, "attempt"))
        })
    }
}

impl PutOff {
    fn required(&self) -> String {
        let pauses: Vec<String> = self.pauses_ms.iter().map(|ms| format!("{ms} ms")).collect();
        format!(
            "what failed waits in {}, with one header {} and one header {}, {} ahead",
            self.topic,
            self.attempt,
            self.not_before,
            pauses.join(", then ")
        )
    }

    fn told(&self, code: Code) -> String {
        let (attempt, not_before) = (&self.attempt, &self.not_before);
        match code {
            Code::Dropped => "committed while it waited, and neither tried nor passed on".into(),
            Code::InPlace => format!("tried again without having been in {}", self.topic),
            Code::Unlabelled => format!("no whole number in a header {attempt}"),
            Code::LabelledTwice => "the same header more than once".into(),
            Code::Miscounted => format!("{attempt} is not the number of the next attempt"),
            Code::NoTime => format!("no whole number in a header {not_before}"),
            Code::OtherUnit => format!("{not_before} is not a time in milliseconds since 1970"),
            Code::Near => format!("{not_before} is too soon"),
            Code::Far => format!("{not_before} is too far away"),
            Code::Early => format!("tried before {not_before}"),
            Code::PutBack => format!("put into {} again, without an attempt", self.topic),
        }
    }

    /// Has its time not come yet at this position?
    fn waits_at(&self, evidence: &Evidence, hop: &Hop<'_>, position: usize) -> bool {
        let due = hop.number(&self.not_before).map(|not_before| not_before.saturating_mul(1000));
        due.ok()
            .zip(evidence.epoch_us(position))
            .is_some_and(|(due, now)| (SLACK..DAY).contains(&due.saturating_sub(now)))
    }

    /// Was this call made before the time that the record said?
    fn time_of(
        &self,
        evidence: &Evidence,
        hops: &Hops<'_>,
        (id, call): (&String, &Call<'_>),
        found: &mut Gathered<Code>,
    ) {
        let Some(hop) = hops.last_before(id, call.event) else { return };
        let (Ok(not_before), Some(now)) = (hop.number(&self.not_before), evidence.epoch_us(call.event)) else { return };
        let early = not_before.saturating_mul(1000).saturating_sub(now);
        if (SLACK..DAY).contains(&early) {
            found.add(Code::Early, format!("{id}, {} ms too early", early / 1000), Some(call.event));
        }
    }

    /// Does the label of what the program has put off say what it should?
    fn label_of(&self, evidence: &Evidence, hops: &Hops<'_>, hop: &Hop<'_>, found: &mut Gathered<Code>) {
        let (name, at) = (hop.name(), Some(hop.event()));
        let calls = hops.calls.get(&hop.id).map(Vec::as_slice).unwrap_or_default();
        let before: Vec<&Call<'_>> = calls.iter().filter(|call| call.event < hop.event()).collect();
        if hops
            .last_before(&hop.id, hop.event())
            .is_some_and(|last| !before.iter().any(|call| call.event > last.event()))
        {
            return found.add(Code::PutBack, name, at);
        }
        let refused = before.iter().filter_map(|call| call.answer.filter(|answer| !answer.ok));
        let (attempts, answer) = (refused.clone().count() as i64, refused.map(|answer| answer.event).max());
        let next = hops.made_before(&hop.id, &self.attempt) + attempts + 1;
        match hop.number(&self.attempt) {
            Ok(number) if number == next => {}
            Ok(number) => found.add(Code::Miscounted, format!("{name} has {number}, and should have {next}"), at),
            Err(1) | Err(0) => found.add(Code::Unlabelled, name.clone(), at),
            Err(_) => found.add(Code::LabelledTwice, format!("{} of {name}", self.attempt), at),
        }
        let not_before = match hop.number(&self.not_before) {
            Ok(number) => number.saturating_mul(1000),
            Err(0 | 1) => return found.add(Code::NoTime, name, at),
            Err(_) => return found.add(Code::LabelledTwice, format!("{} of {name}", self.not_before), at),
        };
        let place = usize::try_from(attempts - 1).unwrap_or_default().min(self.pauses_ms.len().saturating_sub(1));
        let pause = self.pauses_ms.get(place).copied().unwrap_or_default() * 1000;
        let (Some(sent), Some(refused)) =
            (evidence.epoch_us(hop.event()), answer.and_then(|answer| evidence.epoch_us(answer)))
        else {
            return;
        };
        let (ahead, since) = (not_before.saturating_sub(sent), not_before.saturating_sub(refused));
        if ahead.abs() > DAY {
            found.add(Code::OtherUnit, format!("{name} has {}", not_before / 1000), at);
        } else if since < pause - SLACK {
            found.add(Code::Near, format!("{name}, {} ms after the refusal", since / 1000), at);
        } else if ahead > pause + GENEROUS {
            found.add(Code::Far, format!("{name}, {} ms ahead", ahead / 1000), at);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::{Recording, batch, record};
    use crate::wire::{Batch, Data};
    use serde_json::{Value, json};

    /// Midnight at which the recordings begin, in milliseconds.
    const BEGAN: i64 = 86_400_000;

    fn check() -> Value {
        json!({"put-off": {"topic": "retry", "op": "ship", "id": "id", "pauses_ms": [200, 400],
            "attempt": "attempt", "not_before": "not_before"}})
    }

    fn order() -> Value {
        json!({"id": 1})
    }

    /// The record in the retry topic, with these headers.
    fn labelled(headers: &[(&str, &str)]) -> Vec<Batch> {
        let mut record = record("k", &order());
        record.headers = headers.iter().map(|(name, value)| ((*name).to_owned(), Some(Data::from(*value)))).collect();
        vec![Batch { topic: "retry".into(), ..batch(0, vec![record]) }]
    }

    fn hop(attempt: &str, ms: i64) -> Vec<Batch> {
        labelled(&[("attempt", attempt), ("not_before", &(BEGAN + ms).to_string())])
    }

    fn refused() -> Recording {
        Recording::default().refused("ship", order())
    }

    #[test]
    fn the_number_and_the_time_are_written_and_kept() {
        let once = || refused().produce(hop("2", 200));
        let twice = || once().pause(200).refused("ship", order()).produce(hop("3", 600));
        assert_eq!(once().judged(check()), "passed");
        assert_eq!(twice().pause(400).call("ship", order()).judged(check()), "passed");
        assert_eq!(once().pause(100).call("ship", order()).judged(check()), "early");
        assert_eq!(twice().pause(100).call("ship", order()).judged(check()), "early");
        let second = |attempt, ms| once().pause(200).refused("ship", order()).produce(hop(attempt, ms)).judged(check());
        assert_eq!(second("2", 600), "miscounted");
        assert_eq!(second("3", 400), "near");
        assert_eq!(second("3", 4000), "far");
        assert_eq!(Recording::default().judged(check()), "no evidence");
    }

    #[test]
    fn a_label_that_cannot_be_read_is_told_by_what_is_wrong() {
        let judged = |headers: &[(&str, &str)]| refused().produce(labelled(headers)).judged(check());
        let time = (BEGAN + 200).to_string();
        assert_eq!(judged(&[("not_before", &time)]), "unlabelled");
        assert_eq!(judged(&[("attempt", "two"), ("not_before", &time)]), "unlabelled");
        assert_eq!(judged(&[("attempt", "1"), ("attempt", "2"), ("not_before", &time)]), "labelled-twice");
        assert_eq!(judged(&[("attempt", "2")]), "no-time");
        assert_eq!(judged(&[("attempt", "2"), ("not_before", "1970-01-02T00:00:00Z")]), "no-time");
        assert_eq!(judged(&[("attempt", "2"), ("not_before", "9000000000000")]), "other-unit");
    }

    #[test]
    fn whoever_waits_elsewhere_is_found() {
        assert_eq!(refused().pause(200).call("ship", order()).judged(check()), "in-place");
        assert_eq!(refused().produce(hop("2", 200)).produce(hop("2", 200)).judged(check()), "put-back");
        let kept = || refused().produce(hop("2", 200));
        assert_eq!(kept().commit_in("retry", &[(0, 1)]).judged(check()), "dropped");
        assert_eq!(kept().pause(200).call("ship", order()).commit_in("retry", &[(0, 1)]).judged(check()), "passed");
        let passed_on = vec![Batch { topic: "dlq".into(), ..batch(0, vec![record("k", &order())]) }];
        assert_eq!(kept().produce(passed_on).commit_in("retry", &[(0, 1)]).judged(check()), "passed");
    }
}
