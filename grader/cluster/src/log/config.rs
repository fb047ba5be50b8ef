//! The settings of a topic that its log goes by: the topic's own, or else the cluster's. (`LogConfig` in Kafka)

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::settings::Settings;

#[derive(Clone, Copy, Debug)]
pub struct LogConfig {
    /// `min.insync.replicas`
    pub min_in_sync: usize,
    /// `max.message.bytes`
    pub max_batch_bytes: usize,
    /// `cleanup.policy` names `compact`: every record needs a key.
    pub compacted: bool,
    /// `message.timestamp.type=LogAppendTime`
    pub append_time: bool,
    /// `message.timestamp.before.max.ms`: how old a record may claim to be.
    pub before_max_ms: i64,
    /// `message.timestamp.after.max.ms`: how far ahead of the broker's clock it may claim to be (an hour since KIP-1030).
    pub after_max_ms: i64,
}

impl LogConfig {
    pub fn new(topic: &BTreeMap<String, String>, settings: &Settings) -> LogConfig {
        let default = LogConfig {
            min_in_sync: usize::try_from(settings.min_in_sync).unwrap_or(1),
            max_batch_bytes: settings.max_batch_bytes,
            compacted: false,
            append_time: false,
            before_max_ms: i64::MAX,
            after_max_ms: 3_600_000,
        };
        if topic.is_empty() {
            return default;
        }
        fn number<T: FromStr>(topic: &BTreeMap<String, String>, name: &str, default: T) -> T {
            topic.get(name).and_then(|text| text.parse().ok()).unwrap_or(default)
        }
        let text = |name: &str| topic.get(name).map_or("", String::as_str);
        LogConfig {
            min_in_sync: number(topic, "min.insync.replicas", default.min_in_sync),
            max_batch_bytes: number(topic, "max.message.bytes", default.max_batch_bytes),
            compacted: text("cleanup.policy").split(',').any(|policy| policy.trim() == "compact"),
            append_time: text("message.timestamp.type") == "LogAppendTime",
            before_max_ms: number(topic, "message.timestamp.before.max.ms", default.before_max_ms),
            after_max_ms: number(topic, "message.timestamp.after.max.ms", default.after_max_ms),
        }
    }
}
