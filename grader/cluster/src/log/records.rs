//! The records of a batch, as far as a broker looks at them.

use std::borrow::Cow;

use wire::header::Header;

/// A record takes as many bytes at least: its length, attributes, two differences, key, value and count of headers.
const LEAST_BYTES: usize = 7;

/// What a broker wants to know of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    pub offset: i64,
    /// Milliseconds since 1970.
    pub timestamp: i64,
    pub has_key: bool,
}

/// These bytes are not what the header of the batch says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// Walks through records, and ends after the first that is malformed. Bytes after the last record are malformed, too.
#[derive(Debug)]
pub struct Records<'a> {
    bytes: Cow<'a, [u8]>,
    at: usize,
    left: usize,
    header: Header,
}

impl<'a> Records<'a> {
    /// `bytes` are those after the header, decompressed.
    pub(crate) fn new(bytes: Cow<'a, [u8]>, header: &Header) -> Records<'a> {
        Records { bytes, at: 0, left: usize::try_from(header.count).unwrap_or(0), header: *header }
    }

    fn read(&mut self) -> Option<Record> {
        let mut from = Reader(self.bytes.get(self.at..)?);
        let length = usize::try_from(from.varint()?).ok()?;
        let before = from.0.len();
        let mut record = Reader(from.take(length)?);
        self.at += self.bytes.len() - self.at - before + length;
        record.take(1)?; // attributes, which are not used
        let timestamp = record.varlong()?;
        let offset = record.varint()?;
        let has_key = record.skip_bytes()?;
        record.skip_bytes()?;
        for _ in 0..usize::try_from(record.varint()?).ok()? {
            record.skip_bytes()?.then_some(())?; // a header has a key
            record.skip_bytes()?;
        }
        let timestamp = match self.header.has_append_time() {
            true => self.header.max_timestamp,
            false => self.header.base_timestamp.wrapping_add(timestamp),
        };
        let offset = self.header.base_offset.wrapping_add(offset.into());
        record.0.is_empty().then_some(Record { offset, timestamp, has_key })
    }
}

impl Iterator for Records<'_> {
    type Item = Result<Record, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            return (std::mem::replace(&mut self.at, self.bytes.len()) < self.bytes.len()).then_some(Err(Malformed));
        }
        let record = self.read();
        match record {
            Some(_) => self.left -= 1,
            None => (self.left, self.at) = (0, self.bytes.len()),
        }
        Some(record.ok_or(Malformed))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(self.left.min(self.bytes.len() / LEAST_BYTES) + 1))
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// Skips bytes with their length in front. Are there any? A length of -1 says no.
    fn skip_bytes(&mut self) -> Option<bool> {
        match self.varint()? {
            -1 => Some(false),
            length => self.take(usize::try_from(length).ok()?).map(|_| true),
        }
    }

    fn varint(&mut self) -> Option<i32> {
        let value = self.unsigned(5)?;
        let value = u32::try_from(value).ok()?;
        Some((value >> 1) as i32 ^ -((value & 1) as i32))
    }

    fn varlong(&mut self) -> Option<i64> {
        let value = self.unsigned(10)?;
        Some((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// Seven bits a byte, the lowest first; the eighth says that more follow.
    fn unsigned(&mut self, most_bytes: usize) -> Option<u64> {
        let mut value = 0;
        for index in 0..most_bytes {
            let byte = *self.0.get(index)?;
            value |= u64::from(byte & 0x7f).wrapping_shl(7 * index as u32);
            if byte & 0x80 == 0 {
                self.0 = &self.0[index + 1..];
                return Some(value);
            }
        }
        None
    }
}
