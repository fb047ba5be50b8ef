//! A member reads on in each partition that it holds: none is paused for good.

use crate::checks::{Check, Finding, Outcome, codes, count, field, places};
use crate::evidence::{Event, Evidence, Held, What};
use crate::wire::Request;
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap, HashSet};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadsOn {
    group: String,
    topic: String,
    op: String,
    id: String,
}

codes! {
    Paused = "paused" Stuck,
    NeverRead = "never-read" Stuck,
}

impl Check for ReadsOn {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let held = evidence.ownership(&self.group, &self.topic);
        if held.is_empty() {
            return Outcome::NoEvidence(format!("nobody was ever given a partition of {}", self.topic));
        }
        // Only a wait in vain shows that somebody does not read: else all was read.
        let Some(gave_up) = evidence.gave_up() else {
            return Outcome::Passed("each member read on until all was done".into());
        };
        let reads = self.reads(evidence, gave_up);
        let calm = calm_from(evidence, gave_up);
        let left = self.left(evidence);
        let mut unread: Vec<(&Held, Option<usize>)> = Vec::new();
        for held in held.iter().filter(|held| held.lasts_at(gave_up) && held.from < calm) {
            let last = reads.get(&(held.role.as_str(), held.partition)).copied().filter(|read| *read > held.from);
            if left.contains(&held.partition) && last.is_none_or(|last| last < calm) {
                unread.push((held, last));
            }
        }
        let Some((first, last)) = unread.iter().find(|(_, last)| last.is_some()).or(unread.first()) else {
            return Outcome::Passed("each member went on reading what it held".into());
        };
        let partitions: BTreeSet<i32> = unread.iter().map(|(held, _)| held.partition).collect();
        let required = "a member asks for more in each partition that it holds";
        let (code, how) = match last {
            Some(_) => (Code::Paused, "stopped asking for more"),
            None => (Code::NeverRead, "never asked for anything"),
        };
        let seen = format!(
            "{} still holds partition {} and {how} there, though there is work left; {} in all",
            first.role,
            first.partition,
            count(partitions.len(), "partition")
        );
        let events = [Some(first.from), *last, Some(gave_up)].into_iter().flatten().collect();
        Finding::new(code, required, seen, events).outcome()
    }
}

impl ReadsOn {
    /// Partitions with records that nobody has processed.
    fn left(&self, evidence: &Evidence) -> BTreeSet<i32> {
        let calls = evidence.calls(&self.op);
        let done = calls.iter().filter(|call| call.done().is_some()).filter_map(|call| field(call.args, &self.id));
        let done: HashSet<String> = done.collect();
        let places = places(&evidence.inputs(&self.topic), &self.id);
        places.iter().filter(|(id, _)| !done.contains(*id)).map(|(_, place)| place.partition).collect()
    }

    /// Where each role last asked for records of each partition before `until`. A fetch session (KIP-227) names only what
    /// changes.
    fn reads<'e>(&self, evidence: &'e Evidence, until: usize) -> HashMap<(&'e str, i32), usize> {
        let mut sessions: HashMap<u32, HashSet<i32>> = HashMap::new();
        let mut reads: HashMap<(&str, i32), usize> = HashMap::new();
        for (at, event) in evidence.iter().take(until) {
            let What::Request { conn, body: Request::Fetch { session_epoch, partitions, forgotten, .. }, .. } =
                &event.what
            else {
                continue;
            };
            let session = sessions.entry(*conn).or_default();
            if *session_epoch <= 0 {
                session.clear();
            }
            session.extend(partitions.iter().filter(|from| from.topic == self.topic).map(|from| from.partition));
            let gone = forgotten.iter().filter(|gone| gone.topic == self.topic);
            gone.for_each(|gone| _ = session.remove(&gone.partition));
            let role = event.role.as_deref().unwrap_or_default();
            reads.extend(session.iter().map(|partition| ((role, *partition), at)));
        }
        reads
    }
}

/// From where on nothing has moved: half of the time between the last work and the position at which the grader gave up.
/// A client that reads asks many times within the other half.
fn calm_from(evidence: &Evidence, gave_up: usize) -> usize {
    let works = |event: &Event| matches!(event.what, What::Call { .. } | What::Answer { .. } | What::Input { .. });
    let last = evidence.events[..gave_up].iter().rposition(works).unwrap_or_default();
    let half = u64::midpoint(evidence.at(last), evidence.at(gave_up));
    evidence.events.partition_point(|event| event.at < half)
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::Recording;
    use serde_json::json;

    fn check() -> serde_json::Value {
        json!({"reads-on": {"group": "g", "topic": "t", "op": "process", "id": "id"}})
    }

    #[test]
    fn who_holds_a_partition_asks_for_more() {
        // It has fetched the record, and then nothing: a client that goes on asks at the end, too.
        let member = || Recording::default().input(0, json!({"id": 1})).assigned(&[0, 1]).fetch(0, 0).fetch(0, 1);
        assert_eq!(member().judged(check()), "passed");
        let (code, seen) = member().pause(9_000).gave_up().outcome(check());
        assert_eq!(code, "paused");
        assert_eq!(
            seen,
            "a still holds partition 0 and stopped asking for more there, though there is work left; 1 partition in all"
        );
        assert_eq!(member().pause(9_000).fetch(0, 0).gave_up().judged(check()), "passed", "it asks, and gets none");
        assert_eq!(
            member().call("process", json!({"id": 1})).pause(9_000).gave_up().judged(check()),
            "passed",
            "all done"
        );
        let other = || member().input(1, json!({"id": 2})).pause(9_000).fetch(0, 1);
        assert_eq!(other().gave_up().judged(check()), "never-read");
        assert_eq!(other().leave().gave_up().judged(check()), "passed", "it is no member any more");
        assert_eq!(Recording::default().judged(check()), "no evidence");
    }
}
