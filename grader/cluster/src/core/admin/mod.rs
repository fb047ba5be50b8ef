//! What administrators ask: topics, settings, and what the cluster is made of.

mod absent;
mod alter_configs;
mod assignment;
mod broker_settings;
mod create;
mod create_partitions;
mod create_topics;
mod delete_topics;
mod describe_cluster;
mod describe_configs;
mod describe_topics;
mod group_settings;
mod list_configs;
mod setting;
mod topic_settings;

#[cfg(test)]
mod tests;

use kafka_protocol::messages::RequestKind;

use crate::core::Core;
use crate::core::call::{Caller, Step};

pub use create::NewTopic;
pub(crate) use create::{create_topic, is_topic_name};

pub(crate) fn step(core: &mut Core, request: &RequestKind, caller: &Caller) -> Step {
    use RequestKind::*;
    match request {
        CreateTopics(request) => create_topics::step(core, request, caller),
        DeleteTopics(request) => delete_topics::step(core, request, caller),
        CreatePartitions(request) => create_partitions::step(core, request),
        DescribeConfigs(request) => describe_configs::step(core, request, caller),
        AlterConfigs(request) => alter_configs::replace(core, request),
        IncrementalAlterConfigs(request) => alter_configs::change(core, request),
        ListConfigResources(request) => list_configs::step(core, request, caller),
        DescribeCluster(request) => describe_cluster::step(core, request, caller),
        DescribeTopicPartitions(request) => describe_topics::step(core, request),
        _ => absent::step(core, request, caller),
    }
}
