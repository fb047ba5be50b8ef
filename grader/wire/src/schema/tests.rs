use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::messages::{FetchRequest, MetadataRequest, ProduceRequest, produce_request};
use kafka_protocol::protocol::{Encodable, StrBytes};

use super::*;
use crate::api::{FETCH, JOIN_GROUP, METADATA, PRODUCE};

#[test]
fn the_table_is_read_to_its_last_line() {
    let parsed = table::parse(include_str!("messages.txt")).unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(parsed.len(), messages().len());
    for parsed in parsed {
        let found = message(parsed.api, parsed.direction).expect("found by its key");
        assert_eq!(found.name, parsed.name);
    }
}

#[test]
fn a_line_that_is_not_understood_is_named() {
    let cases = [
        ("0 Produce sideways 0-1 flexible none", "line 1: not a message: 0 Produce sideways 0-1 flexible none"),
        (" Acks int16 0+", "line 1: a field without a message:  Acks int16 0+"),
        ("0 P request 0-1 flexible none\n Acks int17 0+", "line 2: not a field:  Acks int17 0+"),
        ("0 P request 0-1 flexible none\n Acks int16 0+\n  In int8 0+", "line 3: not in a structure:   In int8 0+"),
    ];
    for (text, why) in cases {
        assert_eq!(table::parse(text).unwrap_err(), why);
    }
}

#[test]
fn what_is_written_is_read_again() {
    for message in messages() {
        for version in message.versions.oldest..=message.versions.newest {
            for seed in 0..20 {
                let value = sample(message.api, version, message.direction, &mut seeded(seed)).unwrap();
                let bytes = write(message.api, version, message.direction, &value).unwrap();
                let place = format!("{} v{version} {}: {bytes:?}", message.name, message.direction);
                assert_eq!(read(message.api, version, message.direction, &bytes), Ok((value, 0)), "{place}");
                if message.direction == Direction::Request {
                    assert_eq!(check_request(message.api, version, &bytes), Ok(()), "{place}");
                }
            }
        }
    }
}

/// Numbers by chance, the same for each seed.
fn seeded(seed: u64) -> impl FnMut(u64) -> u64 {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    move |below| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) % below
    }
}

fn refusal(api: i16, version: i16, body: &[u8]) -> String {
    check_request(api, version, &Bytes::copy_from_slice(body)).unwrap_err().to_string()
}

#[test]
fn counts_and_lengths_beyond_the_frame_are_refused() {
    let huge = b"\x7f\xff\xff\xff";
    assert_eq!(refusal(METADATA, 4, huge), "Metadata v4 request: `Topics` at byte 4: 2147483647 entries in 0 bytes");
    assert_eq!(
        refusal(METADATA, 9, b"\xff\xff\xff\xff\x0f"),
        "Metadata v9 request: `Topics` at byte 5: 4294967294 entries in 0 bytes"
    );
    assert_eq!(
        refusal(JOIN_GROUP, 2, b"\x7f\xffg"),
        "JoinGroup v2 request: `GroupId` at byte 2: needs 32767 bytes, 1 remain"
    );
}

#[test]
fn null_is_refused_where_kafka_refuses_it() {
    assert_eq!(
        refusal(METADATA, 0, b"\xff\xff\xff\xff"),
        "Metadata v0 request: `Topics` at byte 4: null, where a value must be"
    );
    assert_eq!(check_request(METADATA, 1, &Bytes::from_static(b"\xff\xff\xff\xff")), Ok(()));
    assert!(refusal(JOIN_GROUP, 2, b"\xff\xff").contains("`GroupId`"));
}

#[test]
fn a_known_tagged_field_is_as_long_as_it_says() {
    // Fetch v17: waiting, bytes, isolation, session, no topics, none forgotten, no rack, one tagged field.
    let fetch = |size: u8| {
        let mut body = vec![0; 4 + 4 + 4 + 1 + 4 + 4];
        body.extend(b"\x01\x01\x01\x01");
        body.extend([0, size]); // tag 0: the cluster's id
        body.extend(b"\x03me");
        body
    };
    assert_eq!(check_request(FETCH, 17, &fetch(3).into()), Ok(()));
    assert_eq!(
        refusal(FETCH, 17, &fetch(2)),
        "Fetch v17 request: `ClusterId` at byte 30: 3 bytes in a tagged field of 2"
    );
}

#[test]
fn bytes_behind_the_body_are_no_fault() {
    // librdkafka's question for brokers alone: an empty list in four bytes, then two booleans, then no tagged fields.
    let body = Bytes::from_static(b"\0\0\0\0\0\0\0");
    let (value, rest) = read(METADATA, 13, Direction::Request, &body).unwrap();
    assert_eq!((value.get("Topics"), rest), (Some(&Value::Null), 3));
    assert_eq!(check_request(METADATA, 13, &body), Ok(()));
}

#[test]
fn a_frame_has_no_more_entries_than_it_may() {
    let mut body = BytesMut::new();
    body.put_i32(1_100_000);
    body.put_bytes(0, 2_200_000); // empty names
    assert!(refusal(METADATA, 0, &body).contains("more entries than a frame may have"));
}

#[test]
fn versions_that_do_not_exist_are_refused() {
    assert_eq!(refusal(PRODUCE, 2, b""), "Produce has versions 3 to 13, not 2");
    assert_eq!(refusal(9999, 0, b""), "api key 9999 is not known");
    assert_eq!(refusal(-1, 0, b""), "api key -1 is not known");
}

/// `cargo test -p wire --release -- --ignored --nocapture nanoseconds`.
#[test]
#[ignore = "measures"]
fn nanoseconds_of_a_check() {
    let records = Bytes::from(vec![0; 100_000]);
    let partition = produce_request::PartitionProduceData::default().with_index(1).with_records(Some(records));
    let topic = produce_request::TopicProduceData::default()
        .with_name(StrBytes::from_static_str("orders").into())
        .with_partition_data(vec![partition]);
    let mut produce = BytesMut::new();
    ProduceRequest::default().with_topic_data(vec![topic]).encode(&mut produce, 10).unwrap();
    let mut fetch = BytesMut::new();
    FetchRequest::default().encode(&mut fetch, 17).unwrap();
    let mut metadata = BytesMut::new();
    MetadataRequest::default().encode(&mut metadata, 13).unwrap();
    for (api, version, body) in [(PRODUCE, 10, produce), (FETCH, 17, fetch), (METADATA, 13, metadata)] {
        let body = body.freeze();
        check_request(api, version, &body).unwrap();
        let start = std::time::Instant::now();
        let times = 1_000_000;
        for _ in 0..times {
            std::hint::black_box(check_request(api, version, std::hint::black_box(&body))).unwrap();
        }
        println!("api {api} v{version}: {} ns", start.elapsed().as_nanos() / times);
    }
}
