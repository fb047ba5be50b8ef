//! One request of every kind in every version.

use std::ops::RangeInclusive;

use bytes::Bytes;
use kafka_protocol::messages::*;
use kafka_protocol::protocol::Request as KafkaRequest;

use super::{CORRELATION, ID, ID_TEXT, decode_response, request_frame, s};
use crate::*;

/// A frame, what it says, and a way to decode an answer to it with kafka-protocol.
pub struct Sample {
    pub version: i16,
    pub frame: Bytes,
    pub says: Request,
    pub decode_answer: fn(i16, &Bytes),
}

struct Samples(Vec<Sample>);

impl Samples {
    fn add<R: KafkaRequest>(&mut self, versions: RangeInclusive<i16>, make: impl Fn(i16) -> (R, Request))
    where
        R::Response: std::fmt::Debug,
    {
        for version in versions {
            let (request, says) = make(version);
            self.0.push(Sample {
                version,
                frame: request_frame(version, &request),
                says,
                decode_answer: |version, frame| drop(decode_response::<R::Response>(version, frame)),
            });
        }
    }
}

pub fn offsets() -> Vec<Offset> {
    let at = |partition, offset| Offset { topic: "orders".into(), partition, offset };
    vec![at(0, 7), at(3, i64::MAX)]
}

fn topic_partition(topic: &str, partition: i32) -> TopicPartition {
    TopicPartition { topic: topic.into(), partition }
}

pub fn assignment() -> Bytes {
    // version 0; one topic "orders" with partitions 1 and 2; no user data
    Bytes::from_static(b"\0\0\0\0\0\x01\0\x06orders\0\0\0\x02\0\0\0\x01\0\0\0\x02\xff\xff\xff\xff")
}

pub fn assigned() -> Vec<TopicPartition> {
    vec![topic_partition("orders", 1), topic_partition("orders", 2)]
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
    all.add(3..=13, |v| {
        use produce_request::*;
        let records = super::batches::batch(0, &[super::batches::record(b"k", b"v", &[])]);
        let partition = PartitionProduceData::default().with_index(2).with_records(Some(records.clone()));
        let topic = TopicProduceData::default().with_partition_data(vec![partition]);
        let topic = if v < 13 { topic.with_name(s("orders").into()) } else { topic.with_topic_id(ID) };
        let request = ProduceRequest::default()
            .with_acks(-1)
            .with_timeout_ms(30000)
            .with_transactional_id(Some(s("tx").into()))
            .with_topic_data(vec![topic]);
        let name = if v < 13 { "orders" } else { ID_TEXT };
        let says = Request::Produce {
            acks: -1,
            transactional_id: Some("tx".into()),
            timeout_ms: 30000,
            batches: batches(name, 2, &records).into(),
        };
        (request, says)
    });
    all.add(4..=18, |v| {
        use fetch_request::*;
        let topic = FetchTopic::default().with_partitions(vec![
            FetchPartition::default().with_partition(1).with_fetch_offset(9).with_partition_max_bytes(5),
        ]);
        let topic = if v < 13 { topic.with_topic(s("orders").into()) } else { topic.with_topic_id(ID) };
        let forgotten = ForgottenTopic::default().with_partitions(vec![4]);
        let forgotten = if v < 13 { forgotten.with_topic(s("orders").into()) } else { forgotten.with_topic_id(ID) };
        let mut request = FetchRequest::default()
            .with_max_wait_ms(500)
            .with_min_bytes(1)
            .with_max_bytes(1000)
            .with_isolation_level(1)
            .with_topics(vec![topic]);
        if v >= 7 {
            request = request.with_session_id(5).with_session_epoch(3).with_forgotten_topics_data(vec![forgotten]);
        }
        let name = if v < 13 { "orders" } else { ID_TEXT };
        let says = Request::Fetch {
            isolation: 1,
            max_wait_ms: 500,
            min_bytes: 1,
            session_epoch: if v >= 7 { 3 } else { -1 },
            partitions: vec![FetchFrom { topic: name.into(), partition: 1, offset: 9 }],
            forgotten: if v >= 7 { vec![topic_partition(name, 4)] } else { vec![] },
        };
        (request, says)
    });
    all.add(1..=10, |v| {
        use list_offsets_request::*;
        let partition = ListOffsetsPartition::default().with_partition_index(1).with_timestamp(-2);
        let topic = ListOffsetsTopic::default().with_name(s("orders").into()).with_partitions(vec![partition]);
        let mut request = ListOffsetsRequest::default().with_topics(vec![topic]);
        if v >= 2 {
            request = request.with_isolation_level(1);
        }
        let says = Request::ListOffsets {
            isolation: i8::from(v >= 2),
            partitions: vec![OffsetQuery { topic: "orders".into(), partition: 1, timestamp: -2 }],
        };
        (request, says)
    });
}

fn cluster(all: &mut Samples) {
    all.add(0..=13, |_| {
        use metadata_request::*;
        let topic = |name| MetadataRequestTopic::default().with_name(Some(s(name).into()));
        let request = MetadataRequest::default().with_topics(Some(vec![topic("a"), topic("b")]));
        let topics = Some(vec!["a".into(), "b".into()]);
        (request, Request::Metadata { topics })
    });
    all.add(0..=6, |v| {
        let key_type = i8::from(v >= 1);
        let request = FindCoordinatorRequest::default().with_key_type(key_type);
        let (request, keys) = if v < 4 {
            (request.with_key(s("g")), vec!["g".into()])
        } else {
            (request.with_coordinator_keys(vec![s("g"), s("h")]), vec!["g".into(), "h".into()])
        };
        (request, Request::FindCoordinator { key_type, keys })
    });
    all.add(0..=4, |v| {
        let mut request = ApiVersionsRequest::default();
        if v >= 3 {
            request = request.with_client_software_name(s("librdkafka")).with_client_software_version(s("2.12.1"));
        }
        let says = Request::ApiVersions {
            software: (v >= 3).then(|| "librdkafka".into()),
            software_version: (v >= 3).then(|| "2.12.1".into()),
        };
        (request, says)
    });
}

fn committed(all: &mut Samples) {
    all.add(2..=9, |v| {
        use offset_commit_request::*;
        let partition = |offset: Offset| {
            OffsetCommitRequestPartition::default()
                .with_partition_index(offset.partition)
                .with_committed_offset(offset.offset)
                .with_committed_metadata(Some(s("note")))
        };
        let topic = OffsetCommitRequestTopic::default()
            .with_name(s("orders").into())
            .with_partitions(offsets().into_iter().map(partition).collect());
        let mut request = OffsetCommitRequest::default()
            .with_group_id(s("g").into())
            .with_generation_id_or_member_epoch(5)
            .with_member_id(s("m"))
            .with_topics(vec![topic]);
        if v >= 7 {
            request = request.with_group_instance_id(Some(s("i")));
        }
        let says = Request::OffsetCommit { group: "g".into(), generation: 5, member: "m".into(), offsets: offsets() };
        (request, says)
    });
    all.add(1..=9, |v| {
        use offset_fetch_request::*;
        let mut request = OffsetFetchRequest::default();
        if v < 8 {
            let topic = OffsetFetchRequestTopic::default().with_name(s("orders").into());
            request =
                request.with_group_id(s("g").into()).with_topics(Some(vec![topic.with_partition_indexes(vec![1, 2])]));
        } else {
            let topic = OffsetFetchRequestTopics::default().with_name(s("orders").into());
            let group = OffsetFetchRequestGroup::default()
                .with_group_id(s("g").into())
                .with_topics(Some(vec![topic.with_partition_indexes(vec![1, 2])]));
            let more = OffsetFetchRequestGroup::default().with_group_id(s("h").into()).with_topics(None);
            request = request.with_groups(vec![group, more]);
        }
        let says = Request::OffsetFetch {
            group: "g".into(),
            partitions: Some(assigned()),
            require_stable: v >= 7,
            more_groups: if v < 8 { vec![] } else { vec!["h".into()] },
        };
        (request.with_require_stable(v >= 7), says)
    });
    all.add(0..=5, |v| {
        use txn_offset_commit_request::*;
        let partition = |offset: Offset| {
            TxnOffsetCommitRequestPartition::default()
                .with_partition_index(offset.partition)
                .with_committed_offset(offset.offset)
        };
        let topic = TxnOffsetCommitRequestTopic::default()
            .with_name(s("orders").into())
            .with_partitions(offsets().into_iter().map(partition).collect());
        let mut request = TxnOffsetCommitRequest::default()
            .with_transactional_id(s("tx").into())
            .with_group_id(s("g").into())
            .with_producer_id(8.into())
            .with_producer_epoch(2)
            .with_topics(vec![topic]);
        if v >= 3 {
            request = request.with_generation_id(5).with_member_id(s("m"));
        }
        let says = Request::TxnOffsetCommit {
            transactional_id: "tx".into(),
            group: "g".into(),
            producer_id: 8,
            epoch: 2,
            generation: if v >= 3 { 5 } else { -1 },
            member: if v >= 3 { "m".into() } else { String::new() },
            offsets: offsets(),
        };
        (request, says)
    });
}

fn groups(all: &mut Samples) {
    all.add(0..=9, |v| {
        use join_group_request::*;
        // Version 3: topics, no user data, owned partitions, then what nobody reads here.
        let subscription = Bytes::from_static(
            b"\0\x03\0\0\0\x01\0\x06orders\xff\xff\xff\xff\0\0\0\x01\0\x06orders\0\0\0\x01\0\0\0\x04\xff\xff\xff\xff",
        );
        let range = JoinGroupRequestProtocol::default().with_name(s("range")).with_metadata(subscription);
        let other = JoinGroupRequestProtocol::default().with_name(s("roundrobin"));
        let mut request = JoinGroupRequest::default()
            .with_group_id(s("g").into())
            .with_session_timeout_ms(6000)
            .with_member_id(s("m"))
            .with_protocol_type(s("consumer"))
            .with_protocols(vec![range, other]);
        if v >= 1 {
            request = request.with_rebalance_timeout_ms(9000);
        }
        if v >= 5 {
            request = request.with_group_instance_id(Some(s("i")));
        }
        let says = Request::JoinGroup {
            group: "g".into(),
            member: "m".into(),
            instance: (v >= 5).then(|| "i".into()),
            session_timeout_ms: 6000,
            rebalance_timeout_ms: if v >= 1 { 9000 } else { 6000 },
            protocols: vec!["range".into(), "roundrobin".into()],
            topics: vec!["orders".into()],
            owned: vec![TopicPartition { topic: "orders".into(), partition: 4 }],
        };
        (request, says)
    });
    all.add(0..=5, |v| {
        use sync_group_request::*;
        let mut request = SyncGroupRequest::default()
            .with_group_id(s("g").into())
            .with_generation_id(5)
            .with_member_id(s("m"))
            .with_assignments(vec![
                SyncGroupRequestAssignment::default().with_member_id(s("m")).with_assignment(assignment()),
                SyncGroupRequestAssignment::default().with_member_id(s("n")),
            ]);
        if v >= 5 {
            request = request.with_protocol_type(Some(s("consumer"))).with_protocol_name(Some(s("range")));
        }
        let of = |member: &str, partitions| Assignment { member: member.into(), partitions };
        let says = Request::SyncGroup {
            group: "g".into(),
            generation: 5,
            member: "m".into(),
            assignments: vec![of("m", assigned()), of("n", vec![])],
        };
        (request, says)
    });
    all.add(0..=4, |_| {
        let request =
            HeartbeatRequest::default().with_group_id(s("g").into()).with_generation_id(5).with_member_id(s("m"));
        let says = Request::Heartbeat { group: "g".into(), generation: 5, member: "m".into() };
        (request, says)
    });
    all.add(0..=5, |v| {
        use leave_group_request::*;
        let request = LeaveGroupRequest::default().with_group_id(s("g").into());
        let request = if v < 3 {
            request.with_member_id(s("m"))
        } else {
            request.with_members(vec![MemberIdentity::default().with_member_id(s("m"))])
        };
        let says = Request::LeaveGroup { group: "g".into(), members: vec!["m".into()] };
        (request, says)
    });
    all.add(0..=1, |v| {
        use consumer_group_heartbeat_request::*;
        let owned = TopicPartitions::default().with_topic_id(ID).with_partitions(vec![1]);
        let mut request = ConsumerGroupHeartbeatRequest::default()
            .with_group_id(s("g").into())
            .with_member_id(s("m"))
            .with_member_epoch(5)
            .with_rebalance_timeout_ms(300)
            .with_subscribed_topic_names(Some(vec![s("orders").into()]))
            .with_topic_partitions(Some(vec![owned]));
        if v >= 1 {
            request = request.with_subscribed_topic_regex(Some(s("o.*")));
        }
        let says = Request::ConsumerGroupHeartbeat {
            group: "g".into(),
            member: "m".into(),
            epoch: 5,
            instance: None,
            rebalance_timeout_ms: 300,
            topics: Some(vec!["orders".into()]),
            regex: (v >= 1).then(|| "o.*".into()),
            assignor: None,
            owned: Some(vec![topic_partition(ID_TEXT, 1)]),
        };
        (request, says)
    });
}

fn transactions(all: &mut Samples) {
    all.add(0..=5, |v| {
        let mut request = InitProducerIdRequest::default()
            .with_transactional_id(Some(s("tx").into()))
            .with_transaction_timeout_ms(60000);
        if v >= 3 {
            request = request.with_producer_id(8.into()).with_producer_epoch(2);
        }
        let says = Request::InitProducerId {
            transactional_id: Some("tx".into()),
            timeout_ms: 60000,
            producer_id: if v >= 3 { 8 } else { -1 },
            epoch: if v >= 3 { 2 } else { -1 },
        };
        (request, says)
    });
    all.add(0..=5, |v| {
        use add_partitions_to_txn_request::*;
        let topic = AddPartitionsToTxnTopic::default().with_name(s("orders").into()).with_partitions(vec![1, 2]);
        let request = AddPartitionsToTxnRequest::default();
        let request = if v < 4 {
            request
                .with_v3_and_below_transactional_id(s("tx").into())
                .with_v3_and_below_producer_id(8.into())
                .with_v3_and_below_producer_epoch(2)
                .with_v3_and_below_topics(vec![topic])
        } else {
            let transaction = AddPartitionsToTxnTransaction::default()
                .with_transactional_id(s("tx").into())
                .with_producer_id(8.into())
                .with_producer_epoch(2)
                .with_topics(vec![topic]);
            request.with_transactions(vec![transaction])
        };
        let says = Request::AddPartitionsToTxn {
            transactional_id: "tx".into(),
            producer_id: 8,
            epoch: 2,
            partitions: assigned(),
        };
        (request, says)
    });
    all.add(0..=4, |_| {
        let request = AddOffsetsToTxnRequest::default()
            .with_transactional_id(s("tx").into())
            .with_producer_id(8.into())
            .with_producer_epoch(2)
            .with_group_id(s("g").into());
        let says =
            Request::AddOffsetsToTxn { transactional_id: "tx".into(), producer_id: 8, epoch: 2, group: "g".into() };
        (request, says)
    });
    all.add(0..=5, |_| {
        let request = EndTxnRequest::default()
            .with_transactional_id(s("tx").into())
            .with_producer_id(8.into())
            .with_producer_epoch(2)
            .with_committed(true);
        let says = Request::EndTxn { transactional_id: "tx".into(), producer_id: 8, epoch: 2, committed: true };
        (request, says)
    });
}

#[test]
fn every_kind_and_version_is_understood() {
    for sample in samples() {
        let head = request_head(&sample.frame).unwrap();
        assert_eq!(head.correlation, CORRELATION);
        assert_eq!(head.client_id.as_deref(), Some("me"));
        assert_eq!(head.version, sample.version);
        let place = format!("{} v{}", api_name(head.api), head.version);
        let says = request(&head, &sample.frame).unwrap_or_else(|why| panic!("{place}: {why}"));
        assert_eq!(says, sample.says, "{place}");
    }
}

#[test]
fn requests_survive_json() {
    for sample in samples() {
        let json = serde_json::to_string(&sample.says).unwrap();
        assert_eq!(serde_json::from_str::<Request>(&json).unwrap(), sample.says, "{json}");
    }
    let json = serde_json::to_string(&Request::EndTxn {
        transactional_id: "tx".into(),
        producer_id: 8,
        epoch: 2,
        committed: true,
    });
    assert_eq!(
        json.unwrap(),
        r#"{"api":"end_txn","transactional_id":"tx","producer_id":8,"epoch":2,"committed":true}"#
    );
}

#[test]
fn all_topics_or_none() {
    let all = |version, topics| {
        let frame = request_frame(version, &MetadataRequest::default().with_topics(topics));
        request(&request_head(&frame).unwrap(), &frame).unwrap()
    };
    assert_eq!(all(0, Some(vec![])), Request::Metadata { topics: None });
    assert_eq!(all(4, Some(vec![])), Request::Metadata { topics: Some(vec![]) });
    assert_eq!(all(4, None), Request::Metadata { topics: None });
    assert_eq!(all(12, None), Request::Metadata { topics: None });
}

#[test]
fn newer_than_we_know() {
    let mut frame = request_frame(4, &HeartbeatRequest::default()).to_vec();
    frame[3] = 5;
    let frame = Bytes::from(frame);
    let head = request_head(&frame).unwrap();
    let why = request(&head, &frame).unwrap_err();
    assert_eq!(why.to_string(), "Heartbeat v5 request: only versions 0 to 4 are decoded");
}

#[test]
fn other_kinds_are_other() {
    let frame = request_frame(7, &CreateTopicsRequest::default());
    let head = request_head(&frame).unwrap();
    assert_eq!((head.api, api_name(head.api).as_ref()), (19, "CreateTopics"));
    assert_eq!(request(&head, &frame), Ok(Request::Other));
    assert_eq!(api_name(123), "Api123");
}

#[test]
fn errors_have_the_names_of_the_documentation() {
    assert_eq!(error_name(0), "NONE(0)");
    assert_eq!(error_name(19), "NOT_ENOUGH_REPLICAS(19)");
    assert_eq!(error_name(-1), "UNKNOWN_SERVER_ERROR(-1)");
    assert_eq!(error_name(999), "UNKNOWN(999)");
}
