//! Evidence speaks of topics and groups as the exercise does; on the wire each run has names of its own.

use crate::evidence::Names;
use crate::wire::{Request, Response};

fn known(names: &Names, real: &mut String) {
    if let Some(name) = names.known(real) {
        *real = name.to_owned();
    }
}

pub(super) fn of_request(request: &mut Request, names: &Names) {
    use Request::*;
    match request {
        Produce { batches, .. } => batches.iter_mut().for_each(|batch| known(names, &mut batch.topic)),
        Fetch { partitions, forgotten, .. } => {
            partitions.iter_mut().for_each(|from| known(names, &mut from.topic));
            forgotten.iter_mut().for_each(|from| known(names, &mut from.topic));
        }
        ListOffsets { partitions, .. } => partitions.iter_mut().for_each(|query| known(names, &mut query.topic)),
        Metadata { topics } => topics.iter_mut().flatten().for_each(|topic| known(names, topic)),
        OffsetCommit { group, offsets, .. } | TxnOffsetCommit { group, offsets, .. } => {
            known(names, group);
            offsets.iter_mut().for_each(|offset| known(names, &mut offset.topic));
        }
        OffsetFetch { group, partitions, .. } => {
            known(names, group);
            partitions.iter_mut().flatten().for_each(|place| known(names, &mut place.topic));
        }
        FindCoordinator { keys, .. } => keys.iter_mut().for_each(|key| known(names, key)),
        JoinGroup { group, topics, owned, .. } => {
            known(names, group);
            topics.iter_mut().for_each(|topic| known(names, topic));
            owned.iter_mut().for_each(|place| known(names, &mut place.topic));
        }
        SyncGroup { group, assignments, .. } => {
            known(names, group);
            let places = assignments.iter_mut().flat_map(|assignment| &mut assignment.partitions);
            places.for_each(|place| known(names, &mut place.topic));
        }
        ConsumerGroupHeartbeat { group, topics, .. } => {
            known(names, group);
            topics.iter_mut().flatten().for_each(|topic| known(names, topic));
        }
        Heartbeat { group, .. } | LeaveGroup { group, .. } | AddOffsetsToTxn { group, .. } => known(names, group),
        AddPartitionsToTxn { partitions, .. } => {
            partitions.iter_mut().for_each(|place| known(names, &mut place.topic));
        }
        InitProducerId { .. } | EndTxn { .. } | ApiVersions { .. } | Other => {}
    }
}

pub(super) fn of_response(response: &mut Response, names: &Names) {
    use Response::*;
    match response {
        Produce { partitions } => partitions.iter_mut().for_each(|answer| known(names, &mut answer.topic)),
        Fetch { partitions, .. } => partitions.iter_mut().for_each(|answer| known(names, &mut answer.topic)),
        ListOffsets { partitions } => partitions.iter_mut().for_each(|answer| known(names, &mut answer.topic)),
        Metadata { topics, .. } => topics.iter_mut().for_each(|topic| known(names, &mut topic.name)),
        OffsetCommit { partitions } | TxnOffsetCommit { partitions } | AddPartitionsToTxn { partitions, .. } => {
            partitions.iter_mut().for_each(|answer| known(names, &mut answer.topic));
        }
        OffsetFetch { offsets, .. } => offsets.iter_mut().for_each(|answer| known(names, &mut answer.topic)),
        FindCoordinator { coordinators } => coordinators.iter_mut().for_each(|found| known(names, &mut found.key)),
        SyncGroup { partitions, .. } => partitions.iter_mut().for_each(|place| known(names, &mut place.topic)),
        JoinGroup { .. } | Heartbeat { .. } | LeaveGroup { .. } | ConsumerGroupHeartbeat { .. } => {}
        InitProducerId { .. } | AddOffsetsToTxn { .. } | EndTxn { .. } | ApiVersions { .. } | Other => {}
    }
}
