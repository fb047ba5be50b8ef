//! Kafka's own message definitions as a table, and what follows from them without a line of code per message.
//!
//! kafka-protocol's decoders allocate by counts that the sender has written before they look whether the entries are
//! there, so a frame of sixteen bytes can end the process; [`check_request`] walks a frame first, and what it accepts is
//! safe to decode. [`read`] and [`write`] do the same for any message as a tree of named values, which is how a cluster is
//! compared with Apache Kafka field by field.
//!
//! | file | its one job |
//! | --- | --- |
//! | `messages.txt` | the facts, written by `messages.py` |
//! | `table` | the lines of that file as messages, fields and versions |
//! | `walk` | the one way through the bytes of a message |
//! | `value` | the tree, and how a walk grows it |
//! | `write` | the tree as bytes |
//! | `sample` | trees by chance, for tests |

mod sample;
mod table;
mod value;
mod walk;
mod write;

#[cfg(test)]
mod tests;

use bytes::Bytes;

pub use table::{Direction, Field, Kind, Message, Versions, message, messages};
pub use value::Value;

use crate::api::api_name;
use crate::reader::{Malformed, Reader};

/// Walks the body of a request (a frame without its header) and refuses what does not hold what it claims: counts and
/// lengths beyond the frame, more than [`FRAME_ENTRIES`](crate::limits::FRAME_ENTRIES) entries, null where it is
/// forbidden, text that is not UTF-8, tagged fields of a wrong size. Takes no memory.
///
/// Bytes behind the body are no fault: librdkafka writes an empty list of Metadata v13 in four bytes where one is due.
///
/// # Errors
/// Says what was being read, and where it broke off.
pub fn check_request(api: i16, version: i16, body: &Bytes) -> Result<(), Malformed> {
    table::in_version(api, Direction::Request, version)?;
    check(api, version, Direction::Request, Reader::new(body, 0, false))
        .map_err(|why| why.within(format_args!("{} v{version} request", api_name(api))))
}

/// The same for a message of either direction, from where `reader` stands.
pub(crate) fn check(api: i16, version: i16, direction: Direction, reader: Reader) -> Result<(), Malformed> {
    let message = table::in_version(api, direction, version)?;
    let mut reader = reader.speaking(message.flexible.contain(version));
    walk::structure::<()>(&mut reader, &message.fields, version)
}

/// What the body of a message says, and how many bytes remain behind it.
///
/// # Errors
/// As [`check_request`].
pub fn read(api: i16, version: i16, direction: Direction, body: &Bytes) -> Result<(Value, usize), Malformed> {
    let message = table::in_version(api, direction, version)?;
    let mut reader = Reader::new(body, 0, message.flexible.contain(version));
    let value = walk::structure::<Value>(&mut reader, &message.fields, version)
        .map_err(|why| why.within(format_args!("{} v{version} {direction}", message.name)))?;
    Ok((value, reader.remaining()))
}

/// A message as the bytes of its body. Fields that `value` does not name have their default; fields that the version
/// does not have are left out.
///
/// # Errors
/// A value is of another kind than its field, or names a field that no version has.
pub fn write(api: i16, version: i16, direction: Direction, value: &Value) -> Result<Bytes, Malformed> {
    let message = table::in_version(api, direction, version)?;
    write::message(message, version, value)
        .map_err(|why| why.within(format_args!("{} v{version} {direction}", message.name)))
}

/// A message by chance, valid in this version. `below(n)` returns a number from 0 to n - 1.
///
/// # Errors
/// There is no such message or version.
pub fn sample(
    api: i16,
    version: i16,
    direction: Direction,
    below: &mut dyn FnMut(u64) -> u64,
) -> Result<Value, Malformed> {
    let message = table::in_version(api, direction, version)?;
    Ok(sample::structure(&message.fields, version, below))
}
