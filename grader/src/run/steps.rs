//! The steps of a scenario, one after the other; what waits, waits for evidence (`wait.rs`).

use super::groups::all_committed;
use super::stage::Stage;
use super::wait::{Halt, events, until};
use super::{collect, drill, offsets, roles, work};
use crate::course::{Replace, Step};
use crate::evidence::{Event, Ownership, What};
use crate::wire::{Request, Response};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Takes one step; it ends when its evidence is there, or when it has waited in vain.
pub(super) async fn take(stage: &mut Stage, step: &Step) -> Result<(), Halt> {
    match step {
        Step::Produce(input) => stage.produce(input).await?,
        Step::Feed(feed) => work::feed(stage, feed).await?,
        Step::Trickle(trickle) => work::trickle(stage, trickle).await?,
        Step::Start(role) => stage.start(role).await?,
        Step::Wait(wait) => events(stage, wait).await?,
        Step::Processed(work) => work::processed(stage, work).await?,
        Step::Committed { group, topic } => committed(stage, group, topic).await?,
        Step::Owned { group, topic, by } => owned(stage, (group, topic), by).await?,
        Step::Stored { topic, count } => stored(stage, topic, *count).await?,
        Step::Ended(role) => roles::ended(stage, role).await?,
        Step::Stop(role) => roles::stop(stage, role).await?,
        Step::Kill(role) => roles::kill(stage, role).await?,
        Step::Expire(role) => roles::expire(stage, role).await?,
        Step::Restart(role) => roles::restart(stage, role).await?,
        Step::Replace(Replace { role, by }) => roles::replace(stage, role, by).await?,
        Step::Read { topic } => stage.read(topic).await?,
        Step::Change(change) => stage.change(change)?,
        Step::Commit(commit) => offsets::commit(stage, commit).await?,
        Step::DeleteRecords(delete) => offsets::delete_records(stage, delete).await?,
        Step::Begin(begin) => offsets::begin(stage, begin).await?,
        Step::End(ending) => offsets::end(stage, *ending).await?,
        Step::Observe(observe) => offsets::observe(stage, observe).await?,
        Step::Reset(group) => stage.reset(group),
        Step::Collect(what) => collect::collect(stage, what).await,
        Step::Settled { op, id, ms } => work::settled(stage, (op, id), Duration::from_millis(*ms)).await,
        Step::Drill(drill) => drill::play(stage, drill).await?,
    }
    Ok(())
}

async fn committed(stage: &Stage, group: &str, topic: &str) -> Result<(), Halt> {
    until(stage, &format!("“{group}” to commit everything in {topic}"), all_committed(group, topic)).await
}

/// Have the members the partitions that they are to have?
async fn owned(stage: &Stage, (group, topic): (&str, &str), by: &BTreeMap<String, usize>) -> Result<(), Halt> {
    let mut ownership = Ownership::new(group);
    let wanted: BTreeMap<&str, usize> = by.iter().map(|(role, count)| (role.as_str(), *count)).collect();
    let words: Vec<String> = by.iter().map(|(role, count)| format!("{count} for {role}")).collect();
    let done = |events: &[Arc<Event>]| {
        ownership.follow(events);
        ownership.now(topic) == wanted
    };
    until(stage, &format!("the partitions of {topic} to be shared: {}", words.join(", ")), done).await
}

async fn stored(stage: &Stage, topic: &str, count: u32) -> Result<(), Halt> {
    let (mut stored, mut seen) = (0, 0);
    let done = move |events: &[Arc<Event>]| {
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
