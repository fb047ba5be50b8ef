//! A message as a tree, and how a walk grows it.

use bytes::{Buf, Bytes};

use super::table::{Field, Kind};
use super::walk::Make;

/// What a message says, or a part of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    Number(i64),
    Float(f64),
    Uuid([u8; 16]),
    /// Text that is not UTF-8 has replacement characters in it.
    Text(String),
    Bytes(Bytes),
    List(Vec<Value>),
    /// Named values, in the order of Kafka's definition.
    Structure(Vec<(&'static str, Value)>),
}

impl Value {
    /// The field of this name, of a structure that has it.
    pub fn get(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Structure(fields) => fields.iter().find(|(field, _)| *field == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// What a field is where it is not written.
    pub(super) fn default_of(field: &'static Field, version: i16) -> Value {
        let number = || field.default.and_then(|text| text.parse().ok()).unwrap_or_default();
        match &field.kind {
            _ if field.default == Some("null") && field.nullable.contain(version) => Value::Null,
            Kind::Bool => Value::Bool(field.default == Some("true")),
            Kind::Int8 | Kind::Int16 | Kind::Uint16 | Kind::Int32 | Kind::Int64 => Value::Number(number()),
            Kind::Float64 => Value::Float(0.0),
            Kind::Uuid => Value::Uuid([0; 16]),
            Kind::String => Value::Text(String::new()),
            Kind::Bytes | Kind::Records => Value::Bytes(Bytes::new()),
            Kind::Array(_) => Value::List(Vec::new()),
            Kind::Structure(fields) => Value::Structure(
                fields
                    .iter()
                    .filter(|field| field.versions.contain(version))
                    .map(|field| (field.name, Value::default_of(field, version)))
                    .collect(),
            ),
        }
    }
}

impl Make for Value {
    type Fields = Vec<(&'static str, Value)>;
    type Entries = Vec<Value>;

    const ONLY_UTF8: bool = false;

    fn null() -> Value {
        Value::Null
    }

    fn leaf(kind: &Kind, bytes: impl FnOnce() -> Bytes) -> Value {
        let mut bytes = bytes();
        match kind {
            Kind::Bool => Value::Bool(bytes.try_get_i8().unwrap_or_default() != 0),
            Kind::Int8 => Value::Number(bytes.try_get_i8().unwrap_or_default().into()),
            Kind::Int16 => Value::Number(bytes.try_get_i16().unwrap_or_default().into()),
            Kind::Uint16 => Value::Number(bytes.try_get_u16().unwrap_or_default().into()),
            Kind::Int32 => Value::Number(bytes.try_get_i32().unwrap_or_default().into()),
            Kind::Int64 => Value::Number(bytes.try_get_i64().unwrap_or_default()),
            Kind::Float64 => Value::Float(bytes.try_get_f64().unwrap_or_default()),
            Kind::Uuid => Value::Uuid(bytes.first_chunk().copied().unwrap_or_default()),
            Kind::String => Value::Text(String::from_utf8_lossy(&bytes).into_owned()),
            Kind::Bytes | Kind::Records | Kind::Structure(_) | Kind::Array(_) => Value::Bytes(bytes),
        }
    }

    fn push(list: &mut Vec<Value>, entry: Value) {
        list.push(entry);
    }

    fn list(list: Vec<Value>) -> Value {
        Value::List(list)
    }

    fn put(fields: &mut Self::Fields, field: &'static Field, value: Value) {
        fields.push((field.name, value));
    }

    fn structure(mut written: Self::Fields, fields: &'static [Field], version: i16) -> Value {
        let there = fields.iter().filter(|field| field.versions.contain(version));
        let value = |field: &'static Field| match written.iter().position(|(name, _)| *name == field.name) {
            Some(place) => written.swap_remove(place).1,
            None => Value::default_of(field, version),
        };
        let mut value = value;
        Value::Structure(there.map(|field| (field.name, value(field))).collect())
    }
}
