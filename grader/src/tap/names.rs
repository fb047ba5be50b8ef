//! Evidence speaks of topics and groups as the exercise does; on the wire each run has names of its own.

use crate::recorder::Names;
use crate::wire::{Request, Response};

fn rename(names: &Names, what: Named, real: &mut String) {
    match names.known(real) {
        Some(name) => *real = name.to_owned(),
        // A program that has the name from the page, and not from its environment, means another topic.
        None if what == Named::Topic && names.is_ours(real) => real.push_str(LITERALLY),
        None => {}
    }
}

/// Behind the name of a topic that is called on the broker as the exercise calls its own.
const LITERALLY: &str = " (literally)";

/// What a name in a request is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    Topic,
    Group,
}

/// Replaces the names of topics and groups in a request by those that the exercise knows.
pub(super) fn rename_request(request: &mut Request, names: &Names) {
    visit(request, &mut |what, name| rename(names, what, name));
}

/// Goes to every name of a topic or a group in a request.
pub(super) fn visit(request: &mut Request, see: &mut dyn FnMut(Named, &mut String)) {
    use Named::*;
    use Request::*;
    match request {
        Produce { batches, .. } => batches.each_topic(|topic| see(Topic, topic)),
        Fetch { partitions, forgotten, .. } => {
            partitions.iter_mut().for_each(|from| see(Topic, &mut from.topic));
            forgotten.iter_mut().for_each(|from| see(Topic, &mut from.topic));
        }
        ListOffsets { partitions, .. } => partitions.iter_mut().for_each(|query| see(Topic, &mut query.topic)),
        Metadata { topics } => topics.iter_mut().flatten().for_each(|topic| see(Topic, topic)),
        OffsetCommit { group, offsets, .. } | TxnOffsetCommit { group, offsets, .. } => {
            see(Group, group);
            offsets.iter_mut().for_each(|offset| see(Topic, &mut offset.topic));
        }
        OffsetFetch { group, partitions, more_groups, .. } => {
            see(Group, group);
            partitions.iter_mut().flatten().for_each(|place| see(Topic, &mut place.topic));
            more_groups.iter_mut().for_each(|group| see(Group, group));
        }
        // The keys of other types are transactional ids.
        FindCoordinator { key_type: 0, keys } => keys.iter_mut().for_each(|key| see(Group, key)),
        JoinGroup { group, topics, owned, .. } => {
            see(Group, group);
            topics.iter_mut().for_each(|topic| see(Topic, topic));
            owned.iter_mut().for_each(|place| see(Topic, &mut place.topic));
        }
        SyncGroup { group, assignments, .. } => {
            see(Group, group);
            let places = assignments.iter_mut().flat_map(|assignment| &mut assignment.partitions);
            places.for_each(|place| see(Topic, &mut place.topic));
        }
        ConsumerGroupHeartbeat { group, topics, .. } => {
            see(Group, group);
            topics.iter_mut().flatten().for_each(|topic| see(Topic, topic));
        }
        Heartbeat { group, .. } | LeaveGroup { group, .. } | AddOffsetsToTxn { group, .. } => see(Group, group),
        AddPartitionsToTxn { partitions, .. } => {
            partitions.iter_mut().for_each(|place| see(Topic, &mut place.topic));
        }
        FindCoordinator { .. } | InitProducerId { .. } | EndTxn { .. } | ApiVersions { .. } | Other => {}
    }
}

/// Does the same in a response.
pub(super) fn rename_response(response: &mut Response, names: &Names) {
    use Response::*;
    let topic = |topic: &mut String| rename(names, Named::Topic, topic);
    match response {
        Produce { partitions } => partitions.iter_mut().for_each(|answer| topic(&mut answer.topic)),
        Fetch { partitions, .. } => partitions.iter_mut().for_each(|answer| topic(&mut answer.topic)),
        ListOffsets { partitions } => partitions.iter_mut().for_each(|answer| topic(&mut answer.topic)),
        Metadata { topics, .. } => topics.iter_mut().for_each(|about| topic(&mut about.name)),
        OffsetCommit { partitions } | TxnOffsetCommit { partitions } | AddPartitionsToTxn { partitions, .. } => {
            partitions.iter_mut().for_each(|answer| topic(&mut answer.topic));
        }
        OffsetFetch { offsets, .. } => offsets.iter_mut().for_each(|answer| topic(&mut answer.topic)),
        FindCoordinator { coordinators } => {
            coordinators.iter_mut().for_each(|found| rename(names, Named::Group, &mut found.key))
        }
        SyncGroup { partitions, .. } => partitions.iter_mut().for_each(|place| topic(&mut place.topic)),
        JoinGroup { .. } | Heartbeat { .. } | LeaveGroup { .. } | ConsumerGroupHeartbeat { .. } => {}
        InitProducerId { .. } | AddOffsetsToTxn { .. } | EndTxn { .. } | ApiVersions { .. } | Other => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_not_taken_for_ours_because_it_has_the_name_that_the_exercise_uses() {
        let mut names = Names::default();
        names.insert("hello-kafkacourse-1".into(), "hello".into());
        let asked = |name: &str| {
            let mut request = Request::Metadata { topics: Some(vec![name.to_owned()]) };
            rename_request(&mut request, &names);
            let Request::Metadata { topics } = request else { unreachable!("it stays what it is") };
            topics.unwrap_or_default().concat()
        };
        assert_eq!(asked("hello-kafkacourse-1"), "hello");
        assert_eq!(asked("hello"), "hello (literally)");
        assert_eq!(asked("another"), "another");
    }
}
