//! Records are handed on in lists, each one call: full, or as soon as its first record has waited long enough.
//!
//! The contract is about time, so this kind looks at clocks, with care: how long a list was open is summed up over the
//! arrivals of its own records on the wire, where a program that gets no processor has no arrivals; and a limit is
//! exceeded by twice as much at least before anything is said.

use crate::checks::outcome::Gathered;
use crate::checks::{Check, Finding, Outcome, codes, count, field, places};
use crate::evidence::{Call, Evidence};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{HashMap, HashSet};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batches {
    role: String,
    topic: String,
    /// The call that hands on a list.
    op: String,
    id: String,
    /// So many records at most.
    size: usize,
    /// So long the first record of a list waits for others. Without it, nothing is said about time.
    max_wait_ms: Option<u64>,
    /// The role is asked to stop while a list is open.
    #[serde(default)]
    open_at_stop: bool,
}

codes! {
    NotAList = "not-a-list" Wrong,
    Oversized = "oversized" Wrong,
    Left = "left" Stuck,
    // A full list waits, so it is not for want of a clock.
    Stalled = "stalled" Stuck,
    Dropped = "dropped" Slow,
    KeptOpen = "kept-open" Slow,
    OneByOne = "one-by-one" Slow,
    Early = "early" Slow,
    Empty = "empty" Slow,
}

/// Of a wait that was exceeded, how many times as long it must have been. The first is for a list to which records
/// still came, the second for one to which none came any more.
const KEPT_OPEN: u64 = 2;
const LEFT: u64 = 4;

/// Microseconds between the arrival of a record and a SIGTERM behind it, within which nobody need have seen the record.
const JUST_ARRIVED: u64 = 100_000;

/// A call with a list.
struct List<'a> {
    call: Call<'a>,
    records: &'a [Value],
}

/// When records came to the program, in microseconds.
struct Times<'e> {
    evidence: &'e Evidence,
    arrivals: HashMap<String, u64>,
    /// In which partition each record lies.
    partitions: HashMap<String, i32>,
    /// How many records are not JSON: they may have had places in a list.
    poison: usize,
    /// When the role was asked to stop, or the grader gave up.
    stop: Option<u64>,
}

impl Check for Batches {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let calls = evidence.calls_by(Some(&self.role), &self.op);
        let required = match self.max_wait_ms {
            Some(ms) => format!("lists of at most {} records, handed on when full or after {ms} ms", self.size),
            None => format!("lists of at most {} records", self.size),
        };
        let mut found = Gathered::default();
        let mut lists: Vec<List<'_>> = Vec::new();
        for call in calls {
            match call.args.as_array() {
                None => found.add(Code::NotAList, "a call whose arguments are no list".into(), Some(call.event)),
                Some(records) => lists.push(List { call, records }),
            }
        }
        self.sizes(&lists, &mut found);
        let times = self.times(evidence);
        let waits = self.max_wait_ms.map(|ms| ms * 1000);
        if let Some(wait) = waits {
            self.waits(&lists, &times, wait, &mut found);
        }
        let findings = found.findings(|code, seen| {
            let more = seen.words.len().saturating_sub(1);
            let mut more = if more > 0 { format!("; and {more} more") } else { String::new() };
            if code == Code::Early && times.apart(&lists, &self.id) {
                more.push_str("; each list holds records of one partition only");
            }
            Finding::new(code, &required, format!("{}{more}", seen.words[0]), seen.events)
        });
        if !findings.is_empty() {
            return Outcome::Failed(findings);
        }
        let partial = lists.iter().filter(|list| list.records.len() < self.size).count();
        let at_stop = |list: &List<'_>| times.stop.is_some_and(|stop| times.at(list.call.event) > stop);
        match (lists.is_empty(), waits) {
            (true, _) => Outcome::NoEvidence(format!("{} handed on nothing", self.role)),
            (false, Some(_)) if partial == 0 => Outcome::NoEvidence("no list had to wait".into()),
            (false, _) if self.open_at_stop && !lists.iter().any(at_stop) => {
                Outcome::NoEvidence(format!("no list was open when {} was asked to stop", self.role))
            }
            _ => Outcome::Passed(format!("{}, {partial} of them not full", count(lists.len(), "list"))),
        }
    }
}

impl Times<'_> {
    fn at(&self, event: usize) -> u64 {
        self.evidence.at(event)
    }

    /// Whether each list is of one partition, though records lie in several, and several records in each list.
    fn apart(&self, lists: &[List<'_>], id: &str) -> bool {
        let of = |list: &List<'_>| -> HashSet<i32> {
            let ids = list.records.iter().filter_map(|record| field(record, id));
            ids.filter_map(|id| self.partitions.get(&id).copied()).collect()
        };
        let several: Vec<HashSet<i32>> = lists.iter().filter(|list| list.records.len() > 1).map(of).collect();
        let seen: HashSet<i32> = several.iter().flatten().copied().collect();
        several.len() > 3 && seen.len() > 1 && several.iter().all(|partitions| partitions.len() == 1)
    }

    /// When the records of a list came, in order.
    fn of(&self, records: &[Value], id: &str) -> Vec<u64> {
        let ids = records.iter().filter_map(|record| field(record, id));
        let mut times: Vec<u64> = ids.filter_map(|id| self.arrivals.get(&id).copied()).collect();
        times.sort_unstable();
        times
    }
}

impl Batches {
    fn times<'e>(&self, evidence: &'e Evidence) -> Times<'e> {
        let arrivals = evidence.arrivals(&self.role, &self.topic);
        let at = |event: usize| evidence.at(event);
        let inputs = evidence.inputs(&self.topic);
        let poison = inputs.iter().filter(|input| input.poison).count();
        let places = places(&inputs, &self.id);
        let partitions = places.iter().map(|(id, place)| (id.clone(), place.partition)).collect();
        let arrivals = places
            .into_iter()
            .filter_map(|(id, place)| Some((id, at(*arrivals.get(&(place.partition, place.offset))?))));
        let stop = evidence.endings_asked_for(&self.role).first().copied().or(evidence.gave_up()).map(at);
        Times { evidence, arrivals: arrivals.collect(), partitions, poison, stop }
    }

    /// What needs no clock.
    fn sizes(&self, lists: &[List<'_>], found: &mut Gathered<Code>) {
        for list in lists {
            let event = Some(list.call.event);
            match list.records.len() {
                0 => found.add(Code::Empty, "a call with an empty list".into(), event),
                n if n > self.size => found.add(Code::Oversized, format!("a list of {n} records"), event),
                _ => {}
            }
        }
        let singles = lists.iter().filter(|list| list.records.len() == 1).count();
        if let Some(first) = lists.first()
            && self.size > 1
            && lists.len() > self.size
            && singles == lists.len()
        {
            found.add(Code::OneByOne, format!("{singles} lists of one record each"), Some(first.call.event));
        }
    }

    /// How long records waited for each other; `wait` is what they may.
    fn waits(&self, lists: &[List<'_>], times: &Times<'_>, wait: u64, found: &mut Gathered<Code>) {
        let ms = |us: u64| us / 1000;
        let one_by_one = found.has(Code::OneByOne);
        let (mut before, mut free): (Option<u64>, u64) = (None, 0);
        for list in lists.iter().filter(|list| !list.records.is_empty()) {
            let (at, event) = (times.at(list.call.event), list.call.event);
            let came = times.of(list.records, &self.id);
            // Records that had come while the list before was in hand begin to wait when that is done.
            let (opened, last) = (came.first().copied().unwrap_or(at).max(free), came.last().copied().unwrap_or(at));
            let (records, stopped) = (list.records.len(), times.stop.is_some_and(|stop| at > stop));
            // Arrivals follow each other closely where records come one by one. A longer silence is the machine's.
            let open = came
                .windows(2)
                .filter(|pair| pair[1] > opened)
                .map(|pair| (pair[1] - pair[0].max(opened)).min(wait / 2));
            let open: u64 = open.sum();
            let still = at.saturating_sub(last.max(opened));
            if open > KEPT_OPEN * wait {
                let seen = format!(
                    "a list stayed open for {} ms, and was handed on with {}",
                    ms(open),
                    count(records, "record")
                );
                found.add(Code::KeptOpen, seen, Some(event));
            } else if still > LEFT * wait {
                let seen = format!("{} waited for {} ms", count(records, "record"), ms(still));
                found.add(Code::Left, seen, Some(event));
            } else if let Some(before) = before
                && records + times.poison < self.size
                && !stopped
                && !one_by_one
                && at.saturating_sub(before) < wait / 2
            {
                let since = ms(at.saturating_sub(before));
                let seen = format!("a list of {} {since} ms after the one before", count(records, "record"));
                found.add(Code::Early, seen, Some(event));
            }
            before = Some(at);
            free = list.call.answer.map_or(at, |answer| times.at(answer.event));
        }
        self.never_handed_on(lists, times, (wait, free), found);
    }

    /// What came and was never handed on.
    fn never_handed_on(
        &self,
        lists: &[List<'_>],
        times: &Times<'_>,
        (wait, free): (u64, u64),
        found: &mut Gathered<Code>,
    ) {
        let Some(stop) = times.stop else { return };
        let handed: HashSet<String> =
            lists.iter().flat_map(|list| list.records.iter()).filter_map(|record| field(record, &self.id)).collect();
        let waiting = times.arrivals.iter().filter(|(id, at)| !handed.contains(*id) && **at < stop);
        let came: Vec<u64> = waiting.map(|(_, at)| *at).collect();
        let (Some(first), Some(last)) = (came.iter().min(), came.iter().max()) else { return };
        let asked = times.evidence.endings_asked_for(&self.role).first().copied();
        let event = asked.or(times.evidence.gave_up());
        let still = stop.saturating_sub((*last).max(free));
        if still > LEFT * wait {
            let seen = format!("{} waited for {} ms, until the end", count(came.len(), "record"), still / 1000);
            found.add(if came.len() < self.size + times.poison { Code::Left } else { Code::Stalled }, seen, event);
        } else if asked.is_some()
            && first + JUST_ARRIVED < stop
            && !lists.iter().any(|list| times.at(list.call.event) > stop)
        {
            let seen =
                format!("{} in hand when it was asked to stop, and never handed on", count(came.len(), "record"));
            found.add(Code::Dropped, seen, event);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::{Recording, TOPIC};
    use crate::wire::{Fetched, Response};
    use serde_json::{Value, json};

    fn check(more: &Value) -> Value {
        let mut check = json!({"role": "a", "topic": "t", "op": "batch", "id": "id", "size": 5});
        for (name, value) in more.as_object().expect("parameters") {
            check[name] = value.clone();
        }
        json!({"batches": check})
    }

    fn timed() -> Value {
        check(&json!({"max_wait_ms": 500}))
    }

    /// So many records come, each so many milliseconds after the one before.
    fn come(mut recording: Recording, ids: std::ops::Range<i64>, every_ms: u64) -> Recording {
        for id in ids {
            recording = recording.pause(every_ms).input(0, json!({"id": id})).fetch(0, id).response(given(id));
        }
        recording
    }

    fn given(id: i64) -> Response {
        let (topic, records) = (TOPIC.to_owned(), Some((id, id)));
        let fetched = Fetched { topic, partition: 0, error: 0, high_watermark: id + 1, records, count: 1 };
        Response::Fetch { error: 0, partitions: vec![fetched] }
    }

    fn hands(recording: Recording, ids: std::ops::Range<i64>) -> Recording {
        recording.call("batch", ids.map(|id| json!({"id": id})).collect())
    }

    #[test]
    fn a_list_has_so_many_records_at_most() {
        let judged = |lists: &[usize]| {
            let lists = lists.iter().map(|records| (0..*records as i64).map(|id| json!({"id": id})).collect());
            lists.fold(Recording::default(), |all, list: Value| all.call("batch", list)).judged(check(&json!({})))
        };
        assert_eq!(judged(&[5, 5, 2]), "passed");
        assert_eq!(judged(&[6]), "oversized");
        assert_eq!(judged(&[5, 0]), "empty");
        assert_eq!(judged(&[1; 6]), "one-by-one");
        assert_eq!(judged(&[]), "no evidence");
        assert_eq!(Recording::default().call("batch", json!({"id": 1})).judged(check(&json!({}))), "not-a-list");
    }

    #[test]
    fn the_first_record_does_not_wait_for_longer_than_it_may() {
        let begin = Recording::default;
        let in_time = hands(come(begin(), 0..4, 150).pause(50), 0..4);
        assert_eq!(in_time.clone().judged(timed()), "passed");
        assert_eq!(hands(come(begin(), 0..5, 1), 0..5).judged(timed()), "no evidence", "no list had to wait");
        assert_eq!(hands(come(begin(), 0..5, 300), 0..5).judged(timed()), "no evidence", "not certain");
        let slow = |size: i64| hands(come(begin(), 0..size, 220), 0..size);
        let longer = check(&json!({"max_wait_ms": 500, "size": 9}));
        assert_eq!(slow(9).judged(longer.clone()), "kept-open");
        let stalled = hands(come(come(begin(), 0..1, 1).pause(3_000), 1..3, 1), 0..3);
        assert_eq!(stalled.judged(longer), "passed", "it got no processor, and nothing came meanwhile");
        assert_eq!(hands(come(begin(), 0..2, 1).pause(2_500), 0..2).judged(timed()), "left");
        assert_eq!(come(in_time.clone(), 4..6, 1).pause(2_500).stopping().judged(timed()), "left");
        assert_eq!(come(in_time.clone(), 4..6, 1).pause(2_500).gave_up().judged(timed()), "left");
        let full = come(hands(come(begin(), 0..5, 1), 0..5), 5..10, 1).pause(2_500).gave_up();
        assert_eq!(full.judged(timed()), "stalled");
        let soon = hands(come(in_time.poison(1), 4..7, 1), 4..7);
        assert_eq!(soon.clone().judged(timed()), "early");
        assert_eq!(soon.poison(1).judged(timed()), "passed", "what is not JSON may have had two places");
    }

    #[test]
    fn what_is_in_hand_at_the_end_is_handed_on() {
        let check = || check(&json!({"max_wait_ms": 500, "open_at_stop": true}));
        let open = || come(hands(come(Recording::default(), 0..2, 1).pause(500), 0..2), 2..5, 100).stopping();
        assert_eq!(hands(open(), 2..5).judged(check()), "passed");
        assert_eq!(open().judged(check()), "dropped");
        let ended = come(hands(come(Recording::default(), 0..2, 1).pause(500), 0..2), 2..5, 100).gave_up();
        assert_eq!(ended.judged(check()), "no evidence", "nobody had asked it to stop");
        let nothing = hands(come(Recording::default(), 0..2, 1).pause(500), 0..2).stopping();
        assert_eq!(nothing.judged(check()), "no evidence");
    }
}
