//! Which broker ran, and why: every report says so.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The three kinds of broker, as they appear in saved evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Embedded,
    Docker,
    Address,
}

impl Kind {
    /// The one that evidence calls so.
    pub fn named(name: &str) -> Option<Kind> {
        [Kind::Embedded, Kind::Docker, Kind::Address].into_iter().find(|kind| kind.to_string() == name)
    }
}

/// As evidence and `--json` write it.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Embedded => "embedded",
            Kind::Docker => "docker",
            Kind::Address => "address",
        })
    }
}

/// Which broker ran. A verdict never depends on it, but a reader of the report must be able to tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    pub kind: Kind,
    /// "librdkafka 2.12.1 test cluster", "Apache Kafka 4.4.0", "Kafka at kafka.example:9092, 3 brokers".
    pub version: String,
    /// One sentence: why this broker ran and not another.
    pub why: String,
}
