//! The settings that a topic can have: their names, defaults and bounds are Kafka's (`LogConfig`).
//!
//! All of them can be set and read. [`crate::log::config`] says which ones have an effect here; the others are about disks,
//! compaction and remote storage, which there are none of.

use std::collections::BTreeMap;

use kafka_protocol::ResponseError::InvalidConfig;

use super::broker_settings;
use super::setting::{self, FROM_DEFAULT, FROM_TOPIC, Kind, Value};
use crate::refusal::Refusal;
use crate::settings::Settings;

/// A setting of topics: its name, Kafka's default, the broker's setting that it follows if nobody sets it.
type TopicSetting = (&'static str, &'static str, Option<&'static str>, Kind);

const MOST: &str = "9223372036854775807";
const AT_LEAST_0: Kind = Kind::Long(0);

/// In the order of their names.
const TOPIC_SETTINGS: &[TopicSetting] = &[
    ("cleanup.policy", "delete", Some("log.cleanup.policy"), Kind::List(&["compact", "delete"])),
    ("compression.gzip.level", "-1", Some("compression.gzip.level"), Kind::Int(-1, 9)),
    ("compression.lz4.level", "9", Some("compression.lz4.level"), Kind::Int(1, 17)),
    (
        "compression.type",
        "producer",
        Some("compression.type"),
        Kind::Choice(&["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"]),
    ),
    ("compression.zstd.level", "3", Some("compression.zstd.level"), Kind::Int(-131_072, 22)),
    ("delete.retention.ms", "86400000", Some("log.cleaner.delete.retention.ms"), AT_LEAST_0),
    ("errors.deadletterqueue.group.enable", "false", None, Kind::Boolean),
    ("file.delete.delay.ms", "60000", Some("log.segment.delete.delay.ms"), AT_LEAST_0),
    ("flush.messages", MOST, Some("log.flush.interval.messages"), Kind::Long(1)),
    ("flush.ms", MOST, None, AT_LEAST_0),
    ("follower.replication.throttled.replicas", "", None, Kind::Replicas),
    ("index.interval.bytes", "4096", Some("log.index.interval.bytes"), Kind::Int(0, i32::MAX)),
    ("leader.replication.throttled.replicas", "", None, Kind::Replicas),
    ("local.retention.bytes", "-2", Some("log.local.retention.bytes"), Kind::Long(-2)),
    ("local.retention.ms", "-2", Some("log.local.retention.ms"), Kind::Long(-2)),
    ("max.compaction.lag.ms", MOST, Some("log.cleaner.max.compaction.lag.ms"), Kind::Long(1)),
    ("max.decompressed.message.bytes", "2147483639", Some("max.decompressed.message.bytes"), Kind::Int(1, i32::MAX)),
    ("max.message.bytes", "1048588", Some("message.max.bytes"), Kind::Int(0, i32::MAX)),
    ("message.timestamp.after.max.ms", "3600000", Some("log.message.timestamp.after.max.ms"), AT_LEAST_0),
    ("message.timestamp.before.max.ms", MOST, Some("log.message.timestamp.before.max.ms"), AT_LEAST_0),
    (
        "message.timestamp.type",
        "CreateTime",
        Some("log.message.timestamp.type"),
        Kind::Choice(&["CreateTime", "LogAppendTime"]),
    ),
    ("min.cleanable.dirty.ratio", "0.5", Some("log.cleaner.min.cleanable.ratio"), Kind::Ratio),
    ("min.compaction.lag.ms", "0", Some("log.cleaner.min.compaction.lag.ms"), AT_LEAST_0),
    ("min.insync.replicas", "1", Some("min.insync.replicas"), Kind::Int(1, i32::MAX)),
    ("preallocate", "false", Some("log.preallocate"), Kind::Boolean),
    ("remote.copy.lag.bytes", "-1", Some("log.remote.copy.lag.bytes"), Kind::Long(-1)),
    ("remote.copy.lag.ms", "0", Some("log.remote.copy.lag.ms"), Kind::Long(-1)),
    ("remote.log.copy.disable", "false", None, Kind::Boolean),
    ("remote.log.delete.on.disable", "false", None, Kind::Boolean),
    (REMOTE_STORAGE, "false", None, Kind::Boolean),
    ("retention.bytes", "-1", Some("log.retention.bytes"), Kind::Long(i64::MIN)),
    ("retention.ms", "604800000", None, Kind::Long(-1)),
    ("segment.bytes", "1073741824", Some("log.segment.bytes"), Kind::Int(1_048_576, i32::MAX)),
    ("segment.index.bytes", "10485760", Some("log.index.size.max.bytes"), Kind::Int(4, i32::MAX)),
    ("segment.jitter.ms", "0", None, AT_LEAST_0),
    ("segment.ms", "604800000", None, Kind::Long(1)),
    ("unclean.leader.election.enable", "false", Some("unclean.leader.election.enable"), Kind::Boolean),
];

const REMOTE_STORAGE: &str = "remote.storage.enable";

/// All settings of a topic for which these were set.
pub fn describe<'a>(set: &'a BTreeMap<String, String>, settings: &'a Settings) -> impl Iterator<Item = Value> + 'a {
    TOPIC_SETTINGS.iter().map(move |(name, default, broker_name, kind)| {
        let of_topic = set.get(*name).map(|value| (*name, value.clone(), FROM_TOPIC));
        let of_broker = broker_name.map(|broker_name| {
            let value = broker_settings::value(broker_name, settings);
            let synonyms =
                value.map_or_else(|| vec![(broker_name, (*default).to_owned(), FROM_DEFAULT)], |v| v.synonyms);
            synonyms.into_iter()
        });
        let synonyms: Vec<_> = of_topic.into_iter().chain(of_broker.into_iter().flatten()).collect();
        let value = synonyms.first().map_or_else(|| (*default).to_owned(), |(_, value, _)| value.clone());
        Value { name, value, kind: *kind, synonyms }
    })
}

/// Is this setting a list, to which something can be added?
pub fn is_list(name: &str) -> bool {
    kind(name).is_some_and(|kind| kind.number() == Kind::Replicas.number())
}

/// What a list says where nobody has set it.
pub fn default(name: &str) -> &'static str {
    TOPIC_SETTINGS.iter().find(|(known, ..)| *known == name).map_or("", |(_, default, ..)| default)
}

fn kind(name: &str) -> Option<Kind> {
    TOPIC_SETTINGS.iter().find(|(known, ..)| *known == name).map(|(.., kind)| *kind)
}

/// The settings that somebody wants for a topic, without the blanks around values that Kafka forgives.
///
/// # Errors
/// `InvalidConfig`.
pub fn parse(wanted: BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Refusal> {
    wanted.into_iter().map(|(name, value)| Ok((name.clone(), parse_one(&name, &value)?))).collect()
}

fn parse_one(name: &str, value: &str) -> Result<String, Refusal> {
    setting::check_length(value)?;
    let refuse = |why: String| Err(Refusal::new(InvalidConfig, why));
    let Some(kind) = kind(name) else { return refuse(format!("Unknown topic config name: {name}")) };
    let value = kind.parse(name, value)?;
    if name == REMOTE_STORAGE && value == "true" {
        return refuse(
            "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage."
                .to_owned(),
        );
    }
    Ok(value)
}
