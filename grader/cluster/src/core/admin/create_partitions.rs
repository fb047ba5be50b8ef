//! CreatePartitions: a topic gets more of them. Keys go to other partitions then, which is why it never gets fewer.

use std::collections::BTreeSet;

use kafka_protocol::ResponseError::{
    InvalidPartitions, InvalidReplicaAssignment, InvalidRequest, PolicyViolation, UnknownTopicOrPartition,
};
use kafka_protocol::messages::create_partitions_request::CreatePartitionsTopic;
use kafka_protocol::messages::create_partitions_response::CreatePartitionsTopicResult;
use kafka_protocol::messages::{CreatePartitionsRequest, CreatePartitionsResponse};

use super::assignment::{assign_in_turn, check_assignment};
use super::create::check_room;
use super::create_topics::MOST_PARTITIONS;
use crate::core::Core;
use crate::core::call::Step;
use crate::partition::Partition;
use crate::refusal::Refusal;

pub(super) fn step(core: &mut Core, request: &CreatePartitionsRequest) -> Step {
    let too_many = request.topics.iter().map(|topic| additional(core, topic)).fold(0, usize::saturating_add);
    let mut seen = BTreeSet::new();
    let twice: BTreeSet<&str> =
        request.topics.iter().map(|topic| topic.name.as_str()).filter(|name| !seen.insert(*name)).collect();
    let mut answered = BTreeSet::new();
    let mut results = Vec::new();
    for topic in &request.topics {
        let name = topic.name.as_str();
        if !answered.insert(name) {
            continue;
        }
        let made = if twice.contains(name) {
            Err(Refusal::new(InvalidRequest, "Duplicate topic name."))
        } else if too_many > MOST_PARTITIONS {
            Err(Refusal::new(PolicyViolation, "Excessively large number of additional partitions per request."))
        } else {
            add(core, topic, request.validate_only)
        };
        let result = CreatePartitionsTopicResult::default().with_name(topic.name.clone());
        results.push(match made {
            Ok(()) => result.with_error_message(None),
            Err(refusal) => result.with_error_code(refusal.error.code()).with_error_message(refusal.wire_message()),
        });
    }
    Step::answer(CreatePartitionsResponse::default().with_results(results))
}

/// How many partitions are wanted beyond those that there are.
fn additional(core: &Core, topic: &CreatePartitionsTopic) -> usize {
    let there = core.topics.get(&topic.name).map_or(usize::MAX, |topic| topic.partitions.len());
    usize::try_from(topic.count).unwrap_or(0).saturating_sub(there)
}

fn add(core: &mut Core, wanted: &CreatePartitionsTopic, validate_only: bool) -> Result<(), Refusal> {
    let topic = core.topics.get(&wanted.name).ok_or_else(|| Refusal::new(UnknownTopicOrPartition, ""))?;
    let there = topic.partitions.len();
    let count = usize::try_from(wanted.count).unwrap_or(0);
    if count == there {
        return Err(Refusal::new(InvalidPartitions, format!("Topic already has {there} partition(s).")));
    }
    if count < there {
        let why = format!(
            "The topic {} currently has {there} partition(s); {} would not be an increase.",
            topic.name, wanted.count
        );
        return Err(Refusal::new(InvalidPartitions, why));
    }
    let more = count - there;
    let copies = topic.partitions.first().map_or(1, |partition| partition.replicas.len());
    check_room(core, more)?;
    let assignment = match &wanted.assignments {
        Some(assignments) if assignments.len() != more => {
            let why = format!(
                "Attempted to add {more} additional partition(s), but only {} assignment(s) were specified.",
                assignments.len()
            );
            return Err(Refusal::new(InvalidReplicaAssignment, why));
        }
        Some(assignments) => {
            check_assignment(&core.nodes, assignments.iter().map(|assignment| &assignment.broker_ids), Some(copies))?
        }
        None => assign_in_turn(&core.nodes, there, more, i16::try_from(copies).unwrap_or(1))?,
    };
    if !validate_only {
        let first = i32::try_from(there).unwrap_or(i32::MAX);
        let partitions = (first..).zip(&assignment).map(|(index, nodes)| Partition::new(index, nodes));
        core.topics.add_partitions(&wanted.name, partitions.collect());
    }
    Ok(())
}
