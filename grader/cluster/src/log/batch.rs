//! A batch of records, kept as the bytes that a producer sent (magic 2, KIP-98).
//!
//! Only what lies before the checksum is written anew when a batch is stored, base offset and leader epoch, so that what
//! a consumer gets is what the producer sent. Records are walked through, because Kafka does so before it accepts them,
//! and never written.

use std::borrow::Cow;
use std::io;

use bytes::{BufMut, Bytes};

use crate::log::records::{Record, Records};
use wire::header::{CONTROL, HEADER_BYTES, Header, LOG_APPEND_TIME, TRANSACTIONAL};

/// Bytes that the length of a batch does not count: base offset and the length itself.
const PREFIX_BYTES: usize = 12;
/// The checksum covers everything from here on.
const CHECKED_FROM: usize = 21;

/// A batch that stands in a log, or is ready to be appended to one.
#[derive(Clone, Debug)]
pub struct Batch {
    pub header: Header,
    bytes: Bytes,
}

impl Batch {
    /// Takes a copy of the first batch in `bytes`, whatever comes after it. None where there is none: it is cut short,
    /// or too short to be one.
    pub fn copy(bytes: &[u8]) -> Option<Batch> {
        let header = Header::read(bytes)?;
        let bytes = bytes.get(..length(bytes)?)?;
        (bytes.len() >= HEADER_BYTES).then(|| Batch { header, bytes: bytes.to_vec().into() })
    }

    /// The marker that ends a transaction: a control batch of one record, which says how it ended and which coordinator
    /// said so. (`EndTransactionMarker`, `ControlRecordType`)
    pub fn marker(producer_id: i64, producer_epoch: i16, commit: bool, coordinator_epoch: i32, wall_ms: i64) -> Batch {
        let mut record = Vec::new();
        record.put_slice(&[0, 0, 0]); // attributes, and the differences of timestamp and offset
        record.put_slice(&[8, 0, 0, 0, commit.into()]); // a key of 4 bytes: version and type
        record.put_slice(&[12, 0, 0]); // a value of 6 bytes: version and coordinator epoch
        record.put_i32(coordinator_epoch);
        record.put_u8(0); // no headers
        let mut bytes = Vec::new();
        bytes.put_i64(0);
        bytes.put_i32((HEADER_BYTES - PREFIX_BYTES + 1 + record.len()) as i32);
        bytes.put_i32(-1);
        bytes.put_i8(2);
        bytes.put_u32(0);
        bytes.put_i16(TRANSACTIONAL | CONTROL);
        bytes.put_i32(0);
        bytes.put_i64(wall_ms);
        bytes.put_i64(wall_ms);
        bytes.put_i64(producer_id);
        bytes.put_i16(producer_epoch);
        bytes.put_i32(-1);
        bytes.put_i32(1);
        bytes.put_u8((record.len() * 2) as u8); // a varint
        bytes.put_slice(&record);
        let checksum = crc32c::crc32c(&bytes[CHECKED_FROM..]);
        bytes[17..21].copy_from_slice(&checksum.to_be_bytes());
        let header = Header::read(&bytes).unwrap_or_else(|| unreachable!("a header was just written"));
        Batch { header, bytes: bytes.into() }
    }

    /// All of it, as a consumer gets it.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    pub fn has_right_checksum(&self) -> bool {
        crc32c::crc32c(&self.bytes[CHECKED_FROM..]) == self.header.checksum
    }

    /// Gives it its place in a log.
    pub fn place(&mut self, base_offset: i64, leader_epoch: i32) {
        self.header.base_offset = base_offset;
        self.header.leader_epoch = leader_epoch;
        self.patch(|bytes| {
            bytes[..8].copy_from_slice(&base_offset.to_be_bytes());
            bytes[12..16].copy_from_slice(&leader_epoch.to_be_bytes());
        });
    }

    /// Says what the newest timestamp is, and whether it is that of all records, which changes the checksum.
    pub fn stamp(&mut self, max_timestamp: i64, append_time: bool) {
        let attributes = self.header.attributes & !LOG_APPEND_TIME | if append_time { LOG_APPEND_TIME } else { 0 };
        if self.header.max_timestamp == max_timestamp && self.header.attributes == attributes {
            return;
        }
        let mut checksum = 0;
        self.patch(|bytes| {
            bytes[21..23].copy_from_slice(&attributes.to_be_bytes());
            bytes[35..43].copy_from_slice(&max_timestamp.to_be_bytes());
            checksum = crc32c::crc32c(&bytes[CHECKED_FROM..]);
            bytes[17..21].copy_from_slice(&checksum.to_be_bytes());
        });
        self.header = Header { attributes, max_timestamp, checksum, ..self.header };
    }

    /// Nobody else has these bytes until the batch is in a log, so they are changed where they are.
    fn patch(&mut self, change: impl FnOnce(&mut [u8])) {
        let mut bytes = Vec::from(std::mem::take(&mut self.bytes));
        change(&mut bytes);
        self.bytes = bytes.into();
    }

    /// Walks through the records.
    ///
    /// # Errors
    /// They cannot be decompressed, or would be more bytes than we read.
    pub fn records(&self) -> io::Result<Records<'_>> {
        let packed = &self.bytes[HEADER_BYTES..];
        let records = match wire::Codec::from_attributes(self.header.attributes) {
            Some(wire::Codec::None) => Cow::Borrowed(packed),
            Some(codec) => Cow::Owned(codec.inflate(packed, wire::limits::BATCH_INFLATED_BYTES)?.into()),
            None => return Err(io::ErrorKind::InvalidData.into()),
        };
        Ok(Records::new(records, &self.header))
    }

    /// How a transaction ended, if this is its marker: was it committed, and in which epoch of the coordinator?
    pub fn marked(&self) -> Option<(bool, i32)> {
        if !self.header.is_control() {
            return None;
        }
        // The places of [`Batch::marker`], the only control batches that there are.
        let record = self.bytes.get(HEADER_BYTES + 1..)?;
        let coordinator_epoch = i32::from_be_bytes(*record.get(11..)?.first_chunk()?);
        Some((*record.get(7)? == 1, coordinator_epoch))
    }

    /// The first record that was written at this time or later, and lies at this offset or after it.
    pub fn first_since(&self, timestamp: i64, offset: i64) -> Option<Record> {
        let mut records = self.records().ok()?.map_while(Result::ok);
        records.find(|record| record.timestamp >= timestamp && record.offset >= offset)
    }
}

/// Bytes of the batch that begins here, as it says itself.
fn length(bytes: &[u8]) -> Option<usize> {
    let length = i32::from_be_bytes(*bytes.get(8..12)?.first_chunk()?);
    usize::try_from(length).ok()?.checked_add(PREFIX_BYTES)
}
