//! Answers that no broker gave: how the tap injects a fault.
//!
//! An answer has the shape of its request: an error for each topic and partition that was asked for, or one error for the
//! whole. What is not said here is what a new message of kafka-protocol says, which is what Kafka's definitions say.

use bytes::Bytes;
use kafka_protocol::messages::*;
use kafka_protocol::protocol::StrBytes;

use super::api::{PRODUCE, api_name, flexible_answer};
use super::head::{RequestHead, check_version};
use super::message::{read_request, write_answer};
use super::reader::{Malformed, Result};
use super::writer::Writer;

/// The response that answers this request with `error`, as a frame without its length.
///
/// # Errors
/// The request is malformed, or there is no way to say an error to it.
pub fn refuse(head: &RequestHead, frame: &Bytes, error: i16) -> Result<Bytes> {
    let (api, version) = (head.api, head.version);
    let answer = || {
        check_version(api, version)?;
        if api == PRODUCE && version < 3 {
            return produce_before_batches(head, frame, error);
        }
        let answer = answer(read_request(head, frame)?, version, error)?;
        write_answer(api, version, head.correlation, &answer)
    };
    answer().map_err(|why: Malformed| why.within(format_args!("refusing {} v{version}", api_name(api))))
}

fn answer(request: RequestKind, version: i16, error: i16) -> Result<ResponseKind> {
    Ok(match request {
        RequestKind::Produce(asked) => produce(asked, error).into(),
        RequestKind::Fetch(asked) => fetch(asked, version, error).into(),
        RequestKind::ListOffsets(asked) => list_offsets(asked, error).into(),
        RequestKind::Metadata(asked) => metadata(asked, version, error)?.into(),
        RequestKind::OffsetCommit(asked) => offset_commit(asked, error).into(),
        RequestKind::OffsetFetch(asked) => offset_fetch(asked, version, error).into(),
        RequestKind::FindCoordinator(asked) => find_coordinator(asked, version, error).into(),
        RequestKind::TxnOffsetCommit(asked) => txn_offset_commit(asked, error).into(),
        RequestKind::AddPartitionsToTxn(asked) => add_partitions(asked, version, error).into(),
        // The member id is repeated, as a broker does: with MEMBER_ID_REQUIRED (79) it is the point of the answer.
        RequestKind::JoinGroup(asked) => JoinGroupResponse::default()
            .with_error_code(error)
            .with_protocol_name((version < 7).then(StrBytes::default))
            .with_member_id(asked.member_id)
            .into(),
        RequestKind::SyncGroup(_) => SyncGroupResponse::default().with_error_code(error).into(),
        RequestKind::Heartbeat(_) => HeartbeatResponse::default().with_error_code(error).into(),
        RequestKind::LeaveGroup(_) => LeaveGroupResponse::default().with_error_code(error).into(),
        RequestKind::ConsumerGroupHeartbeat(_) => {
            ConsumerGroupHeartbeatResponse::default().with_error_code(error).into()
        }
        RequestKind::InitProducerId(_) => {
            InitProducerIdResponse::default().with_error_code(error).with_producer_epoch(-1).into()
        }
        RequestKind::AddOffsetsToTxn(_) => AddOffsetsToTxnResponse::default().with_error_code(error).into(),
        RequestKind::EndTxn(_) => EndTxnResponse::default().with_error_code(error).into(),
        _ => return Err(Malformed::new("no answer is known for this kind of request")),
    })
}

/// An answer for each thing that was asked for.
fn each<Asked, Answer>(asked: Vec<Asked>, answer: impl Fn(Asked) -> Answer) -> Vec<Answer> {
    asked.into_iter().map(answer).collect()
}

fn produce(request: ProduceRequest, error: i16) -> ProduceResponse {
    use produce_response::{PartitionProduceResponse, TopicProduceResponse};
    let topics = each(request.topic_data, |topic| {
        let partitions = each(topic.partition_data, |partition| {
            PartitionProduceResponse::default().with_index(partition.index).with_error_code(error).with_base_offset(-1)
        });
        TopicProduceResponse::default()
            .with_name(topic.name)
            .with_topic_id(topic.topic_id)
            .with_partition_responses(partitions)
    });
    ProduceResponse::default().with_responses(topics)
}

/// Produce up to version 2, of clients from before record batches, which kafka-protocol does not know.
fn produce_before_batches(head: &RequestHead, frame: &Bytes, error: i16) -> Result<Bytes> {
    let mut r = head.body(frame);
    r.i16("acks")?;
    r.i32("timeout_ms")?;
    let topics = r.array("topics", |r| {
        let name = r.string("topic")?;
        let partitions = r.array("partitions", |r| Ok((r.i32("index")?, r.nullable_bytes("records")?)))?;
        Ok((name, partitions))
    })?;
    let mut out = Writer::response(head.correlation, flexible_answer(PRODUCE, head.version), false);
    out.array(topics, |out, (name, partitions)| {
        out.string(&name);
        out.array(partitions, |out, (index, _)| {
            out.i32(index);
            out.i16(error);
            out.i64(-1); // base_offset
            if head.version == 2 {
                out.i64(-1); // log_append_time_ms
            }
        });
    });
    if head.version >= 1 {
        out.i32(0); // throttle_time_ms
    }
    Ok(out.finish())
}

fn fetch(request: FetchRequest, version: i16, error: i16) -> FetchResponse {
    use fetch_response::{FetchableTopicResponse, PartitionData};
    // A client in the middle of a fetch session may have named no partition; then the whole request must fail.
    let whole = if request.topics.is_empty() && version >= 7 { error } else { 0 };
    let topics = each(request.topics, |topic| {
        let partitions = each(topic.partitions, |asked| {
            PartitionData::default()
                .with_partition_index(asked.partition)
                .with_error_code(error)
                .with_high_watermark(-1)
        });
        FetchableTopicResponse::default()
            .with_topic(topic.topic)
            .with_topic_id(topic.topic_id)
            .with_partitions(partitions)
    });
    // Session 0 is no session, so the next request names all its partitions.
    FetchResponse::default().with_error_code(whole).with_responses(topics)
}

fn list_offsets(request: ListOffsetsRequest, error: i16) -> ListOffsetsResponse {
    use list_offsets_response::{ListOffsetsPartitionResponse, ListOffsetsTopicResponse};
    let topics = each(request.topics, |topic| {
        let partitions = each(topic.partitions, |asked| {
            ListOffsetsPartitionResponse::default().with_partition_index(asked.partition_index).with_error_code(error)
        });
        ListOffsetsTopicResponse::default().with_name(topic.name).with_partitions(partitions)
    });
    ListOffsetsResponse::default().with_topics(topics)
}

/// Only a request that names its topics can be refused: before v13 an answer has no error but those of its topics.
fn metadata(request: MetadataRequest, version: i16, error: i16) -> Result<MetadataResponse> {
    use metadata_response::MetadataResponseTopic;
    let asked = request.topics.unwrap_or_default();
    if asked.is_empty() && version < 13 {
        return Err(Malformed::new("it asks for all topics, and no answer to that can say an error"));
    }
    let topics = each(asked, |topic| {
        let name = topic.name.or_else(|| (version < 12).then(TopicName::default));
        MetadataResponseTopic::default().with_error_code(error).with_name(name).with_topic_id(topic.topic_id)
    });
    let whole = if version >= 13 { error } else { 0 };
    Ok(MetadataResponse::default().with_topics(topics).with_error_code(whole))
}

fn offset_commit(request: OffsetCommitRequest, error: i16) -> OffsetCommitResponse {
    use offset_commit_response::{OffsetCommitResponsePartition, OffsetCommitResponseTopic};
    let topics = each(request.topics, |topic| {
        let partitions = each(topic.partitions, |asked| {
            OffsetCommitResponsePartition::default().with_partition_index(asked.partition_index).with_error_code(error)
        });
        OffsetCommitResponseTopic::default().with_name(topic.name).with_partitions(partitions)
    });
    OffsetCommitResponse::default().with_topics(topics)
}

/// Before v8 a request is about one group, and its answer has other types.
fn offset_fetch(request: OffsetFetchRequest, version: i16, error: i16) -> OffsetFetchResponse {
    use offset_fetch_response::*;
    if version < 8 {
        let topics = each(request.topics.unwrap_or_default(), |topic| {
            let partitions = each(topic.partition_indexes, |partition| {
                OffsetFetchResponsePartition::default()
                    .with_partition_index(partition)
                    .with_committed_offset(-1)
                    .with_error_code(error)
            });
            OffsetFetchResponseTopic::default().with_name(topic.name).with_partitions(partitions)
        });
        return OffsetFetchResponse::default().with_topics(topics).with_error_code(error);
    }
    let groups = each(request.groups, |group| {
        let topics = each(group.topics.unwrap_or_default(), |topic| {
            let partitions = each(topic.partition_indexes, |partition| {
                OffsetFetchResponsePartitions::default()
                    .with_partition_index(partition)
                    .with_committed_offset(-1)
                    .with_error_code(error)
            });
            OffsetFetchResponseTopics::default().with_name(topic.name).with_partitions(partitions)
        });
        OffsetFetchResponseGroup::default().with_group_id(group.group_id).with_topics(topics).with_error_code(error)
    });
    OffsetFetchResponse::default().with_groups(groups)
}

fn find_coordinator(request: FindCoordinatorRequest, version: i16, error: i16) -> FindCoordinatorResponse {
    use find_coordinator_response::Coordinator;
    let response = FindCoordinatorResponse::default();
    if version < 4 {
        let response = response.with_error_code(error).with_error_message(None);
        return response.with_node_id((-1).into()).with_port(-1);
    }
    response.with_coordinators(each(request.coordinator_keys, |key| {
        Coordinator::default()
            .with_key(key)
            .with_node_id((-1).into())
            .with_port(-1)
            .with_error_code(error)
            .with_error_message(None)
    }))
}

fn txn_offset_commit(request: TxnOffsetCommitRequest, error: i16) -> TxnOffsetCommitResponse {
    use txn_offset_commit_response::{TxnOffsetCommitResponsePartition, TxnOffsetCommitResponseTopic};
    let topics = each(request.topics, |topic| {
        let partitions = each(topic.partitions, |asked| {
            TxnOffsetCommitResponsePartition::default()
                .with_partition_index(asked.partition_index)
                .with_error_code(error)
        });
        TxnOffsetCommitResponseTopic::default().with_name(topic.name).with_partitions(partitions)
    });
    TxnOffsetCommitResponse::default().with_topics(topics)
}

/// From v4 on a request is about several transactions.
fn add_partitions(request: AddPartitionsToTxnRequest, version: i16, error: i16) -> AddPartitionsToTxnResponse {
    use add_partitions_to_txn_request::AddPartitionsToTxnTopic;
    use add_partitions_to_txn_response::*;
    let refused = |topics: Vec<AddPartitionsToTxnTopic>| {
        each(topics, |topic| {
            let partitions = each(topic.partitions, |partition| {
                AddPartitionsToTxnPartitionResult::default()
                    .with_partition_index(partition)
                    .with_partition_error_code(error)
            });
            AddPartitionsToTxnTopicResult::default().with_name(topic.name).with_results_by_partition(partitions)
        })
    };
    let response = AddPartitionsToTxnResponse::default();
    if version < 4 {
        return response.with_results_by_topic_v3_and_below(refused(request.v3_and_below_topics));
    }
    let transactions = each(request.transactions, |transaction| {
        AddPartitionsToTxnResult::default()
            .with_transactional_id(transaction.transactional_id)
            .with_topic_results(refused(transaction.topics))
    });
    response.with_error_code(error).with_results_by_transaction(transactions)
}
