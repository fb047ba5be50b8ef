//! DeleteTopics, by name and, from version 6 on, by id.

use std::collections::BTreeMap;

use kafka_protocol::ResponseError::{InvalidRequest, UnknownTopicId, UnknownTopicOrPartition};
use kafka_protocol::messages::delete_topics_response::DeletableTopicResult;
use kafka_protocol::messages::{DeleteTopicsRequest, DeleteTopicsResponse, TopicName};
use uuid::Uuid;

use crate::core::Core;
use crate::core::call::{Caller, Step};
use crate::core::group;
use crate::refusal::Refusal;
use crate::watch::Watched;

/// From this version on, topics have ids, and from the one before, errors have words.
const KNOWS_IDS: i16 = 6;
const HAS_WORDS: i16 = 5;

/// Which topic is meant.
type Key = (Option<TopicName>, Uuid);

pub(super) fn step(core: &mut Core, request: &DeleteTopicsRequest, caller: &Caller) -> Step {
    let by_name = request.topic_names.iter().map(|name| (Some(name.clone()), Uuid::nil()));
    let asked: Vec<Key> =
        by_name.chain(request.topics.iter().map(|topic| (topic.name.clone(), topic.topic_id))).collect();
    let mut times: BTreeMap<&Key, usize> = BTreeMap::new();
    asked.iter().for_each(|key| *times.entry(key).or_default() += 1);

    let mut answered = BTreeMap::new();
    let mut responses = Vec::new();
    for key in &asked {
        if answered.insert(key, ()).is_some() {
            continue;
        }
        let (name, id) = key;
        let result = DeletableTopicResult::default().with_name(name.clone());
        let result = match delete(core, name.as_ref(), *id, times[key] > 1) {
            Ok((name, id)) => result.with_name(Some(name)).with_topic_id(id).with_error_message(None),
            Err(refusal) => result
                .with_topic_id(*id)
                .with_error_code(refusal.error.code())
                .with_error_message(refusal.wire_message().filter(|_| caller.version >= HAS_WORDS)),
        };
        responses.push(if caller.version >= KNOWS_IDS { result } else { result.with_topic_id(Uuid::nil()) });
    }
    Step::answer(DeleteTopicsResponse::default().with_responses(responses))
}

fn delete(core: &mut Core, name: Option<&TopicName>, id: Uuid, twice: bool) -> Result<(TopicName, Uuid), Refusal> {
    let invalid = |why: &str| Err(Refusal::new(InvalidRequest, why));
    let topic = match (name, id.is_nil()) {
        (None, true) => return invalid("Neither topic name nor id were specified."),
        (Some(_), false) => return invalid("You may not specify both topic name and topic id."),
        (Some(_), true) if twice => return invalid("Duplicate topic name."),
        (None, false) if twice => return invalid("Duplicate topic id."),
        (Some(name), true) => core.topics.get(name).ok_or(UnknownTopicOrPartition)?,
        (None, false) => core.topics.by_id(id).ok_or(UnknownTopicId)?,
    };
    let (wire_name, name, id) = (topic.wire_name(), topic.name.clone(), topic.id);
    let topic = core.topics.remove(&name).ok_or(UnknownTopicOrPartition)?;
    group::forget_topic(core, &name);
    for partition in &topic.partitions {
        core.watches.wake(&Watched::Partition(id, partition.index));
    }
    Ok((wire_name, id))
}
