//! A group shares its partitions as it grows and shrinks: so many for each role, in this order.

use crate::checks::{Check, Finding, Outcome, codes, count};
use crate::evidence::{Evidence, Held};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shares {
    group: String,
    topic: String,
    /// Partitions for each role; who is not named has none.
    stages: Vec<BTreeMap<String, usize>>,
}

codes! {
    Nobody = "nobody",
    Members = "members",
    Unshared = "unshared",
}

impl Check for Shares {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let held = evidence.ownership(&self.group, &self.topic);
        let required = self.stages.iter().map(told).collect::<Vec<_>>().join("; then ");
        if held.is_empty() {
            let seen = format!("nobody was ever given a partition of {} in group “{}”", self.topic, self.group);
            return Finding::new(Code::Nobody, required, seen, Vec::new()).outcome();
        }
        let mut changes: Vec<usize> = held.iter().flat_map(|held| [Some(held.from), held.to]).flatten().collect();
        changes.sort_unstable();
        changes.dedup();
        let (mut states, mut stages) = (Vec::new(), self.stages.iter().peekable());
        let mut crowd: Option<(&str, usize, usize)> = None;
        for at in &changes {
            let now: Vec<&Held> =
                held.iter().filter(|held| held.from <= *at && held.to.is_none_or(|to| to > *at)).collect();
            if let Some((role, members)) = members(&now).filter(|(_, n)| crowd.is_none_or(|(_, most, _)| *n > most)) {
                crowd = Some((role, members, *at));
            }
            let mut state: BTreeMap<String, usize> = BTreeMap::new();
            now.iter().for_each(|held| *state.entry(held.role.clone()).or_default() += 1);
            while stages.next_if(|stage| **stage == state).is_some() {}
            states.push((*at, state));
        }
        if let Some((role, members, at)) = crowd {
            let required = "one member of the group for each process";
            let seen = format!("{role} was {members} members at once, each with partitions of its own");
            return Finding::new(Code::Members, required, seen, vec![at]).outcome();
        }
        let Some(missing) = stages.next() else {
            return Outcome::Passed(required);
        };
        states.dedup_by(|(_, later), (_, earlier)| later == earlier);
        let few: Vec<String> = states.iter().take(8).map(|(_, state)| told(state)).collect();
        let more = states.len().saturating_sub(few.len());
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        let seen = format!("it never came to {}; it went: {}{more}", told(missing), few.join("; "));
        let last = states.last().map(|(at, _)| *at).into_iter().collect();
        Finding::new(Code::Unshared, required, seen, last).outcome()
    }
}

/// A role that is several members at once.
fn members<'a>(now: &[&'a Held]) -> Option<(&'a str, usize)> {
    let mut members: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for held in now {
        let of = members.entry(&held.role).or_default();
        if !of.contains(&held.member.as_str()) {
            of.push(&held.member);
        }
    }
    members.into_iter().find(|(_, members)| members.len() > 1).map(|(role, members)| (role, members.len()))
}

fn told(state: &BTreeMap<String, usize>) -> String {
    if state.is_empty() {
        return "nobody has any".into();
    }
    let one = |(role, n): (&String, &usize)| format!("{} for {role}", count(*n, "partition"));
    state.iter().map(one).collect::<Vec<_>>().join(" and ")
}
