//! Steps that move offsets, in the grader's own name: of groups that have no members, of the beginning of a log, of
//! transactions; and the one that asks the broker where they stand.

use super::RunError;
use super::stage::Stage;
use crate::broker::Bounds;
use crate::course::{Commit, DeleteRecords, Ending, InputSpec, Observe};
use crate::evidence::{Committed, Extent, What};
use crate::wire::error::error_name;
use std::collections::BTreeMap;

/// Commits; that Kafka refuses it, because the program has made itself a member, is evidence and no fault.
pub(super) async fn commit(stage: &mut Stage, commit: &Commit) -> Result<(), RunError> {
    let Commit { group, topic, offsets } = commit;
    let bounds = stage.broker().bounds(stage.real(topic)).await?;
    let mut wanted = BTreeMap::new();
    for at in offsets {
        let end = bounds.get(&at.partition).map_or(0, |bounds| bounds.end);
        wanted.insert(at.partition, (end - stage.draw(at.behind)).max(0));
    }
    let refused = stage.broker().commit(stage.group(group), stage.real(topic), &wanted).await?;
    let places: Vec<String> = wanted.iter().map(|(at, offset)| format!("{topic}[{at}]={offset}")).collect();
    let mut change = format!("{group} commits {}", places.join(", "));
    if let Some(error) = refused {
        change.push_str(&format!(", and is refused with {}", error_name(error)));
    }
    stage.recorder.record(None, What::Changed { change });
    Ok(())
}

pub(super) async fn delete_records(stage: &mut Stage, delete: &DeleteRecords) -> Result<(), RunError> {
    let DeleteRecords { topic, partition, left } = delete;
    let left = stage.draw(*left);
    let bounds = stage.broker().bounds(stage.real(topic)).await?;
    let before = bounds.get(partition).map_or(0, |bounds| bounds.start.max(bounds.end - left));
    stage.broker().delete_records(stage.real(topic), *partition, before).await?;
    let change = format!("the records of {topic}[{partition}] before {before} are deleted");
    stage.recorder.record(None, What::Changed { change });
    Ok(())
}

pub(super) async fn begin(stage: &mut Stage, input: &InputSpec) -> Result<(), RunError> {
    let topic = input.topic.clone().unwrap_or_default();
    let (made, lanes) = (stage.make(input), stage.lanes(input));
    stage.begin(&topic, made, &lanes).await?;
    stage.recorder.record(None, What::Changed { change: format!("a transaction is open on {topic}") });
    Ok(())
}

pub(super) async fn end(stage: &mut Stage, ending: Ending) -> Result<(), RunError> {
    if let Some(topic) = stage.end(ending == Ending::Commit).await? {
        let how = if ending == Ending::Commit { "committed" } else { "aborted" };
        stage.recorder.record(None, What::Changed { change: format!("the transaction on {topic} is {how}") });
    }
    Ok(())
}

pub(super) async fn observe(stage: &Stage, observe: &Observe) -> Result<(), RunError> {
    let Observe { topic, groups } = observe;
    let real = stage.real(topic);
    let bounds = stage.broker().bounds(real).await?;
    let mut committed = Vec::new();
    for group in groups {
        let of_group = stage.broker().committed(stage.group(group), real).await?;
        let one = |(partition, offset)| Committed { group: group.to_string(), partition, offset };
        committed.extend(of_group.into_iter().map(one));
    }
    let one = |(partition, at): (i32, Bounds)| Extent { partition, start: at.start, stable: at.stable, end: at.end };
    let partitions = bounds.into_iter().map(one).collect();
    stage.recorder.record(None, What::Observed { topic: topic.clone(), partitions, committed });
    Ok(())
}
