//! kafka-protocol, generated from Kafka's own schemas, is the yardstick: what it encodes we must understand, and what we
//! answer it must be able to decode, in every version that both know. Kafka's definitions themselves are the yardstick of
//! kafka-protocol, in `cluster/tests/schema.rs`.

mod batches;
mod hostile;
mod measured;
mod refusals;
mod requests;
mod responses;
mod rewriting;

use bytes::{Buf, Bytes, BytesMut};
use kafka_protocol::messages::{RequestHeader, ResponseHeader};
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion, Request as KafkaRequest, StrBytes};
use uuid::Uuid;

const CORRELATION: i32 = 4711;
const ID: Uuid = Uuid::from_u128(0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10);
/// The same, as Kafka prints it.
const ID_TEXT: &str = "AQIDBAUGBwgJCgsMDQ4PEA";

fn s(text: &'static str) -> StrBytes {
    StrBytes::from_static_str(text)
}

fn request_frame<R: KafkaRequest>(version: i16, request: &R) -> Bytes {
    let header = RequestHeader::default()
        .with_request_api_key(R::KEY)
        .with_request_api_version(version)
        .with_correlation_id(CORRELATION)
        .with_client_id(Some(s("me")));
    let mut out = BytesMut::new();
    header.encode(&mut out, R::header_version(version)).unwrap();
    request.encode(&mut out, version).unwrap();
    out.freeze()
}

fn response_frame<R: Encodable + HeaderVersion>(version: i16, response: &R) -> Bytes {
    let mut out = BytesMut::new();
    let header = ResponseHeader::default().with_correlation_id(CORRELATION);
    header.encode(&mut out, R::header_version(version)).unwrap();
    response.encode(&mut out, version).unwrap();
    out.freeze()
}

/// Decodes all of a response frame.
fn decode_response<R: Decodable + HeaderVersion>(version: i16, frame: &Bytes) -> R {
    let mut rest = frame.clone();
    let header = ResponseHeader::decode(&mut rest, R::header_version(version)).unwrap();
    assert_eq!(header.correlation_id, CORRELATION);
    let body = R::decode(&mut rest, version).unwrap_or_else(|why| panic!("v{version} {frame:?}: {why}"));
    assert!(!rest.has_remaining(), "v{version}: {} bytes too many", rest.remaining());
    body
}
