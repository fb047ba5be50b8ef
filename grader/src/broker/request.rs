//! Requests of the grader's own, in Kafka's own types.

use std::io;

use bytes::BytesMut;
use kafka_protocol::messages::{ApiKey, RequestHeader, ResponseHeader};
use kafka_protocol::protocol::{Decodable, Encodable, Request, StrBytes};

use super::Broker;

/// Asks the node of `broker` at `address` in this version.
///
/// # Errors
/// No answer within five seconds, or one that is none.
pub(super) async fn ask<R: Request>(
    broker: &Broker,
    address: &str,
    request: &R,
    version: i16,
) -> io::Result<R::Response> {
    let api = ApiKey::try_from(R::KEY).map_err(|()| io::Error::other("an unknown request"))?;
    let mut frame = BytesMut::new();
    let header = RequestHeader::default()
        .with_request_api_key(R::KEY)
        .with_request_api_version(version)
        .with_correlation_id(1)
        .with_client_id(Some(StrBytes::from_static_str("kafkacourse")));
    header.encode(&mut frame, api.request_header_version(version)).map_err(io::Error::other)?;
    request.encode(&mut frame, version).map_err(io::Error::other)?;
    let mut answer = broker.exchange(address, frame.freeze()).await?;
    ResponseHeader::decode(&mut answer, api.response_header_version(version)).map_err(io::Error::other)?;
    R::Response::decode(&mut answer, version).map_err(io::Error::other)
}
