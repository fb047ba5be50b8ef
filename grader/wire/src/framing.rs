//! Kafka's framing: a length of four bytes, then that many bytes (protocol guide, "Size").

use std::io;

use bytes::{Buf, Bytes, BytesMut};

use crate::limits::FRAME_BYTES;

/// Bytes of the length.
const PREFIX: usize = 4;

/// What is read at once where nothing larger is known to come.
pub const CHUNK: usize = 64 << 10;

/// The most memory that is taken for a frame before its bytes have come.
pub const AHEAD: usize = 1 << 20;

/// What a buffer begins with.
#[derive(Debug, PartialEq, Eq)]
pub enum Framed {
    /// A frame, without its length.
    Whole(Bytes),
    /// A part of one, whose length is known with the length of the prefix, or not yet.
    Part { whole: Option<usize> },
}

/// Takes the first frame out of `buffer`, whose memory it shares. The length is checked before a byte is allocated.
///
/// # Errors
/// `InvalidData` for an impossible length: this is not the Kafka protocol.
pub fn take_frame(buffer: &mut BytesMut) -> io::Result<Framed> {
    let whole = match buffer.first_chunk() {
        None => None,
        Some(length) => Some(PREFIX + frame_length(*length)?),
    };
    match whole {
        Some(whole) if buffer.len() >= whole => {
            let mut frame = buffer.split_to(whole);
            frame.advance(PREFIX);
            Ok(Framed::Whole(frame.freeze()))
        }
        _ => Ok(Framed::Part { whole }),
    }
}

/// Makes room for more of a frame of which `buffer` holds a part. Memory grows only with the bytes that really come.
pub fn make_room(buffer: &mut BytesMut, whole: Option<usize>) {
    let missing = whole.unwrap_or(PREFIX).saturating_sub(buffer.len());
    buffer.reserve(missing.clamp(PREFIX, AHEAD));
}

/// A frame with its length in front, to be sent in one piece.
pub fn with_length(frame: Bytes) -> impl Buf {
    Buf::chain(io::Cursor::new((frame.len() as u32).to_be_bytes()), frame)
}

fn frame_length(prefix: [u8; PREFIX]) -> io::Result<usize> {
    let length = i32::from_be_bytes(prefix);
    let possible = usize::try_from(length).ok().filter(|length| *length <= FRAME_BYTES);
    possible.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, format!("a frame of {length} bytes")))
}
