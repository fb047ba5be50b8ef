//! Record batches, the unit that producers send, brokers store and consumers fetch (magic 2, KIP-98).
//!
//! A batch is a header of 61 bytes and its records, compressed together. The header says who wrote it: producer id,
//! epoch and the sequence number of the first record, which is how a broker recognises a repeated batch. Inside,
//! offsets and timestamps are differences to the header's, in varints, so that small records stay small.
//!
//! We decode batches ourselves because kafka-protocol keeps headers in a map, where a repeated header key, which Kafka
//! allows, replaces the one before it; and because the bytes come from programs that we do not trust. The checksum is
//! not verified: the broker does that, and its answer is in the recording too.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::limits::{BATCH_INFLATED_BYTES, FRAME_ENTRIES, REQUEST_INFLATED_BYTES};

use super::codec::Codec;
use super::data::Data;
use super::header::{HEADER_BYTES, Header};
use super::reader::{Malformed, Reader, Result};

/// Where the format stands, in all formats that there have been.
const MAGIC_AT: usize = 16;
/// Bytes before the part that a batch's length counts: base offset and the length itself.
pub(super) const PREFIX: usize = 12;

/// One batch of a Produce request, with its records in order.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Batch {
    pub topic: String,
    pub partition: i32,
    /// -1 for a producer that is not idempotent; then epoch and base sequence are -1 too.
    pub producer_id: i64,
    pub epoch: i16,
    pub base_sequence: i32,
    pub codec: Codec,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub transactional: bool,
    /// Size on the wire, header included.
    pub bytes: usize,
    pub records: Vec<Record>,
    /// Why the records are not (all) here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// One record of a batch.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Record {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Data>,
    /// `None` is a tombstone: in a compacted topic it deletes the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Data>,
    /// In the order in which they were sent, repeated keys included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, Option<Data>)>,
    /// Milliseconds since 1970, as the producer set it.
    pub timestamp: i64,
}

/// What is left of the allowance that the batches of one request share.
pub(super) struct Budget {
    inflated: usize,
    entries: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Budget { inflated: REQUEST_INFLATED_BYTES, entries: FRAME_ENTRIES }
    }
}

/// The batches in the `records` field of one partition. Something is returned for every batch that begins: where one
/// cannot be read, its `error` says why.
pub fn batches(topic: &str, partition: i32, bytes: &Bytes) -> Vec<Batch> {
    batches_within(&mut Budget::default(), topic, partition, bytes)
}

pub(super) fn batches_within(budget: &mut Budget, topic: &str, partition: i32, bytes: &Bytes) -> Vec<Batch> {
    let mut found = Vec::new();
    let mut frame = Reader::new(bytes, 0, false);
    while frame.remaining() > 0 {
        let mut batch = Batch {
            topic: topic.to_owned(),
            partition,
            producer_id: -1,
            epoch: -1,
            base_sequence: -1,
            bytes: frame.remaining(),
            ..Batch::default()
        };
        let mut next = None;
        if budget.entries == 0 {
            batch.error = Some("more batches and records than are decoded at once".into());
        } else {
            budget.entries -= 1;
            match next_batch(&mut frame) {
                Ok(bytes) => {
                    batch.bytes = bytes.len();
                    batch.error = fill(&mut batch, &bytes, budget).err().map(|why| why.to_string());
                    next = Some(());
                }
                Err(why) => batch.error = Some(why.to_string()),
            }
        }
        found.push(batch);
        if next.is_none() {
            break; // without its length there is no telling where the next one begins
        }
    }
    found
}

/// The bytes of the next batch, whose length stands in its front.
pub(super) fn next_batch(frame: &mut Reader) -> Result<Bytes> {
    let start = frame.at();
    frame.i64("base offset")?;
    let length = frame.i32("batch length")?;
    let length = usize::try_from(length).map_err(|_| Malformed::new(format!("a batch length of {length}")))?;
    frame.take(length, "record batch")?;
    Ok(frame.since(start))
}

/// How many records `bytes` hold at most, and in how many bytes. None where they have to be decoded to tell: a batch is
/// compressed, or none.
pub(super) fn size(bytes: &Bytes) -> Option<(usize, usize)> {
    let mut frame = Reader::new(bytes, 0, false);
    let mut records = 0;
    while frame.remaining() > 0 {
        let batch = next_batch(&mut frame).ok()?;
        let header = header(&batch).ok()?;
        if Codec::from_attributes(header.attributes) != Some(Codec::None) {
            return None;
        }
        records += most_records(&header, batch.len());
    }
    Some((records, bytes.len()))
}

/// A record takes seven bytes at least; what a batch claims may be more than it has.
fn most_records(header: &Header, bytes: usize) -> usize {
    usize::try_from(header.count).unwrap_or(0).min(bytes / 7 + 1)
}

pub(super) fn fill(batch: &mut Batch, bytes: &Bytes, budget: &mut Budget) -> Result<()> {
    let header = header(bytes)?;
    batch.producer_id = header.producer_id;
    batch.epoch = header.producer_epoch;
    batch.base_sequence = header.base_sequence;
    batch.transactional = header.is_transactional();
    let Some(codec) = Codec::from_attributes(header.attributes) else {
        return Err(Malformed::new(format!("compression {} is none that Kafka has", header.attributes & 7)));
    };
    batch.codec = codec;
    let packed = bytes.slice(HEADER_BYTES.min(bytes.len())..);
    let records = if codec == Codec::None {
        packed
    } else {
        let limit = BATCH_INFLATED_BYTES.min(budget.inflated);
        let records = codec.inflate(&packed, limit);
        let records = records.map_err(|why| Malformed::new(format!("decompressing {codec:?}: {why}")))?;
        budget.inflated -= records.len().min(budget.inflated);
        records
    };
    let mut reader = Reader::new(&records, 0, false).with_entries(budget.entries);
    batch.records.reserve_exact(most_records(&header, reader.remaining()).min(reader.entries_left()));
    for _ in 0..header.count {
        match record(&mut reader, header.base_timestamp) {
            Ok(record) => batch.records.push(record),
            Err(why) => {
                budget.entries = reader.entries_left();
                return Err(why.within(format_args!("record {} of {}", batch.records.len() + 1, header.count)));
            }
        }
    }
    budget.entries = reader.entries_left();
    Ok(())
}

fn record(batch: &mut Reader, base_timestamp: i64) -> Result<Record> {
    batch.entry("record")?;
    let length = batch.varint("record length")?;
    let length = usize::try_from(length).map_err(|_| Malformed::new(format!("a record length of {length}")))?;
    let mut reader = batch.part(length, "record")?;
    reader.i8("attributes")?;
    let timestamp = reader.varlong("timestamp delta")?;
    reader.varint("offset delta")?;
    let key = reader.record_bytes("key")?;
    let value = reader.record_bytes("value")?;
    let mut headers = Vec::new();
    for _ in 0..reader.varint("header count")? {
        batch.entry("header")?;
        let key = reader.record_bytes("header key")?.unwrap_or_default();
        let value = reader.record_bytes("header value")?;
        headers.push((String::from_utf8_lossy(&key).into_owned(), value.map(Data::from)));
    }
    Ok(Record {
        key: key.map(Data::from),
        value: value.map(Data::from),
        headers,
        timestamp: base_timestamp.wrapping_add(timestamp),
    })
}

/// The header of a batch in the one format that Kafka still takes.
pub(super) fn header(batch: &Bytes) -> Result<Header> {
    match batch.get(MAGIC_AT).map(|magic| *magic as i8) {
        Some(2) | None => {}
        Some(old @ (0 | 1)) => {
            let why = format!("message format v{old}, from before Kafka 0.11; only v2 is decoded");
            return Err(Malformed::new(why));
        }
        Some(other) => return Err(Malformed::new(format!("message format v{other} is none that Kafka has"))),
    }
    let short =
        || Malformed::new(format!("a batch of {} bytes, where its header alone has {HEADER_BYTES}", batch.len()));
    Header::read(batch).ok_or_else(short)
}

/// Which offsets the batches of a Fetch answer cover, first and last, and how many records they hold.
///
/// Only headers are read: a broker's answer may be large, and the programs that read it are what we grade, not the
/// broker. The first batch may begin before the offset that was asked for, because batches are served whole. The last
/// one may be cut off, because a broker fills an answer by bytes; a consumer ignores such a rest, and so do we. A
/// control batch, the marker that ends a transaction, takes an offset but holds no record that a program could see.
pub(super) fn span(bytes: &Bytes) -> (Option<(i64, i64)>, u64) {
    let mut frame = Reader::new(bytes, 0, false);
    let (mut offsets, mut count) = (None::<(i64, i64)>, 0u64);
    while frame.remaining() >= PREFIX {
        let Ok(batch) = next_batch(&mut frame) else { break };
        let Ok(header) = header(&batch) else {
            continue;
        };
        let last = header.last_offset();
        offsets = Some((offsets.map_or(header.base_offset, |(first, _)| first), last));
        if !header.is_control() {
            count = count.saturating_add(u64::try_from(header.count).unwrap_or(0));
        }
    }
    (offsets, count)
}
