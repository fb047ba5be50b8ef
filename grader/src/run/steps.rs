//! The steps of a scenario. Every wait is for evidence; its limit counts from the last thing that moved on.

use super::RunError;
use super::stage::Stage;
use crate::course::{Scenario, Step, Wait};
use crate::evidence::{Event, What};
use crate::wire::Request;
use serde_json::Value;
use std::collections::HashSet;
use std::time::Duration;

/// How long nothing may move on before a wait is given up.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a scenario may take in all, however busy it looks.
const LIMIT: Duration = Duration::from_secs(90);

/// A wait was given up: the rest of the scenario makes no sense any more.
struct GaveUp;

pub(super) async fn play(stage: &mut Stage, scenario: &Scenario) -> Result<(), RunError> {
    match tokio::time::timeout(LIMIT, all(stage, scenario)).await {
        Ok(done) => done.map(drop),
        Err(_) => {
            give_up(stage, "the end of the scenario", &format!("it went on for {} s", LIMIT.as_secs()));
            Ok(())
        }
    }
}

async fn all(stage: &mut Stage, scenario: &Scenario) -> Result<(), RunError> {
    for step in &scenario.steps {
        let went_well = match step {
            Step::Start(role) => {
                stage.start(role).await?;
                Ok(())
            }
            Step::Wait(wait) => events(stage, wait).await,
            Step::Processed(op) => processed(stage, op).await,
            Step::Ended(role) => ended(stage, role).await,
            Step::Stop(role) => {
                record_unless_ended(stage, role, What::Stopping);
                if let Some(process) = stage.process(role) {
                    process.stop();
                }
                ended(stage, role).await
            }
            Step::Kill(role) => {
                record_unless_ended(stage, role, What::Killed);
                if let Some(process) = stage.process(role) {
                    process.kill();
                }
                ended(stage, role).await
            }
            Step::Restart(role) => match ended(stage, role).await {
                Ok(()) => {
                    stage.drained().await;
                    stage.expire(role).await;
                    stage.start(role).await?;
                    Ok(())
                }
                gave_up => gave_up,
            },
        };
        if let Err(GaveUp) = went_well {
            return Ok(());
        }
    }
    Ok(())
}

fn record_unless_ended(stage: &Stage, role: &str, what: What) {
    if stage.process(role).is_some_and(|process| !process.has_ended()) {
        stage.recorder.record(Some(role), what);
    }
}

fn give_up(stage: &Stage, waited_for: &str, because: &str) -> GaveUp {
    let (waited_for, because) = (waited_for.to_owned(), because.to_owned());
    stage.recorder.record(None, What::GaveUp { waited_for, because });
    GaveUp
}

/// Does the program get on? Polling, heartbeats and printing are not progress.
fn progress(event: &Event) -> bool {
    match &event.what {
        What::Call { .. } | What::Answer { .. } | What::Started { .. } | What::Exited { .. } => true,
        What::Request { body, .. } => matches!(
            body,
            Request::Produce { .. }
                | Request::OffsetCommit { .. }
                | Request::JoinGroup { .. }
                | Request::SyncGroup { .. }
                | Request::TxnOffsetCommit { .. }
                | Request::EndTxn { .. }
        ),
        _ => false,
    }
}

/// Has every process ended that was started? The events know it first; the processes themselves a moment later.
fn over() -> impl FnMut(&[Event]) -> bool {
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
async fn until(stage: &Stage, waited_for: &str, mut done: impl FnMut(&[Event]) -> bool) -> Result<(), GaveUp> {
    let mut over = over();
    let seen = stage.recorder.until(PATIENCE, progress, |events| done(events) || over(events));
    let in_time = seen.await;
    if stage.recorder.look(&mut over) {
        stage.ended().await;
        stage.drained().await;
    }
    if stage.recorder.look(&mut done) {
        return Ok(());
    }
    let because = match in_time {
        true => "the program had ended".to_owned(),
        false => format!("for {} s nothing moved on", PATIENCE.as_secs()),
    };
    Err(give_up(stage, waited_for, &because))
}

async fn events(stage: &Stage, wait: &Wait) -> Result<(), GaveUp> {
    let words = format!("{} × {}", wait.count.0, wait.pattern.event);
    let fits = |events: &[Event]| {
        events.iter().filter(|event| wait.pattern.matches(event)).take(wait.count.0 as usize).count() as u32
            >= wait.count.0
    };
    until(stage, &words, fits).await
}

async fn ended(stage: &Stage, role: &str) -> Result<(), GaveUp> {
    let Some(process) = stage.process(role) else { return Ok(()) };
    let (mut seen, mut calm) = (0, tokio::time::Instant::now());
    while tokio::time::timeout(Duration::from_millis(500), process.ended()).await.is_err() {
        let fresh = stage.recorder.since(seen);
        seen += fresh.len();
        if fresh.iter().any(progress) {
            calm = tokio::time::Instant::now();
        }
        if calm.elapsed() > PATIENCE {
            let because = format!("for {} s it did nothing more", PATIENCE.as_secs());
            return Err(give_up(stage, &format!("{role} to end"), &because));
        }
    }
    Ok(())
}

/// Every good record of the input has an answered call of `op` with the same contents.
async fn processed(stage: &Stage, op: &str) -> Result<(), GaveUp> {
    let inputs: HashSet<String> = stage.recorder.look(|events| {
        let good = events.iter().filter_map(|event| match &event.what {
            What::Input { value: Some(value), poison: false, .. } => value.json(),
            _ => None,
        });
        good.map(|value| canonical(&value)).collect()
    });
    let (mut open, mut seen) = (inputs, 0);
    let words = format!("a call “{op}” for each of the {} records", open.len());
    let done = move |events: &[Event]| {
        for event in events.get(seen..).unwrap_or_default() {
            if let What::Answer { to, op: of, ok: true, .. } = &event.what
                && of == op
                && let Some(What::Call { args, .. }) = events.get(*to).map(|event| &event.what)
            {
                open.remove(&canonical(args));
            }
        }
        seen = events.len();
        open.is_empty()
    };
    until(stage, &words, done).await
}

/// The same text for the same JSON, whatever the order of its fields.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<String> =
                fields.iter().map(|(name, value)| format!("{name:?}:{}", canonical(value))).collect();
            fields.sort();
            format!("{{{}}}", fields.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        Value::Number(number) => number.as_f64().map_or_else(|| number.to_string(), |number| number.to_string()),
        other => other.to_string(),
    }
}
