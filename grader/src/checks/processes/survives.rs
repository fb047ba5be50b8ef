//! The program lives on until it is asked to stop, and then ends well.

use crate::checks::{Check, Finding, Outcome, codes, count};
use crate::evidence::{Asked, Ended, Evidence, Exchange, Exit, What};
use crate::wire::{Request, error_name};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Survives {
    role: String,
    /// No call begins later than so many milliseconds after SIGTERM.
    late_ms: Option<u64>,
}

codes! {
    Died = "died" Stuck,
    DiedOfCommit = "died-of-commit" Stuck,
    DiedLocked = "died-locked" Stuck,
    Ended = "ended" Stuck,
    IgnoredStop = "ignored-stop" Stuck,
    LateStop = "late-stop" Stuck,
    // It has heard of SIGTERM and closed its consumer: what keeps it running is something else.
    LeftRunning = "left-running" Stuck,
    Terminated = "terminated" Stuck,
    Unclean = "unclean" Stuck,
}

/// What a shell and a Java machine make of an end by SIGTERM: 128 and the signal's number.
const BY_SIGTERM: i32 = 128 + 15;

impl Check for Survives {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let required = "it goes on until it is asked to stop, and then ends with status 0";
        for exit in evidence.exits(&self.role) {
            if let Some((last, seen)) = self.works_on(evidence, &exit) {
                return Finding::new(Code::LateStop, required, seen, vec![last]).outcome();
            }
            let Some((code, seen)) = ending(&exit) else { continue };
            if let Some(left) = self.left(evidence, &exit).filter(|_| code == Code::IgnoredStop) {
                let seen = "after SIGTERM it left its group, and its process did not end".to_owned();
                return Finding::new(Code::LeftRunning, required, seen, vec![left, exit.event]).outcome();
            }
            let finding = Finding::new(code, required, seen, vec![exit.event]);
            if !matches!(code, Code::Died | Code::Unclean) {
                return finding.outcome();
            }
            let (code, cause, why) = match (self.commit_error(evidence, &exit), self.locked_out(evidence, &exit)) {
                (Some((commit, why)), _) => (Code::DiedOfCommit, commit, why),
                (None, Some(locked)) => {
                    (Code::DiedLocked, locked, "somebody else was writing to its database".to_owned())
                }
                (None, None) => return finding.outcome(),
            };
            let seen = format!("{}: {why}", finding.seen);
            return Finding::new(code, required, seen, vec![cause, exit.event]).outcome();
        }
        if evidence.endings_asked_for(&self.role).is_empty() {
            return Outcome::NoEvidence(format!("{} was never asked to stop", self.role));
        }
        Outcome::Passed("it went on until it was asked to stop".into())
    }
}

/// What is wrong with this end, if anything is.
fn ending(exit: &Exit<'_>) -> Option<(Code, String)> {
    let (code, seen) = match (exit.asked, exit.how) {
        (Some(Asked { kill: true, .. }), Ended::Signal(_)) | (Some(_), Ended::Code(0)) => return None,
        // The grader waited in vain, and ended it then: that it died is not shown.
        (None, Ended::Signal(9)) if exit.gave_up => return None,
        (None, Ended::Code(0)) => (Code::Ended, "it ended by itself, with status 0".to_owned()),
        (None, Ended::Code(code)) => (Code::Died, format!("it ended by itself, with status {code}")),
        (None, Ended::Signal(signal)) => (Code::Died, format!("it was ended by signal {signal}")),
        (Some(_), Ended::Signal(9)) => (Code::IgnoredStop, "it did not end after SIGTERM".to_owned()),
        (Some(_), Ended::Signal(15)) => (Code::Terminated, "SIGTERM ended it on the spot".to_owned()),
        (Some(_), Ended::Code(BY_SIGTERM)) => {
            (Code::Terminated, format!("it ended with status {BY_SIGTERM}, which says that SIGTERM ended it"))
        }
        (Some(_), _) => (Code::Unclean, "it was asked to stop, and ended with an error".to_owned()),
    };
    Some((code, seen))
}

impl Survives {
    /// The last call that began too late after SIGTERM, if one did, and what that comes to.
    fn works_on(&self, evidence: &Evidence, exit: &Exit<'_>) -> Option<(usize, String)> {
        let asked = exit.asked.filter(|asked| !asked.kill)?.event;
        let limit = evidence.events.get(asked)?.at + self.late_ms?.saturating_mul(1_000);
        let since = evidence.iter().take(exit.event).skip(asked);
        let ours = since.filter(|(_, event)| event.role.as_ref() == Some(&self.role));
        let calls: Vec<usize> =
            ours.filter(|(_, event)| matches!(event.what, What::Call { .. })).map(|(at, _)| at).collect();
        let last = *calls.last()?;
        let late = evidence.events.get(last)?.at > limit;
        late.then(|| (last, format!("after SIGTERM it made {} more", count(calls.len(), "call"))))
    }

    /// Where it left a group after it had been asked to stop, and made no call since.
    fn left(&self, evidence: &Evidence, exit: &Exit<'_>) -> Option<usize> {
        let since = evidence.iter().take(exit.event).skip(exit.asked?.event);
        let ours = since.filter(|(_, event)| event.role.as_ref() == Some(&self.role));
        let mut left = None;
        for (at, event) in ours {
            match &event.what {
                What::Request { body: Request::LeaveGroup { .. }, .. } => left = Some(at),
                What::Request { body: Request::ConsumerGroupHeartbeat { epoch, .. }, .. } if *epoch < 0 => {
                    left = Some(at);
                }
                What::Call { .. } => left = None,
                _ => {}
            }
        }
        left
    }

    /// Where its database was locked for the last time, if it has sent nothing since.
    fn locked_out(&self, evidence: &Evidence, exit: &Exit<'_>) -> Option<usize> {
        let before = evidence.iter().take(exit.event);
        let ours = before.filter(|(_, event)| event.role.as_ref() == Some(&self.role));
        let mut locked = None;
        for (at, event) in ours {
            match &event.what {
                What::Started { .. } => locked = None,
                What::Fault { locked: true, .. } => locked = Some(at),
                What::Request { body: Request::Produce { .. }, .. } => locked = None,
                _ => {}
            }
        }
        locked
    }

    /// Was it an error of a commit that ended it? The commit's position, and why it must have been that: the last one was
    /// refused; or the program was asked to stop when there was nothing left to commit, which some clients call an
    /// error, and asked Kafka to commit nothing any more.
    fn commit_error(&self, evidence: &Evidence, exit: &Exit<'_>) -> Option<(usize, String)> {
        let commits = evidence.exchanges(|request| matches!(request, Request::OffsetCommit { .. }));
        let ours = |commit: &&Exchange<'_>| commit.role == Some(self.role.as_str()) && commit.event < exit.event;
        let last = commits.iter().rev().find(ours)?;
        let error = last.answer.map_or(0, |answer| answer.body.error());
        if error != 0 {
            return Some((last.event, format!("the commit before was refused with {}", error_name(error))));
        }
        let since = evidence.events.get(last.event..exit.asked?.event)?.iter();
        let of_role = since.filter(|event| event.role.as_ref() == Some(&self.role));
        let worked =
            of_role.map(|event| &event.what).any(|what| matches!(what, What::Call { .. } | What::Answer { .. }));
        (!worked)
            .then(|| (last.event, "all that it had done was committed, and there was nothing left to commit".into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::Recording;
    use serde_json::json;

    fn check() -> serde_json::Value {
        json!({"survives": {"role": "a"}})
    }

    #[test]
    fn it_goes_on_until_it_is_asked_to_stop() {
        let started = || Recording::default().started();
        let stopped = |how| started().stopping().exited(how).judged(check());
        assert_eq!(stopped(Ended::Code(0)), "passed");
        assert_eq!(stopped(Ended::Code(1)), "unclean");
        assert_eq!(stopped(Ended::Signal(9)), "ignored-stop");
        let left = |recording: Recording| recording.leave().exited(Ended::Signal(9)).judged(check());
        assert_eq!(left(started().stopping()), "left-running");
        assert_eq!(left(started().leave().stopping().call("process", json!({}))), "left-running");
        let works = started().stopping().leave().call("process", json!({})).exited(Ended::Signal(9));
        assert_eq!(works.judged(check()), "ignored-stop");
        assert_eq!((stopped(Ended::Signal(15)), stopped(Ended::Code(143))), ("terminated".into(), "terminated".into()));
        assert_eq!(started().exited(Ended::Code(0)).judged(check()), "ended");
        assert_eq!(started().exited(Ended::Code(1)).judged(check()), "died");
        assert_eq!(started().exited(Ended::Signal(9)).judged(check()), "died");
        assert_eq!(started().killed().exited(Ended::Signal(9)).judged(check()), "passed");
        assert_eq!(started().gave_up().exited(Ended::Signal(9)).judged(check()), "no evidence");
        assert_eq!(started().judged(check()), "no evidence");
    }

    #[test]
    fn who_works_on_after_sigterm_is_late() {
        let stopping = |ms| Recording::default().started().stopping().pause(ms).call("process", json!({"id": 1}));
        let judged = |ms| stopping(ms).exited(Ended::Code(0)).judged(json!({"survives": {"role": "a", "late_ms": 50}}));
        assert_eq!((judged(10), judged(90)), ("passed".into(), "late-stop".into()));
        assert_eq!(stopping(90).exited(Ended::Code(0)).judged(check()), "passed", "where it is not asked for");
    }

    #[test]
    fn who_was_locked_out_of_its_database_is_told_from_who_went_on() {
        let locked = || Recording::default().started().commit(&[(0, 1)]).call("db.commit", json!({})).locked();
        let died = |recording: Recording| recording.exited(Ended::Code(1)).judged(check());
        assert_eq!(died(locked()), "died-locked");
        assert_eq!(died(locked().send(0, Vec::new())), "died");
        assert_eq!(died(locked().killed().exited(Ended::Signal(9)).started()), "died");
    }

    #[test]
    fn an_error_of_a_commit_is_told_from_another() {
        let worked = || Recording::default().started().call("process", json!({"id": 1}));
        let ended = |recording: Recording| recording.exited(Ended::Code(1)).judged(check());
        assert_eq!(ended(worked().commit_refused(&[(0, 1)], -1)), "died-of-commit");
        assert_eq!(ended(worked().commit_refused(&[(0, 1)], -1).commit(&[(0, 1)])), "died");
        assert_eq!(ended(worked().stopping().commit_refused(&[(0, 1)], 27)), "died-of-commit");
        assert_eq!(ended(worked().commit(&[(0, 1)]).stopping()), "died-of-commit");
        assert_eq!(ended(worked().commit(&[(0, 1)]).call("process", json!({"id": 2})).stopping()), "unclean");
        assert_eq!(ended(worked().stopping().commit(&[(0, 1)])), "unclean");
        assert_eq!(ended(worked().stopping()), "unclean");
    }
}
