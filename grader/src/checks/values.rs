//! What checks read out of JSON values: ids, and whether two are the same.

use crate::evidence::{Evidence, Input, What};
use crate::wire::Record;
use serde_json::Value;
use std::collections::HashMap;

/// The field `name` of a JSON object as text, whatever its type; `data.order_id` is the field `order_id` of the object in
/// its field `data`.
pub(crate) fn field(value: &Value, name: &str) -> Option<String> {
    match name.split('.').try_fold(value, |value, name| value.get(name))? {
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// The value of a record as JSON, and whether it was encoded twice: a text that is itself the JSON of an object.
pub(crate) fn decoded(record: &Record) -> Option<(Value, bool)> {
    let value = record.value.as_ref()?.json()?;
    let inner = value.as_str().and_then(|text| serde_json::from_str(text).ok());
    match inner.filter(Value::is_object) {
        Some(inner) => Some((inner, true)),
        None => Some((value, false)),
    }
}

/// What the program was given to send, by id.
pub(crate) fn given<'a>(evidence: &'a Evidence, id: &str) -> HashMap<String, &'a Value> {
    evidence
        .iter()
        .filter_map(|(_, event)| match &event.what {
            What::Given { value } => Some((field(value, id)?, value)),
            _ => None,
        })
        .collect()
}

/// Equal as JSON, where 12 and 12.0 are the same number: not every language keeps them apart.
pub(crate) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}

/// Where a record of the input is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub partition: i32,
    pub offset: i64,
}

/// The place of each record of the input, by its id.
pub(crate) fn places(inputs: &[Input<'_>], id: &str) -> HashMap<String, Place> {
    let place = |input: &Input<'_>| {
        let place = Place { partition: input.partition, offset: input.offset };
        Some((field(input.value.as_ref()?, id)?, place))
    };
    inputs.iter().filter_map(place).collect()
}
