//! The settings that a topic can have: their names, defaults and bounds are Kafka's (`LogConfig`).
//!
//! All of them can be set and read. [`crate::log::config`] says which ones have an effect here; the others are about disks,
//! compaction and remote storage, which there are none of.

use std::collections::BTreeMap;

use kafka_protocol::ResponseError::InvalidConfig;

use super::broker_settings;
use super::setting::{FROM_DEFAULT, FROM_TOPIC, Kind, Value};
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

/// Bytes of a value.
const MOST_BYTES: usize = 32_767;

impl Value {
    pub fn source(&self) -> i8 {
        self.synonyms.first().map_or(FROM_DEFAULT, |(_, _, source)| *source)
    }
}

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
    let refuse = |why: String| Err(Refusal::new(InvalidConfig, why));
    if value.len() > MOST_BYTES {
        return refuse(format!(
            "The configuration value cannot be added because it exceeds the maximum value size of {MOST_BYTES} bytes."
        ));
    }
    let Some(kind) = kind(name) else { return refuse(format!("Unknown topic config name: {name}")) };
    let value = value.trim();
    if let Err(why) = check(kind, value) {
        let shown = match (kind, value.parse::<f64>()) {
            (Kind::Ratio, Ok(number)) => format!("{number:?}"),
            (Kind::Replicas, _) => format!("[{value}]"),
            _ => value.to_owned(),
        };
        let why = if kind == Kind::Replicas { format!("{name} {why}") } else { why };
        return refuse(format!("Invalid value {shown} for configuration {name}: {why}"));
    }
    let value = if kind == Kind::Boolean { value.to_ascii_lowercase() } else { value.to_owned() };
    if name == REMOTE_STORAGE && value == "true" {
        return refuse(
            "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage."
                .to_owned(),
        );
    }
    Ok(value)
}

/// Kafka's words for what is wrong with a value (`ConfigDef`).
fn check(kind: Kind, value: &str) -> Result<(), String> {
    let not_a_number = |kind: &str| format!("Not a number of type {kind}");
    let at_least = |least: String| Err(format!("Value must be at least {least}"));
    match kind {
        Kind::Text => Ok(()),
        Kind::Boolean if value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false") => Ok(()),
        Kind::Boolean => Err("Expected value to be either true or false".to_owned()),
        Kind::Int(least, most) => match value.parse::<i32>().map_err(|_| not_a_number("INT"))? {
            // Only gzip's level is like that.
            number if (least, most) == (-1, 9) && (number < least || number > most || number == 0) => {
                Err("Value must be between 1 and 9 or equal to -1".to_owned())
            }
            number if number < least => at_least(least.to_string()),
            number if number > most => Err(format!("Value must be no more than {most}")),
            _ => Ok(()),
        },
        Kind::Long(least) => match value.parse::<i64>().map_err(|_| not_a_number("LONG"))? {
            number if number < least => at_least(least.to_string()),
            _ => Ok(()),
        },
        Kind::Ratio => match value.parse::<f64>().map_err(|_| not_a_number("DOUBLE"))? {
            number if number < 0.0 => at_least("0".to_owned()),
            number if number > 1.0 => Err("Value must be no more than 1".to_owned()),
            _ => Ok(()),
        },
        Kind::Choice(choices) if !choices.contains(&value) => {
            Err(format!("String must be one of: {}", choices.join(", ")))
        }
        Kind::List(choices) if !value.is_empty() && !value.split(',').all(|part| choices.contains(&part.trim())) => {
            Err(format!("String must be one of: {}", choices.join(", ")))
        }
        Kind::Replicas if !is_replicas(value) => Err("must be the literal '*' or a list of replicas in the following \
             format: [partitionId]:[brokerId],[partitionId]:[brokerId],..."
            .to_owned()),
        Kind::Choice(_) | Kind::List(_) | Kind::Replicas => Ok(()),
    }
}

fn is_replicas(value: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_pair = |pair: &str| pair.trim().split_once(':').is_some_and(|(a, b)| is_number(a) && is_number(b));
    matches!(value, "" | "*") || value.split(',').all(is_pair)
}
