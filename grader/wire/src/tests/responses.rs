//! One response of every kind in every version.

use std::ops::RangeInclusive;

use bytes::Bytes;
use kafka_protocol::messages::*;
use kafka_protocol::protocol::Request as KafkaRequest;

use super::requests::{assigned, assignment};
use super::{ID, ID_TEXT, response_frame, s};
use crate::*;

/// A frame and what it says.
pub struct Sample {
    pub api: i16,
    pub version: i16,
    pub frame: Bytes,
    pub says: Response,
}

struct Samples(Vec<Sample>);

impl Samples {
    fn add<R: KafkaRequest>(&mut self, versions: RangeInclusive<i16>, make: impl Fn(i16) -> (R::Response, Response)) {
        for version in versions {
            let (response, says) = make(version);
            self.0.push(Sample { api: R::KEY, version, frame: response_frame(version, &response), says });
        }
    }
}

pub fn samples() -> Vec<Sample> {
    let mut all = Samples(Vec::new());
    log(&mut all);
    cluster(&mut all);
    committed(&mut all);
    groups(&mut all);
    transactions(&mut all);
    all.0
}

fn log(all: &mut Samples) {
    all.add::<ProduceRequest>(3..=13, |v| {
        use produce_response::*;
        let mut partition = PartitionProduceResponse::default().with_index(2).with_error_code(19).with_base_offset(8);
        if v >= 8 {
            let error = BatchIndexAndErrorMessage::default().with_batch_index_error_message(Some(s("too old")));
            partition = partition.with_record_errors(vec![error]).with_error_message(Some(s("no")));
        }
        if v >= 10 {
            let leader = LeaderIdAndEpoch::default().with_leader_id(2.into()).with_leader_epoch(1);
            partition = partition.with_current_leader(leader);
        }
        let topic = TopicProduceResponse::default().with_partition_responses(vec![partition]);
        let topic = if v < 13 { topic.with_name(s("orders").into()) } else { topic.with_topic_id(ID) };
        let says = Response::Produce {
            partitions: vec![Produced {
                topic: if v < 13 { "orders" } else { ID_TEXT }.into(),
                partition: 2,
                error: 19,
                base_offset: 8,
            }],
        };
        (ProduceResponse::default().with_responses(vec![topic]), says)
    });
    all.add::<FetchRequest>(4..=18, |v| {
        use fetch_response::*;
        let records = super::batches::batch(0, &[super::batches::record(b"k", b"v", &[])]);
        let aborted = AbortedTransaction::default().with_producer_id(7.into()).with_first_offset(3);
        let partition = PartitionData::default()
            .with_partition_index(2)
            .with_high_watermark(41)
            .with_aborted_transactions(Some(vec![aborted]))
            .with_records(Some(records));
        let empty = PartitionData::default().with_partition_index(3).with_error_code(1);
        let topic = FetchableTopicResponse::default().with_partitions(vec![partition, empty]);
        let topic = if v < 13 { topic.with_topic(s("orders").into()) } else { topic.with_topic_id(ID) };
        let mut response = FetchResponse::default().with_responses(vec![topic]);
        if v >= 7 {
            response = response.with_error_code(70);
        }
        let fetched = |partition, error, high_watermark, records, count| Fetched {
            topic: if v < 13 { "orders" } else { ID_TEXT }.into(),
            partition,
            error,
            high_watermark,
            records,
            count,
        };
        let says = Response::Fetch {
            error: if v >= 7 { 70 } else { 0 },
            partitions: vec![fetched(2, 0, 41, Some((40, 40)), 1), fetched(3, 1, 0, None, 0)],
        };
        (response, says)
    });
    all.add::<ListOffsetsRequest>(1..=10, |_| {
        use list_offsets_response::*;
        let partition = ListOffsetsPartitionResponse::default().with_partition_index(1).with_offset(9);
        let topic = ListOffsetsTopicResponse::default().with_name(s("orders").into()).with_partitions(vec![partition]);
        let says = Response::ListOffsets {
            partitions: vec![Listed { topic: "orders".into(), partition: 1, error: 0, offset: 9 }],
        };
        (ListOffsetsResponse::default().with_topics(vec![topic]), says)
    });
}

fn cluster(all: &mut Samples) {
    all.add::<MetadataRequest>(0..=13, |v| {
        use metadata_response::*;
        let broker = |id: i32, port| {
            MetadataResponseBroker::default().with_node_id(id.into()).with_host(s("kafka")).with_port(port)
        };
        let partition = MetadataResponsePartition::default()
            .with_partition_index(1)
            .with_leader_id(2.into())
            .with_replica_nodes(vec![1.into(), 2.into()])
            .with_isr_nodes(vec![2.into()]);
        let mut topic = MetadataResponseTopic::default()
            .with_name(Some(s("orders").into()))
            .with_error_code(5)
            .with_partitions(vec![partition]);
        if v >= 10 {
            topic = topic.with_topic_id(ID);
        }
        let broker_says = |node, port| Broker { node, host: "kafka".into(), port };
        let says = Response::Metadata {
            brokers: vec![broker_says(1, 9092), broker_says(2, 9093)],
            topics: vec![Topic {
                name: "orders".into(),
                id: (v >= 10).then(|| ID_TEXT.into()),
                error: 5,
                partitions: vec![Partition { partition: 1, error: 0, leader: 2 }],
            }],
        };
        let response = MetadataResponse::default().with_brokers(vec![broker(1, 9092), broker(2, 9093)]);
        (response.with_topics(vec![topic]), says)
    });
    all.add::<FindCoordinatorRequest>(0..=6, |v| {
        use find_coordinator_response::*;
        let response = FindCoordinatorResponse::default();
        let response = if v < 4 {
            response.with_node_id(1.into()).with_host(s("kafka")).with_port(9092)
        } else {
            let one = Coordinator::default().with_key(s("g")).with_node_id(1.into()).with_host(s("kafka"));
            let none =
                Coordinator::default().with_key(s("h")).with_node_id((-1).into()).with_port(-1).with_error_code(15);
            response.with_coordinators(vec![one.with_port(9092), none])
        };
        let says = |key: &str, error, node, host: &str, port| crate::Coordinator {
            key: key.into(),
            error,
            node,
            host: host.into(),
            port,
        };
        let coordinators = if v < 4 {
            vec![says("", 0, 1, "kafka", 9092)]
        } else {
            vec![says("g", 0, 1, "kafka", 9092), says("h", 15, -1, "", -1)]
        };
        (response, Response::FindCoordinator { coordinators })
    });
    all.add::<ApiVersionsRequest>(0..=4, |_| {
        let response = ApiVersionsResponse::default().with_error_code(35);
        (response, Response::ApiVersions { error: 35 })
    });
}

fn committed(all: &mut Samples) {
    let failed = |topic: &str| vec![PartitionError { topic: topic.into(), partition: 3, error: 25 }];
    all.add::<OffsetCommitRequest>(2..=9, |_| {
        use offset_commit_response::*;
        let partition = OffsetCommitResponsePartition::default().with_partition_index(3).with_error_code(25);
        let topic = OffsetCommitResponseTopic::default().with_name(s("orders").into());
        let topic = topic.with_partitions(vec![partition]);
        let partitions = failed("orders");
        (OffsetCommitResponse::default().with_topics(vec![topic]), Response::OffsetCommit { partitions })
    });
    all.add::<TxnOffsetCommitRequest>(0..=5, |_| {
        use txn_offset_commit_response::*;
        let partition = TxnOffsetCommitResponsePartition::default().with_partition_index(3).with_error_code(25);
        let topic = TxnOffsetCommitResponseTopic::default().with_name(s("orders").into());
        let response = TxnOffsetCommitResponse::default().with_topics(vec![topic.with_partitions(vec![partition])]);
        let partitions = failed("orders");
        (response, Response::TxnOffsetCommit { partitions })
    });
    all.add::<AddPartitionsToTxnRequest>(0..=5, |v| {
        use add_partitions_to_txn_response::*;
        let partition =
            AddPartitionsToTxnPartitionResult::default().with_partition_index(3).with_partition_error_code(25);
        let topic = AddPartitionsToTxnTopicResult::default().with_name(s("orders").into());
        let topics = vec![topic.with_results_by_partition(vec![partition])];
        let response = AddPartitionsToTxnResponse::default();
        let response = if v < 4 {
            response.with_results_by_topic_v3_and_below(topics)
        } else {
            let result = AddPartitionsToTxnResult::default().with_transactional_id(s("tx").into());
            response.with_error_code(16).with_results_by_transaction(vec![result.with_topic_results(topics)])
        };
        let says = Response::AddPartitionsToTxn { error: if v < 4 { 0 } else { 16 }, partitions: failed("orders") };
        (response, says)
    });
    all.add::<OffsetFetchRequest>(1..=9, |v| {
        use offset_fetch_response::*;
        let mut response = OffsetFetchResponse::default();
        if v < 8 {
            let partition = OffsetFetchResponsePartition::default()
                .with_partition_index(3)
                .with_committed_offset(9)
                .with_metadata(Some(s("note")));
            let topic = OffsetFetchResponseTopic::default().with_name(s("orders").into());
            response = response.with_topics(vec![topic.with_partitions(vec![partition])]);
            if v >= 2 {
                response = response.with_error_code(16);
            }
        } else {
            let partition = OffsetFetchResponsePartitions::default().with_partition_index(3).with_committed_offset(9);
            let topic = OffsetFetchResponseTopics::default().with_name(s("orders").into());
            let topic = topic.with_partitions(vec![partition]);
            let group = OffsetFetchResponseGroup::default().with_group_id(s("g").into()).with_error_code(16);
            response = response.with_groups(vec![group.with_topics(vec![topic])]);
        }
        let says = Response::OffsetFetch {
            error: if v >= 2 { 16 } else { 0 },
            offsets: vec![Committed { topic: "orders".into(), partition: 3, offset: 9, error: 0 }],
        };
        (response, says)
    });
}

fn groups(all: &mut Samples) {
    all.add::<JoinGroupRequest>(0..=9, |v| {
        use join_group_response::*;
        let member = |id| JoinGroupResponseMember::default().with_member_id(s(id)).with_metadata(assignment());
        let mut response = JoinGroupResponse::default()
            .with_generation_id(5)
            .with_protocol_name(Some(s("range")))
            .with_leader(s("m"))
            .with_member_id(s("m"))
            .with_members(vec![member("m"), member("n")]);
        if v >= 7 {
            response = response.with_protocol_type(Some(s("consumer")));
        }
        let says = Response::JoinGroup {
            error: 0,
            generation: 5,
            member: "m".into(),
            leader: "m".into(),
            protocol: Some("range".into()),
            members: vec!["m".into(), "n".into()],
        };
        (response, says)
    });
    all.add::<SyncGroupRequest>(0..=5, |v| {
        let mut response = SyncGroupResponse::default().with_error_code(27).with_assignment(assignment());
        if v >= 5 {
            response = response.with_protocol_type(Some(s("consumer"))).with_protocol_name(Some(s("range")));
        }
        let says = Response::SyncGroup { error: 27, partitions: assigned() };
        (response, says)
    });
    all.add::<HeartbeatRequest>(0..=4, |_| {
        (HeartbeatResponse::default().with_error_code(27), Response::Heartbeat { error: 27 })
    });
    all.add::<LeaveGroupRequest>(0..=5, |v| {
        use leave_group_response::*;
        let response = LeaveGroupResponse::default();
        let response = if v < 3 {
            response.with_error_code(25)
        } else {
            response.with_members(vec![MemberResponse::default().with_member_id(s("m")).with_error_code(25)])
        };
        (response, Response::LeaveGroup { error: 25 })
    });
    all.add::<ConsumerGroupHeartbeatRequest>(0..=1, |v| {
        use consumer_group_heartbeat_response::*;
        let mut response = ConsumerGroupHeartbeatResponse::default()
            .with_member_id(Some(s("m")))
            .with_member_epoch(5)
            .with_heartbeat_interval_ms(3000);
        if v == 1 {
            let topic = TopicPartitions::default().with_topic_id(ID).with_partitions(vec![1]);
            response = response.with_assignment(Some(Assignment::default().with_topic_partitions(vec![topic])));
        }
        let assigned = TopicPartition { topic: ID_TEXT.into(), partition: 1 };
        let says = Response::ConsumerGroupHeartbeat {
            error: 0,
            message: None,
            member: Some("m".into()),
            epoch: 5,
            heartbeat_interval_ms: 3000,
            assignment: (v == 1).then(|| vec![assigned]),
        };
        (response, says)
    });
}

fn transactions(all: &mut Samples) {
    all.add::<InitProducerIdRequest>(0..=5, |_| {
        let says = Response::InitProducerId { error: 0, producer_id: 8, epoch: 2 };
        (InitProducerIdResponse::default().with_producer_id(8.into()).with_producer_epoch(2), says)
    });
    all.add::<AddOffsetsToTxnRequest>(0..=4, |_| {
        (AddOffsetsToTxnResponse::default().with_error_code(51), Response::AddOffsetsToTxn { error: 51 })
    });
    all.add::<EndTxnRequest>(0..=5, |_| {
        (EndTxnResponse::default().with_error_code(90), Response::EndTxn { error: 90 })
    });
}

#[test]
fn every_kind_and_version_is_understood() {
    for sample in samples() {
        let place = format!("{} v{}", api_name(sample.api), sample.version);
        let says = response(sample.api, sample.version, &sample.frame);
        assert_eq!(says.unwrap_or_else(|why| panic!("{place}: {why}")), sample.says, "{place}");
    }
}

#[test]
fn responses_survive_json() {
    for sample in samples() {
        let json = serde_json::to_string(&sample.says).unwrap();
        assert_eq!(serde_json::from_str::<Response>(&json).unwrap(), sample.says, "{json}");
    }
}

#[test]
fn the_first_error_counts() {
    let errors: Vec<_> = samples().iter().map(|sample| (sample.api, sample.version, sample.says.error())).collect();
    assert!(errors.contains(&(FETCH, 4, 1)));
    assert!(errors.contains(&(FETCH, 11, 70)));
    assert!(errors.contains(&(FIND_COORDINATOR, 6, 15)));
    assert!(errors.contains(&(INIT_PRODUCER_ID, 4, 0)));
}
