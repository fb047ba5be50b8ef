//! How a client finds its way: ApiVersions, Metadata, FindCoordinator. Any broker answers them.

use kafka_protocol::messages::*;
use kafka_protocol::protocol::StrBytes;

use super::topic_id;
use crate::request::Request;
use crate::response::{Broker, Coordinator, Partition, Response, Topic};

/// From v3 on a client says which library it is (KIP-511).
pub fn api_versions(version: i16, asked: ApiVersionsRequest) -> Request {
    let said = |text: StrBytes| (version >= 3).then(|| text.to_string());
    Request::ApiVersions {
        software: said(asked.client_software_name),
        software_version: said(asked.client_software_version),
    }
}

pub fn metadata(version: i16, asked: MetadataRequest) -> Request {
    let topics = asked.topics.map(|topics| {
        let named = topics.into_iter().map(|topic| match topic.name {
            Some(name) => name.to_string(),
            None => topic_id(topic.topic_id.into_bytes()),
        });
        named.collect::<Vec<_>>()
    });
    // v0 has no null array, and an empty one asks for everything.
    Request::Metadata { topics: topics.filter(|topics| version > 0 || !topics.is_empty()) }
}

pub fn metadata_answer(version: i16, said: MetadataResponse) -> Response {
    let brokers = said.brokers.into_iter().map(|broker| Broker {
        node: broker.node_id.0,
        host: broker.host.to_string(),
        port: broker.port,
    });
    let topics = said.topics.into_iter().map(|topic| Topic {
        name: topic.name.map(|name| name.to_string()).unwrap_or_default(),
        id: (version >= 10).then(|| topic_id(topic.topic_id.into_bytes())),
        error: topic.error_code,
        partitions: (topic.partitions.into_iter())
            .map(|said| Partition { partition: said.partition_index, error: said.error_code, leader: said.leader_id.0 })
            .collect(),
    });
    Response::Metadata { brokers: brokers.collect(), topics: topics.collect() }
}

pub fn find_coordinator(version: i16, asked: FindCoordinatorRequest) -> Request {
    let keys = if version < 4 { vec![asked.key] } else { asked.coordinator_keys };
    Request::FindCoordinator { key_type: asked.key_type, keys: keys.iter().map(|key| key.to_string()).collect() }
}

pub fn coordinators(version: i16, said: FindCoordinatorResponse) -> Response {
    let coordinators = if version < 4 {
        vec![Coordinator {
            key: String::new(),
            error: said.error_code,
            node: said.node_id.0,
            host: said.host.to_string(),
            port: said.port,
        }]
    } else {
        let found = said.coordinators.into_iter().map(|found| Coordinator {
            key: found.key.to_string(),
            error: found.error_code,
            node: found.node_id.0,
            host: found.host.to_string(),
            port: found.port,
        });
        found.collect()
    };
    Response::FindCoordinator { coordinators }
}
