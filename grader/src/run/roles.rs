//! A role's process: how it comes to its end, and begins again.

use super::idle::{Idle, progress};
use super::stage::Stage;
use super::wait::{Halt, PATIENCE, give_up, of_work};
use crate::evidence::{Because, Event, What};

/// SIGTERM, and waits until it has ended. Nobody is asked before it has turned to Kafka or to the outside world: a
/// signal that comes as the handler is installed may be lost, and one that comes before says nothing about the program.
pub(super) async fn stop(stage: &Stage, role: &str) -> Result<(), Halt> {
    stage.recorder.until(PATIENCE, progress, |events| has_begun(events, role)).await;
    record_unless_ended(stage, role, What::Stopping);
    if let Some(process) = stage.process(role) {
        process.stop();
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

/// Waits until `role` has ended. Where a rule is to end it at its work, a program at rest is waited for in vain.
pub(super) async fn ended(stage: &Stage, role: &str) -> Result<(), Halt> {
    let Some(process) = stage.process(role) else { return Ok(()) };
    let endings = stage.recorder.endings(role);
    let at_work = !endings.is_empty() && endings.iter().all(of_work);
    let mut idle = Idle::default();
    let in_vain = |events: &[Event]| at_work && !asked_to_end(events, role) && idle.at_rest(events);
    let because = tokio::select! {
        biased;
        () = process.ended() => return Ok(()),
        at_rest = stage.recorder.until(PATIENCE, progress, in_vain) => match at_rest {
            true => Because::AtRest,
            false => Because::DidNotEnd { seconds: PATIENCE.as_secs() },
        },
    };
    Err(give_up(stage, &format!("{role} to end"), because))
}

/// Was the last that happened to `role` from outside that it was asked to end, or killed?
fn asked_to_end(events: &[Event], role: &str) -> bool {
    let last =
        events.iter().rev().filter(|event| event.role.as_deref() == Some(role)).find_map(|event| match event.what {
            What::Stopping | What::Killed => Some(true),
            What::Started { .. } => Some(false),
            _ => None,
        });
    last.unwrap_or(false)
}

/// Has the role's last process done anything, or ended?
fn has_begun(events: &[Event], role: &str) -> bool {
    let mut last = events.iter().rev().filter(|event| event.role.as_deref() == Some(role));
    last.find_map(|event| match event.what {
        What::Connected { .. } | What::Call { .. } | What::Exited { .. } => Some(true),
        What::Started { .. } => Some(false),
        _ => None,
    })
    .unwrap_or(true)
}
