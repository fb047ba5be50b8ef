//! The counterpart of the reader: builds the few messages that the tap or the grader say themselves.

use bytes::{BufMut, Bytes, BytesMut};

/// A message under construction, in the dialect (`flexible` or not) of its version.
pub(super) struct Writer {
    out: BytesMut,
    flexible: bool,
}

impl Writer {
    /// A response: the correlation id, and tagged fields where the header has them.
    pub fn response(correlation: i32, header_flexible: bool, flexible: bool) -> Self {
        let mut writer = Writer { out: BytesMut::new(), flexible: header_flexible };
        writer.i32(correlation);
        writer.no_tags();
        writer.flexible = flexible;
        writer
    }

    /// A fragment that goes into another message.
    pub fn fragment(flexible: bool) -> Self {
        Writer { out: BytesMut::new(), flexible }
    }

    pub fn finish(self) -> Bytes {
        self.out.freeze()
    }

    pub fn i16(&mut self, value: i16) {
        self.out.put_i16(value);
    }

    pub fn i32(&mut self, value: i32) {
        self.out.put_i32(value);
    }

    pub fn i64(&mut self, value: i64) {
        self.out.put_i64(value);
    }

    /// Bytes that are already in this dialect.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.out.put_slice(bytes);
    }

    fn uvarint(&mut self, mut value: u32) {
        while value >= 0x80 {
            self.out.put_u8(value as u8 | 0x80);
            value >>= 7;
        }
        self.out.put_u8(value as u8);
    }

    /// A string; what does not fit its length field is cut (at a character), for a frame must stay readable.
    pub fn string(&mut self, text: &str) {
        let text = &text[..text.floor_char_boundary(i16::MAX as usize)];
        if self.flexible {
            self.uvarint(text.len() as u32 + 1);
        } else {
            self.i16(text.len() as i16);
        }
        self.raw(text.as_bytes());
    }

    fn count(&mut self, count: usize) {
        if self.flexible {
            self.uvarint(count as u32 + 1);
        } else {
            self.i32(count as i32);
        }
    }

    pub fn array<T>(
        &mut self,
        entries: impl IntoIterator<Item = T, IntoIter: ExactSizeIterator>,
        mut each: impl FnMut(&mut Self, T),
    ) {
        let entries = entries.into_iter();
        self.count(entries.len());
        entries.for_each(|entry| each(self, entry));
    }

    /// The end of a structure: no tagged fields.
    pub fn no_tags(&mut self) {
        if self.flexible {
            self.uvarint(0);
        }
    }
}
