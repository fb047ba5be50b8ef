//! The settings of a consumer group (KIP-848): what it has of its own, or else the nodes'. (`GroupConfig` in Kafka)
//!
//! Those of share groups and streams groups are not known here, as these groups are not served.

use std::collections::BTreeMap;

use kafka_protocol::ResponseError::InvalidConfig;

use super::broker_settings;
use super::setting::{self, FROM_GROUP, Kind, Value};
use crate::core::group::GroupSettings;
use crate::refusal::Refusal;
use crate::settings::Settings;

const ASSIGNMENT_INTERVAL: &str = "consumer.assignment.interval.ms";
const HEARTBEAT_INTERVAL: &str = "consumer.heartbeat.interval.ms";
const SESSION_TIMEOUT: &str = "consumer.session.timeout.ms";

/// Its name, the node's setting in its place, what it can be at all, and what the nodes allow: their
/// `group.consumer.min.session.timeout.ms`, `…max…` and so on. The least are those that the course sets on Apache Kafka,
/// too; the most are its defaults.
type GroupSetting = (&'static str, &'static str, Kind, i32, i32);

/// In the order of their names.
const GROUP_SETTINGS: &[GroupSetting] = &[
    (ASSIGNMENT_INTERVAL, "group.consumer.assignment.interval.ms", Kind::Int(0, i32::MAX), 0, 15_000),
    (HEARTBEAT_INTERVAL, "group.consumer.heartbeat.interval.ms", Kind::Int(1, i32::MAX), 100, 15_000),
    (SESSION_TIMEOUT, "group.consumer.session.timeout.ms", Kind::Int(1, i32::MAX), 500, 60_000),
];

/// What a group has of its own, by name.
pub fn own(of_group: &GroupSettings) -> BTreeMap<String, String> {
    let all = [
        (ASSIGNMENT_INTERVAL, of_group.assignment_interval_ms),
        (HEARTBEAT_INTERVAL, of_group.heartbeat_ms),
        (SESSION_TIMEOUT, of_group.session_ms),
    ];
    all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.to_string()))).collect()
}

/// All settings of a group that has these of its own.
pub fn describe(of_group: &GroupSettings, settings: &Settings) -> Vec<Value> {
    let own = own(of_group);
    let describe = |(name, of_node, ..): &GroupSetting| {
        let node = broker_settings::value(of_node, settings)?;
        let own = own.get(*name).map(|value| (*name, value.clone(), FROM_GROUP));
        let synonyms: Vec<_> = own.into_iter().chain(node.synonyms).collect();
        Some(Value { name, value: synonyms[0].1.clone(), kind: node.kind, synonyms })
    };
    GROUP_SETTINGS.iter().filter_map(describe).collect()
}

/// The settings that somebody wants for a group. (`GroupConfig.validate`)
///
/// # Errors
/// `InvalidConfig`.
pub fn parse(wanted: &BTreeMap<String, String>, settings: &Settings) -> Result<GroupSettings, Refusal> {
    let refuse = |why: String| Err(Refusal::new(InvalidConfig, why));
    wanted.values().try_for_each(|value| setting::check_length(value))?;
    let known = |name: &str| GROUP_SETTINGS.iter().any(|(known, ..)| *known == name);
    if let Some(name) = wanted.keys().find(|name| !known(name)) {
        return refuse(format!("Unknown group config name: {name}"));
    }
    let mut parsed = BTreeMap::new();
    for (name, _, kind, ..) in GROUP_SETTINGS {
        if let Some(value) = wanted.get(*name) {
            let number: i32 = kind.parse(name, value)?.parse().map_err(|_| Refusal::new(InvalidConfig, ""))?;
            parsed.insert(*name, number);
        }
    }
    for (name, _, _, least, most) in GROUP_SETTINGS {
        if parsed.get(name).is_some_and(|value| !(least..=most).contains(&value)) {
            return refuse(format!("{name} must be in the range {least} to {most} inclusive."));
        }
    }
    let of_group = GroupSettings {
        assignment_interval_ms: parsed.get(ASSIGNMENT_INTERVAL).copied(),
        heartbeat_ms: parsed.get(HEARTBEAT_INTERVAL).copied(),
        session_ms: parsed.get(SESSION_TIMEOUT).copied(),
    };
    let all = of_group.over(settings);
    if all.consumer_session_ms <= all.consumer_heartbeat_ms {
        return refuse(format!("{SESSION_TIMEOUT} must be greater than {HEARTBEAT_INTERVAL}"));
    }
    Ok(of_group)
}
