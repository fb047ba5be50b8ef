//! Evidence speaks of topics and groups as the exercise does; on the wire each run has names of its own.

use crate::recorder::Names;
use crate::wire::{Request, Response};

fn rename(names: &Names, real: &mut String) {
    if let Some(name) = names.known(real) {
        *real = name.to_owned();
    }
}

/// Replaces the names of topics and groups in a request by those that the exercise knows.
pub(super) fn rename_request(request: &mut Request, names: &Names) {
    use Request::*;
    match request {
        Produce { batches, .. } => batches.iter_mut().for_each(|batch| rename(names, &mut batch.topic)),
        Fetch { partitions, forgotten, .. } => {
            partitions.iter_mut().for_each(|from| rename(names, &mut from.topic));
            forgotten.iter_mut().for_each(|from| rename(names, &mut from.topic));
        }
        ListOffsets { partitions, .. } => partitions.iter_mut().for_each(|query| rename(names, &mut query.topic)),
        Metadata { topics } => topics.iter_mut().flatten().for_each(|topic| rename(names, topic)),
        OffsetCommit { group, offsets, .. } | TxnOffsetCommit { group, offsets, .. } => {
            rename(names, group);
            offsets.iter_mut().for_each(|offset| rename(names, &mut offset.topic));
        }
        OffsetFetch { group, partitions, .. } => {
            rename(names, group);
            partitions.iter_mut().flatten().for_each(|place| rename(names, &mut place.topic));
        }
        FindCoordinator { keys, .. } => keys.iter_mut().for_each(|key| rename(names, key)),
        JoinGroup { group, topics, owned, .. } => {
            rename(names, group);
            topics.iter_mut().for_each(|topic| rename(names, topic));
            owned.iter_mut().for_each(|place| rename(names, &mut place.topic));
        }
        SyncGroup { group, assignments, .. } => {
            rename(names, group);
            let places = assignments.iter_mut().flat_map(|assignment| &mut assignment.partitions);
            places.for_each(|place| rename(names, &mut place.topic));
        }
        ConsumerGroupHeartbeat { group, topics, .. } => {
            rename(names, group);
            topics.iter_mut().flatten().for_each(|topic| rename(names, topic));
        }
        Heartbeat { group, .. } | LeaveGroup { group, .. } | AddOffsetsToTxn { group, .. } => rename(names, group),
        AddPartitionsToTxn { partitions, .. } => {
            partitions.iter_mut().for_each(|place| rename(names, &mut place.topic));
        }
        InitProducerId { .. } | EndTxn { .. } | ApiVersions { .. } | Other => {}
    }
}

/// Does the same in a response.
pub(super) fn rename_response(response: &mut Response, names: &Names) {
    use Response::*;
    match response {
        Produce { partitions } => partitions.iter_mut().for_each(|answer| rename(names, &mut answer.topic)),
        Fetch { partitions, .. } => partitions.iter_mut().for_each(|answer| rename(names, &mut answer.topic)),
        ListOffsets { partitions } => partitions.iter_mut().for_each(|answer| rename(names, &mut answer.topic)),
        Metadata { topics, .. } => topics.iter_mut().for_each(|topic| rename(names, &mut topic.name)),
        OffsetCommit { partitions } | TxnOffsetCommit { partitions } | AddPartitionsToTxn { partitions, .. } => {
            partitions.iter_mut().for_each(|answer| rename(names, &mut answer.topic));
        }
        OffsetFetch { offsets, .. } => offsets.iter_mut().for_each(|answer| rename(names, &mut answer.topic)),
        FindCoordinator { coordinators } => coordinators.iter_mut().for_each(|found| rename(names, &mut found.key)),
        SyncGroup { partitions, .. } => partitions.iter_mut().for_each(|place| rename(names, &mut place.topic)),
        JoinGroup { .. } | Heartbeat { .. } | LeaveGroup { .. } | ConsumerGroupHeartbeat { .. } => {}
        InitProducerId { .. } | AddOffsetsToTxn { .. } | EndTxn { .. } | ApiVersions { .. } | Other => {}
    }
}
