//! A group shares its partitions as it grows and shrinks: so many for each role, in this order.

use crate::checks::{Check, Finding, Outcome, codes, count};
use crate::evidence::{Evidence, Held};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shares {
    group: String,
    topic: String,
    /// Partitions for each role; who is not named has none.
    stages: Vec<BTreeMap<String, usize>>,
}

codes! {
    Nobody = "nobody" Stuck,
    Members = "members" Stuck,
    Unshared = "unshared" Stuck,
}

impl Check for Shares {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let held = evidence.ownership(&self.group, &self.topic);
        let required = self.stages.iter().map(in_words).collect::<Vec<_>>().join("; then ");
        if held.is_empty() {
            let seen = format!("nobody was ever given a partition of {} in group “{}”", self.topic, self.group);
            return Finding::new(Code::Nobody, required, seen, Vec::new()).outcome();
        }
        let mut changes: BTreeMap<usize, Vec<Change<'_>>> = BTreeMap::new();
        for held in &held {
            changes.entry(held.from).or_default().push(Change { held, begins: true });
            if let Some(to) = held.to {
                changes.entry(to).or_default().push(Change { held, begins: false });
            }
        }
        let (mut states, mut stages) = (Vec::new(), self.stages.iter().peekable());
        let (mut members, mut crowd): (Members<'_>, Option<Crowd<'_>>) = (Members::default(), None);
        for (at, changes) in &changes {
            changes.iter().for_each(|change| members.apply(change));
            if let Some((role, members)) = members.crowd()
                && crowd.is_none_or(|crowd| members > crowd.members)
            {
                crowd = Some(Crowd { role, members, event: *at });
            }
            let state = members.state();
            while stages.next_if(|stage| **stage == state).is_some() {}
            states.push((*at, state));
        }
        if let Some(Crowd { role, members, event }) = crowd {
            let required = "one member of the group for each process";
            let seen = format!("{role} was {members} members at once, each with partitions of its own");
            return Finding::new(Code::Members, required, seen, vec![event]).outcome();
        }
        let Some(missing) = stages.next() else {
            return Outcome::Passed(required);
        };
        states.dedup_by(|(_, later), (_, earlier)| later == earlier);
        let few: Vec<String> = states.iter().take(8).map(|(_, state)| in_words(state)).collect();
        let more = states.len().saturating_sub(few.len());
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        let seen = format!("it never came to {}; it went through: {}{more}", in_words(missing), few.join("; "));
        let last = states.last().map(|(at, _)| *at).into_iter().collect();
        Finding::new(Code::Unshared, required, seen, last).outcome()
    }
}

/// A partition comes into somebody's hands, or goes.
struct Change<'a> {
    held: &'a Held,
    begins: bool,
}

/// A role that is several members at once.
#[derive(Clone, Copy)]
struct Crowd<'a> {
    role: &'a str,
    members: usize,
    event: usize,
}

/// How many partitions each member of each role holds; who holds none is not there.
#[derive(Default)]
struct Members<'a>(BTreeMap<&'a str, HashMap<&'a str, usize>>);

impl<'a> Members<'a> {
    fn apply(&mut self, Change { held, begins }: &Change<'a>) {
        let members = self.0.entry(&held.role).or_default();
        let partitions = members.entry(&held.member).or_default();
        if *begins {
            *partitions += 1;
        } else {
            *partitions -= 1;
        }
        if *partitions == 0 {
            members.remove(held.member.as_str());
        }
        if members.is_empty() {
            self.0.remove(held.role.as_str());
        }
    }

    fn crowd(&self) -> Option<(&'a str, usize)> {
        self.0.iter().find(|(_, members)| members.len() > 1).map(|(role, members)| (*role, members.len()))
    }

    /// Partitions for each role.
    fn state(&self) -> BTreeMap<String, usize> {
        self.0.iter().map(|(role, members)| ((*role).to_owned(), members.values().sum())).collect()
    }
}

fn in_words(state: &BTreeMap<String, usize>) -> String {
    if state.is_empty() {
        return "nobody has any".into();
    }
    let one = |(role, n): (&String, &usize)| format!("{} for {role}", count(*n, "partition"));
    state.iter().map(one).collect::<Vec<_>>().join(" and ")
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::Recording;
    use crate::wire::{Request, Response, TopicPartition};
    use serde_json::json;

    #[test]
    fn the_stages_come_in_order() {
        let check = || json!({"shares": {"group": "g", "topic": "t", "stages": [{"a": 2}, {"a": 1, "b": 1}]}});
        let alone = || Recording::default().assigned(&[0, 1]);
        let shared = || alone().join(None, &[0]).role("b").assigned(&[1]);
        assert_eq!(shared().judged(check()), "passed");
        let (code, seen) = alone().outcome(check());
        assert_eq!(code, "unshared");
        assert_eq!(
            seen,
            "it never came to 1 partition for a and 1 partition for b; it went through: 2 partitions for a"
        );
        assert_eq!(Recording::default().judged(check()), "nobody");
        let sync = |member: &str| Request::SyncGroup {
            group: "g".into(),
            generation: 1,
            member: member.into(),
            assignments: Vec::new(),
        };
        let place = TopicPartition { topic: "t".into(), partition: 2 };
        let two = alone().request(sync("another")).response(Response::SyncGroup { error: 0, partitions: vec![place] });
        assert_eq!(two.judged(check()), "members");
    }
}
