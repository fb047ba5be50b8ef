//! Once it is asked to stop, the program takes up no more work.

use crate::checks::{Check, Finding, Outcome, codes, count};
use crate::evidence::{Evidence, What};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StopsTaking {
    role: String,
    /// So many it may still take: a signal takes its time, and so does a program that looks for it now and then.
    most: usize,
    /// And none later than so many milliseconds after it was asked: by then it has heard of it.
    notice_ms: Option<u64>,
}

codes! {
    WentOn = "went-on" Stuck,
    // Not many, but some that it took long after the signal: it looked for it only afterwards.
    OneMore = "one-more" Stuck,
}

impl Check for StopsTaking {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let is_asked = |what: &What| matches!(what, What::Stopping);
        let of_role = |role: &Option<String>| role.as_ref() == Some(&self.role);
        let asked = evidence.iter().find(|(_, event)| of_role(&event.role) && is_asked(&event.what));
        let Some((asked, _)) = asked else {
            return Outcome::NoEvidence(format!("{} was never asked to stop", self.role));
        };
        let taken = evidence.iter().skip(asked).filter(|(_, event)| matches!(event.what, What::Given { .. }));
        let taken: Vec<usize> = taken.map(|(at, _)| at).collect();
        let required = "no more work is taken up after SIGTERM: what has been taken is finished";
        if taken.len() > self.most {
            let seen = format!("it took {} after SIGTERM", count(taken.len(), "more record"));
            let events = vec![asked, taken[self.most], taken[taken.len() - 1]];
            return Finding::new(Code::WentOn, required, seen, events).outcome();
        }
        let ms_after = |at: usize| evidence.events[at].at.saturating_sub(evidence.events[asked].at) / 1000;
        let late = taken.iter().copied().find(|at| self.notice_ms.is_some_and(|notice| ms_after(*at) > notice));
        if let Some(late) = late {
            let seen = format!("it took one more {} ms after SIGTERM", ms_after(late));
            return Finding::new(Code::OneMore, required, seen, vec![asked, late]).outcome();
        }
        Outcome::Passed(format!("it took {} after SIGTERM", count(taken.len(), "more record")))
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::Recording;
    use serde_json::json;

    #[test]
    fn nothing_is_taken_after_sigterm() {
        let check = || json!({"stops-taking": {"role": "a", "most": 2}});
        let taken =
            |count: usize| (0..count).fold(Recording::default().started(), |all, id| all.given(json!({"id": id})));
        let then =
            |recording: Recording, count: usize| (0..count).fold(recording, |all, id| all.given(json!({"id": id})));
        assert_eq!(taken(9).judged(check()), "no evidence");
        assert_eq!(then(taken(9).stopping(), 2).judged(check()), "passed");
        assert_eq!(then(taken(9).stopping(), 3).judged(check()), "went-on");
        let check = || json!({"stops-taking": {"role": "a", "most": 2, "notice_ms": 500}});
        assert_eq!(then(taken(9).stopping(), 2).judged(check()), "passed");
        assert_eq!(then(taken(9).stopping().pause(400), 1).judged(check()), "passed");
        assert_eq!(then(taken(9).stopping().pause(600), 1).judged(check()), "one-more");
    }
}
