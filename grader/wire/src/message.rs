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
use crate::limits::PLAIN_FRAME_BYTES;
use crate::reader::{Malformed, Result};
use crate::schema::{self, Direction};

/// The request in a frame that begins with this head.
///
/// Bytes behind the body are no fault: librdkafka writes an empty list of Metadata v13 in four bytes where one is due.
///
/// # Errors
/// It is malformed, longer than requests of its kind are ([`PLAIN_FRAME_BYTES`]), or kafka-protocol does not know this
/// kind or version.
pub fn read_request(head: &RequestHead, frame: &Bytes) -> Result<RequestKind> {
    request_in(head, frame).map_err(|why| why.within(place(head.api, head.version, Direction::Request)))
}

/// The same, with errors that do not say which request it was.
pub(crate) fn request_in(head: &RequestHead, frame: &Bytes) -> Result<RequestKind> {
    let (api, version) = (head.api, head.version);
    let key = key(api)?;
    schema::check(api, version, Direction::Request, head.body(frame))?;
    if key != ApiKey::Produce && frame.len() > PLAIN_FRAME_BYTES {
        return Err(Malformed::new(format!("{} bytes, which no request without records has", frame.len())));
    }
    RequestKind::decode(key, &mut head.rest(frame), version).map_err(|why| Malformed::new(format!("{why:#}")))
}

/// The answer in a frame to an `R` of this version.
///
/// # Errors
/// It is malformed, or kafka-protocol does not know this version.
pub fn read_answer<R: Request>(version: i16, frame: &Bytes) -> Result<R::Response> {
    let decoded = || {
        let mut body = checked_answer(R::KEY, version, frame)?;
        R::Response::decode(&mut body, version).map_err(|why| Malformed::new(format!("{why:#}")))
    };
    decoded().map_err(|why: Malformed| why.within(place(R::KEY, version, Direction::Response)))
}

/// The answer in a frame to a request of this kind and version. Errors do not say which.
pub(crate) fn answer_in(api: i16, version: i16, frame: &Bytes) -> Result<ResponseKind> {
    let mut body = checked_answer(api, version, frame)?;
    ResponseKind::decode(key(api)?, &mut body, version).map_err(|why| Malformed::new(format!("{why:#}")))
}

/// The body of an answer that the guard has let through.
fn checked_answer(api: i16, version: i16, frame: &Bytes) -> Result<Bytes> {
    let body = response_body(api, version, frame)?;
    let rest = frame.slice(body.at()..);
    schema::check(api, version, Direction::Response, body)?;
    Ok(rest)
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
    let fault = |why| unsaid(place(R::KEY, version, Direction::Request), why);
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
    let fault = |why| unsaid(place(api, version, Direction::Response), why);
    let header = ResponseHeader::default().with_correlation_id(correlation);
    let mut frame = BytesMut::new();
    header.encode(&mut frame, key(api)?.response_header_version(version)).map_err(fault)?;
    answer.encode(&mut frame, version).map_err(fault)?;
    Ok(frame.freeze())
}

fn key(api: i16) -> Result<ApiKey> {
    ApiKey::try_from(api).map_err(|()| Malformed::new(format!("api key {api} is not known")))
}

/// "Metadata v4 request".
fn place(api: i16, version: i16, direction: Direction) -> String {
    format!("{} v{version} {direction}", api_name(api))
}

fn unsaid(place: String, why: impl Display) -> Malformed {
    Malformed::new(why.to_string()).within(place)
}
