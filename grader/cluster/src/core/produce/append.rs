//! The batches of one request, appended one after the other. (`ReplicaManager.appendToLocalLog` in Kafka)

use kafka_protocol::ResponseError;
use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
use kafka_protocol::messages::produce_response::{
    BatchIndexAndErrorMessage, PartitionProduceResponse, TopicProduceResponse,
};
use kafka_protocol::messages::{ProduceRequest, ProduceResponse};
use kafka_protocol::protocol::StrBytes;

use super::name_leaders;
use crate::core::Core;
use crate::core::call::{Caller, Unreplicated};
use crate::core::transactions;
use crate::log::OVERHEAD_BYTES;
use crate::log::config::LogConfig;
use crate::log::validate::{Refusal, corruption, only_batch, validate};
use crate::producers::Producer;
use crate::time::Now;
use crate::watch::Watched;
use wire::header::Header;

/// Only Kafka's own tools write to these, by the client id of their AdminClient.
const INTERNAL_TOPICS: [&str; 2] = ["__consumer_offsets", "__transaction_state"];
const ADMIN_CLIENT: &str = "__admin_client";

/// One request whose batches are being appended.
pub(super) struct Appending<'a> {
    core: &'a mut Core,
    request: &'a ProduceRequest,
    caller: &'a Caller,
    now: Now,
    pub unreplicated: Vec<Unreplicated>,
    /// Was any batch refused?
    pub failed: bool,
}

impl<'a> Appending<'a> {
    pub fn new(core: &'a mut Core, request: &'a ProduceRequest, caller: &'a Caller, now: Now) -> Appending<'a> {
        Appending { core, request, caller, now, unreplicated: Vec::new(), failed: false }
    }

    /// Appends each batch, and answers for each.
    pub fn append_all(&mut self) -> ProduceResponse {
        let refusal = self.refusal_of_all();
        let request = self.request;
        let mut answer = ProduceResponse::default();
        for (at, topic) in request.topic_data.iter().enumerate() {
            let mut partitions = Vec::with_capacity(topic.partition_data.len());
            for (place, data) in topic.partition_data.iter().enumerate() {
                let outcome = match refusal {
                    Some(ref refusal) => Err((refusal.clone(), -1)),
                    None => self.append(topic, data, (at, place)),
                };
                let outcome = outcome.unwrap_or_else(|(refusal, log_start)| {
                    self.failed = true;
                    refused(&refusal, log_start, self.caller.version)
                });
                partitions.push(outcome.with_index(data.index));
            }
            let appended = TopicProduceResponse::default().with_name(topic.name.clone()).with_topic_id(topic.topic_id);
            answer.responses.push(appended.with_partition_responses(partitions));
        }
        name_leaders(self.core, &mut answer, self.caller.version);
        answer
    }

    /// What makes the whole request fail: Kafka looks for transactions in it before it looks at anything else.
    fn refusal_of_all(&self) -> Option<Refusal> {
        let data = self.request.topic_data.iter().flat_map(|topic| &topic.partition_data);
        let batches = || data.clone().filter_map(|data| data.records.as_deref());
        if let Some(message) = batches().find_map(corruption) {
            return Some(Refusal { message: Some(message), ..ResponseError::CorruptMessage.into() });
        }
        let headers = batches().filter_map(Header::read);
        let transactional = headers.filter(|header| header.magic == 2 && header.is_transactional());
        let mut producers: Vec<_> = transactional.map(|header| (header.producer_id, header.producer_epoch)).collect();
        if !producers.is_empty() && self.request.transactional_id.is_none() {
            return Some(ResponseError::TransactionalIdAuthorizationFailed.into());
        }
        producers.dedup();
        (producers.len() > 1).then(|| ResponseError::InvalidProducerIdMapping.into())
    }

    /// Appends one batch. A refusal says where the log begins, or -1 where Kafka does not say it.
    fn append(
        &mut self,
        topic: &TopicProduceData,
        data: &PartitionProduceData,
        place: (usize, usize),
    ) -> Result<PartitionProduceResponse, (Refusal, i64)> {
        let unknown = |error: ResponseError| (Refusal::from(error), -1);
        let found = self.core.topics.find(&topic.name, topic.topic_id).map_err(unknown)?;
        let (name, id) = (found.name.clone(), found.id);
        let config = LogConfig::new(&found.settings, &self.core.settings);
        let partition = found.partition(data.index).ok_or(ResponseError::UnknownTopicOrPartition);
        partition.map_err(unknown)?;
        let records = data.records.as_deref().unwrap_or_default();
        let sent = only_batch(records, self.caller.version).map_err(unknown)?;
        if !matches!(self.request.acks, -1..=1) {
            return Err(unknown(ResponseError::InvalidRequiredAcks));
        }
        self.verify(&name, data.index, sent).map_err(|error| (unverified(error), -1))?;
        if INTERNAL_TOPICS.contains(&name.as_str()) && self.caller.client_id != ADMIN_CLIENT {
            return Err(unknown(ResponseError::InvalidTopicException));
        }
        self.check_room(sent.len()).map_err(unknown)?;
        let topic = self.core.topics.get_mut(&name);
        let partition = topic.and_then(|topic| topic.partition_mut(data.index));
        let partition = partition.ok_or_else(|| unknown(ResponseError::UnknownTopicOrPartition))?;
        partition.check_leader(self.caller.node, -1).map_err(unknown)?;
        let log_start = partition.log.start();
        if self.request.acks == -1 && partition.is_under_min_in_sync(config.min_in_sync) {
            return Err((ResponseError::NotEnoughReplicas.into(), log_start));
        }
        let appended = validate(sent, &config, self.now)
            .and_then(|batch| Ok(partition.append(batch, config.min_in_sync)?))
            .map_err(|refusal| match refusal.error {
                ResponseError::MessageTooLarge | ResponseError::CorruptMessage => (refusal, -1),
                _ => (refusal, log_start),
            })?;
        let partition = data.index;
        self.unreplicated.push(Unreplicated { topic: id, partition, end: appended.last_offset + 1, place });
        if appended.repeated.is_none() {
            self.core.watches.wake(&Watched::Partition(id, partition));
        }
        let append_time = if config.append_time { self.now.wall_ms } else { -1 };
        Ok(PartitionProduceResponse::default()
            .with_base_offset(appended.base_offset)
            // Of a repeated batch Kafka says here what its newest timestamp is.
            .with_log_append_time_ms(appended.repeated.unwrap_or(append_time))
            .with_log_start_offset(log_start))
    }

    /// Is the partition a part of the producer's transaction?
    fn verify(&mut self, topic: &str, index: i32, sent: &[u8]) -> Result<(), ResponseError> {
        let Some(transactional_id) = &self.request.transactional_id else { return Ok(()) };
        let header = Header::read(sent).filter(|header| header.is_transactional() && header.has_producer());
        let Some(header) = header else { return Ok(()) };
        let producer = Producer { id: header.producer_id, epoch: header.producer_epoch };
        let partition = self.core.topics.get_mut(topic).and_then(|topic| topic.partition_mut(index));
        if let Some(known) = partition {
            if known.producers.has_open_transaction(producer.id, producer.epoch) {
                return Ok(());
            }
            known.producers.awaits(&header);
        }
        let (version, partition) = (self.caller.version, (topic, index));
        transactions::verify_produce(self.core, transactional_id, producer, partition, version, self.now)
    }

    /// All logs together have a bound, which is counted anew only when it might have been reached.
    fn check_room(&mut self, bytes: usize) -> Result<(), ResponseError> {
        let core = &mut self.core;
        let most = core.settings.log_bytes;
        let bytes = bytes + OVERHEAD_BYTES;
        core.log_bytes = core.log_bytes.saturating_add(bytes);
        if core.log_bytes > most {
            let partitions = core.topics.iter().flat_map(|topic| &topic.partitions);
            core.log_bytes = partitions.map(|partition| partition.log.bytes()).sum::<usize>().saturating_add(bytes);
        }
        match core.log_bytes > most {
            true => Err(ResponseError::KafkaStorageError),
            false => Ok(()),
        }
    }
}

/// Kafka explains two of the errors that a transaction can be the reason of (`ReplicaManager.handleProduceAppend`).
fn unverified(error: ResponseError) -> Refusal {
    let message = match error {
        ResponseError::InvalidTxnState => Some("The partition was not added to the transaction"),
        ResponseError::NotEnoughReplicas => {
            Some("It cannot be verified that the partition was added to the transaction")
        }
        _ => None,
    };
    Refusal { message: message.map(str::to_owned), ..error.into() }
}

fn refused(refusal: &Refusal, log_start: i64, version: i16) -> PartitionProduceResponse {
    let answer = PartitionProduceResponse::default()
        .with_error_code(refusal.error.code())
        .with_base_offset(-1)
        .with_log_start_offset(log_start);
    if version < 8 {
        return answer;
    }
    let records = refusal.records.iter().map(|(index, why)| {
        BatchIndexAndErrorMessage::default()
            .with_batch_index(*index)
            .with_batch_index_error_message(Some(StrBytes::from_string(why.clone())))
    });
    answer.with_record_errors(records.collect()).with_error_message(refusal.message.clone().map(StrBytes::from_string))
}
