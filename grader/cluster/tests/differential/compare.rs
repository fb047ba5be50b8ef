//! Answers as lines that can be compared: what may differ is left out or named alike.

use wire::schema::Value;

use crate::batch;
use crate::variables::Variables;

/// Fields that say nothing about what a broker does: where it listens, and how busy it is.
const IGNORED: &[&str] = &["ThrottleTimeMs", "ClusterId", "Host", "Port", "ClientHost"];

/// Ids that a broker draws, and the least of them: below, there is none.
const DRAWN: &[(&str, i64)] = &[("ProducerId", 0), ("SessionId", 1), ("CoordinatorEpoch", 0)];

/// An answer as places and values: `Topics[0].ErrorCode`, `3 UNKNOWN_TOPIC_OR_PARTITION`.
pub type Lines = Vec<(String, String)>;

/// Turns an answer into lines. Lists are sorted: Kafka keeps most of what they hold in hash tables.
pub fn lines(answer: &Value, variables: &Variables) -> Lines {
    let mut lines = Vec::new();
    flatten(String::new(), &plain("", answer, variables), &mut lines);
    lines
}

/// An answer without what may differ.
enum Plain {
    Leaf(String),
    List(Vec<Plain>),
    Structure(Vec<(&'static str, Plain)>),
}

impl Plain {
    /// What lists are sorted by: first names, then numbers, errors last.
    fn key(&self) -> Vec<(u8, String)> {
        let mut key = Vec::new();
        self.leaves("", &mut key);
        key.sort_by_key(|(rank, _)| *rank);
        key
    }

    fn leaves(&self, name: &str, found: &mut Vec<(u8, String)>) {
        match self {
            Plain::Leaf(text) if text.starts_with(['"', '$']) => found.push((0, text.clone())),
            Plain::Leaf(text) => found.push((if name.ends_with("ErrorCode") { 2 } else { 1 }, text.clone())),
            Plain::List(entries) => entries.iter().for_each(|entry| entry.leaves(name, found)),
            Plain::Structure(fields) => fields.iter().for_each(|(name, value)| value.leaves(name, found)),
        }
    }
}

fn plain(name: &str, value: &Value, variables: &Variables) -> Plain {
    match value {
        Value::Null => Plain::Leaf("null".to_owned()),
        Value::Bool(it) => Plain::Leaf(it.to_string()),
        Value::Float(it) => Plain::Leaf(it.to_string()),
        Value::Number(n) => Plain::Leaf(number(name, *n, variables)),
        Value::Uuid(id) => Plain::Leaf(uuid(id, variables)),
        Value::Text(text) => Plain::Leaf(shown(name, text, variables)),
        Value::Bytes(bytes) if name == "Records" => match plain("Batches", &batch::shown(bytes.clone()), variables) {
            Plain::List(batches) => Plain::List(batches),
            other => other,
        },
        Value::Bytes(bytes) => {
            let text = format!("bytes {}", bytes.escape_ascii());
            Plain::Leaf(text.replace(&format!("-{}", variables.run), ""))
        }
        Value::List(entries) => {
            let ours = |entry: &&Value| !elsewhere(name, entry, variables);
            let mut entries: Vec<_> = entries.iter().filter(ours).map(|entry| plain("", entry, variables)).collect();
            if name != "Batches" {
                entries.sort_by_cached_key(Plain::key);
            }
            Plain::List(entries)
        }
        Value::Structure(fields) => {
            let told = fields.iter().filter(|(name, _)| !IGNORED.contains(name));
            Plain::Structure(told.map(|(name, value)| (*name, plain(name, value, variables))).collect())
        }
    }
}

/// Is this a group, a topic or a transaction of somebody else, in an answer that lists all of them?
fn elsewhere(list: &str, entry: &Value, variables: &Variables) -> bool {
    let name = match list {
        "Groups" => entry.get("GroupId"),
        "TransactionStates" => entry.get("TransactionalId"),
        // Nodes are everybody's.
        "ConfigResources" if matches!(entry.get("ResourceType"), Some(Value::Number(2 | 32))) => {
            entry.get("ResourceName")
        }
        _ => return false,
    };
    matches!(name, Some(Value::Text(name)) if !name.is_empty() && !name.ends_with(&variables.run))
}

fn number(name: &str, n: i64, variables: &Variables) -> String {
    if name.ends_with("ErrorCode") {
        return match n {
            0 => "0".to_owned(),
            code => format!("{code} {}", wire::error_name(code as i16)),
        };
    }
    if DRAWN.iter().any(|(drawn, least)| *drawn == name && n >= *least) {
        let captured = variables.name_of(&Value::Number(n), name);
        return captured.map_or_else(|| "<drawn>".to_owned(), |name| format!("${name}"));
    }
    match n {
        1_600_000_000_000..2_000_000_000_000 => "<now>".to_owned(),
        n => n.to_string(),
    }
}

fn uuid(id: &[u8; 16], variables: &Variables) -> String {
    let captured = variables.set_values().find(|(_, value)| **value == Value::Uuid(*id));
    match captured {
        Some((name, _)) => format!("${name}"),
        None if u128::from_be_bytes(*id) < 1 << 32 => format!("id {}", u128::from_be_bytes(*id)),
        None => "<drawn>".to_owned(),
    }
}

/// Messages are for people, so it only matters whether there is one.
fn shown(name: &str, text: &str, variables: &Variables) -> String {
    if name.ends_with("ErrorMessage") && std::env::var_os("MESSAGES").is_none() {
        return "<a message>".to_owned();
    }
    let mut text = text.to_owned();
    for (name, value) in variables.set_values() {
        if let Value::Text(value) = value
            && !value.is_empty()
        {
            text = text.replace(value.as_str(), &format!("${name}"));
        }
    }
    text = text.replace(&format!("-{}", variables.run), "");
    format!("\"{}\"", without_uuids(&text))
}

/// `test-7c0f3a3e-…` becomes `test-<drawn>`.
fn without_uuids(text: &str) -> String {
    const LENGTH: usize = 36;
    let is_uuid = |part: &str| {
        part.char_indices().all(|(at, c)| if [8, 13, 18, 23].contains(&at) { c == '-' } else { c.is_ascii_hexdigit() })
    };
    let found = (0..text.len()).find(|at| text.get(*at..at + LENGTH).is_some_and(is_uuid));
    match found {
        Some(at) => format!("{}<drawn>{}", &text[..at], without_uuids(&text[at + LENGTH..])),
        None => text.to_owned(),
    }
}

fn flatten(place: String, value: &Plain, lines: &mut Lines) {
    match value {
        Plain::Leaf(text) => lines.push((place, text.clone())),
        Plain::List(entries) if entries.is_empty() => lines.push((place, "[]".to_owned())),
        Plain::List(entries) => {
            entries.iter().enumerate().for_each(|(n, entry)| flatten(format!("{place}[{n}]"), entry, lines));
        }
        Plain::Structure(fields) => {
            let dot = if place.is_empty() { "" } else { "." };
            fields.iter().for_each(|(name, value)| flatten(format!("{place}{dot}{name}"), value, lines));
        }
    }
}

/// Where two answers differ: place, Kafka's, ours. What only one has is `-` for the other.
pub fn differences(kafka: &Lines, ours: &Lines) -> Vec<(String, String, String)> {
    let find = |lines: &Lines, place: &str| {
        lines.iter().find(|(other, _)| other == place).map_or_else(|| "-".to_owned(), |(_, value)| value.clone())
    };
    let mut places: Vec<&String> = kafka.iter().map(|(place, _)| place).collect();
    places.extend(ours.iter().map(|(place, _)| place).filter(|place| !kafka.iter().any(|(other, _)| other == *place)));
    let both = places.into_iter().map(|place| (place.clone(), find(kafka, place), find(ours, place)));
    both.filter(|(_, kafka, ours)| kafka != ours).collect()
}
