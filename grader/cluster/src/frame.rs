//! Frames to requests, answers to frames; all without their length.

use bytes::Bytes;
use kafka_protocol::messages::{ApiKey, RequestKind, ResponseKind};

use crate::versions;

/// A request that can be carried out, with what its answer has to say of it.
#[derive(Debug)]
pub struct Asked {
    pub api: ApiKey,
    pub version: i16,
    pub correlation: i32,
    pub client_id: String,
    pub request: RequestKind,
}

/// What a frame is.
#[derive(Debug)]
pub enum Frame {
    Request(Box<Asked>),
    /// ApiVersions in a version that is not known here, and its correlation id.
    NewerApiVersions(i32),
    /// A request that is not served, by kind and version. Kafka closes the connection.
    NotServed {
        api: i16,
        version: i16,
    },
    /// Not a request at all. Kafka closes the connection.
    Malformed(String),
}

/// Reads a frame. It never panics and takes no more memory than the frame is long, times a small number.
pub fn read(frame: &Bytes) -> Frame {
    let head = match wire::request_head(frame) {
        Ok(head) => head,
        Err(why) => return Frame::Malformed(why.to_string()),
    };
    if !versions::serves(head.api, head.version) {
        return match head.api == ApiKey::ApiVersions as i16 {
            true => Frame::NewerApiVersions(head.correlation),
            false => Frame::NotServed { api: head.api, version: head.version },
        };
    }
    decode(frame, &head).map_or_else(Frame::Malformed, |asked| Frame::Request(Box::new(asked)))
}

fn decode(frame: &Bytes, head: &wire::RequestHead) -> Result<Asked, String> {
    let api = ApiKey::try_from(head.api).map_err(|()| "an unknown request".to_owned())?;
    let request = wire::message::read_request(head, frame).map_err(|why| why.to_string())?;
    let client_id = head.client_id.clone().unwrap_or_default();
    Ok(Asked { api, version: head.version, correlation: head.correlation, client_id, request })
}

/// An answer as a frame.
///
/// # Errors
/// The answer says something that this version cannot say: a fault of ours.
pub fn write(api: ApiKey, version: i16, correlation: i32, answer: &ResponseKind) -> Result<Bytes, String> {
    wire::message::write_answer(api as i16, version, correlation, answer).map_err(|why| why.to_string())
}
