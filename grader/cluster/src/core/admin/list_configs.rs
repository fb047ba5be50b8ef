//! ListConfigResources: what has settings that can be looked at (KIP-1142). (`KafkaApis.handleListConfigResources` in Kafka)

use kafka_protocol::ResponseError::UnsupportedVersion;
use kafka_protocol::messages::list_config_resources_response::ConfigResource;
use kafka_protocol::messages::{ListConfigResourcesRequest, ListConfigResourcesResponse};
use kafka_protocol::protocol::StrBytes;

use super::describe_configs::{BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP, TOPIC};
use crate::core::Core;
use crate::core::call::{Caller, Step};

/// From this version on, clients say of which kinds; before, there were those for client metrics only.
const NAMES_KINDS: i16 = 1;

pub(super) fn step(core: &mut Core, request: &ListConfigResourcesRequest, caller: &Caller) -> Step {
    let all = [GROUP, CLIENT_METRICS, BROKER_LOGGER, BROKER, TOPIC];
    let wanted: Vec<i8> = match request.resource_types.as_slice() {
        _ if caller.version < NAMES_KINDS => vec![CLIENT_METRICS],
        [] => all.to_vec(),
        some => some.to_vec(),
    };
    if !wanted.iter().all(|kind| all.contains(kind)) {
        return Step::answer(ListConfigResourcesResponse::default().with_error_code(UnsupportedVersion.code()));
    }
    let resources = all.into_iter().filter(|kind| wanted.contains(kind)).flat_map(|kind| {
        let names: Vec<String> = match kind {
            GROUP => core.groups.with_settings().map(str::to_owned).collect(),
            BROKER | BROKER_LOGGER => core.nodes.up().map(|node| node.id.to_string()).collect(),
            TOPIC => core.topics.iter().map(|topic| topic.name.clone()).collect(),
            // There are no settings for client metrics.
            _ => Vec::new(),
        };
        names.into_iter().map(move |name| {
            ConfigResource::default().with_resource_name(StrBytes::from_string(name)).with_resource_type(kind)
        })
    });
    let resources = resources.collect();
    Step::answer(ListConfigResourcesResponse::default().with_config_resources(resources))
}
