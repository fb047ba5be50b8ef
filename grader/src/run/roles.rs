//! A role's process: how it comes to its end, and begins again.

use super::idle::{Idle, progress};
use super::stage::Stage;
use super::wait::{Halt, give_up, of_work, patiently};
use crate::evidence::{Because, Event, What};
use std::sync::Arc;

/// SIGTERM, and waits until it has ended. Nobody is asked before it has turned to Kafka or to the outside world: a
/// signal that comes as the handler is installed may be lost, and one that comes before says nothing about the program.
pub(super) async fn stop(stage: &Stage, role: &str) -> Result<(), Halt> {
    patiently(stage, progress, has_begun(role)).await;
    stop_now(stage, role).await
}

/// SIGTERM, whatever it has done so far, and waits until it has ended. Nobody is asked twice: a program that ends has given
/// its handler back, as Python does, and a second signal would end it where the first is still being obeyed.
pub(super) async fn stop_now(stage: &Stage, role: &str) -> Result<(), Halt> {
    let mut asked = asked_to_end(role);
    if !stage.recorder.look(|events| asked(events)) {
        record_unless_ended(stage, role, What::Stopping);
        if let Some(process) = stage.process(role) {
            process.stop();
        }
    }
    ended(stage, role).await
}

/// SIGKILL, and waits until it has ended.
pub(super) async fn kill(stage: &Stage, role: &str) -> Result<(), Halt> {
    record_unless_ended(stage, role, What::Killed);
    if let Some(process) = stage.process(role) {
        process.kill();
    }
    ended(stage, role).await
}

fn record_unless_ended(stage: &Stage, role: &str, what: What) {
    if stage.process(role).is_some_and(|process| !process.has_ended()) {
        stage.recorder.record(Some(role), what);
    }
}

/// Ends the membership of a role that has ended, or is about to.
pub(super) async fn expire(stage: &Stage, role: &str) -> Result<(), Halt> {
    ended(stage, role).await?;
    stage.drained().await;
    stage.expire(role).await;
    Ok(())
}

/// Starts the role again once it has ended; the broker forgets its old membership first.
pub(super) async fn restart(stage: &mut Stage, role: &str) -> Result<(), Halt> {
    expire(stage, role).await?;
    Ok(stage.start(role).await?)
}

/// Starts `by` in the place of `role`, whose membership is over even where its process goes on: one that hung too long, or
/// whose machine was cut off.
pub(super) async fn replace(stage: &mut Stage, role: &str, by: &str) -> Result<(), Halt> {
    stage.drained().await;
    stage.expire(role).await;
    stage.recorder.record(Some(by), What::Replaces { role: role.to_owned() });
    Ok(stage.start_as(by, role).await?)
}

/// Waits until `role` has ended. Where a rule is to end it at its work, a program at rest is waited for in vain.
pub(super) async fn ended(stage: &Stage, role: &str) -> Result<(), Halt> {
    let Some(process) = stage.process(role) else { return Ok(()) };
    let endings = stage.recorder.endings(role);
    let at_work = !endings.is_empty() && endings.iter().all(of_work);
    let mut idle = Idle::default();
    let mut asked = asked_to_end(role);
    let in_vain = |events: &[Arc<Event>]| at_work && !asked(events) && idle.at_rest(events);
    let because = tokio::select! {
        biased;
        () = process.ended() => return Ok(()),
        (at_rest, passed) = patiently(stage, progress, in_vain) => match at_rest {
            true => Because::AtRest,
            false => match stage.recorder.reached() {
                Some(limit) => Because::Limit(limit),
                None => Because::DidNotEnd { seconds: passed.as_secs() },
            },
        },
    };
    Err(give_up(stage, &format!("{role} to end"), because))
}

/// Was the last that happened to `role` from outside that it was asked to end, or killed?
fn asked_to_end(role: &str) -> impl FnMut(&[Arc<Event>]) -> bool {
    last_said(role, false, |what| match what {
        What::Stopping | What::Killed => Some(true),
        What::Started { .. } => Some(false),
        _ => None,
    })
}

/// Has the role's last process done anything, or ended?
fn has_begun(role: &str) -> impl FnMut(&[Arc<Event>]) -> bool {
    last_said(role, true, |what| match what {
        What::Connected { .. } | What::Call { .. } | What::Exited { .. } => Some(true),
        What::Started { .. } => Some(false),
        _ => None,
    })
}

/// What the last of the role's events said that says yes or no; `at_first` before there is one. Each event is looked at
/// once as they grow.
fn last_said(role: &str, at_first: bool, says: fn(&What) -> Option<bool>) -> impl FnMut(&[Arc<Event>]) -> bool {
    let (mut seen, mut said) = (0, at_first);
    move |events| {
        let new = events.get(seen..).unwrap_or_default().iter();
        let of_role = new.filter(|event| event.role.as_deref() == Some(role));
        said = of_role.filter_map(|event| says(&event.what)).next_back().unwrap_or(said);
        seen = events.len();
        said
    }
}
