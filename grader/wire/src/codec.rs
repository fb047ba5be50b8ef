//! The compression of a batch's records, undone within a limit.
//!
//! A client compresses all records of a batch as one block, and the broker stores and serves that block as it came. A
//! few kilobytes of zeros inflate to gigabytes, and kafka-protocol's decompressors inflate whatever they are given, so
//! each codec here stops at the limit that the caller sets.

use std::io::{self, Read};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// How a batch's records are compressed: the lowest three bits of its attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Codec {
    #[default]
    None,
    Gzip,
    Snappy,
    Lz4,
    Zstd,
}

impl Codec {
    /// None for a number that Kafka gives to no codec.
    pub fn from_attributes(attributes: i16) -> Option<Codec> {
        Some(match attributes & 7 {
            0 => Codec::None,
            1 => Codec::Gzip,
            2 => Codec::Snappy,
            3 => Codec::Lz4,
            4 => Codec::Zstd,
            _ => return None,
        })
    }

    /// The records' bytes; an error where they are not this codec's, or would be more than `limit`.
    pub fn inflate(self, packed: &[u8], limit: usize) -> io::Result<Bytes> {
        match self {
            Codec::None => Ok(Bytes::copy_from_slice(packed)),
            Codec::Gzip => read(flate2::read::MultiGzDecoder::new(packed), limit),
            Codec::Snappy => snappy(packed, limit),
            Codec::Lz4 => read(lz4::Decoder::new(packed)?, limit),
            Codec::Zstd => {
                let mut decoder = zstd::stream::read::Decoder::with_buffer(packed)?;
                decoder.window_log_max(26)?; // a frame may ask for a window of gigabytes; 64 MiB is enough here
                read(decoder, limit)
            }
        }
    }
}

fn too_much(limit: usize) -> io::Error {
    io::Error::other(format!("more than {limit} bytes when decompressed"))
}

fn read(decoder: impl Read, limit: usize) -> io::Result<Bytes> {
    let mut out = Vec::new();
    decoder.take(limit as u64 + 1).read_to_end(&mut out)?;
    if out.len() > limit {
        return Err(too_much(limit));
    }
    Ok(out.into())
}

/// What snappy-java (and so every Java client) puts before its blocks, each with its length. librdkafka sends one bare
/// block instead; brokers and consumers accept both.
const XERIAL: &[u8] = b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01";

fn snappy(packed: &[u8], limit: usize) -> io::Result<Bytes> {
    let Some(mut blocks) = packed.strip_prefix(XERIAL) else {
        return Ok(snappy_block(packed, limit)?.into());
    };
    let mut out = Vec::new();
    while !blocks.is_empty() {
        let cut = || io::Error::other("a snappy block that is cut short");
        let (length, rest) = blocks.split_first_chunk().ok_or_else(cut)?;
        let (block, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize).ok_or_else(cut)?;
        out.extend(snappy_block(block, limit.saturating_sub(out.len()))?);
        blocks = rest;
    }
    Ok(out.into())
}

fn snappy_block(block: &[u8], limit: usize) -> io::Result<Vec<u8>> {
    // A block says its size first, and the decoder allocates it at once. Three bytes of input make 64 at most.
    let claimed = snap::raw::decompress_len(block)?;
    if claimed > limit {
        return Err(too_much(limit));
    }
    if claimed > block.len().saturating_mul(64) {
        return Err(io::Error::other(format!("{} bytes of snappy cannot be {claimed}", block.len())));
    }
    Ok(snap::raw::Decoder::new().decompress_vec(block)?)
}
