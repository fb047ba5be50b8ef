//! What a record carries on its way: the label of its next attempt, and its history.

use crate::{ATTEMPTS, now};
use rdkafka::message::{BorrowedMessage, Header, Headers, Message, OwnedHeaders};

/// No time lies further ahead, in milliseconds.
const LONGEST_PAUSE: u64 = 60_000;

/// What a record says about its next attempt.
pub struct Label {
    /// Its number, from 1.
    pub attempt: u32,
    /// Milliseconds since 1970.
    pub not_before: u64,
}

impl Label {
    /// The right way to read it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn of(message: &BorrowedMessage<'_>) -> Result<Label, String> {
        if message.topic() == kit::topic("orders") {
            return Ok(Label { attempt: 1, not_before: 0 });
        }
        let (attempt, not_before) = (number(message, "attempt")?, number(message, "not_before")?);
        match u32::try_from(attempt) {
            Ok(attempt @ 2..=ATTEMPTS) if not_before <= now() + LONGEST_PAUSE => Ok(Label { attempt, not_before }),
            _ => Err(format!("a label that cannot be: attempt {attempt}, not_before {not_before}")),
        }
    }
}

/// The number in the first header of this name.
///
/// # Errors
/// There is none.
pub fn number(message: &BorrowedMessage<'_>, name: &str) -> Result<u64, String> {
    let mut headers = message.headers().into_iter().flat_map(|headers| headers.iter());
    let value = headers.find(|header| header.key == name).and_then(|header| header.value);
    let text = value.and_then(|value| std::str::from_utf8(value).ok());
    text.and_then(|text| text.parse().ok()).ok_or_else(|| format!("no number in a header {name}"))
}

/// Is it a header of the old label?
pub fn is_label(name: &str) -> bool {
    name == "attempt" || name == "not_before"
}

/// The record's headers without those that are `unwanted`, where it first came from, and this error.
pub fn history(message: &BorrowedMessage<'_>, error: &str, unwanted: impl Fn(&str) -> bool) -> OwnedHeaders {
    let mut headers = OwnedHeaders::new();
    let mut has_origin = false;
    for header in message.headers().into_iter().flat_map(|headers| headers.iter()) {
        if !unwanted(header.key) {
            has_origin |= header.key == "original_topic";
            headers = headers.insert(header);
        }
    }
    if !has_origin {
        headers = with(headers, "original_topic", message.topic());
        headers = with(headers, "original_partition", message.partition());
        headers = with(headers, "original_offset", message.offset());
    }
    with(headers, "error", error)
}

pub fn with(headers: OwnedHeaders, key: &str, value: impl ToString) -> OwnedHeaders {
    headers.insert(Header { key, value: Some(&value.to_string()) })
}
