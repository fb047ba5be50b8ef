//! Trees by chance, for tests.

use bytes::Bytes;

use super::table::{Field, Kind};
use super::value::Value;

type Below<'a> = &'a mut dyn FnMut(u64) -> u64;

/// A structure with all fields of this version: small lists, short texts, numbers near the ends of their range.
pub(super) fn structure(fields: &'static [Field], version: i16, below: Below) -> Value {
    let there = fields.iter().filter(|field| field.versions.contain(version));
    let mut value = |field: &'static Field| {
        if field.nullable.contain(version) && below(4) == 0 {
            return Value::Null;
        }
        kind(&field.kind, version, below)
    };
    Value::Structure(there.map(|field| (field.name, value(field))).collect())
}

fn kind(kind_: &'static Kind, version: i16, below: Below) -> Value {
    match kind_ {
        Kind::Bool => Value::Bool(below(2) == 0),
        Kind::Int8 => Value::Number(number(below, i8::MIN.into(), i8::MAX.into())),
        Kind::Int16 => Value::Number(number(below, i16::MIN.into(), i16::MAX.into())),
        Kind::Uint16 => Value::Number(number(below, 0, u16::MAX.into())),
        Kind::Int32 => Value::Number(number(below, i32::MIN.into(), i32::MAX.into())),
        Kind::Int64 => Value::Number(number(below, i64::MIN, i64::MAX)),
        Kind::Float64 => Value::Float(below(100) as f64 / 4.0),
        Kind::Uuid => Value::Uuid(std::array::from_fn(|_| below(256) as u8)),
        Kind::String => Value::Text((0..below(4)).map(|_| ['a', 'k', 'ß', '.'][below(4) as usize]).collect()),
        Kind::Bytes | Kind::Records => Value::Bytes((0..below(12)).map(|_| below(256) as u8).collect::<Bytes>()),
        Kind::Structure(fields) => structure(fields, version, below),
        Kind::Array(entry) => Value::List((0..below(3)).map(|_| kind(entry, version, below)).collect()),
    }
}

fn number(below: Below, least: i64, most: i64) -> i64 {
    match below(8) {
        0 => least,
        1 => most,
        2 => (-1).max(least),
        _ => below(100) as i64,
    }
}
