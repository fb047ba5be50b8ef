//! A tree as the bytes of a message.

use std::fmt;

use bytes::{BufMut, Bytes, BytesMut};

use super::table::{Field, Kind, Message};
use super::value::Value;
use crate::reader::{Malformed, Result};

pub(super) fn message(message: &'static Message, version: i16, value: &Value) -> Result<Bytes> {
    let mut writer = Writer { out: BytesMut::new(), version, flexible: message.flexible.contain(version) };
    writer.structure(&message.fields, value, message.name)?;
    Ok(writer.out.freeze())
}

struct Writer {
    out: BytesMut,
    version: i16,
    flexible: bool,
}

impl Writer {
    fn structure(&mut self, fields: &'static [Field], value: &Value, what: &str) -> Result<()> {
        let Value::Structure(given) = value else { return Err(wrong(what, value)) };
        if let Some((name, _)) = given.iter().find(|(name, _)| !fields.iter().any(|field| field.name == *name)) {
            return Err(fault(what, format_args!("there is no field {name}")));
        }
        let version = self.version;
        for field in fields.iter().filter(|field| field.in_line(version)) {
            match value.get(field.name) {
                Some(value) => self.field(field, value)?,
                None => self.field(field, &Value::default_of(field, version))?,
            }
        }
        if self.flexible {
            self.tagged_fields(fields, value)?;
        }
        Ok(())
    }

    /// Kafka writes tagged fields only where they are not the default, lowest tag first.
    fn tagged_fields(&mut self, fields: &'static [Field], value: &Value) -> Result<()> {
        let mut tagged: Vec<_> = fields
            .iter()
            .filter(|field| field.is_tagged(self.version))
            .filter_map(|field| Some((field, value.get(field.name)?)))
            .filter(|(field, value)| **value != Value::default_of(field, self.version))
            .collect();
        tagged.sort_by_key(|(field, _)| field.tag);
        self.uvarint(tagged.len());
        for (field, value) in tagged {
            let mut inner = Writer { out: BytesMut::new(), version: self.version, flexible: true };
            inner.field(field, value)?;
            self.uvarint(field.tag as usize);
            self.uvarint(inner.out.len());
            self.out.put(inner.out);
        }
        Ok(())
    }

    fn field(&mut self, field: &'static Field, value: &Value) -> Result<()> {
        let nullable = field.nullable.contain(self.version);
        match (&field.kind, value) {
            (_, Value::Null) if !nullable => Err(fault(field.name, "it may not be null")),
            (Kind::Structure(_), Value::Null) => {
                self.out.put_i8(-1);
                Ok(())
            }
            (Kind::Structure(fields), value) => {
                if nullable {
                    self.out.put_i8(1);
                }
                self.structure(fields, value, field.name)
            }
            (kind, value) => self.value(kind, value, field.name),
        }
    }

    fn value(&mut self, kind: &'static Kind, value: &Value, what: &str) -> Result<()> {
        match (kind, value) {
            (Kind::Bool, Value::Bool(it)) => self.out.put_u8(u8::from(*it)),
            (Kind::Int8, Value::Number(n)) => self.out.put_i8(narrow(*n, what)?),
            (Kind::Int16, Value::Number(n)) => self.out.put_i16(narrow(*n, what)?),
            (Kind::Uint16, Value::Number(n)) => self.out.put_u16(narrow(*n, what)?),
            (Kind::Int32, Value::Number(n)) => self.out.put_i32(narrow(*n, what)?),
            (Kind::Int64, Value::Number(n)) => self.out.put_i64(*n),
            (Kind::Float64, Value::Float(it)) => self.out.put_f64(*it),
            (Kind::Uuid, Value::Uuid(it)) => self.out.put_slice(it),
            (Kind::String, Value::Null) => self.length(None, true, what)?,
            (Kind::String, Value::Text(text)) => {
                self.length(Some(text.len()), true, what)?;
                self.out.put_slice(text.as_bytes());
            }
            (Kind::Bytes | Kind::Records | Kind::Array(_), Value::Null) => self.length(None, false, what)?,
            (Kind::Bytes | Kind::Records, Value::Bytes(bytes)) => {
                self.length(Some(bytes.len()), false, what)?;
                self.out.put_slice(bytes);
            }
            (Kind::Array(entry), Value::List(list)) => {
                self.length(Some(list.len()), false, what)?;
                list.iter().try_for_each(|value| self.value(entry, value, what))?;
            }
            (Kind::Structure(fields), value) => self.structure(fields, value, what)?,
            (_, value) => return Err(wrong(what, value)),
        }
        Ok(())
    }

    /// None is null.
    fn length(&mut self, length: Option<usize>, short: bool, what: &str) -> Result<()> {
        match (self.flexible, short) {
            (true, _) => self.uvarint(length.map_or(0, |length| length + 1)),
            (false, true) => self.out.put_i16(length.map_or(Ok(-1), |length| narrow(length, what))?),
            (false, false) => self.out.put_i32(length.map_or(Ok(-1), |length| narrow(length, what))?),
        }
        Ok(())
    }

    fn uvarint(&mut self, mut n: usize) {
        while n >= 0x80 {
            self.out.put_u8(n as u8 | 0x80);
            n >>= 7;
        }
        self.out.put_u8(n as u8);
    }
}

fn narrow<From: Copy + fmt::Display, To: TryFrom<From>>(n: From, what: &str) -> Result<To> {
    To::try_from(n).map_err(|_| fault(what, format_args!("{n} is out of range")))
}

fn wrong(what: &str, value: &Value) -> Malformed {
    fault(what, format_args!("{value:?} is of another kind"))
}

fn fault(what: &str, why: impl fmt::Display) -> Malformed {
    Malformed::new(format!("`{what}`: {why}"))
}
