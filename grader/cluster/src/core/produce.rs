//! Produce: batches are appended, and acknowledged when `acks` says so. (`KafkaApis.handleProduceRequest`,
//! `ReplicaManager.appendRecords`, `DelayedProduce` in Kafka)

mod append;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::produce_response::{LeaderIdAndEpoch, NodeEndpoint};
use kafka_protocol::messages::{BrokerId, ProduceRequest, ProduceResponse};
use kafka_protocol::protocol::StrBytes;

use crate::core::Core;
use crate::core::call::{self, Caller, Replication, Step, Unreplicated};
use crate::log::config::LogConfig;
use crate::time::Now;
use crate::watch::Watched;
use append::Appending;

/// From this version on, an answer that refuses says who leads (KIP-951).
const NAMES_LEADER_SINCE: i16 = 10;

pub(crate) fn step(
    core: &mut Core,
    request: &ProduceRequest,
    caller: &Caller,
    waiting: &mut call::Waiting,
    now: Now,
) -> Step {
    if let call::Waiting::Produce(waiting) = waiting {
        return look(core, waiting, caller, now);
    }
    // Kafka fails on null where records must be, and closes the connection.
    let data = request.topic_data.iter().flat_map(|topic| &topic.partition_data);
    if data.into_iter().any(|data| data.records.is_none()) {
        return Step::HangUp;
    }
    let mut appending = Appending::new(core, request, caller, now);
    let answer = appending.append_all();
    let Appending { unreplicated, failed, .. } = appending;
    match request.acks {
        // No answer is expected. A connection that ends makes the producer ask who leads.
        0 if failed => Step::HangUp,
        0 => Step::Silence,
        -1 => {
            let mut new = Replication { answer, batches: unreplicated, until: now.after_ms(request.timeout_ms) };
            let step = look(core, &mut new, caller, now);
            if let Step::Wait(_) = step {
                *waiting = call::Waiting::Produce(new);
            }
            step
        }
        _ => Step::answer(answer),
    }
}

/// Are the batches replicated, or is the time up?
fn look(core: &mut Core, waiting: &mut Replication, caller: &Caller, now: Now) -> Step {
    let Replication { answer, batches: unreplicated, until } = waiting;
    unreplicated.retain(|batch| {
        let error = match is_replicated(core, batch, caller.node) {
            Ok(true) => return false,
            Ok(false) if now.elapsed < *until => return true,
            Ok(false) => ResponseError::RequestTimedOut,
            Err(error) => error,
        };
        answer.responses[batch.place.0].partition_responses[batch.place.1].error_code = error.code();
        false
    });
    if unreplicated.is_empty() {
        name_leaders(core, answer, caller.version);
        return Step::answer(std::mem::take(answer));
    }
    for batch in unreplicated {
        core.watches.add(caller.connection, Watched::Partition(batch.topic, batch.partition));
    }
    Step::Wait(Some(*until))
}

/// Has every in-sync replica this batch?
fn is_replicated(core: &Core, batch: &Unreplicated, node: i32) -> Result<bool, ResponseError> {
    let topic = core.topics.by_id(batch.topic).ok_or(ResponseError::UnknownTopicOrPartition)?;
    let partition = topic.partition(batch.partition).ok_or(ResponseError::UnknownTopicOrPartition)?;
    partition.check_leader(node, -1)?;
    if partition.high_watermark() < batch.end {
        return Ok(false);
    }
    match partition.is_under_min_in_sync(LogConfig::new(&topic.settings, &core.settings).min_in_sync) {
        true => Err(ResponseError::NotEnoughReplicasAfterAppend),
        false => Ok(true),
    }
}

/// Says who leads where this node does not.
fn name_leaders(core: &Core, answer: &mut ProduceResponse, version: i16) {
    if version < NAMES_LEADER_SINCE {
        return;
    }
    let mut leaders = BTreeSet::new();
    for topic in &mut answer.responses {
        let Ok(known) = core.topics.find(&topic.name, topic.topic_id) else { continue };
        for partition in &mut topic.partition_responses {
            if partition.error_code != ResponseError::NotLeaderOrFollower.code() {
                continue;
            }
            let Some(known) = known.partition(partition.index) else { continue };
            partition.current_leader = LeaderIdAndEpoch::default()
                .with_leader_id(BrokerId(known.leader.unwrap_or(-1)))
                .with_leader_epoch(known.epoch);
            leaders.extend(known.leader);
        }
    }
    let nodes = leaders.into_iter().filter_map(|id| core.nodes.get(id));
    let endpoints = nodes.map(|node| {
        NodeEndpoint::default()
            .with_node_id(BrokerId(node.id))
            .with_host(StrBytes::from_string(node.host.clone()))
            .with_port(node.port.into())
    });
    answer.node_endpoints = endpoints.collect();
}
