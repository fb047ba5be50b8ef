//! CreateTopics (`ControllerApis`, `ReplicationControlManager`).

use std::collections::{BTreeMap, BTreeSet};

use kafka_protocol::ResponseError::{InvalidConfig, InvalidReplicaAssignment, InvalidRequest, PolicyViolation};
use kafka_protocol::messages::create_topics_request::CreatableTopic;
use kafka_protocol::messages::create_topics_response::{CreatableTopicConfigs, CreatableTopicResult};
use kafka_protocol::messages::{CreateTopicsRequest, CreateTopicsResponse};

use super::assignment::check_assignment;
use super::create::{self, NewTopic, Planned};
use super::topic_settings;
use crate::core::Core;
use crate::core::call::{Caller, Step};
use crate::refusal::Refusal;

/// Partitions that one request may ask for.
pub(super) const MOST_PARTITIONS: usize = 10_000;

/// From this version on, answers tell what the topic is like.
const TELLS_TOPIC: i16 = 5;
/// From this version on, answers tell the topic's id.
const TELLS_ID: i16 = 7;

pub(super) fn step(core: &mut Core, request: &CreateTopicsRequest, caller: &Caller) -> Step {
    let too_many = wanted_partitions(core, request) > MOST_PARTITIONS;
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
        } else if too_many {
            Err(Refusal::new(PolicyViolation, "Excessively large number of partitions per request."))
        } else {
            make(core, topic, request.validate_only, caller.version)
        };
        results.push(made.unwrap_or_else(|refusal| {
            CreatableTopicResult::default()
                .with_name(topic.name.clone())
                .with_error_code(refusal.error.code())
                .with_error_message(refusal.wire_message())
        }));
    }
    Step::answer(CreateTopicsResponse::default().with_topics(results))
}

fn wanted_partitions(core: &Core, request: &CreateTopicsRequest) -> usize {
    let wanted = request.topics.iter().map(|topic| match (topic.assignments.len(), topic.num_partitions) {
        (0, -1) => usize::try_from(core.settings.partitions).unwrap_or(0),
        (0, number) => usize::try_from(number).unwrap_or(0),
        (assigned, _) => assigned,
    });
    wanted.fold(0, usize::saturating_add)
}

fn make(
    core: &mut Core,
    topic: &CreatableTopic,
    validate_only: bool,
    version: i16,
) -> Result<CreatableTopicResult, Refusal> {
    create::check_name(core, &topic.name)?;
    let planned = create::plan(core, &wanted_topic(core, topic)?)?;
    let result = describe(core, topic, &planned, version);
    // Kafka draws an id for a topic that it does not make, too.
    let id = if validate_only { core.new_id() } else { create::insert(core, &topic.name, planned) };
    Ok(if version >= TELLS_ID { result.with_topic_id(id) } else { result })
}

/// What the request says of a topic.
fn wanted_topic(core: &Core, topic: &CreatableTopic) -> Result<NewTopic, Refusal> {
    let mut settings = BTreeMap::new();
    let mut nulls = Vec::new();
    for config in &topic.configs {
        match &config.value {
            Some(value) => drop(settings.insert(config.name.to_string(), value.to_string())),
            None => nulls.push(config.name.as_str()),
        }
    }
    if !nulls.is_empty() {
        let why = format!("Null value not supported for topic configs: {}", nulls.join(","));
        return Err(Refusal::new(InvalidConfig, why));
    }
    let said = |number: i32| Some(number).filter(|number| *number != -1);
    let assignment = if topic.assignments.is_empty() { None } else { Some(assignment(core, topic)?) };
    let replication = Some(topic.replication_factor).filter(|copies| *copies != -1);
    Ok(NewTopic { partitions: said(topic.num_partitions), replication, assignment, settings })
}

fn assignment(core: &Core, topic: &CreatableTopic) -> Result<Vec<Vec<i32>>, Refusal> {
    let also = [("replication factor", topic.replication_factor != -1), ("numPartitions", topic.num_partitions != -1)];
    if let Some((what, _)) = also.into_iter().find(|(_, said)| *said) {
        let why = format!("A manual partition assignment was specified, but {what} was not set to -1.");
        return Err(Refusal::new(InvalidRequest, why));
    }
    let mut by_index = BTreeMap::new();
    for assignment in &topic.assignments {
        let index = assignment.partition_index;
        if by_index.insert(index, &assignment.broker_ids).is_some() {
            let why = format!("Found multiple manual partition assignments for partition {index}");
            return Err(Refusal::new(InvalidReplicaAssignment, why));
        }
    }
    let assignment = check_assignment(&core.nodes, by_index.values().copied(), None)?;
    if !by_index.keys().copied().eq((0..).take(assignment.len())) {
        let why = "partitions should be a consecutive 0-based integer sequence";
        return Err(Refusal::new(InvalidReplicaAssignment, why));
    }
    Ok(assignment)
}

fn describe(core: &Core, topic: &CreatableTopic, planned: &Planned, version: i16) -> CreatableTopicResult {
    let result = CreatableTopicResult::default().with_name(topic.name.clone()).with_error_message(None);
    if version < TELLS_TOPIC {
        return result;
    }
    let configs = topic_settings::describe(&planned.settings, &core.settings).map(|value| {
        CreatableTopicConfigs::default()
            .with_name(value.name.into())
            .with_value(Some(value.value.clone().into()))
            .with_config_source(value.source())
    });
    let copies = planned.assignment.first().map_or(0, Vec::len);
    result
        .with_num_partitions(i32::try_from(planned.assignment.len()).unwrap_or(i32::MAX))
        .with_replication_factor(i16::try_from(copies).unwrap_or(i16::MAX))
        .with_configs(Some(configs.collect()))
}
