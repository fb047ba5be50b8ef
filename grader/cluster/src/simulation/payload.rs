//! Batches of numbered records, and their numbers again.

use bytes::Bytes;
use wire::NewRecord;

use crate::producers::Producer;
use crate::sending::with_checksum;
use wire::header::{HEADER_BYTES, Header};

/// Bytes of a record whose value is a number: each of its lengths and differences takes one byte.
const RECORD_BYTES: usize = 15;
/// Where the number stands in it.
const NUMBER_AT: usize = 6;

/// As whom a batch is sent.
#[derive(Clone, Copy, Debug)]
pub struct As {
    pub producer: Producer,
    pub sequence: i32,
    pub transactional: bool,
}

/// One batch of these records. Without a producer it is not idempotent.
pub fn batch(numbers: &[u64], sender: Option<As>, timestamp: i64) -> Bytes {
    let values: Vec<[u8; 8]> = numbers.iter().map(|number| number.to_be_bytes()).collect();
    let records: Vec<_> = values.iter().map(|value| NewRecord { key: Some(b""), value, headers: &[] }).collect();
    let batch = wire::new_batch(&records, timestamp, None);
    let Some(sender) = sender else { return batch };
    let mut bytes = batch.to_vec();
    bytes[22] = if sender.transactional { 0x10 } else { 0 };
    bytes[43..51].copy_from_slice(&sender.producer.id.to_be_bytes());
    bytes[51..53].copy_from_slice(&sender.producer.epoch.to_be_bytes());
    bytes[53..57].copy_from_slice(&sender.sequence.to_be_bytes());
    with_checksum(bytes)
}

/// A record that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read {
    pub offset: i64,
    pub number: u64,
    pub producer: i64,
    pub transactional: bool,
}

/// What is in a batch. A marker is none of it.
pub fn records(header: &Header, bytes: &[u8]) -> Vec<Read> {
    if header.is_control() {
        return Vec::new();
    }
    let read = |(index, record): (i64, &[u8])| Read {
        offset: header.base_offset + index,
        number: u64::from_be_bytes(record[NUMBER_AT..NUMBER_AT + 8].try_into().expect("eight bytes")),
        producer: header.producer_id,
        transactional: header.is_transactional(),
    };
    (0..).zip(bytes[HEADER_BYTES..].chunks_exact(RECORD_BYTES)).map(read).collect()
}

/// The headers and bytes of all batches one after the other, as Fetch returns them.
pub fn batches(bytes: &Bytes) -> Vec<(Header, Bytes)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(header) = Header::read(&bytes[at..]) {
        let end = at + header_length(bytes, at);
        found.push((header, bytes.slice(at..end)));
        at = end;
    }
    assert_eq!(at, bytes.len(), "Fetch returns whole batches here");
    found
}

fn header_length(bytes: &Bytes, at: usize) -> usize {
    let length: [u8; 4] = bytes[at + 8..at + 12].try_into().expect("four bytes");
    12 + i32::from_be_bytes(length) as usize
}
