//! The recorded timeline: wire, outside world, processes and broker, in one order.
//!
//! Everything that a check may claim is a position in this one list: a request is recorded before it is forwarded,
//! an answer before it is handed on. So "X before Y" never compares clocks, and a stored run can be judged again.

mod because;
mod commits;
mod event;
mod exchange;
mod fetching;
mod file;
mod following;
mod holdings;
mod kind;
mod membership;
mod ownership;
mod pattern;
mod rule;
mod runs;
mod state;
mod transactions;
mod unsettled;
mod view;

#[cfg(test)]
mod tests;

pub use because::{Because, Limit};
pub use commits::{Commit, Commits};
pub use event::{By, Committed, Ended, Event, Extent, Found, Stream, What};
pub use exchange::{Answer, Exchange, Produce, ProduceAnswer};
pub use file::{EvidenceError, FORMAT, file_in, load};
pub use following::Following;
pub use holdings::Holdings;
pub use kind::event_kinds;
pub use membership::{Said, Says, about_membership};
pub use ownership::{End, Held, Ownership};
pub use pattern::Pattern;
pub use rule::{Action, Occurrence, Per, Rule};
pub use runs::{Acknowledged, Figures, Run, Sent};
pub use state::State;
pub use transactions::{Fate, Transaction};
pub use unsettled::Unsettled;
pub use view::{Answered, Asked, Call, Exit, Input, Stored, about, stored_by};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What is known about a run besides its events: the first line of its file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// Version of the file format, see [`FORMAT`].
    pub format: u32,
    /// Version of kafkacourse that recorded it.
    pub recorded_by: String,
    pub exercise: String,
    pub scenario: String,
    /// Whose program ran: `exercise`, `solution`, `mistake NAME` or a command line.
    pub program: String,
    /// Everything random in the run comes from it.
    pub seed: u64,
    /// `embedded`, `docker` or `address`.
    pub broker_kind: String,
    pub broker_version: String,
    /// When it began, UTC, RFC 3339.
    pub began: String,
}

/// One scenario's recorded run. An event's position in `events` is its name everywhere else.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    pub header: Header,
    pub events: Vec<Event>,
}

/// What this field says, the same for all spellings of it.
pub fn id(value: &Value, field: &str) -> Option<String> {
    value.get(field).map(canonical)
}

/// A record's partition and offset.
type Place = (i32, i64);

/// The same text for the same JSON, whatever the order of its fields or the spelling of its numbers.
pub fn canonical(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<String> =
                fields.iter().map(|(name, value)| format!("{name:?}:{}", canonical(value))).collect();
            fields.sort();
            format!("{{{}}}", fields.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        Value::Number(number) => number.as_f64().map_or_else(|| number.to_string(), |number| number.to_string()),
        other => other.to_string(),
    }
}
