//! The steps of a scenario. Every wait is for evidence; its limit counts from the last thing that moved on.

use super::RunError;
use super::idle::Idle;
use super::stage::Stage;
use super::{collect, drill};
use crate::course::{Scenario, Step, Wait, Work};
use crate::evidence::{Event, HAD_ENDED, Ownership, Pattern, What, canonical};
use crate::wire::{Request, Response};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

/// How long nothing may move on before a wait is given up.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a scenario may take in all, however busy it looks.
const LIMIT: Duration = Duration::from_secs(90);

/// Why a wait was given up, where every record has been read: see [`Idle`].
const AT_REST: &str = "it had read every record, and asked for more again and again";

/// How many steps of joining a group can be a part of one wait: three members need a dozen.
const JOINS: usize = 24;

/// A wait was given up: the rest of the scenario makes no sense any more.
pub(super) struct GaveUp;

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
        if let Err(GaveUp) = one(stage, step).await? {
            return Ok(());
        }
    }
    Ok(())
}

async fn one(stage: &mut Stage, step: &Step) -> Result<Result<(), GaveUp>, RunError> {
    match step {
        Step::Produce(input) => stage.produce(input).await?,
        Step::Start(role) => stage.start(role).await?,
        Step::Wait(wait) => return Ok(events(stage, wait).await),
        Step::Processed(work) => return Ok(processed(stage, work).await),
        Step::Committed { group, topic } => return Ok(committed(stage, group, topic).await),
        Step::Owned { group, topic, by } => return Ok(owned(stage, (group, topic), by).await),
        Step::Stored { topic, count } => return Ok(stored(stage, topic, *count).await),
        Step::Ended(role) => return Ok(ended(stage, role).await),
        Step::Stop(role) => {
            record_unless_ended(stage, role, What::Stopping);
            if let Some(process) = stage.process(role) {
                process.stop();
            }
            return Ok(ended(stage, role).await);
        }
        Step::Kill(role) => {
            record_unless_ended(stage, role, What::Killed);
            if let Some(process) = stage.process(role) {
                process.kill();
            }
            return Ok(ended(stage, role).await);
        }
        Step::Expire(role) => return expire(stage, role).await,
        Step::Restart(role) => return restart(stage, role).await,
        Step::Reset(group) => stage.reset(group),
        Step::Collect(what) => collect::collect(stage, what).await,
        Step::Drill(drill) => return drill::play(stage, drill).await,
    }
    Ok(Ok(()))
}

async fn expire(stage: &Stage, role: &str) -> Result<Result<(), GaveUp>, RunError> {
    if let Err(gave_up) = ended(stage, role).await {
        return Ok(Err(gave_up));
    }
    stage.drained().await;
    stage.expire(role).await;
    Ok(Ok(()))
}

/// Starts the role again once it has ended; the broker forgets its old membership first.
pub(super) async fn restart(stage: &mut Stage, role: &str) -> Result<Result<(), GaveUp>, RunError> {
    if let Err(gave_up) = expire(stage, role).await? {
        return Ok(Err(gave_up));
    }
    stage.start(role).await?;
    Ok(Ok(()))
}

fn record_unless_ended(stage: &Stage, role: &str, what: What) {
    if stage.process(role).is_some_and(|process| !process.has_ended()) {
        stage.recorder.record(Some(role), what);
    }
}

pub(super) fn give_up(stage: &Stage, waited_for: &str, because: &str) -> GaveUp {
    let (waited_for, because) = (waited_for.to_owned(), because.to_owned());
    stage.recorder.record(None, What::GaveUp { waited_for, because });
    GaveUp
}

/// Does the program get on? Polling, heartbeats and printing are not progress.
pub(super) fn progress(event: &Event) -> bool {
    match &event.what {
        What::Call { .. } | What::Answer { .. } | What::Started { .. } | What::Exited { .. } => true,
        What::Request { body, .. } => matches!(
            body,
            Request::Produce { .. }
                | Request::OffsetCommit { .. }
                | Request::TxnOffsetCommit { .. }
                | Request::EndTxn { .. }
        ),
        What::Response { .. } => joins(event),
        _ => false,
    }
}

/// Has a member come a step further on its way into its group?
fn joins(event: &Event) -> bool {
    let What::Response { body, .. } = &event.what else { return false };
    matches!(body, Response::JoinGroup { .. } | Response::SyncGroup { .. }) && body.error() == 0
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
pub(super) async fn until(stage: &Stage, waited_for: &str, done: impl FnMut(&[Event]) -> bool) -> Result<(), GaveUp> {
    wait(stage, waited_for, progress, done, |_| false).await
}

/// The same for work that a program does as soon as it can: one that is at rest will not do it any more. A commit may
/// wait for a timer, so that is nothing to judge one by.
async fn until_or_at_rest(stage: &Stage, waited_for: &str, done: impl FnMut(&[Event]) -> bool) -> Result<(), GaveUp> {
    let mut idle = Idle::default();
    wait(stage, waited_for, progress, done, |events| idle.at_rest(events)).await
}

async fn wait(
    stage: &Stage,
    waited_for: &str,
    moves_on: impl Fn(&Event) -> bool,
    mut done: impl FnMut(&[Event]) -> bool,
    mut at_rest: impl FnMut(&[Event]) -> bool,
) -> Result<(), GaveUp> {
    // Who joins its group again and again for ever does not get on.
    let mut joined = 0;
    let moves_on = |event: &Event| {
        joined += usize::from(joins(event));
        moves_on(event) && !(joins(event) && joined > JOINS)
    };
    let mut over = over();
    let seen = |events: &[Event]| done(events) || over(events) || at_rest(events);
    let in_time = stage.recorder.until(PATIENCE, moves_on, seen).await;
    let over = stage.recorder.look(&mut over);
    if over {
        stage.ended().await;
        stage.drained().await;
    }
    if stage.recorder.look(&mut done) {
        return Ok(());
    }
    let because = match (over, in_time) {
        (true, _) => HAD_ENDED.to_owned(),
        (false, true) => AT_REST.to_owned(),
        (false, false) => format!("for {} s nothing moved on", PATIENCE.as_secs()),
    };
    Err(give_up(stage, waited_for, &because))
}

async fn events(stage: &Stage, wait: &Wait) -> Result<(), GaveUp> {
    let words = format!("{} × {}", wait.count.0, wait.pattern.event);
    let fits = |events: &[Event]| {
        events.iter().filter(|event| wait.pattern.matches(event)).take(wait.count.0 as usize).count() as u32
            >= wait.count.0
    };
    let mut idle = Idle::default();
    let at_rest = |events: &[Event]| of_work(&wait.pattern) && idle.at_rest(events);
    // One more of what is waited for is getting on, even where it is polling.
    let moves_on = |event: &Event| progress(event) || wait.pattern.matches(event);
    self::wait(stage, &words, moves_on, fits, at_rest).await
}

/// Is it something that a program does as soon as it can, or never when it is at rest?
fn of_work(pattern: &Pattern) -> bool {
    let event = pattern.event.as_str();
    matches!(event, "call" | "answer" | "produce.request" | "produce.response" | "leave_group.request")
}

/// Waits until `role` has ended. Where a rule is to end it at its work, a program at rest is waited for in vain.
pub(super) async fn ended(stage: &Stage, role: &str) -> Result<(), GaveUp> {
    let Some(process) = stage.process(role) else { return Ok(()) };
    let endings = stage.recorder.endings(role);
    let at_work = !endings.is_empty() && endings.iter().all(of_work);
    let mut idle = Idle::default();
    let in_vain = |events: &[Event]| at_work && !asked_to_end(events, role) && idle.at_rest(events);
    let because = tokio::select! {
        biased;
        () = process.ended() => return Ok(()),
        at_rest = stage.recorder.until(PATIENCE, progress, in_vain) => match at_rest {
            true => AT_REST.to_owned(),
            false => format!("for {} s it did nothing more", PATIENCE.as_secs()),
        },
    };
    Err(give_up(stage, &format!("{role} to end"), &because))
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

/// Every good record of the input has an answered call of the op with the same contents.
async fn processed(stage: &Stage, work: &Work) -> Result<(), GaveUp> {
    let (op, except) = match work {
        Work::Op(op) => (op, &[][..]),
        Work::Except { op, except } => (op, except.as_slice()),
    };
    let inputs: HashSet<String> = stage.recorder.look(|events| {
        let good = events.iter().filter_map(|event| match &event.what {
            What::Input { value: Some(value), poison: false, mark, .. }
                if !mark.as_ref().is_some_and(|mark| except.contains(mark)) =>
            {
                value.json()
            }
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
    until_or_at_rest(stage, &words, done).await
}

async fn committed(stage: &Stage, group: &str, topic: &str) -> Result<(), GaveUp> {
    until(stage, &format!("“{group}” to commit everything in {topic}"), all_committed(group, topic)).await
}

/// Has the group committed, since it was last reset, up to the last record that the grader has put into the topic?
pub(super) fn all_committed(group: &str, topic: &str) -> impl FnMut(&[Event]) -> bool + use<> {
    let (group, topic) = (group.to_owned(), topic.to_owned());
    let (mut ends, mut positions): (HashMap<i32, i64>, HashMap<i32, i64>) = (HashMap::new(), HashMap::new());
    let mut seen = 0;
    move |events| {
        for event in events.get(seen..).unwrap_or_default() {
            match &event.what {
                What::Input { topic: of, partition, offset, .. } if *of == topic => {
                    ends.insert(*partition, offset + 1);
                }
                What::Reset { group: of } if *of == group => positions.clear(),
                What::Response { to, body: Response::OffsetCommit { partitions }, .. } => {
                    let Some(What::Request { body: Request::OffsetCommit { group: of, offsets, .. }, .. }) =
                        events.get(*to).map(|event| &event.what)
                    else {
                        continue;
                    };
                    let taken = |partition: i32| {
                        partitions.iter().any(|answer| answer.partition == partition && answer.error == 0)
                    };
                    let offsets = offsets
                        .iter()
                        .filter(|offset| *of == group && offset.topic == topic && taken(offset.partition));
                    positions.extend(offsets.map(|offset| (offset.partition, offset.offset)));
                }
                _ => {}
            }
        }
        seen = events.len();
        ends.iter().all(|(partition, end)| positions.get(partition).is_some_and(|position| position >= end))
    }
}

/// Have the members the partitions that they are to have?
async fn owned(stage: &Stage, (group, topic): (&str, &str), by: &BTreeMap<String, usize>) -> Result<(), GaveUp> {
    let mut ownership = Ownership::new(group);
    let wanted: BTreeMap<&str, usize> = by.iter().map(|(role, count)| (role.as_str(), *count)).collect();
    let words: Vec<String> = by.iter().map(|(role, count)| format!("{count} for {role}")).collect();
    let done = |events: &[Event]| {
        ownership.follow(events);
        ownership.now(topic) == wanted
    };
    until(stage, &format!("the partitions of {topic} to be shared: {}", words.join(", ")), done).await
}

async fn stored(stage: &Stage, topic: &str, count: u32) -> Result<(), GaveUp> {
    let (mut stored, mut seen) = (0, 0);
    let done = move |events: &[Event]| {
        for event in events.get(seen..).unwrap_or_default() {
            let What::Response { to, body: Response::Produce { partitions, .. }, .. } = &event.what else { continue };
            let Some(What::Request { body: Request::Produce { batches, .. }, .. }) =
                events.get(*to).map(|event| &event.what)
            else {
                continue;
            };
            let taken = |partition: i32| {
                partitions.iter().any(|at| at.topic == topic && at.partition == partition && at.error == 0)
            };
            let batches = batches.iter().filter(|batch| batch.topic == topic && taken(batch.partition));
            stored += batches.map(|batch| batch.records.len()).sum::<usize>();
        }
        seen = events.len();
        stored >= count as usize
    };
    until(stage, &format!("{count} records in {topic}"), done).await
}
