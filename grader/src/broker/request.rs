//! Requests of the grader's own, in Kafka's own types.

use std::io;

use kafka_protocol::protocol::{Request, StrBytes};

use super::Connection;
use super::exchange::{connect, exchange};
use crate::wire::message::{read_answer, write_request};

/// Asks on a new connection, in this version.
///
/// # Errors
/// No connection, no answer within fifteen seconds, or one that is none.
pub(super) async fn ask_on<R: Request>(
    connect: impl Future<Output = io::Result<Connection>>,
    request: &R,
    version: i16,
) -> io::Result<R::Response> {
    let request = write_request(1, version, request).map_err(io::Error::other)?;
    read_answer::<R>(version, &exchange(connect, request).await?).map_err(io::Error::other)
}

/// Asks the broker at `address` through the system's network, in this version.
///
/// # Errors
/// As [`ask_on`].
pub(super) async fn ask_at<R: Request>(address: &str, request: &R, version: i16) -> io::Result<R::Response> {
    ask_on(connect(address), request, version).await
}

/// Text as kafka-protocol's types hold it.
pub(super) fn text<Text: From<StrBytes>>(text: &str) -> Text {
    StrBytes::from_string(text.to_owned()).into()
}
