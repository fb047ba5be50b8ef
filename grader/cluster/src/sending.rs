//! For tests: batches as producers send them, and the requests around them.

use bytes::{BufMut, Bytes};
use kafka_protocol::messages::fetch_request::{FetchPartition, FetchTopic};
use kafka_protocol::messages::fetch_response::PartitionData;
use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
use kafka_protocol::messages::produce_response::PartitionProduceResponse;
use kafka_protocol::messages::{
    FetchRequest, FetchResponse, ProduceRequest, ProduceResponse, ResponseKind, TopicName, TransactionalId,
};
use kafka_protocol::protocol::StrBytes;

use crate::core::Core;
use crate::core::admin::NewTopic;
use crate::core::call::Call;
use crate::log::batch::Batch;
use crate::log::config::LogConfig;
use crate::settings::Settings;
use crate::testing::{at, call, core};
use crate::watch::Watched;
use wire::header::HEADER_BYTES;

/// A batch that is to be sent.
#[derive(Clone, Debug)]
pub struct Sending {
    pub producer: (i64, i16),
    pub sequence: i32,
    pub attributes: i16,
    /// Key and value of each record.
    pub records: Vec<(Option<&'static str>, &'static str)>,
    /// Of the first record; each one after it is a millisecond younger.
    pub timestamp: i64,
}

impl Sending {
    /// So many records of a producer that is not idempotent.
    pub fn plain(count: usize) -> Sending {
        let records = vec![(Some("key"), "value"); count];
        Sending { producer: (-1, -1), sequence: -1, attributes: 0, records, timestamp: at(0).wall_ms }
    }

    pub fn idempotent(producer: (i64, i16), sequence: i32, count: usize) -> Sending {
        Sending { producer, sequence, ..Sending::plain(count) }
    }

    pub fn transactional(producer: (i64, i16), sequence: i32, count: usize) -> Sending {
        Sending { attributes: 0x10, ..Sending::idempotent(producer, sequence, count) }
    }

    pub fn bytes(&self) -> Bytes {
        let mut records = Vec::new();
        for (index, (key, value)) in (0_u8..).zip(&self.records) {
            let mut record = vec![0, index * 2, index * 2];
            match key {
                None => record.push(1),
                Some(key) => {
                    record.push(key.len() as u8 * 2);
                    record.extend(key.as_bytes());
                }
            }
            record.push(value.len() as u8 * 2);
            record.extend(value.as_bytes());
            record.push(0);
            records.push(record.len() as u8 * 2);
            records.extend(record);
        }
        let last = self.records.len() as i32 - 1;
        let mut bytes = Vec::new();
        bytes.put_i64(0);
        bytes.put_i32((HEADER_BYTES - 12 + records.len()) as i32);
        bytes.put_i32(-1);
        bytes.put_i8(2);
        bytes.put_u32(0);
        bytes.put_i16(self.attributes);
        bytes.put_i32(last);
        bytes.put_i64(self.timestamp);
        bytes.put_i64(self.timestamp + i64::from(last));
        bytes.put_i64(self.producer.0);
        bytes.put_i16(self.producer.1);
        bytes.put_i32(self.sequence);
        bytes.put_i32(last + 1);
        bytes.put_slice(&records);
        with_checksum(bytes)
    }
}

/// Writes the checksum that belongs to the rest.
pub fn with_checksum(mut batch: Vec<u8>) -> Bytes {
    let checksum = crc32c::crc32c(&batch[21..]);
    batch[17..21].copy_from_slice(&checksum.to_be_bytes());
    batch.into()
}

/// A cluster of so many nodes, where `topic` has one partition with a replica on each of them.
pub fn cluster(nodes: i32, settings: &[(&str, &str)]) -> Core {
    let mut core = core(Settings { nodes, ..Settings::default() });
    let settings = settings.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    let wanted = NewTopic { partitions: Some(1), replication: Some(nodes as i16), settings, ..NewTopic::default() };
    core.create_topic("topic", &wanted).expect("a topic");
    core
}

pub fn topic_name() -> TopicName {
    TopicName(StrBytes::from_static_str("topic"))
}

/// A request to append this to the first partition of `topic`.
pub fn produce(acks: i16, records: Bytes) -> ProduceRequest {
    let partition = PartitionProduceData::default().with_records(Some(records));
    let topic = TopicProduceData::default().with_name(topic_name()).with_partition_data(vec![partition]);
    ProduceRequest::default().with_acks(acks).with_timeout_ms(1_000).with_topic_data(vec![topic])
}

/// The same, in a transaction.
pub fn produce_in(transactional_id: &'static str, records: Bytes) -> ProduceRequest {
    let id = TransactionalId(StrBytes::from_static_str(transactional_id));
    produce(-1, records).with_transactional_id(Some(id))
}

/// What Produce answers for its only partition.
pub fn produced(answer: ResponseKind) -> PartitionProduceResponse {
    let ResponseKind::Produce(ProduceResponse { responses, .. }) = answer else { panic!("{answer:?}") };
    responses[0].partition_responses[0].clone()
}

/// Appends as the leader does, and returns the offset. No coordinator is asked about transactions.
pub fn append(core: &mut Core, sending: &Sending) -> i64 {
    let topic = core.topics.get_mut("topic").expect("the topic");
    let min_in_sync = LogConfig::new(&topic.settings, &core.settings).min_in_sync;
    let batch = Batch::copy(&sending.bytes()).expect("a batch");
    let appended = topic.partitions[0].append(batch, min_in_sync).expect("a batch that may be appended");
    core.watches.wake(&Watched::Partition(topic.id, 0));
    appended.base_offset
}

/// A request to the node that leads the first partition of `topic`.
pub fn to_leader(core: &Core, version: i16, request: impl Into<kafka_protocol::messages::RequestKind>) -> Call {
    let mut call = call(version, request);
    let leader = core.topics.get("topic").and_then(|topic| topic.partitions[0].leader);
    call.caller.node = leader.expect("a leader");
    call
}

/// A request to read the first partition of `topic` from this offset on, which does not wait.
pub fn fetch(offset: i64) -> FetchRequest {
    let partition = FetchPartition::default().with_fetch_offset(offset).with_partition_max_bytes(1 << 20);
    let topic = FetchTopic::default().with_topic(topic_name()).with_partitions(vec![partition]);
    FetchRequest::default().with_min_bytes(1).with_max_bytes(1 << 20).with_topics(vec![topic])
}

/// What Fetch answers for its only partition.
pub fn fetched(answer: ResponseKind) -> PartitionData {
    let ResponseKind::Fetch(FetchResponse { responses, .. }) = answer else { panic!("{answer:?}") };
    responses[0].partitions[0].clone()
}
