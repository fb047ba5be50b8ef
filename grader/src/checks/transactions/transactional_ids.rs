//! Each instance of the program has a `transactional.id` of its own, the same at every start.

use crate::checks::{Check, Finding, Outcome, codes, count};
use crate::evidence::{Evidence, What};
use crate::wire::Request;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransactionalIds {}

codes! {
    NewId = "new-id" Stuck,
    Shared = "shared" Stuck,
}

impl Check for TransactionalIds {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        // Whom a process is told to be; and of each instance its first id, with where it was seen, and how often it began.
        let mut told: HashMap<&str, &str> = HashMap::new();
        let mut ids: BTreeMap<&str, (&str, usize, usize)> = BTreeMap::new();
        for (at, event) in evidence.iter() {
            let Some(role) = event.role.as_deref() else { continue };
            if let What::Replaces { role: of } = &event.what {
                told.insert(role, of);
            }
            let What::Request { body: Request::InitProducerId { transactional_id: Some(id), .. }, .. } = &event.what
            else {
                continue;
            };
            let instance = *told.get(role).unwrap_or(&role);
            let (first, seen, starts) = ids.entry(instance).or_insert((id, at, 0));
            *starts += 1;
            if *first != id {
                let required = "the same transactional.id at every start of an instance: by it a new start shuts the \
                                old process out, and ends what that left open";
                let found = format!("“{instance}” began as {first}, and later as {id}");
                return Finding::new(Code::NewId, required, found, vec![*seen, at]).outcome();
            }
            let id = *first;
            if let Some((other, (_, event, _))) = ids.iter().find(|(other, (of, ..))| **other != instance && *of == id)
            {
                let required = "a transactional.id of its own for each instance that runs at the same time";
                let found =
                    format!("“{other}” and “{instance}” both call themselves {id}: each start shuts the other out");
                return Finding::new(Code::Shared, required, found, vec![*event, at]).outcome();
            }
        }
        let starts: usize = ids.values().map(|(.., starts)| starts).sum();
        match starts {
            0 | 1 => Outcome::NoEvidence("fewer than two transactional producers began".into()),
            n => Outcome::Passed(format!("{}, and {n} starts of them", count(ids.len(), "transactional.id"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::Recording;
    use serde_json::json;

    #[test]
    fn an_instance_keeps_its_id_and_shares_it_with_nobody() {
        let check = || json!({"transactional-ids": {}});
        let first = || Recording::default().init_transactions("x-a");
        assert_eq!(first().init_transactions("x-a").judged(check()), "passed");
        assert_eq!(first().init_transactions("x-1").judged(check()), "new-id");
        assert_eq!(first().role("b").init_transactions("x-b").judged(check()), "passed");
        assert_eq!(first().role("b").init_transactions("x-a").judged(check()), "shared");
        assert_eq!(first().role("b").replaces("a").init_transactions("x-a").judged(check()), "passed");
        assert_eq!(first().role("b").replaces("a").init_transactions("x-b").judged(check()), "new-id");
        assert_eq!(first().judged(check()), "no evidence");
    }
}
