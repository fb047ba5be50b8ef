//! AddPartitionsToTxn and AddOffsetsToTxn: what a transaction is going to write to.
//!
//! Producers of transaction version 2 do not send them (KIP-890): the broker that gets their records or offsets adds these
//! itself, and for older ones it checks that they have been added ([`super::verify`]).

use kafka_protocol::ResponseError;
use kafka_protocol::messages::add_partitions_to_txn_request::AddPartitionsToTxnTopic;
use kafka_protocol::messages::add_partitions_to_txn_response::{
    AddPartitionsToTxnPartitionResult, AddPartitionsToTxnResult, AddPartitionsToTxnTopicResult,
};
use kafka_protocol::messages::{
    AddOffsetsToTxnRequest, AddOffsetsToTxnResponse, AddPartitionsToTxnRequest, AddPartitionsToTxnResponse,
};

use super::state::Target;
use super::verify::verify;
use crate::core::Core;
use crate::core::call::{Caller, Step};
use crate::producers::Producer;
use crate::time::Now;

pub(super) fn partitions(core: &mut Core, request: &AddPartitionsToTxnRequest, caller: &Caller, now: Now) -> Step {
    // Several transactions at once are for brokers among themselves.
    if caller.version >= 4 {
        if request.transactions.is_empty() {
            return Step::HangUp; // Kafka fails to answer it
        }
        let results = request.transactions.iter().map(|transaction| {
            let producer = Producer { id: transaction.producer_id.0, epoch: transaction.producer_epoch };
            let id = &transaction.transactional_id;
            let outcomes = match transaction.verify_only {
                false => add_topics(core, id, producer, &transaction.topics, caller, now),
                true => verify_topics(core, id, producer, &transaction.topics, caller),
            };
            AddPartitionsToTxnResult::default()
                .with_transactional_id(id.clone())
                .with_topic_results(topic_results(&transaction.topics, outcomes))
        });
        return Step::answer(AddPartitionsToTxnResponse::default().with_results_by_transaction(results.collect()));
    }
    let producer = Producer { id: request.v3_and_below_producer_id.0, epoch: request.v3_and_below_producer_epoch };
    let topics = &request.v3_and_below_topics;
    let outcomes = add_topics(core, &request.v3_and_below_transactional_id, producer, topics, caller, now);
    let results = topic_results(topics, outcomes.into_iter().map(|outcome| for_version(outcome, caller)));
    Step::answer(AddPartitionsToTxnResponse::default().with_results_by_topic_v3_and_below(results))
}

pub(super) fn offsets(core: &mut Core, request: &AddOffsetsToTxnRequest, caller: &Caller, now: Now) -> Step {
    let producer = Producer { id: request.producer_id.0, epoch: request.producer_epoch };
    let target = vec![Target::offsets(&request.group_id)];
    let added = add(core, &request.transactional_id, producer, target, caller, now);
    let error = for_version(added, caller).err().map_or(0, |error| error.code());
    Step::answer(AddOffsetsToTxnResponse::default().with_error_code(error))
}

/// Version 2 of both requests tells a fenced producer so (KIP-588); older clients know another error.
fn for_version(outcome: Result<(), ResponseError>, caller: &Caller) -> Result<(), ResponseError> {
    outcome.map_err(|error| match error {
        ResponseError::ProducerFenced if caller.version < 2 => ResponseError::InvalidProducerEpoch,
        error => error,
    })
}

type Outcomes = Vec<Result<(), ResponseError>>;

/// Adds all of these partitions, or none. The outcomes are in the order of the request.
fn add_topics(
    core: &mut Core,
    id: &str,
    producer: Producer,
    topics: &[AddPartitionsToTxnTopic],
    caller: &Caller,
    now: Now,
) -> Outcomes {
    if !named(topics).all(|target| exists(core, target)) {
        let outcome = |target| match exists(core, target) {
            true => Err(ResponseError::OperationNotAttempted),
            false => Err(ResponseError::UnknownTopicOrPartition),
        };
        return named(topics).map(outcome).collect();
    }
    let targets = named(topics).map(|(name, index)| Target::Partition(name.to_owned(), index)).collect();
    let added = add(core, id, producer, targets, caller, now);
    named(topics).map(|_| added).collect()
}

fn verify_topics(
    core: &Core,
    id: &str,
    producer: Producer,
    topics: &[AddPartitionsToTxnTopic],
    caller: &Caller,
) -> Outcomes {
    let outcome = |(name, index)| {
        if !exists(core, (name, index)) {
            return Err(ResponseError::UnknownTopicOrPartition);
        }
        core.check_coordinator(id, caller)?;
        verify(core, id, producer, &Target::Partition(name.to_owned(), index))
    };
    named(topics).map(outcome).collect()
}

/// Topic and index of each partition that a request names.
fn named(topics: &[AddPartitionsToTxnTopic]) -> impl Iterator<Item = (&str, i32)> {
    topics.iter().flat_map(|topic| topic.partitions.iter().map(|index| (topic.name.as_str(), *index)))
}

fn exists(core: &Core, (topic, index): (&str, i32)) -> bool {
    core.topics.get(topic).is_some_and(|topic| topic.partition(index).is_some())
}

fn topic_results(
    topics: &[AddPartitionsToTxnTopic],
    outcomes: impl IntoIterator<Item = Result<(), ResponseError>>,
) -> Vec<AddPartitionsToTxnTopicResult> {
    let mut outcomes = outcomes.into_iter();
    let mut partition = |index: &i32| {
        let error = outcomes.next().and_then(Result::err).map_or(0, |error| error.code());
        AddPartitionsToTxnPartitionResult::default().with_partition_index(*index).with_partition_error_code(error)
    };
    let topic = |topic: &AddPartitionsToTxnTopic| {
        AddPartitionsToTxnTopicResult::default()
            .with_name(topic.name.clone())
            .with_results_by_partition(topic.partitions.iter().map(&mut partition).collect())
    };
    topics.iter().map(topic).collect()
}

fn add(
    core: &mut Core,
    id: &str,
    producer: Producer,
    targets: Vec<Target>,
    caller: &Caller,
    now: Now,
) -> Result<(), ResponseError> {
    if id.is_empty() {
        return Err(ResponseError::InvalidRequest);
    }
    core.check_coordinator(id, caller)?;
    core.transactions.change(id, |transaction| {
        transaction.check(producer)?;
        transaction.add(targets, now);
        Ok(())
    })?
}
