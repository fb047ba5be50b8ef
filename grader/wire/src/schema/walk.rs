//! The one way through the bytes of a message.
//!
//! Structures nest only as deep as the table says, so nothing that is read decides how deep the walk goes.

use bytes::Bytes;

use super::table::{Field, Kind};
use crate::reader::{Malformed, Reader, Result};

/// What a walk makes of what it meets. `()` makes nothing of it.
pub(super) trait Make: Sized {
    type Fields: Default;
    type Entries: Default;

    /// Is text that is not UTF-8 a fault?
    const ONLY_UTF8: bool;

    fn null() -> Self;
    /// A value of a fixed size, or the contents of a string or of bytes.
    fn leaf(kind: &Kind, bytes: impl FnOnce() -> Bytes) -> Self;
    fn push(list: &mut Self::Entries, entry: Self);
    fn list(list: Self::Entries) -> Self;
    fn put(fields: &mut Self::Fields, field: &'static Field, value: Self);
    /// All that was written of a structure is there; tagged fields may be missing.
    fn structure(structure: Self::Fields, fields: &'static [Field], version: i16) -> Self;
}

impl Make for () {
    type Fields = ();
    type Entries = ();

    const ONLY_UTF8: bool = true;

    fn null() {}
    fn leaf(_: &Kind, _: impl FnOnce() -> Bytes) {}
    fn push(_: &mut (), (): ()) {}
    fn list((): ()) {}
    fn put(_: &mut (), _: &'static Field, (): ()) {}
    fn structure((): (), _: &'static [Field], _: i16) {}
}

/// Reads the fields of a structure, and the tagged ones behind them.
pub(super) fn structure<M: Make>(r: &mut Reader, fields: &'static [Field], version: i16) -> Result<M> {
    let mut structure = M::Fields::default();
    for field in fields.iter().filter(|field| field.in_line(version)) {
        let value = field_value::<M>(r, field, version)?;
        M::put(&mut structure, field, value);
    }
    if r.flexible() {
        tagged_fields::<M>(r, fields, version, &mut structure)?;
    }
    Ok(M::structure(structure, fields, version))
}

/// A tagged field that is known must be as long as it says. Kafka reads on behind its value, whatever its size, and so
/// does kafka-protocol; where the two disagree, what follows would be read from a place that nobody meant.
fn tagged_fields<M: Make>(
    r: &mut Reader,
    fields: &'static [Field],
    version: i16,
    structure: &mut M::Fields,
) -> Result<()> {
    for _ in 0..r.uvarint("tagged fields")? {
        r.entry("tagged fields")?;
        let tag = r.uvarint("tag")?;
        let size = r.uvarint("tag size")? as usize;
        match fields.iter().find(|field| field.tag == tag && field.is_tagged(version)) {
            None => r.skip(size, "tagged field")?,
            Some(field) => {
                let start = r.at();
                let value = field_value::<M>(r, field, version)?;
                M::put(structure, field, value);
                let read = r.at() - start;
                if read != size {
                    return Err(r.fault(field.name, format_args!("{read} bytes in a tagged field of {size}")));
                }
            }
        }
    }
    Ok(())
}

fn field_value<M: Make>(r: &mut Reader, field: &'static Field, version: i16) -> Result<M> {
    let what = field.name;
    let null = |r: &Reader| match field.nullable.contain(version) {
        true => Ok(M::null()),
        false => Err(r.fault(what, "null, where a value must be")),
    };
    match &field.kind {
        Kind::Array(entry) => match r.length(what, Reader::i32)? {
            Some(count) => array::<M>(r, entry, count, what, version),
            None => null(r),
        },
        Kind::Structure(fields) => {
            // A structure that may be null has a byte before it: 1, or -1 for null. Of other bytes Kafka and kafka-protocol
            // make different things, and nobody writes them.
            match if field.nullable.contain(version) { r.i8(what)? } else { 1 } {
                1 => structure::<M>(r, fields, version),
                -1 => Ok(M::null()),
                other => Err(r.fault(what, format_args!("{other}, where 1 or -1 must be"))),
            }
        }
        kind => leaf::<M>(r, kind, what)?.map_or_else(|| null(r), Ok),
    }
}

/// An entry that is no structure is never null.
fn array<M: Make>(r: &mut Reader, entry: &'static Kind, count: usize, what: &str, version: i16) -> Result<M> {
    // An entry takes a byte at least.
    if count > r.remaining() {
        return Err(r.fault(what, format_args!("{count} entries in {} bytes", r.remaining())));
    }
    let mut list = M::Entries::default();
    for _ in 0..count {
        r.entry(what)?;
        let value = match entry {
            Kind::Structure(fields) => structure::<M>(r, fields, version)?,
            kind => leaf::<M>(r, kind, what)?.ok_or_else(|| r.fault(what, "null, where a value must be"))?,
        };
        M::push(&mut list, value);
    }
    Ok(M::list(list))
}

/// None is null.
fn leaf<M: Make>(r: &mut Reader, kind: &Kind, what: &str) -> Result<Option<M>> {
    let length = match kind {
        Kind::String => r.length(what, |r, what| r.i16(what).map(i32::from))?,
        Kind::Bytes | Kind::Records => r.length(what, Reader::i32)?,
        fixed => fixed.size(),
    };
    let Some(length) = length else { return Ok(None) };
    if matches!(kind, Kind::String) && length > LONGEST_STRING {
        return Err(long_string(r, what, length));
    }
    let start = r.at();
    r.skip(length, what)?;
    if M::ONLY_UTF8 && matches!(kind, Kind::String) {
        std::str::from_utf8(r.seen(start)).map_err(|why| r.fault(what, why))?;
    }
    Ok(Some(M::leaf(kind, || r.since(start))))
}

/// Kafka's own bound, in flexible versions too, where a length could say more.
const LONGEST_STRING: usize = i16::MAX as usize;

#[cold]
fn long_string(r: &Reader, what: &str, length: usize) -> Malformed {
    r.fault(what, format_args!("a string of {length} bytes"))
}
