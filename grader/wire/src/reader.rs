//! The one place that takes bytes off a frame.
//!
//! Every count and length in a frame was written by somebody else, and a count may claim two thousand million entries
//! in a frame of forty bytes. kafka-protocol's own decoders call `Vec::with_capacity` with that count, and a failed
//! allocation *aborts* the process, which no `catch_unwind` stops. So this reader goes over a frame first, or alone: a
//! length is compared with what remains before anything is taken, a vector grows only by entries that were really there,
//! and one frame may not have more than [`FRAME_ENTRIES`] of them.
//!
//! Kafka has two dialects, and the version of a request decides which one it speaks. The old one writes lengths as
//! fixed integers. The "flexible" one (KIP-482) writes them as unsigned varints of length + 1, where 0 is null, and
//! ends every structure with tagged fields that a reader may skip. The methods here follow the `flexible` flag, so that
//! a decoder reads like the message's schema.

use std::fmt;

use bytes::Bytes;

use crate::limits::FRAME_ENTRIES;

/// Bytes that are not the Kafka message they claim to be: what was being read, and where it broke off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed(String);

impl Malformed {
    pub(super) fn new(what: impl Into<String>) -> Self {
        Malformed(what.into())
    }

    /// The same fault with the message it was found in, as in "OffsetCommit v9: …".
    pub(super) fn within(self, place: impl fmt::Display) -> Self {
        Malformed(format!("{place}: {}", self.0))
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Malformed {}

pub(super) type Result<T> = std::result::Result<T, Malformed>;

/// A cursor over a frame. Each method names the field it reads, with the name that Kafka's schema gives it.
pub(super) struct Reader<'a> {
    bytes: &'a Bytes,
    at: usize,
    /// Nothing is read from here on.
    end: usize,
    flexible: bool,
    entries: usize,
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a Bytes, at: usize, flexible: bool) -> Self {
        Reader { bytes, at, end: bytes.len(), flexible, entries: FRAME_ENTRIES }
    }

    /// The same cursor in the dialect that `flexible` says.
    pub fn speaking(self, flexible: bool) -> Self {
        Reader { flexible, ..self }
    }

    /// The same cursor with a smaller allowance of entries, for bodies that share one.
    pub fn with_entries(mut self, entries: usize) -> Self {
        self.entries = entries;
        self
    }

    pub fn entries_left(&self) -> usize {
        self.entries
    }

    pub fn at(&self) -> usize {
        self.at
    }

    pub fn remaining(&self) -> usize {
        self.end.saturating_sub(self.at)
    }

    pub fn flexible(&self) -> bool {
        self.flexible
    }

    pub fn fault(&self, what: &str, why: impl fmt::Display) -> Malformed {
        Malformed(format!("`{what}` at byte {}: {why}", self.at))
    }

    /// The next `length` bytes, shared with the frame and not copied.
    pub fn take(&mut self, length: usize, what: &str) -> Result<Bytes> {
        let start = self.at;
        self.skip(length, what)?;
        Ok(self.bytes.slice(start..self.at))
    }

    /// Leaves out the next `length` bytes.
    pub fn skip(&mut self, length: usize, what: &str) -> Result<()> {
        if length > self.remaining() {
            return Err(self.fault(what, format_args!("needs {length} bytes, {} remain", self.remaining())));
        }
        self.at += length;
        Ok(())
    }

    /// A cursor over the next `length` bytes alone, of the old dialect; this one goes on behind them.
    pub fn part(&mut self, length: usize, what: &str) -> Result<Reader<'a>> {
        let at = self.at;
        self.skip(length, what)?;
        Ok(Reader { bytes: self.bytes, at, end: self.at, flexible: false, entries: FRAME_ENTRIES })
    }

    /// What lies between an earlier position and this one, exactly as it came.
    pub fn since(&self, start: usize) -> Bytes {
        if start <= self.at && self.at <= self.end { self.bytes.slice(start..self.at) } else { Bytes::new() }
    }

    /// The same, where it is only looked at.
    pub fn seen(&self, start: usize) -> &[u8] {
        self.bytes.get(start..self.at).unwrap_or_default()
    }

    fn fixed<const N: usize>(&mut self, what: &str) -> Result<[u8; N]> {
        match self.bytes.get(self.at..self.end).and_then(|rest| rest.first_chunk()) {
            Some(found) => {
                self.at += N;
                Ok(*found)
            }
            None => Err(self.fault(what, format_args!("needs {N} bytes, {} remain", self.remaining()))),
        }
    }

    pub fn i8(&mut self, what: &str) -> Result<i8> {
        self.fixed(what).map(i8::from_be_bytes)
    }

    pub fn bool(&mut self, what: &str) -> Result<bool> {
        Ok(self.i8(what)? != 0)
    }

    pub fn i16(&mut self, what: &str) -> Result<i16> {
        self.fixed(what).map(i16::from_be_bytes)
    }

    pub fn i32(&mut self, what: &str) -> Result<i32> {
        self.fixed(what).map(i32::from_be_bytes)
    }

    pub fn i64(&mut self, what: &str) -> Result<i64> {
        self.fixed(what).map(i64::from_be_bytes)
    }

    pub fn uuid(&mut self, what: &str) -> Result<[u8; 16]> {
        self.fixed(what)
    }

    fn varint_of(&mut self, most: u32, what: &str) -> Result<u64> {
        let mut value = 0u64;
        for i in 0..most {
            let [byte] = self.fixed(what)?;
            value |= u64::from(byte & 0x7f) << (7 * i);
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(self.fault(what, format_args!("a varint of more than {most} bytes")))
    }

    /// Seven bits to a byte, lowest first; the top bit says "more follows".
    pub fn uvarint(&mut self, what: &str) -> Result<u32> {
        let value = self.varint_of(5, what)?;
        u32::try_from(value).map_err(|_| self.fault(what, "a varint beyond 32 bits"))
    }

    /// Zigzag: 0, -1, 1, -2, … are 0, 1, 2, 3, …, so that small negative numbers stay short too.
    pub fn varint(&mut self, what: &str) -> Result<i32> {
        let value = self.uvarint(what)?;
        Ok((value >> 1) as i32 ^ -((value & 1) as i32))
    }

    pub fn varlong(&mut self, what: &str) -> Result<i64> {
        let value = self.varint_of(10, what)?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// A length that is there or null: unsigned varint of length + 1 in a flexible version, else as `fixed` reads it.
    pub fn length(&mut self, what: &str, fixed: fn(&mut Self, &str) -> Result<i32>) -> Result<Option<usize>> {
        let length = if self.flexible { i64::from(self.uvarint(what)?) - 1 } else { i64::from(fixed(self, what)?) };
        match length {
            -1 => Ok(None),
            n => match usize::try_from(n) {
                Ok(n) => Ok(Some(n)),
                Err(_) => Err(self.fault(what, format_args!("a length of {n}"))),
            },
        }
    }

    pub fn nullable_string(&mut self, what: &str) -> Result<Option<String>> {
        let Some(length) = self.length(what, |r, what| r.i16(what).map(i32::from))? else {
            return Ok(None);
        };
        let start = self.at;
        self.skip(length, what)?;
        match std::str::from_utf8(&self.bytes[start..self.at]) {
            Ok(text) => Ok(Some(text.to_owned())),
            Err(why) => Err(self.fault(what, why)),
        }
    }

    pub fn string(&mut self, what: &str) -> Result<String> {
        let found = self.nullable_string(what)?;
        found.ok_or_else(|| self.fault(what, "null, where a string must be"))
    }

    pub fn nullable_bytes(&mut self, what: &str) -> Result<Option<Bytes>> {
        match self.length(what, Self::i32)? {
            Some(length) => self.take(length, what).map(Some),
            None => Ok(None),
        }
    }

    pub fn bytes(&mut self, what: &str) -> Result<Bytes> {
        Ok(self.nullable_bytes(what)?.unwrap_or_default())
    }

    /// Bytes of a record: a zigzag varint length, -1 for null.
    pub fn record_bytes(&mut self, what: &str) -> Result<Option<Bytes>> {
        match self.varint(what)? {
            -1 => Ok(None),
            n => match usize::try_from(n) {
                Ok(n) => self.take(n, what).map(Some),
                Err(_) => Err(self.fault(what, format_args!("a length of {n}"))),
            },
        }
    }

    /// Takes one entry from the frame's allowance, so that small frames cannot become large structures.
    pub fn entry(&mut self, what: &str) -> Result<()> {
        match self.entries.checked_sub(1) {
            Some(left) => {
                self.entries = left;
                Ok(())
            }
            None => Err(self.fault(what, "more entries than a frame may have")),
        }
    }

    pub fn nullable_array<T>(
        &mut self,
        what: &str,
        mut each: impl FnMut(&mut Self) -> Result<T>,
    ) -> Result<Option<Vec<T>>> {
        let Some(count) = self.length(what, Self::i32)? else {
            return Ok(None);
        };
        // An entry takes a byte at least.
        if count > self.remaining() {
            return Err(self.fault(what, format_args!("{count} entries in {} bytes", self.remaining())));
        }
        let mut entries = Vec::new(); // grows with what is there, not with what is claimed
        for _ in 0..count {
            self.entry(what)?;
            entries.push(each(self)?);
        }
        Ok(Some(entries))
    }

    pub fn array<T>(&mut self, what: &str, each: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        Ok(self.nullable_array(what, each)?.unwrap_or_default())
    }

    /// The tagged fields that end a structure of a flexible version; nothing is there in the old dialect. `each` gets a
    /// tag and the place of its value in the frame (size included), and may ignore both.
    pub fn tags(&mut self, mut each: impl FnMut(u32, std::ops::Range<usize>)) -> Result<()> {
        if !self.flexible {
            return Ok(());
        }
        for _ in 0..self.uvarint("tagged fields")? {
            let tag = self.uvarint("tag")?;
            let start = self.at;
            let size = self.uvarint("tag size")? as usize;
            self.skip(size, "tagged field")?;
            each(tag, start..self.at);
        }
        Ok(())
    }

    pub fn skip_tags(&mut self) -> Result<()> {
        self.tags(|_, _| ())
    }
}
