//! What a script's variables stand for on one broker, and values as they are written with them.

use std::collections::BTreeMap;

use bytes::Bytes;
use wire::schema::{Field, Kind, Value};

use crate::batch;
use crate::script::Term;

/// Variables of one script on one broker.
pub struct Variables {
    /// Makes names unique; the same on both brokers, so that hashes of names are, too.
    pub run: String,
    /// What was set, and the field that it was found in.
    values: BTreeMap<String, (Value, String)>,
}

impl Variables {
    pub fn new(run: String) -> Variables {
        Variables { run, values: BTreeMap::new() }
    }

    pub fn set(&mut self, name: &str, value: Value, field: &str) {
        self.values.insert(name.to_owned(), (value, field.to_owned()));
    }

    /// What was set, or a name that nobody else uses.
    pub fn get(&self, name: &str) -> Value {
        self.values
            .get(name)
            .map(|(value, _)| value.clone())
            .unwrap_or_else(|| Value::Text(format!("{name}-{}", self.run)))
    }

    /// Texts, numbers and ids that were set, and their names.
    pub fn set_values(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.values.iter().map(|(name, (value, _))| (name.as_str(), value))
    }

    /// The name of the variable that has this value from such a field.
    pub fn name_of(&self, wanted: &Value, in_field: &str) -> Option<&str> {
        let found = self.values.iter().find(|(_, (value, field))| value == wanted && field == in_field);
        found.map(|(name, _)| name.as_str())
    }

    /// A structure of these fields as a value.
    ///
    /// # Errors
    /// Says which field cannot be what is written.
    pub fn structure(&self, fields: &'static [Field], term: &Term) -> Result<Value, String> {
        let Term::Structure(given) = term else { return Err(format!("{term:?} is no structure")) };
        let value = |(name, term): &(String, Term)| {
            let field = fields.iter().find(|field| field.name == name).ok_or(format!("there is no field {name}"))?;
            let value = self.value(&field.kind, term).map_err(|why| format!("{name}: {why}"))?;
            Ok((field.name, value))
        };
        given.iter().map(value).collect::<Result<_, String>>().map(Value::Structure)
    }

    fn value(&self, kind: &'static Kind, term: &Term) -> Result<Value, String> {
        Ok(match (kind, term) {
            (_, Term::Null) => Value::Null,
            (Kind::Structure(fields), term) => self.structure(fields, term)?,
            (Kind::Array(entry), Term::List(list)) => {
                Value::List(list.iter().map(|term| self.value(entry, term)).collect::<Result<_, _>>()?)
            }
            (Kind::Array(entry), Term::Made(name, fields)) if name == "numbers" => {
                let until = fields.first().map_or(0, |(_, term)| self.number(term));
                Value::List((0..until).map(|n| self.value(entry, &Term::Number(n))).collect::<Result<_, _>>()?)
            }
            (Kind::Bool, Term::Bool(it)) => Value::Bool(*it),
            (Kind::Uuid, Term::Number(n)) => Value::Uuid((*n as u128).to_be_bytes()),
            (Kind::Uuid, Term::Variable(name, _)) => match self.get(name) {
                Value::Uuid(id) => Value::Uuid(id),
                other => return Err(format!("${name} is no id: {other:?}")),
            },
            (Kind::String, term) => Value::Text(String::from_utf8_lossy(&self.text(term)).into_owned()),
            (Kind::Bytes | Kind::Records, Term::List(parts)) => {
                Value::Bytes(parts.iter().flat_map(|term| self.text(term)).collect())
            }
            (Kind::Bytes | Kind::Records, term) => Value::Bytes(self.text(term)),
            (_, term) => Value::Number(self.number(term)),
        })
    }

    pub fn number(&self, term: &Term) -> i64 {
        match term {
            Term::Number(n) => *n,
            Term::Variable(name, plus) => match self.get(name) {
                Value::Number(n) => n.wrapping_add(*plus),
                _ => -77, // a capture that failed, which is told where it failed
            },
            _ => -77,
        }
    }

    /// The bytes of a text, or of something made.
    fn text(&self, term: &Term) -> Bytes {
        match term {
            Term::Text(text) => Bytes::from(text.clone()),
            Term::Number(n) => Bytes::from(n.to_string()),
            Term::Bool(it) => Bytes::from(it.to_string()),
            Term::Variable(name, _) => match self.get(name) {
                Value::Text(text) => Bytes::from(text),
                Value::Bytes(bytes) => bytes,
                Value::Number(n) => Bytes::from(n.to_string()),
                _ => Bytes::new(),
            },
            Term::Made(name, fields) => self.made(name, fields),
            Term::Null | Term::List(_) | Term::Structure(_) => Bytes::new(),
        }
    }

    fn made(&self, name: &str, fields: &[(String, Term)]) -> Bytes {
        let find = |name: &str| fields.iter().find(|(field, _)| field == name).map(|(_, term)| term);
        match name {
            "batch" => batch::written(fields, |term| self.number(term), |term| self.text(term)),
            "repeat" => {
                let text = find("text").map(|term| self.text(term)).unwrap_or_default();
                text.repeat(find("times").map_or(0, |term| self.number(term)) as usize).into()
            }
            // A string with its length in 16 bits before it, as the embedded protocol of consumers has them.
            "string" => {
                let text = find("of").map(|term| self.text(term)).unwrap_or_default();
                [&(text.len() as u16).to_be_bytes()[..], &text].concat().into()
            }
            "hex" => {
                let text = find("bytes").map(|term| self.text(term)).unwrap_or_default();
                let text = String::from_utf8_lossy(&text).into_owned();
                (0..text.len() / 2).filter_map(|n| u8::from_str_radix(&text[2 * n..2 * n + 2], 16).ok()).collect()
            }
            _ => panic!("`{name}{{…}}` is not known to scripts"),
        }
    }
}
