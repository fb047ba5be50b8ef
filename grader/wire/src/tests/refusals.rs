//! Answers that the tap invents must be answers that a client can read.

use bytes::Bytes;
use kafka_protocol::messages::*;

use super::requests::samples;
use super::{CORRELATION, request_frame};
use crate::*;

#[test]
fn every_kind_and_version_can_be_refused() {
    for sample in samples() {
        let head = request_head(&sample.frame).unwrap();
        if head.api == API_VERSIONS {
            continue;
        }
        let place = format!("{} v{}", api_name(head.api), head.version);
        let answer = refuse(&head, &sample.frame, 16).unwrap_or_else(|why| panic!("{place}: {why}"));
        assert_eq!(correlation(&answer), Ok(CORRELATION), "{place}");
        (sample.decode_answer)(head.version, &answer);
        let says = response(head.api, head.version, &answer).unwrap_or_else(|why| panic!("{place}: {why}"));
        assert_eq!(says.error(), 16, "{place}");
    }
}

#[test]
fn a_refusal_names_what_was_asked_for() {
    let produce = samples().into_iter().find(|sample| matches!(sample.says, Request::Produce { .. })).unwrap();
    let head = request_head(&produce.frame).unwrap();
    let answer = refuse(&head, &produce.frame, 19).unwrap();
    let refused = Produced { topic: "orders".into(), partition: 2, error: 19, base_offset: -1 };
    assert_eq!(response(PRODUCE, head.version, &answer), Ok(Response::Produce { partitions: vec![refused] }));
}

/// kafka-protocol begins at Produce v3 and Fetch v4; an old client may send older ones.
#[test]
fn versions_from_before_record_batches() {
    // acks, timeout, topic "t", partition 0, records null
    let body = b"\xff\xff\0\0\0\x64\0\0\0\x01\0\x01t\0\0\0\x01\0\0\0\0\xff\xff\xff\xff";
    for version in 0..3 {
        let frame: Bytes = [&b"\0\0\0"[..], &[version as u8], b"\0\0\0\x07\xff\xff", body].concat().into();
        let head = request_head(&frame).unwrap();
        assert!(matches!(request(&head, &frame), Ok(Request::Produce { acks: -1, timeout_ms: 100, .. })));
        let answer = refuse(&head, &frame, 3).unwrap();
        assert_eq!(response(PRODUCE, version, &answer).unwrap().error(), 3);
    }
}

#[test]
fn metadata_for_all_topics_cannot_be_refused() {
    let frame = request_frame(9, &MetadataRequest::default().with_topics(None));
    assert!(refuse(&request_head(&frame).unwrap(), &frame, 5).is_err());
}
