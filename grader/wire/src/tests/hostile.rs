//! Bytes that no client should send. Whatever they are, there is an answer and not a panic.

use std::sync::LazyLock;

use bytes::Bytes;
use kafka_protocol::messages::{
    ApiVersionsRequest, ConsumerGroupDescribeRequest, DescribeGroupsRequest, MetadataRequest,
};
use proptest::prelude::*;

use crate::*;

/// All that is done to what a client sends.
fn from_client(frame: &Bytes) {
    let Ok(head) = request_head(frame) else {
        return;
    };
    if let Ok(Request::Produce { batches, .. }) = request(&head, frame) {
        batches.iter().for_each(drop); // which decodes them
    }
    let _ = refuse(&head, frame, 19);
    let _ = lower_fetch_wait(&head, frame, 10);
    let _ = answer_api_versions(&head, &Ranges::default());
}

/// All that is done to what a broker sends.
fn from_broker(api: i16, version: i16, frame: &Bytes) {
    let _ = correlation(frame);
    let _ = response(api, version, frame);
    let _ = rewrite_addresses(api, version, frame, &mut |_, _, _| ("127.0.0.1".into(), 1));
    let _ = message::read_answer::<ApiVersionsRequest>(version, frame);
    let _ = message::read_answer::<DescribeGroupsRequest>(version, frame);
    let _ = message::read_answer::<ConsumerGroupDescribeRequest>(version, frame);
    let _ = message::read_answer::<MetadataRequest>(version, frame);
}

static REQUESTS: LazyLock<Vec<Bytes>> =
    LazyLock::new(|| super::requests::samples().into_iter().map(|sample| sample.frame).collect());

static RESPONSES: LazyLock<Vec<(i16, i16, Bytes)>> = LazyLock::new(|| {
    let samples = super::responses::samples().into_iter();
    samples.map(|sample| (sample.api, sample.version, sample.frame)).collect()
});

#[test]
fn frames_cut_at_every_length() {
    for frame in &*REQUESTS {
        (0..frame.len()).for_each(|length| from_client(&frame.slice(..length)));
    }
    for (api, version, frame) in &*RESPONSES {
        (0..frame.len()).for_each(|length| from_broker(*api, *version, &frame.slice(..length)));
    }
    let batch = super::batches::batch(0, &[super::batches::record(b"k", b"v", &[(b"h", None)])]);
    for length in 1..batch.len() {
        let found = batches("t", 0, &batch.slice(..length));
        assert!(found[0].error.is_some(), "cut at {length}: {found:?}");
    }
}

/// Every field that could be a count or a length says "two thousand million", one at a time.
#[test]
fn huge_counts_everywhere() {
    let huge: [&[u8]; 3] = [b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff\x0f", b"\x7f\xff"];
    let with = |frame: &Bytes, at: usize, bytes: &[u8]| {
        let mut frame = frame.to_vec();
        frame.iter_mut().skip(at).zip(bytes).for_each(|(there, new)| *there = *new);
        Bytes::from(frame)
    };
    for bytes in huge {
        for frame in &*REQUESTS {
            (0..frame.len()).for_each(|at| from_client(&with(frame, at, bytes)));
        }
        for (api, version, frame) in &*RESPONSES {
            (0..frame.len()).for_each(|at| from_broker(*api, *version, &with(frame, at, bytes)));
        }
    }
}

#[test]
fn a_count_beyond_the_frame_is_refused_before_anything_is_allocated() {
    // Metadata v4: two thousand million topics in no bytes.
    let frame = Bytes::from_static(b"\0\x03\0\x04\0\0\0\x01\xff\xff\x7f\xff\xff\xff");
    let why = request(&request_head(&frame).unwrap(), &frame).unwrap_err();
    assert_eq!(why.to_string(), "Metadata v4 request: `Topics` at byte 14: 2147483647 entries in 0 bytes");
}

#[test]
fn a_frame_of_many_small_entries_is_refused() {
    // OffsetFetch v8 with millions of groups, each a few bytes on the wire and a hundred in memory.
    let mut frame = b"\0\x09\0\x08\0\0\0\x01\xff\xff\0\x80\x80\x80\x02".to_vec();
    frame.resize(frame.len() + 16 * 1024 * 1024, 1);
    let frame = Bytes::from(frame);
    let why = request(&request_head(&frame).unwrap(), &frame).unwrap_err();
    assert!(why.to_string().contains("more entries than a frame may have"), "{why}");
}

#[test]
fn a_request_without_records_is_never_long() {
    // Heartbeat v0, and two MiB behind it.
    let mut frame = b"\0\x0c\0\0\0\0\0\x01\xff\xff\0\x01g\0\0\0\x05\0\x01m".to_vec();
    let read = |frame: &[u8]| {
        let frame = Bytes::copy_from_slice(frame);
        request(&request_head(&frame).unwrap(), &frame)
    };
    assert_eq!(read(&frame), Ok(Request::Heartbeat { group: "g".into(), generation: 5, member: "m".into() }));
    frame.resize(2 << 20, 0);
    let why = read(&frame).unwrap_err();
    assert_eq!(why.to_string(), "Heartbeat v0 request: 2097152 bytes, which no request without records has");
}

#[test]
fn an_endless_topic_name_is_not_multiplied() {
    // OffsetFetch v1: one topic with a long name and many partitions.
    let mut frame = b"\0\x09\0\x01\0\0\0\x01\xff\xff\0\x01g\0\0\0\x01\x7f\xff".to_vec();
    frame.resize(frame.len() + 0x7fff, b't');
    frame.extend(200_000u32.to_be_bytes());
    frame.resize(frame.len() + 800_000, 0);
    let frame = Bytes::from(frame);
    let why = request(&request_head(&frame).unwrap(), &frame).unwrap_err();
    assert!(why.to_string().contains("a topic name of 32767 bytes"), "{why}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn anything(bytes in prop::collection::vec(any::<u8>(), 0..300), api in -1i16..95, version in -1i16..20) {
        let frame = Bytes::from(bytes);
        from_client(&frame);
        from_broker(api, version, &frame);
        batches("t", 0, &frame);
        // The same behind a head that leads into a decoder.
        let mut headed = Vec::new();
        headed.extend(api.to_be_bytes());
        headed.extend(version.to_be_bytes());
        headed.extend(b"\0\0\0\x01\xff\xff\0");
        headed.extend(&frame);
        from_client(&headed.into());
    }

    #[test]
    fn nearly_valid_requests(which in any::<prop::sample::Index>(), changes in changes()) {
        from_client(&changed(which.get(&REQUESTS), &changes));
    }

    #[test]
    fn nearly_valid_responses(which in any::<prop::sample::Index>(), changes in changes()) {
        let (api, version, frame) = which.get(&RESPONSES);
        from_broker(*api, *version, &changed(frame, &changes));
    }

    #[test]
    fn nearly_valid_batches(codec in 0i16..8, records in prop::collection::vec(any::<u8>(), 0..200), changes in changes()) {
        let batch = super::batches::batch(codec, &[records]);
        batches("t", 0, &batch);
        batches("t", 0, &changed(&batch, &changes));
    }

    #[test]
    fn data_survives_json(bytes in prop::collection::vec(any::<u8>(), 0..50)) {
        let data = Data::from(bytes);
        let json = serde_json::to_string(&data).unwrap();
        prop_assert_eq!(serde_json::from_str::<Data>(&json).unwrap(), data);
    }
}

type Changes = (Vec<(prop::sample::Index, u8)>, Option<prop::sample::Index>);

/// Some bytes that become others, and perhaps a place to cut.
fn changes() -> impl Strategy<Value = Changes> {
    let byte = (any::<prop::sample::Index>(), prop_oneof![any::<u8>(), Just(0xff), Just(0x7f), Just(0)]);
    (prop::collection::vec(byte, 1..6), any::<Option<prop::sample::Index>>())
}

fn changed(frame: &Bytes, (bytes, cut): &Changes) -> Bytes {
    let mut frame = frame.to_vec();
    for (at, byte) in bytes {
        let at = at.index(frame.len());
        frame[at] = *byte;
    }
    if let Some(cut) = cut {
        frame.truncate(cut.index(frame.len()));
    }
    frame.into()
}
