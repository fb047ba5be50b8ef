//! May what a producer has sent be stored? (`ProduceRequest.validateRecords`, `UnifiedLog.analyzeAndValidateRecords` and
//! `LogValidator` in Kafka)

use kafka_protocol::ResponseError;

use crate::log::batch::Batch;
use crate::log::config::LogConfig;
use crate::log::records::Record;
use crate::time::Now;
use wire::header::Header;

/// Zstandard came with version 7 of Produce (KIP-110).
const ZSTD_SINCE: i16 = 7;

/// As many records are named that a batch is refused for. Kafka names all of them.
const MOST_NAMED: usize = 100;

/// Why a batch is not stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub error: ResponseError,
    /// What is wrong about single records, by their place in the batch (KIP-467).
    pub records: Vec<(i32, String)>,
    pub message: Option<String>,
}

impl From<ResponseError> for Refusal {
    fn from(error: ResponseError) -> Refusal {
        Refusal { error, records: Vec::new(), message: None }
    }
}

/// The one batch that a partition's part of a Produce request may have: its bytes, and its header.
///
/// # Errors
/// `CorruptMessage`, `InvalidRecord` (there is none, there are two, or it has the format of before Kafka 0.11), or
/// `UnsupportedCompressionType`.
pub fn only_batch(records: &[u8], version: i16) -> Result<&[u8], ResponseError> {
    let (batch, rest) = next_batch(records)?.ok_or(ResponseError::InvalidRecord)?;
    if magic(batch) != Some(2) {
        return Err(ResponseError::InvalidRecord);
    }
    let codec = Header::read(batch).map(|header| header.attributes & 7);
    match codec {
        Some(4) if version < ZSTD_SINCE => return Err(ResponseError::UnsupportedCompressionType),
        Some(5..) if version < ZSTD_SINCE => return Err(ResponseError::UnknownServerError),
        _ => {}
    }
    match next_batch(rest)? {
        Some(_) => Err(ResponseError::InvalidRecord),
        None => Ok(batch),
    }
}

/// Bytes of the shortest message that ever was, after offset and length.
const LEAST_LENGTH: i32 = 14;

/// Why these bytes cannot begin with a batch, in words.
pub fn corruption(records: &[u8]) -> Option<String> {
    let length = i32::from_be_bytes(*records.get(8..12)?.first_chunk()?);
    if length < LEAST_LENGTH {
        return Some(format!("A batch of {length} bytes is shorter than any"));
    }
    magic(records).filter(|magic| !(0..=2).contains(magic)).map(|magic| format!("There is no message format {magic}"))
}

fn magic(batch: &[u8]) -> Option<i8> {
    batch.get(16).map(|magic| *magic as i8)
}

/// A batch, and what comes after it.
type Split<'a> = (&'a [u8], &'a [u8]);

/// The next batch. A rest that is too short for one is nothing.
fn next_batch(bytes: &[u8]) -> Result<Option<Split<'_>>, ResponseError> {
    let Some(length) = bytes.get(8..12).and_then(|length| length.first_chunk()) else { return Ok(None) };
    let length = i32::from_be_bytes(*length);
    if corruption(bytes).is_some() {
        return Err(ResponseError::CorruptMessage);
    }
    if magic(bytes).is_none() {
        return Ok(None);
    }
    Ok(bytes.split_at_checked(length as usize + 12))
}

/// Takes a copy of a batch if it may be stored, and gives it the timestamps that the topic wants.
///
/// # Errors
/// What Kafka answers to such a batch.
pub fn validate(sent: &[u8], config: &LogConfig, now: Now) -> Result<Batch, Refusal> {
    let header = Header::read(sent).ok_or(ResponseError::CorruptMessage)?;
    if header.base_offset != 0 {
        return Err(ResponseError::InvalidRecord.into());
    }
    if sent.len() > config.max_batch_bytes {
        return Err(ResponseError::MessageTooLarge.into());
    }
    let mut batch = Batch::copy(sent).filter(Batch::has_right_checksum).ok_or(ResponseError::CorruptMessage)?;
    let count_by_offsets = i64::from(header.last_offset_delta) + 1;
    let right_count = count_by_offsets > 0 && count_by_offsets == i64::from(header.count);
    let has_sequence = !header.has_producer() || header.base_sequence >= 0;
    if !right_count || header.is_control() || !has_sequence {
        return Err(ResponseError::InvalidRecord.into());
    }
    let newest = check_records(&batch, config, now)?;
    match config.append_time {
        true => batch.stamp(now.wall_ms, true),
        false => batch.stamp(newest, false),
    }
    Ok(batch)
}

/// Looks at each record, and returns the newest timestamp.
fn check_records(batch: &Batch, config: &LogConfig, now: Now) -> Result<i64, Refusal> {
    let mut newest = -1;
    let mut wrong = Vec::new();
    let mut error = None;
    let records = batch.records().map_err(|_| ResponseError::UnknownServerError)?;
    for (index, record) in (0..).zip(records) {
        let record = record.map_err(|_| ResponseError::InvalidRecord)?;
        newest = newest.max(record.timestamp);
        if let Some((why, message)) = check_record(&record, &batch.header, config, now) {
            // A wrong timestamp is what the whole batch is refused for, whatever else is wrong.
            if error != Some(ResponseError::InvalidTimestamp) {
                error = Some(why);
            }
            if wrong.len() < MOST_NAMED {
                wrong.push((index, message));
            }
        }
    }
    let message = match error {
        None => return Ok(newest),
        Some(ResponseError::InvalidTimestamp) => "One or more records have been rejected due to invalid timestamp",
        Some(_) => "One or more records have been rejected",
    };
    Err(Refusal {
        error: error.unwrap_or(ResponseError::InvalidRecord),
        records: wrong,
        message: Some(message.to_owned()),
    })
}

fn check_record(record: &Record, header: &Header, config: &LogConfig, now: Now) -> Option<(ResponseError, String)> {
    if config.compacted && !record.has_key {
        return Some((ResponseError::InvalidRecord, "A compacted topic takes no record without a key".to_owned()));
    }
    if !config.append_time && record.timestamp != -1 {
        let ahead = record.timestamp.saturating_sub(now.wall_ms);
        let in_range = ahead.saturating_neg() <= config.before_max_ms && ahead <= config.after_max_ms;
        return (!in_range).then(|| {
            let oldest = now.wall_ms.saturating_sub(config.before_max_ms);
            let newest = now.wall_ms.saturating_add(config.after_max_ms);
            let timestamp = record.timestamp;
            let message = format!("Timestamp {timestamp} is out of range: it should be within [{oldest}, {newest}]");
            (ResponseError::InvalidTimestamp, message)
        });
    }
    header.has_append_time().then(|| {
        (ResponseError::InvalidTimestamp, "A producer does not set the timestamp type to LogAppendTime".to_owned())
    })
}
