//! Waiting, always for evidence; the limit of a wait counts from the last thing that moved on.

use super::RunError;
use super::idle::{Idle, joins, progress};
use super::stage::Stage;
use crate::course::Wait;
use crate::evidence::{Because, Event, Pattern, What};
use crate::recorder::have_fitted;
use std::sync::Arc;
use std::time::Duration;

/// How long nothing may move on before a wait is given up.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// So much longer in all, where the program would have moved on and got no processor: a machine on which seven Java
/// machines start at once.
const STARVED: Duration = Duration::from_secs(50);

/// How much longer, where the last thing that the program asked for was refused or lost: it may be waiting to try again, and
/// some clients double that pause each time.
const BACK_OFF: Duration = Duration::from_secs(20);

/// How many steps of joining a group can be a part of one wait: three members need a dozen.
const JOINS: usize = 24;

/// Why a scenario goes no further.
pub(super) enum Halt {
    /// A wait was given up, which is in the evidence: the rest of the scenario makes no sense any more.
    GaveUp,
    Fault(RunError),
}

impl From<RunError> for Halt {
    fn from(error: RunError) -> Halt {
        Halt::Fault(error)
    }
}

/// Records that a wait was given up, where that has not been recorded: a program that reaches a limit ends every wait.
pub(super) fn give_up(stage: &Stage, waited_for: &str, because: Because) -> Halt {
    if !matches!(because, Because::Limit(_)) {
        stage.recorder.record(None, What::GaveUp { waited_for: waited_for.to_owned(), because });
    }
    Halt::GaveUp
}

/// Has every process ended that was started? The events know it first; the processes themselves a moment later.
pub(super) fn over() -> impl FnMut(&[Arc<Event>]) -> bool {
    let (mut seen, mut started, mut exited) = (0, 0, 0);
    move |events| {
        for event in events.get(seen..).unwrap_or_default() {
            started += usize::from(matches!(event.what, What::Started { .. }));
            exited += usize::from(matches!(event.what, What::Exited { .. }));
        }
        seen = events.len();
        started > 0 && started == exited
    }
}

/// Waits until `done`, which `waited_for` puts into words; also ends, in vain, when no process is left.
pub(super) async fn until(
    stage: &Stage,
    waited_for: &str,
    done: impl FnMut(&[Arc<Event>]) -> bool,
) -> Result<(), Halt> {
    wait(stage, waited_for, progress, done, |_| false).await
}

/// The same for work that a program does as soon as it can: one that is at rest will not do it any more. A commit may
/// wait for a timer, so that is nothing to judge one by.
pub(super) async fn until_or_at_rest(
    stage: &Stage,
    waited_for: &str,
    done: impl FnMut(&[Arc<Event>]) -> bool,
) -> Result<(), Halt> {
    let mut idle = Idle::default();
    wait(stage, waited_for, progress, done, |events| idle.at_rest(events)).await
}

async fn wait(
    stage: &Stage,
    waited_for: &str,
    moves_on: impl Fn(&Event) -> bool,
    mut done: impl FnMut(&[Arc<Event>]) -> bool,
    mut at_rest: impl FnMut(&[Arc<Event>]) -> bool,
) -> Result<(), Halt> {
    // Who joins its group again and again for ever does not get on.
    let mut joined = 0;
    let mut moves_on = |event: &Event| {
        joined += usize::from(joins(event));
        moves_on(event) && !(joins(event) && joined > JOINS)
    };
    let mut over = over();
    let mut seen = |events: &[Arc<Event>]| done(events) || over(events) || at_rest(events);
    let (in_time, passed) = patiently(stage, &mut moves_on, &mut seen).await;
    let over = stage.recorder.look(&mut over);
    if over {
        stage.ended().await;
        stage.drained().await;
    }
    if stage.recorder.look(&mut done) {
        return Ok(());
    }
    let because = match (stage.recorder.reached(), over, in_time) {
        (Some(limit), ..) => Because::Limit(limit),
        (None, true, _) => Because::HadEnded,
        (None, false, true) => Because::AtRest,
        (None, false, false) => Because::NothingMovedOn { seconds: passed.as_secs() },
    };
    Err(give_up(stage, waited_for, because))
}

/// Waits until what `seen` looks for is there, as long as something moves on or a program may be waiting with good reason.
/// Returns whether it came, and for how long nothing had moved on when it did not.
pub(super) async fn patiently(
    stage: &Stage,
    mut moves_on: impl FnMut(&Event) -> bool,
    mut seen: impl FnMut(&[Arc<Event>]) -> bool,
) -> (bool, Duration) {
    let (mut patience, mut passed, mut may_back_off) = (PATIENCE, Duration::ZERO, true);
    loop {
        let starved = stage.waited_for_processors();
        if stage.recorder.until(patience, &mut moves_on, &mut seen).await {
            return (true, passed);
        }
        passed += patience;
        let starved = stage.waited_for_processors().saturating_sub(starved).min(patience);
        if may_back_off && stage.recorder.look(backs_off) {
            (patience, may_back_off) = (BACK_OFF, false);
        } else if starved > patience / 4 && passed < STARVED {
            patience = starved;
        } else {
            return (false, passed);
        }
    }
}

/// Was the last thing that a program asked for refused, or its answer lost?
fn backs_off(events: &[Arc<Event>]) -> bool {
    let asks = |event: &Event| matches!(event.what, What::Request { .. }) && progress(event);
    let Some(last) = events.iter().rposition(|event| asks(event)) else { return false };
    events[last..].iter().any(|event| match &event.what {
        What::Response { to, body, .. } => *to == last && body.error() != 0,
        What::Fault { on, .. } => *on == last,
        _ => false,
    })
}

pub(super) async fn events(stage: &Stage, wait: &Wait) -> Result<(), Halt> {
    let words = format!("{} × {}", wait.count.0, wait.pattern.event);
    let mut fits = have_fitted(&wait.pattern, wait.count.0 as usize, 0);
    let mut instead = wait.or.as_ref().map(|or| have_fitted(or, 1, 0));
    let done = |events: &[Arc<Event>]| fits(events) || instead.as_mut().is_some_and(|instead| instead(events));
    if let Some(ms) = wait.ms {
        stage.recorder.until(Duration::from_millis(ms), |_| false, done).await;
        return Ok(());
    }
    let mut idle = Idle::default();
    let at_rest = |events: &[Arc<Event>]| of_work(&wait.pattern) && idle.at_rest(events);
    // One more of what is waited for is getting on, even where it is polling.
    let moves_on = |event: &Event| progress(event) || wait.pattern.matches(event);
    self::wait(stage, &words, moves_on, done, at_rest).await
}

/// Is it something that a program does as soon as it can, or never when it is at rest?
pub(super) fn of_work(pattern: &Pattern) -> bool {
    let event = pattern.event.as_str();
    matches!(
        event,
        "call"
            | "answer"
            | "produce.request"
            | "produce.response"
            | "end_txn.request"
            | "end_txn.response"
            | "leave_group.request"
    )
}
