//! Messages in kafka-protocol's generated types, and the only way to them.
//!
//! Its decoders take memory for as many entries as a frame claims to have, before they look whether the entries are
//! there. So none of them sees a frame that the guard has not walked (`schema`).
//!
//! All frames are without their length.

use std::fmt::Display;

use bytes::{Bytes, BytesMut};
use kafka_protocol::messages::{ApiKey, RequestHeader, RequestKind, ResponseHeader, ResponseKind};
use kafka_protocol::protocol::{Decodable, Encodable, Request, StrBytes};

use crate::api::api_name;
use crate::head::{RequestHead, response_body};
use crate::reader::{Malformed, Result};
use crate::schema::{self, Direction};

/// The request in a frame that begins with this head. It takes no more memory than the frame is long, times a small
/// number.
///
/// Bytes behind the body are no fault: librdkafka writes an empty list of Metadata v13 in four bytes where one is due.
///
/// # Errors
/// It is malformed, or kafka-protocol does not know this kind or version.
pub fn read_request(head: &RequestHead, frame: &Bytes) -> Result<RequestKind> {
    let (api, version) = (head.api, head.version);
    let key = key(api)?;
    schema::check(api, version, Direction::Request, head.body(frame))?;
    RequestKind::decode(key, &mut head.rest(frame), version).map_err(|why| fault(api, version, Direction::Request, why))
}

/// The answer in a frame to an `R` of this version.
///
/// # Errors
/// It is malformed, or kafka-protocol does not know this version.
pub fn read_answer<R: Request>(version: i16, frame: &Bytes) -> Result<R::Response> {
    let body = response_body(R::KEY, version, frame)?;
    let mut rest = frame.slice(body.at()..);
    schema::check(R::KEY, version, Direction::Response, body)?;
    R::Response::decode(&mut rest, version).map_err(|why| fault(R::KEY, version, Direction::Response, why))
}

/// A request of the grader's own, as a frame.
///
/// # Errors
/// It says something that this version cannot say.
pub fn write_request<R: Request>(correlation: i32, version: i16, request: &R) -> Result<Bytes> {
    let header = RequestHeader::default()
        .with_request_api_key(R::KEY)
        .with_request_api_version(version)
        .with_correlation_id(correlation)
        .with_client_id(Some(StrBytes::from_static_str("kafkacourse")));
    let fault = |why| fault(R::KEY, version, Direction::Request, why);
    let mut frame = BytesMut::new();
    header.encode(&mut frame, key(R::KEY)?.request_header_version(version)).map_err(fault)?;
    request.encode(&mut frame, version).map_err(fault)?;
    Ok(frame.freeze())
}

/// An answer of our own, as a frame.
///
/// # Errors
/// It says something that this version cannot say.
pub fn write_answer(api: i16, version: i16, correlation: i32, answer: &ResponseKind) -> Result<Bytes> {
    let fault = |why| fault(api, version, Direction::Response, why);
    let header = ResponseHeader::default().with_correlation_id(correlation);
    let mut frame = BytesMut::new();
    header.encode(&mut frame, key(api)?.response_header_version(version)).map_err(fault)?;
    answer.encode(&mut frame, version).map_err(fault)?;
    Ok(frame.freeze())
}

fn key(api: i16) -> Result<ApiKey> {
    ApiKey::try_from(api).map_err(|()| Malformed::new(format!("api key {api} is not known")))
}

fn fault(api: i16, version: i16, direction: Direction, why: impl Display) -> Malformed {
    Malformed::new(format!("{} v{version} {direction}: {why}", api_name(api)))
}
