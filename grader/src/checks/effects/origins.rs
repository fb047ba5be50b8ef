//! Which record of the input a letter is about, also where the letter has changed it.

use crate::evidence::{Input, canonical};
use crate::wire::{Data, Record};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde_json::Value;
use std::collections::HashMap;

/// What the letters may be about.
pub(super) struct Origins<'i, 'e> {
    /// The first record with these bytes; also with these bytes at this place, at this place, with this JSON.
    by_bytes: HashMap<&'e [u8], &'i Input<'e>>,
    by_bytes_and_place: HashMap<(&'e [u8], Place), &'i Input<'e>>,
    by_place: HashMap<Place, &'i Input<'e>>,
    by_json: HashMap<String, Vec<&'i Input<'e>>>,
    /// Those that the program itself has put there, in order.
    own: HashMap<&'e [u8], Vec<&'i Input<'e>>>,
    all: &'i [Input<'e>],
}

/// Partition and offset.
type Place = (i64, i64);

impl<'i, 'e> Origins<'i, 'e> {
    pub(super) fn new(inputs: &'i [Input<'e>]) -> Origins<'i, 'e> {
        let mut origins = Origins {
            by_bytes: HashMap::new(),
            by_bytes_and_place: HashMap::new(),
            by_place: HashMap::new(),
            by_json: HashMap::new(),
            own: HashMap::new(),
            all: inputs,
        };
        for input in inputs {
            let (place, bytes) = ((i64::from(input.partition), input.offset), bytes(input.data));
            if input.by_program {
                origins.own.entry(bytes).or_default().push(input);
            }
            origins.by_bytes.entry(bytes).or_insert(input);
            origins.by_bytes_and_place.entry((bytes, place)).or_insert(input);
            // What the program has put here itself comes from elsewhere, and so does the place that its letter names.
            if !input.by_program {
                origins.by_place.entry(place).or_insert(input);
            }
            if let Some(value) = &input.value {
                origins.by_json.entry(canonical(value)).or_default().push(input);
            }
        }
        origins
    }

    /// The same for a letter that was sent at position `event`: of what the program itself has put there, it is the last
    /// with these bytes that lay there by then.
    pub(super) fn before(&self, letter: &Record, event: usize) -> Option<&'i Input<'e>> {
        let own = self.own.get(bytes(letter.value.as_ref())).map(Vec::as_slice).unwrap_or_default();
        let last = own.partition_point(|record| record.event < event).checked_sub(1);
        last.and_then(|last| own.get(last)).copied().or_else(|| self.input_of(letter))
    }

    /// The input that the letter is about: by its bytes, else by where it says that it comes from. Bytes first, as the
    /// label may be wrong; where several records have the same, the label decides.
    pub(super) fn input_of(&self, letter: &Record) -> Option<&'i Input<'e>> {
        let header = |name: &str| -> Option<i64> {
            let (_, value) = letter.headers.iter().find(|(key, _)| key == name)?;
            value.as_ref()?.text()?.parse().ok()
        };
        let place = header("original_partition").zip(header("original_offset"));
        let bytes = bytes(letter.value.as_ref());
        let here = place.and_then(|place| self.by_bytes_and_place.get(&(bytes, place)));
        let found = here.or_else(|| self.by_bytes.get(bytes)).or_else(|| self.by_place.get(&place?));
        found.copied().or_else(|| {
            let alike = letter.value.as_ref()?.json().and_then(|value| {
                let alike = self.by_json.get(&canonical(&value))?;
                alike.iter().find(|input| input.value.as_ref() == Some(&value)).copied()
            });
            alike.or_else(|| self.all.iter().find(|input| wraps(letter.value.as_ref(), input)))
        })
    }
}

pub(super) fn bytes(data: Option<&Data>) -> &[u8] {
    data.map(Data::as_bytes).unwrap_or_default()
}

/// Fewer bytes than these are in many a letter by chance.
const TELLING: usize = 4;

/// What is longer than this is not looked through.
const LONGEST: usize = 64 << 10;

/// Is the record's value inside of the letter's: behind a prefix, as a text in JSON, as base64, or as an object there?
pub(super) fn wraps(letter: Option<&Data>, input: &Input<'_>) -> bool {
    let (Some(letter), inner) = (letter, bytes(input.data)) else { return false };
    let outer = letter.as_bytes();
    if outer == inner || inner.len() < TELLING || outer.len() > LONGEST {
        return false;
    }
    outer.len() > inner.len() && outer.windows(inner.len()).any(|part| part == inner)
        || letter.json().is_some_and(|value| holds(&value, inner, input.value.as_ref(), false))
}

/// Is it there as a text, or, further `inside`, as the JSON that it is?
fn holds(outer: &Value, inner: &[u8], json: Option<&Value>, inside: bool) -> bool {
    match outer {
        Value::String(text) => {
            let text = text.trim();
            let decoded = || STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text));
            text.as_bytes() == inner.trim_ascii()
                || text == String::from_utf8_lossy(inner).trim()
                || decoded().is_ok_and(|decoded| decoded == inner)
        }
        _ if inside && json.is_some_and(|json| json == outer) => true,
        Value::Array(values) => values.iter().any(|value| holds(value, inner, json, true)),
        Value::Object(fields) => fields.values().any(|value| holds(value, inner, json, true)),
        _ => false,
    }
}
