//! The settings of a node that people look at. Each says what is true here; none can be changed while it runs.

use super::setting::{FROM_CLUSTER, FROM_DEFAULT, FROM_FILE, Kind, Value};
use crate::nodes::Node;
use crate::settings::Settings;

/// A setting of a node: its name, Kafka's default, its kind.
type BrokerSetting = (&'static str, &'static str, Kind);

const INT: Kind = Kind::Int(i32::MIN, i32::MAX);
const LONG: Kind = Kind::Long(i64::MIN);

/// Kafka keeps it for the cluster as a whole since it has eligible leader replicas (KIP-966).
const MIN_IN_SYNC: &str = "min.insync.replicas";

/// In the order of their names.
const BROKER_SETTINGS: &[BrokerSetting] = &[
    ("auto.create.topics.enable", "true", Kind::Boolean),
    ("compression.type", "producer", Kind::Text),
    ("default.replication.factor", "1", INT),
    ("delete.topic.enable", "true", Kind::Boolean),
    ("group.consumer.assignment.interval.ms", "1000", INT),
    ("group.consumer.assignors", "uniform,range", Kind::List(&[])),
    ("group.consumer.heartbeat.interval.ms", "5000", INT),
    ("group.consumer.max.size", "2147483647", INT),
    ("group.consumer.migration.policy", "bidirectional", Kind::Text),
    ("group.consumer.session.timeout.ms", "45000", INT),
    ("group.coordinator.rebalance.protocols", "classic,consumer,streams", Kind::List(&[])),
    ("group.initial.rebalance.delay.ms", "3000", INT),
    ("group.max.session.timeout.ms", "1800000", INT),
    ("group.max.size", "2147483647", INT),
    ("group.min.session.timeout.ms", "6000", INT),
    ("log.cleanup.policy", "delete", Kind::List(&[])),
    ("log.message.timestamp.after.max.ms", "3600000", LONG),
    ("log.message.timestamp.before.max.ms", "9223372036854775807", LONG),
    ("log.message.timestamp.type", "CreateTime", Kind::Text),
    ("log.retention.bytes", "-1", LONG),
    ("log.retention.hours", "168", INT),
    ("log.segment.bytes", "1073741824", INT),
    ("message.max.bytes", "1048588", INT),
    (MIN_IN_SYNC, "1", INT),
    ("num.partitions", "1", INT),
    ("offset.metadata.max.bytes", "4096", INT),
    ("offsets.retention.minutes", "10080", INT),
    ("process.roles", "", Kind::List(&[])),
    ("transaction.max.timeout.ms", "900000", INT),
    ("transactional.id.expiration.ms", "604800000", INT),
    ("unclean.leader.election.enable", "false", Kind::Boolean),
];

/// What the cluster's settings say of it, where they say something.
fn own_value(name: &str, settings: &Settings) -> Option<String> {
    Some(match name {
        "auto.create.topics.enable" => settings.auto_create.to_string(),
        "default.replication.factor" => settings.replication.to_string(),
        "group.consumer.assignment.interval.ms" => settings.consumer_assignment_interval_ms.to_string(),
        "group.consumer.heartbeat.interval.ms" => settings.consumer_heartbeat_ms.to_string(),
        "group.consumer.max.size" | "group.max.size" => settings.most_group_members.to_string(),
        "group.consumer.session.timeout.ms" => settings.consumer_session_ms.to_string(),
        "group.coordinator.rebalance.protocols" => "classic,consumer".to_owned(),
        "group.initial.rebalance.delay.ms" => settings.initial_rebalance_delay_ms.to_string(),
        "group.max.session.timeout.ms" => settings.max_session_ms.to_string(),
        "group.min.session.timeout.ms" => settings.min_session_ms.to_string(),
        "message.max.bytes" => settings.max_batch_bytes.to_string(),
        MIN_IN_SYNC => settings.min_in_sync.to_string(),
        "num.partitions" => settings.partitions.to_string(),
        "offset.metadata.max.bytes" => settings.max_offset_metadata.to_string(),
        "process.roles" => "broker,controller".to_owned(),
        "transaction.max.timeout.ms" => settings.max_transaction_ms.to_string(),
        _ => return None,
    })
}

/// What a setting of every node says, if it is one that is known here.
pub fn value(name: &str, settings: &Settings) -> Option<Value> {
    BROKER_SETTINGS.iter().find(|(known, ..)| *known == name).map(|setting| describe_one(setting, settings))
}

fn describe_one((name, default, kind): &BrokerSetting, settings: &Settings) -> Value {
    let own = match (own_value(name, settings), *name) {
        (Some(own), MIN_IN_SYNC) => Some((*name, own, FROM_CLUSTER)),
        (own, _) => own.filter(|own| own != default).map(|own| (*name, own, FROM_FILE)),
    };
    let by_default = (*name, (*default).to_owned(), FROM_DEFAULT);
    let synonyms: Vec<_> = own.into_iter().chain([by_default]).collect();
    Value { name, value: synonyms[0].1.clone(), kind: *kind, synonyms }
}

/// The settings that all nodes have in common because somebody has told the cluster.
pub fn describe_cluster(settings: &Settings) -> Vec<Value> {
    value(MIN_IN_SYNC, settings).into_iter().collect()
}

/// All settings of a node that are known here.
pub fn describe(node: &Node, settings: &Settings) -> Vec<Value> {
    let own = |name: &'static str, value: String, kind: Kind| {
        let synonyms = vec![(name, value.clone(), FROM_FILE)];
        Value { name, value, kind, synonyms }
    };
    let listener = format!("PLAINTEXT://{}:{}", node.host, node.port);
    let of_node = [
        own("advertised.listeners", listener.clone(), Kind::List(&[])),
        own("broker.id", node.id.to_string(), INT),
        own("listeners", listener, Kind::List(&[])),
        own("node.id", node.id.to_string(), INT),
    ];
    let of_all = BROKER_SETTINGS.iter().map(|setting| describe_one(setting, settings));
    let mut values: Vec<Value> = of_node.into_iter().chain(of_all).collect();
    values.sort_by_key(|value| value.name);
    values
}
