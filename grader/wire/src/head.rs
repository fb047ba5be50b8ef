//! Heads of frames: what is read of every one of them, whatever its kind.

use bytes::Bytes;

use super::api;
use super::reader::{Malformed, Reader};

/// What every request begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestHead {
    pub api: i16,
    pub version: i16,
    pub correlation: i32,
    pub client_id: Option<String>,
    /// Where the body begins in the frame.
    body: usize,
}

impl RequestHead {
    /// What follows the header. Empty where `frame` is not the one that the header was read from, and shorter.
    pub fn rest(&self, frame: &Bytes) -> Bytes {
        if self.body <= frame.len() { frame.slice(self.body..) } else { Bytes::new() }
    }

    /// A reader of the body that this head announces.
    pub(super) fn body<'a>(&self, frame: &'a Bytes) -> Reader<'a> {
        Reader::new(frame, self.body, api::flexible(self.api, self.version))
    }
}

/// The head of a request frame (without its length).
pub fn request_head(frame: &Bytes) -> Result<RequestHead, Malformed> {
    head(frame).map_err(|why| why.within("request header"))
}

fn head(frame: &Bytes) -> Result<RequestHead, Malformed> {
    let mut r = Reader::new(frame, 0, false);
    let api = r.i16("request_api_key")?;
    let version = r.i16("request_api_version")?;
    let correlation = r.i32("correlation_id")?;
    // Not compact even in flexible versions: it must be readable before the version is understood.
    let length = r.i16("client_id")?;
    let client_id = match usize::try_from(length) {
        Ok(length) => Some(String::from_utf8_lossy(&r.take(length, "client_id")?).into_owned()),
        Err(_) => None,
    };
    let mut r = Reader::new(frame, r.at(), api::flexible(api, version));
    r.skip_tags()?;
    Ok(RequestHead { api, version, correlation, client_id, body: r.at() })
}

/// The correlation id of a response frame: that of the request which it answers.
pub fn correlation(frame: &[u8]) -> Result<i32, Malformed> {
    match frame.first_chunk() {
        Some(id) => Ok(i32::from_be_bytes(*id)),
        None => Err(Malformed::new(format!("a response of {} bytes", frame.len()))),
    }
}

/// Refuses versions whose layout is unknown: reading them as if they were the last known one would invent facts.
pub(super) fn check_version(api: i16, version: i16) -> Result<(), Malformed> {
    match api::find(api) {
        Some(row) if !(0..=row.newest).contains(&version) => {
            Err(Malformed::new(format!("only versions 0 to {} are decoded", row.newest)))
        }
        _ => Ok(()),
    }
}

/// A reader of a response's body, for whoever needs to look into it.
pub(super) fn response_body(api: i16, version: i16, frame: &Bytes) -> Result<Reader<'_>, Malformed> {
    let mut header = Reader::new(frame, 0, api::flexible_answer(api, version));
    header.i32("correlation_id")?;
    header.skip_tags()?;
    Ok(Reader::new(frame, header.at(), api::flexible(api, version)))
}
