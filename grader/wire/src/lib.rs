//! Kafka frames: decoded, rewritten, refused; never panics, whatever the bytes.
//!
//! Kafka's protocol is a conversation of frames: four bytes of length, then a request with its kind ("api key"),
//! version and correlation id, or a response with only the correlation id. What a response means follows from the
//! request it answers, which is why [`response()`] must be told the kind and version.
//!
//! A frame here is without its length. The tap decodes each one before it goes on, because rules strike at what it says
//! (the batches of a Produce request wait for whoever looks at them, see [`Batches`]), and forwards the bytes as they
//! came, but for the few that it must change ([`rewrite`], [`versions`], [`refuse()`]).
//! The programs that are graded write these bytes, so every function returns [`Malformed`] for those it cannot read.

mod api;
pub mod batch;
mod batches;
mod codec;
mod committed;
mod data;
mod decode;
pub mod error;
pub mod framing;
mod head;
pub mod header;
pub mod limits;
pub mod message;
mod names;
mod new_batch;
mod reader;
mod refuse;
mod request;
mod response;
pub mod rewrite;
pub mod schema;
pub mod versions;
mod writer;

#[cfg(test)]
mod tests;

pub use api::*;
pub use batch::{Batch, Record, batches};
pub use batches::Batches;
pub use codec::Codec;
pub use committed::{Aborted, At, committed};
pub use data::Data;
pub use decode::topic_id;
pub use error::error_name;
pub use head::{RequestHead, correlation, request_head};
pub use new_batch::{InTransaction, NewRecord, new_batch};
pub use reader::Malformed;
pub use refuse::refuse;
pub use request::*;
pub use response::*;
pub use rewrite::{ask_for_topics, lower_fetch_wait, rewrite_addresses};
pub use versions::{Ranges, answer_api_versions};

use bytes::Bytes;
use head::check_version;

/// What a request says. [`Request::Other`] is a kind that no check asks about.
pub fn request(head: &RequestHead, frame: &Bytes) -> Result<Request, Malformed> {
    if is_from_the_future(head.api, head.version) {
        return Ok(Request::ApiVersions { software: None, software_version: None });
    }
    check_version(head.api, head.version)
        .and_then(|()| decode::request(head, frame))
        .map_err(|why| why.within(format_args!("{} v{} request", api_name(head.api), head.version)))
}

/// What the response to a request of this kind and version says.
pub fn response(api: i16, version: i16, frame: &Bytes) -> Result<Response, Malformed> {
    // Its answer is in the layout of version 0, so that it can be read (KIP-511).
    let version = if is_from_the_future(api, version) { 0 } else { version };
    check_version(api, version)
        .and_then(|()| decode::response(api, version, frame))
        .map_err(|why| why.within(format_args!("{} v{version} response", api_name(api))))
}

/// Is it the first request of a client that is newer than we are? It only asks which versions there are.
fn is_from_the_future(api: i16, version: i16) -> bool {
    api == API_VERSIONS && check_version(api, version).is_err()
}
