//! What nobody sends who means well, or only on a bad day: each with the answer that it gets.

use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::messages::add_partitions_to_txn_request::AddPartitionsToTxnTopic;
use kafka_protocol::messages::create_topics_request::CreatableTopic;
use kafka_protocol::messages::join_group_request::JoinGroupRequestProtocol;
use kafka_protocol::messages::{
    AddPartitionsToTxnRequest, ApiKey, ConsumerGroupHeartbeatRequest, CreateTopicsRequest, GroupId,
    InitProducerIdRequest, JoinGroupRequest, MetadataRequest, ProducerId, RequestKind, ResponseKind, TopicName,
    TransactionalId,
};
use kafka_protocol::protocol::StrBytes;

use crate::core::Core;
use crate::core::admin::NewTopic;
use crate::core::call::Step;
use crate::frame::{self, Frame};
use crate::sending::{self, Sending, cluster, fetch, fetched, produce, produced};
use crate::settings::Settings;
use crate::testing::{ask, at, call, core};
use crate::time::Now;

fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

/// A frame of this request.
fn framed(api: i16, version: i16, body: &[u8]) -> Bytes {
    let mut frame = BytesMut::new();
    frame.put_i16(api);
    frame.put_i16(version);
    frame.put_i32(7);
    frame.put_i16(-1);
    frame.put_slice(body);
    frame.freeze()
}

fn encoded(api: ApiKey, version: i16, request: impl Into<RequestKind>) -> Bytes {
    let mut body = BytesMut::new();
    if api.request_header_version(version) > 1 {
        body.put_u8(0);
    }
    request.into().encode(&mut body, version).expect("a request");
    framed(api as i16, version, &body)
}

#[test]
fn unknown_requests_and_versions() {
    assert!(matches!(frame::read(&framed(999, 0, b"")), Frame::NotServed { api: 999, version: 0 }));
    assert!(matches!(frame::read(&framed(-1, -1, b"")), Frame::NotServed { api: -1, version: -1 }));
    assert!(matches!(frame::read(&framed(3, 99, b"\0")), Frame::NotServed { api: 3, version: 99 }));
    assert!(matches!(frame::read(&framed(18, 99, b"\0")), Frame::NewerApiVersions(7)));
    assert!(matches!(frame::read(&Bytes::new()), Frame::Malformed(_)));
    assert!(matches!(frame::read(&Bytes::from_static(b"\0\x03\0")), Frame::Malformed(_)));
}

#[test]
fn older_magic_wrong_checksums_and_negative_sizes() {
    let batch = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = Sending::plain(1).bytes().to_vec();
        change(&mut bytes);
        Bytes::from(bytes)
    };
    let cases: [(&str, Bytes, i16); 8] = [
        ("as it should be", batch(&|_| {}), 0),
        ("magic 0", batch(&|bytes| bytes[16] = 0), 87),
        ("magic 1", batch(&|bytes| bytes[16] = 1), 87),
        ("magic 3", batch(&|bytes| bytes[16] = 3), 2),
        ("a wrong checksum", batch(&|bytes| bytes[20] ^= 1), 2),
        ("a negative length", batch(&|bytes| bytes[8] = 0xff), 2),
        ("a negative count of records", batch(&|bytes| bytes[57] = 0xff), 2),
        ("no batch at all", Bytes::from_static(b"\0\0\0"), 87),
    ];
    for (name, records, code) in cases {
        let mut core = cluster(1, &[]);
        let answer = ask(&mut core, at(0), 9, produce(-1, records));
        assert_eq!(produced(answer).error_code, code, "{name}");
    }
    let negative = framed(ApiKey::Metadata as i16, 1, &(-2_i32).to_be_bytes());
    assert!(matches!(frame::read(&negative), Frame::Malformed(_)), "a list of -2 entries");
}

#[test]
fn names_of_100_kilobytes() {
    let name = TopicName(text(&"n".repeat(100_000)));
    let topic = CreatableTopic::default().with_name(name).with_num_partitions(1).with_replication_factor(1);
    let request = CreateTopicsRequest::default().with_topics(vec![topic]);
    let frame = encoded(ApiKey::CreateTopics, 7, request);
    assert!(matches!(frame::read(&frame), Frame::Malformed(_)), "Kafka reads no text of more than 32,767 bytes");
    let group = JoinGroupRequest::default().with_group_id(GroupId(text(&"g".repeat(100_000))));
    assert!(matches!(frame::read(&encoded(ApiKey::JoinGroup, 7, group)), Frame::Malformed(_)));
}

/// The code of CreateTopics for a topic of so many partitions.
fn create(core: &mut Core, name: &str, partitions: i32) -> i16 {
    let topic = CreatableTopic::default()
        .with_name(TopicName(text(name)))
        .with_num_partitions(partitions)
        .with_replication_factor(1);
    match ask(core, at(0), 7, CreateTopicsRequest::default().with_topics(vec![topic])) {
        ResponseKind::CreateTopics(answer) => answer.topics[0].error_code,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_million_partitions() {
    let mut core = core(Settings::default());
    assert_eq!(create(&mut core, "huge", 1_000_000), 44, "POLICY_VIOLATION: a bound of ours");
    assert_eq!(create(&mut core, "huge", i32::MAX), 44);
    let million = vec![0; 1_000_000];
    let topic = AddPartitionsToTxnTopic::default().with_name(TopicName(text("t"))).with_partitions(million);
    let request = AddPartitionsToTxnRequest::default().with_v3_and_below_topics(vec![topic]);
    let frame = encoded(ApiKey::AddPartitionsToTxn, 3, request);
    assert!(matches!(frame::read(&frame), Frame::Malformed(_)), "longer than any request without records");
}

#[test]
fn ten_thousand_topics() {
    let mut core = core(Settings::default());
    for number in 0..10_000 {
        core.create_topic(&format!("topic-{number}"), &NewTopic::default()).expect("a topic");
    }
    match ask(&mut core, at(0), 12, MetadataRequest::default().with_topics(None)) {
        ResponseKind::Metadata(answer) => assert_eq!(answer.topics.len(), 10_000),
        other => panic!("{other:?}"),
    }
    assert_eq!(create(&mut core, "wide", 10_001), 44, "more than all topics together may have");
    assert_eq!(create(&mut core, "wide", 10_000), 0);
}

#[test]
fn a_classic_group_of_a_thousand() {
    let mut core = core(Settings::default());
    let protocol = JoinGroupRequestProtocol::default().with_name(text("range"));
    let join = JoinGroupRequest::default()
        .with_group_id(GroupId(text("crowd")))
        .with_session_timeout_ms(60_000)
        .with_rebalance_timeout_ms(60_000)
        .with_protocol_type(text("consumer"))
        .with_protocols(vec![protocol]);
    // Before version 4 a member has its id with the first answer, so that all of them wait together.
    let mut waiting = Vec::new();
    for connection in 0..1_000 {
        let mut call = call(3, join.clone());
        call.caller.connection = connection;
        let step = core.step(&mut call, at(0));
        waiting.push((call, step));
    }
    // The first one is alone in the first generation, and is awaited in the second.
    core.tick(at(60_000));
    let answers = waiting.into_iter().map(|(mut call, step)| match step {
        Step::Answer(answer) => *answer,
        _ => match core.step(&mut call, at(60_000)) {
            Step::Answer(answer) => *answer,
            other => panic!("{other:?}"),
        },
    });
    let joined = answers.filter(|answer| matches!(answer, ResponseKind::JoinGroup(answer) if answer.error_code == 0));
    assert_eq!(joined.count(), 1_000);
}

#[test]
fn a_group_of_a_thousand_in_kip_848() {
    let mut core = cluster(1, &[]);
    for number in 0..1_000 {
        let request = ConsumerGroupHeartbeatRequest::default()
            .with_group_id(GroupId(text("crowd")))
            .with_member_id(text(&format!("member-{number}")))
            .with_rebalance_timeout_ms(60_000)
            .with_subscribed_topic_names(Some(vec![sending::topic_name()]))
            .with_topic_partitions(Some(Vec::new()));
        match ask(&mut core, at(number), 1, request) {
            ResponseKind::ConsumerGroupHeartbeat(answer) => assert_eq!(answer.error_code, 0, "{answer:?}"),
            other => panic!("{other:?}"),
        }
    }
}

/// A producer of this transactional id, which may take so many milliseconds.
fn init(core: &mut Core, now: Now, id: &str, timeout_ms: i32) -> Result<(i64, i16), i16> {
    let request = InitProducerIdRequest::default()
        .with_transactional_id(Some(TransactionalId(text(id))))
        .with_transaction_timeout_ms(timeout_ms);
    match ask(core, now, 4, request) {
        ResponseKind::InitProducerId(answer) if answer.error_code != 0 => Err(answer.error_code),
        ResponseKind::InitProducerId(answer) => Ok((answer.producer_id.0, answer.producer_epoch)),
        other => panic!("{other:?}"),
    }
}

fn begin(core: &mut Core, now: Now, id: &str, (producer, epoch): (i64, i16)) {
    let topic = AddPartitionsToTxnTopic::default().with_name(sending::topic_name()).with_partitions(vec![0]);
    let request = AddPartitionsToTxnRequest::default()
        .with_v3_and_below_transactional_id(TransactionalId(text(id)))
        .with_v3_and_below_producer_id(ProducerId(producer))
        .with_v3_and_below_producer_epoch(epoch)
        .with_v3_and_below_topics(vec![topic]);
    ask(core, now, 3, request);
}

#[test]
fn a_transaction_that_never_ends() {
    let mut core = cluster(1, &[]);
    let producer = init(&mut core, at(0), "x", 1_000).unwrap();
    begin(&mut core, at(0), "x", producer);
    sending::append(&mut core, &Sending::transactional(producer, 0, 1));
    sending::append(&mut core, &Sending::plain(1));
    let read = |core: &mut Core, ms| {
        let answer = fetched(ask(core, at(ms), 11, fetch(0).with_isolation_level(1)));
        (answer.last_stable_offset, answer.high_watermark)
    };
    assert_eq!(read(&mut core, 999), (0, 2), "nobody reads what comes after it");
    assert_eq!(read(&mut core, 1_000), (3, 3), "until its time is up");
}

#[test]
fn transactions_that_never_end_are_bounded() {
    let mut core = cluster(1, &[]);
    core.settings.most_transactional_ids = 3;
    for id in ["a", "b", "c"] {
        let producer = init(&mut core, at(0), id, 60_000).unwrap();
        begin(&mut core, at(0), id, producer);
    }
    assert_eq!(init(&mut core, at(1), "d", 60_000), Err(15), "COORDINATOR_NOT_AVAILABLE, which clients try again");
    assert!(init(&mut core, at(60_000), "d", 60_000).is_ok());
}

#[test]
fn a_clock_that_jumps() {
    let mut core = cluster(1, &[]);
    let at = |ms, wall_ms| Now { elapsed: at(ms).elapsed, wall_ms };
    let producer = init(&mut core, at(0, 1_750_000_000_000), "x", 1_000).unwrap();
    for (ms, wall_ms) in [(1, i64::MAX), (2, 0), (3, i64::MIN), (4, -1)] {
        begin(&mut core, at(ms, wall_ms), "x", producer);
        core.tick(at(ms, wall_ms));
        let request = kafka_protocol::messages::ListTransactionsRequest::default().with_duration_filter(0);
        ask(&mut core, at(ms, wall_ms), 1, request);
    }
    let state = |core: &Core| core.transactions.get("x").map(|transaction| transaction.state.name());
    core.tick(at(1_000, i64::MAX));
    assert_eq!(state(&core), Some("Ongoing"), "the date ends nothing");
    core.tick(at(1_001, i64::MIN));
    assert_eq!(state(&core), Some("CompleteAbort"), "time does");
}
