//! DescribeTransactions and ListTransactions.

use std::collections::{BTreeMap, BTreeSet};

use kafka_protocol::ResponseError;
use kafka_protocol::messages::describe_transactions_response::{TopicData, TransactionState as Described};
use kafka_protocol::messages::list_transactions_response::TransactionState as Listed;
use kafka_protocol::messages::{
    DescribeTransactionsRequest, DescribeTransactionsResponse, ListTransactionsRequest, ListTransactionsResponse,
    ProducerId, TopicName, TransactionalId,
};
use kafka_protocol::protocol::StrBytes;
use regex::{Regex, RegexBuilder};

use super::state::{STATES, Transaction};
use crate::core::Core;
use crate::core::call::{Caller, Step};
use crate::time::Now;

/// Bytes of a compiled pattern. Nobody needs more, and each request compiles its own.
const PATTERN_BYTES: usize = 1 << 20;

pub(super) fn describe(core: &Core, request: &DescribeTransactionsRequest, caller: &Caller) -> Step {
    let states = request.transactional_ids.iter().map(|id| {
        let answer = Described::default().with_transactional_id(id.clone());
        match find(core, id, caller) {
            Ok(transaction) => describe_one(answer, transaction),
            Err(error) => answer.with_error_code(error.code()),
        }
    });
    Step::answer(DescribeTransactionsResponse::default().with_transaction_states(states.collect()))
}

fn find<'a>(core: &'a Core, id: &str, caller: &Caller) -> Result<&'a Transaction, ResponseError> {
    if id.is_empty() {
        return Err(ResponseError::InvalidRequest);
    }
    core.check_coordinator(id, caller)?;
    core.transactions.get(id).ok_or(ResponseError::TransactionalIdNotFound)
}

fn describe_one(answer: Described, transaction: &Transaction) -> Described {
    let mut topics: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
    for target in transaction.targets.keys() {
        let (topic, index) = target.topic_and_partition();
        topics.entry(topic).or_default().push(index);
    }
    let topic = |(name, indexes): (&str, Vec<i32>)| {
        TopicData::default().with_topic(TopicName(StrBytes::from_string(name.to_owned()))).with_partitions(indexes)
    };
    answer
        .with_producer_id(ProducerId(transaction.producer.id))
        .with_producer_epoch(transaction.producer.epoch)
        .with_transaction_state(StrBytes::from_static_str(transaction.state.name()))
        .with_transaction_timeout_ms(transaction.timeout_ms)
        .with_transaction_start_time_ms(transaction.started_ms)
        .with_topics(topics.into_iter().map(topic).collect())
}

pub(super) fn list(core: &Core, request: &ListTransactionsRequest, caller: &Caller, now: Now) -> Step {
    let pattern = match request.transactional_id_pattern.as_deref().filter(|pattern| !pattern.is_empty()) {
        None => None,
        Some(pattern) => match compile(pattern) {
            Ok(pattern) => Some(pattern),
            Err(error) => return Step::answer(ListTransactionsResponse::default().with_error_code(error.code())),
        },
    };
    let producers: BTreeSet<i64> = request.producer_id_filters.iter().map(|id| id.0).collect();
    let states: BTreeSet<&str> = request.state_filters.iter().map(|state| &**state).collect();
    let is_unknown = |state: &&StrBytes| STATES.iter().all(|known| *known != state.as_str());
    let unknown = request.state_filters.iter().filter(is_unknown).cloned().collect();
    let wanted = |(id, transaction): &(&String, &Transaction)| {
        let lasted = now.wall_ms.saturating_sub(transaction.started_ms);
        core.coordinator(id) == Some(caller.node)
            && (producers.is_empty() || producers.contains(&transaction.producer.id))
            && (states.is_empty() || states.contains(transaction.state.name()))
            && (request.duration_filter < 0 || lasted > request.duration_filter)
            && pattern.as_ref().is_none_or(|pattern| pattern.is_match(id))
    };
    let listed = core.transactions.iter().filter(wanted).map(|(id, transaction)| {
        Listed::default()
            .with_transactional_id(TransactionalId(StrBytes::from_string(id.clone())))
            .with_producer_id(ProducerId(transaction.producer.id))
            .with_transaction_state(StrBytes::from_static_str(transaction.state.name()))
    });
    let answer = ListTransactionsResponse::default()
        .with_unknown_state_filters(unknown)
        .with_transaction_states(listed.collect());
    Step::answer(answer)
}

/// A pattern that the whole of an id has to match (KIP-1152).
fn compile(pattern: &str) -> Result<Regex, ResponseError> {
    let whole = RegexBuilder::new(&format!("^(?:{pattern})$")).size_limit(PATTERN_BYTES).build();
    whole.map_err(|_| ResponseError::InvalidRegularExpression)
}
