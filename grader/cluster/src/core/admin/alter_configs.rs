//! AlterConfigs, which replaces all settings of a topic or a group, and IncrementalAlterConfigs, which changes some (KIP-339).

use std::collections::BTreeMap;

use kafka_protocol::ResponseError::{
    InvalidConfig, InvalidRequest, PolicyViolation, UnknownServerError, UnknownTopicOrPartition,
};
use kafka_protocol::messages::alter_configs_response::AlterConfigsResourceResponse;
use kafka_protocol::messages::incremental_alter_configs_response::AlterConfigsResourceResponse as IncrementalResponse;
use kafka_protocol::messages::{
    AlterConfigsRequest, AlterConfigsResponse, IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse,
};

use super::describe_configs::{BROKER, GROUP, TOPIC, kind_name};
use super::{group_settings, topic_settings};
use crate::core::Core;
use crate::core::call::Step;
use crate::refusal::Refusal;
use crate::watch::Watched;

/// What is to be done with a setting (`AlterConfigOp.OpType`); the last two are for lists.
const SET: i8 = 0;
const DELETE: i8 = 1;
const APPEND: i8 = 2;
const SUBTRACT: i8 = 3;

/// A change: name, what to do, value.
type Change<'a> = (&'a str, i8, Option<&'a str>);

pub(super) fn replace(core: &mut Core, request: &AlterConfigsRequest) -> Step {
    let ids: Vec<_> = request.resources.iter().map(|each| (each.resource_type, each.resource_name.as_str())).collect();
    let responses = request.resources.iter().map(|resource| {
        let configs = resource.configs.iter();
        let changes: Vec<Change> = configs.map(|config| (config.name.as_str(), SET, config.value.as_deref())).collect();
        let id = (resource.resource_type, resource.resource_name.as_str());
        let done = check_once(&ids, id).and_then(|()| alter(core, id, &changes, true, request.validate_only));
        let response = AlterConfigsResourceResponse::default()
            .with_resource_type(resource.resource_type)
            .with_resource_name(resource.resource_name.clone());
        match done {
            Ok(()) => response.with_error_message(None),
            Err(refusal) => response.with_error_code(refusal.error.code()).with_error_message(refusal.wire_message()),
        }
    });
    let responses = responses.collect();
    Step::answer(AlterConfigsResponse::default().with_responses(responses))
}

pub(super) fn change(core: &mut Core, request: &IncrementalAlterConfigsRequest) -> Step {
    let ids: Vec<_> = request.resources.iter().map(|each| (each.resource_type, each.resource_name.as_str())).collect();
    let responses = request.resources.iter().map(|resource| {
        let configs = resource.configs.iter();
        let changes: Vec<Change> =
            configs.map(|config| (config.name.as_str(), config.config_operation, config.value.as_deref())).collect();
        let id = (resource.resource_type, resource.resource_name.as_str());
        let done = check_once(&ids, id).and_then(|()| alter(core, id, &changes, false, request.validate_only));
        let response = IncrementalResponse::default()
            .with_resource_type(resource.resource_type)
            .with_resource_name(resource.resource_name.clone());
        match done {
            Ok(()) => response.with_error_message(None),
            Err(refusal) => response.with_error_code(refusal.error.code()).with_error_message(refusal.wire_message()),
        }
    });
    let responses = responses.collect();
    Step::answer(IncrementalAlterConfigsResponse::default().with_responses(responses))
}

fn check_once(ids: &[(i8, &str)], id: (i8, &str)) -> Result<(), Refusal> {
    match ids.iter().filter(|other| **other == id).count() {
        0 | 1 => Ok(()),
        _ => Err(Refusal::new(InvalidRequest, "Each resource must appear at most once.")),
    }
}

fn alter(
    core: &mut Core,
    (kind, name): (i8, &str),
    changes: &[Change<'_>],
    replace: bool,
    validate_only: bool,
) -> Result<(), Refusal> {
    check_changes(changes)?;
    match kind {
        TOPIC => alter_topic(core, name, changes, replace, validate_only),
        GROUP => alter_group(core, name, changes, replace, validate_only),
        BROKER => {
            let names: Vec<&str> = changes.iter().map(|(name, ..)| *name).collect();
            let why = format!("Cannot update these configs dynamically: [{}]", names.join(", "));
            Err(Refusal::new(InvalidRequest, why))
        }
        other => Err(Refusal::new(InvalidRequest, format!("Unsupported resource type: {}", kind_name(other)))),
    }
}

fn alter_topic(
    core: &mut Core,
    name: &str,
    changes: &[Change<'_>],
    replace: bool,
    validate_only: bool,
) -> Result<(), Refusal> {
    let unknown = || match name {
        "" => Refusal::new(InvalidRequest, "Default topic resources are not allowed."),
        _ => Refusal::new(UnknownTopicOrPartition, format!("The topic '{name}' does not exist.")),
    };
    let before = core.topics.get(name).map(|topic| topic.settings.clone());
    let kept = before.clone().filter(|_| !replace).unwrap_or_default();
    let settings = topic_settings::parse(changed(kept, changes, topic_settings::is_list)?)?;
    before.ok_or_else(unknown)?;
    if let Some(topic) = core.topics.get_mut(name).filter(|_| !validate_only) {
        topic.settings = settings;
        for partition in &topic.partitions {
            core.watches.wake(&Watched::Partition(topic.id, partition.index));
        }
    }
    Ok(())
}

/// A group need not be there to have settings, and has them for ever.
fn alter_group(
    core: &mut Core,
    name: &str,
    changes: &[Change<'_>],
    replace: bool,
    validate_only: bool,
) -> Result<(), Refusal> {
    let before = core.groups.settings_of(name);
    let kept = if replace { BTreeMap::new() } else { group_settings::own(&before) };
    let settings = changed(kept, changes, |_| false)?;
    if name.is_empty() {
        return Err(Refusal::new(InvalidRequest, "Default group resources are not allowed."));
    }
    let settings = group_settings::parse(&settings, &core.settings)?;
    if !validate_only && !core.groups.set_settings(name, settings, &core.settings) {
        return Err(Refusal::new(PolicyViolation, "All groups together take too much already."));
    }
    Ok(())
}

/// Is each setting named once, and does each have a value that needs one?
fn check_changes(changes: &[Change<'_>]) -> Result<(), Refusal> {
    let mut names: Vec<&str> = changes.iter().map(|(name, ..)| *name).collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Refusal::new(InvalidRequest, "Error due to duplicate config keys"));
    }
    let nulls = changes.iter().filter(|(_, operation, value)| *operation != DELETE && value.is_none());
    let nulls: Vec<&str> = nulls.map(|(name, ..)| *name).collect();
    if !nulls.is_empty() {
        return Err(Refusal::new(InvalidRequest, format!("Null value not supported for : {}", nulls.join(", "))));
    }
    // Kafka stumbles over what it does not know.
    match changes.iter().any(|(_, operation, _)| !(SET..=SUBTRACT).contains(operation)) {
        true => Err(Refusal::new(UnknownServerError, "")),
        false => Ok(()),
    }
}

/// What becomes of these `settings`.
fn changed(
    mut settings: BTreeMap<String, String>,
    changes: &[Change<'_>],
    is_list: impl Fn(&str) -> bool,
) -> Result<BTreeMap<String, String>, Refusal> {
    for (name, operation, value) in changes {
        apply(&mut settings, name, *operation, value.unwrap_or_default(), &is_list)?;
    }
    Ok(settings)
}

fn apply(
    settings: &mut BTreeMap<String, String>,
    name: &str,
    operation: i8,
    value: &str,
    is_list: impl Fn(&str) -> bool,
) -> Result<(), Refusal> {
    match operation {
        SET => drop(settings.insert(name.to_owned(), value.to_owned())),
        DELETE => drop(settings.remove(name)),
        _ if !is_list(name) => {
            let operation = if operation == APPEND { "APPEND" } else { "SUBTRACT" };
            let why = format!("Can't {operation} to key {name} because its type is not LIST.");
            return Err(Refusal::new(InvalidConfig, why));
        }
        _ => {
            let now = settings.get(name).map_or_else(|| topic_settings::default(name), String::as_str);
            let mut parts: Vec<&str> = now.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
            for part in value.split(',').map(str::trim) {
                match (operation, parts.iter().position(|known| *known == part)) {
                    (APPEND, None) => parts.push(part),
                    (SUBTRACT, Some(place)) => drop(parts.remove(place)),
                    _ => {}
                }
            }
            let joined = parts.join(",");
            settings.insert(name.to_owned(), joined);
        }
    }
    Ok(())
}
