//! How a client finds its way: ApiVersions, Metadata, FindCoordinator. Any broker answers them.

use crate::reader::{Reader, Result};
use crate::request::Request;
use crate::response::{Broker, Coordinator, Partition, Response, Topic};

/// From v3 on a client says which library it is (KIP-511).
pub fn api_versions(version: i16, r: &mut Reader) -> Result<Request> {
    let (mut software, mut software_version) = (None, None);
    if version >= 3 {
        software = r.nullable_string("client_software_name")?;
        software_version = r.nullable_string("client_software_version")?;
    }
    Ok(Request::ApiVersions { software, software_version })
}

pub fn metadata(version: i16, r: &mut Reader) -> Result<Request> {
    let topics = r.nullable_array("topics", |r| {
        let id = if version >= 10 { Some(super::id(r)?) } else { None };
        let name = r.nullable_string("name")?;
        r.skip_tags()?;
        Ok(name.or(id).unwrap_or_default())
    })?;
    // v0 has no null array, and an empty one asks for everything.
    let topics = topics.filter(|topics| version > 0 || !topics.is_empty());
    Ok(Request::Metadata { topics })
}

pub fn metadata_answer(version: i16, r: &mut Reader) -> Result<Response> {
    if version >= 3 {
        r.i32("throttle_time_ms")?;
    }
    let brokers = r.array("brokers", |r| {
        let broker = Broker { node: r.i32("node_id")?, host: r.string("host")?, port: r.i32("port")? };
        if version >= 1 {
            r.nullable_string("rack")?;
        }
        r.skip_tags()?;
        Ok(broker)
    })?;
    if version >= 2 {
        r.nullable_string("cluster_id")?;
    }
    if version >= 1 {
        r.i32("controller_id")?;
    }
    let topics = r.array("topics", |r| {
        let error = r.i16("error_code")?;
        let name = r.nullable_string("name")?.unwrap_or_default();
        let id = if version >= 10 { Some(super::id(r)?) } else { None };
        if version >= 1 {
            r.bool("is_internal")?;
        }
        let partitions = r.array("partitions", |r| {
            let error = r.i16("error_code")?;
            let partition = r.i32("partition_index")?;
            let leader = r.i32("leader_id")?;
            if version >= 7 {
                r.i32("leader_epoch")?;
            }
            r.array("replica_nodes", |r| r.i32("node"))?;
            r.array("isr_nodes", |r| r.i32("node"))?;
            if version >= 5 {
                r.array("offline_replicas", |r| r.i32("node"))?;
            }
            r.skip_tags()?;
            Ok(Partition { partition, error, leader })
        })?;
        if version >= 8 {
            r.i32("topic_authorized_operations")?;
        }
        r.skip_tags()?;
        Ok(Topic { name, id, error, partitions })
    })?;
    Ok(Response::Metadata { brokers, topics })
}

pub fn find_coordinator(version: i16, r: &mut Reader) -> Result<Request> {
    if version >= 4 {
        return Ok(Request::FindCoordinator {
            key_type: r.i8("key_type")?,
            keys: r.array("coordinator_keys", |r| r.string("key"))?,
        });
    }
    let keys = vec![r.string("key")?];
    let key_type = if version >= 1 { r.i8("key_type")? } else { 0 };
    Ok(Request::FindCoordinator { key_type, keys })
}

pub fn coordinators(version: i16, r: &mut Reader) -> Result<Response> {
    if version >= 1 {
        r.i32("throttle_time_ms")?;
    }
    if version < 4 {
        let error = r.i16("error_code")?;
        if version >= 1 {
            r.nullable_string("error_message")?;
        }
        let one = Coordinator {
            key: String::new(),
            error,
            node: r.i32("node_id")?,
            host: r.string("host")?,
            port: r.i32("port")?,
        };
        return Ok(Response::FindCoordinator { coordinators: vec![one] });
    }
    let coordinators = r.array("coordinators", |r| {
        let key = r.string("key")?;
        let node = r.i32("node_id")?;
        let host = r.string("host")?;
        let port = r.i32("port")?;
        let error = r.i16("error_code")?;
        r.nullable_string("error_message")?;
        r.skip_tags()?;
        Ok(Coordinator { key, error, node, host, port })
    })?;
    Ok(Response::FindCoordinator { coordinators })
}
