//! DescribeConfigs: what the settings of a topic, a node or a group say, and where that comes from (`ConfigHelper`).

use kafka_protocol::ResponseError::{InvalidRequest, InvalidTopicException, UnknownTopicOrPartition};
use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::describe_configs_response::{
    DescribeConfigsResourceResult, DescribeConfigsResult, DescribeConfigsSynonym,
};
use kafka_protocol::messages::{DescribeConfigsRequest, DescribeConfigsResponse};

use super::create::fault_of_name;
use super::setting::Value;
use super::{broker_settings, group_settings, topic_settings};
use crate::core::Core;
use crate::core::call::{Caller, Step};
use crate::refusal::Refusal;

/// Kinds of what has settings (`ConfigResource.Type`).
pub(super) const TOPIC: i8 = 2;
pub(super) const BROKER: i8 = 4;
pub(super) const BROKER_LOGGER: i8 = 8;
pub(super) const CLIENT_METRICS: i8 = 16;
pub(super) const GROUP: i8 = 32;

/// From this version on, answers tell the types of values.
const TELLS_TYPES: i16 = 3;

pub(super) fn step(core: &mut Core, request: &DescribeConfigsRequest, caller: &Caller) -> Step {
    let results = request.resources.iter().map(|resource| {
        let result = DescribeConfigsResult::default()
            .with_resource_type(resource.resource_type)
            .with_resource_name(resource.resource_name.clone());
        match describe(core, resource, caller) {
            Ok((values, read_only)) => {
                let asked = |value: &Value| match &resource.configuration_keys {
                    // An empty list is no list.
                    Some(names) if !names.is_empty() => names.iter().any(|name| name.as_str() == value.name),
                    _ => true,
                };
                let values = values.into_iter().filter(asked);
                let shown = values.map(|value| show(value, read_only, request.include_synonyms, caller.version));
                result.with_configs(shown.collect())
            }
            Err(refusal) => {
                result.with_error_code(refusal.error.code()).with_error_message(Some(refusal.message.into()))
            }
        }
    });
    Step::answer(DescribeConfigsResponse::default().with_results(results.collect()))
}

/// The settings of a resource; and whether they are only to be read.
fn describe(core: &Core, resource: &DescribeConfigsResource, caller: &Caller) -> Result<(Vec<Value>, bool), Refusal> {
    let name = resource.resource_name.as_str();
    match resource.resource_type {
        TOPIC => {
            if let Some(why) = fault_of_name(name) {
                return Err(Refusal::new(InvalidTopicException, format!("Topic name is invalid: {why}")));
            }
            let topic = core.topics.get(name).ok_or_else(|| Refusal::new(UnknownTopicOrPartition, ""))?;
            Ok((topic_settings::describe(&topic.settings, &core.settings).collect(), false))
        }
        BROKER if name.is_empty() => Ok((broker_settings::describe_cluster(&core.settings), true)),
        BROKER => {
            let id = name.parse::<i32>().map_err(|_| {
                Refusal::new(InvalidRequest, format!("Broker id must be an integer, but it is: {name}"))
            })?;
            let node = core.nodes.get(id).filter(|node| node.id == caller.node).ok_or_else(|| {
                let why =
                    format!("Unexpected broker id, expected {} or empty string, but received {name}", caller.node);
                Refusal::new(InvalidRequest, why)
            })?;
            Ok((broker_settings::describe(node, &core.settings), true))
        }
        GROUP if name.is_empty() => Err(Refusal::new(InvalidRequest, "Group name must not be empty")),
        GROUP => Ok((group_settings::describe(&core.groups.settings_of(name), &core.settings), false)),
        kind => Err(Refusal::new(InvalidRequest, format!("Unsupported resource type: {}", kind_name(kind)))),
    }
}

pub(super) fn kind_name(kind: i8) -> &'static str {
    match kind {
        TOPIC => "TOPIC",
        BROKER => "BROKER",
        BROKER_LOGGER => "BROKER_LOGGER",
        CLIENT_METRICS => "CLIENT_METRICS",
        GROUP => "GROUP",
        _ => "UNKNOWN",
    }
}

fn show(value: Value, read_only: bool, with_synonyms: bool, version: i16) -> DescribeConfigsResourceResult {
    let source = value.source();
    let synonyms = value.synonyms.into_iter().filter(|_| with_synonyms).map(|(name, value, source)| {
        DescribeConfigsSynonym::default().with_name(name.into()).with_value(Some(value.into())).with_source(source)
    });
    let shown = DescribeConfigsResourceResult::default()
        .with_name(value.name.into())
        .with_value(Some(value.value.into()))
        .with_read_only(read_only)
        .with_config_source(source)
        .with_documentation(None)
        .with_synonyms(synonyms.collect());
    if version >= TELLS_TYPES { shown.with_config_type(value.kind.number()) } else { shown }
}
