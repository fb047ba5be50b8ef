//! What administrators ask, by requests.

mod settings;
mod topics;
mod versions;

use std::collections::BTreeMap;

use bytes::BytesMut;
use kafka_protocol::ResponseError::{self, *};
use kafka_protocol::messages::alter_configs_request::{AlterConfigsResource, AlterableConfig};
use kafka_protocol::messages::create_partitions_request::{CreatePartitionsAssignment, CreatePartitionsTopic};
use kafka_protocol::messages::create_topics_request::{
    CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig,
};
use kafka_protocol::messages::delete_topics_request::DeleteTopicState;
use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::describe_configs_response::DescribeConfigsResourceResult;
use kafka_protocol::messages::describe_topic_partitions_request::{Cursor, TopicRequest};
use kafka_protocol::messages::incremental_alter_configs_request::{
    AlterConfigsResource as ChangedResource, AlterableConfig as ChangedConfig,
};
use kafka_protocol::messages::*;
use kafka_protocol::protocol::StrBytes;
use uuid::Uuid;

use super::{NewTopic, create_topic, describe_configs};
use crate::core::Core;
use crate::settings::Settings;
use crate::testing::{ask, at, core};
use crate::versions::SERVED;

fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

fn name(name: &str) -> TopicName {
    TopicName(text(name))
}

fn three_nodes() -> Core {
    core(Settings { nodes: 3, ..Settings::default() })
}

fn with_topic(core: &mut Core, name: &str, partitions: i32) -> Uuid {
    create_topic(core, name, &NewTopic { partitions: Some(partitions), ..NewTopic::default() }).unwrap()
}

/// What an answer says of one thing: an error with its words, or nothing.
type Outcome = Option<(ResponseError, String)>;

fn outcome(code: i16, message: &Option<StrBytes>) -> Outcome {
    let error = ResponseError::try_from_code(code)?;
    Some((error, message.as_ref().map(ToString::to_string).unwrap_or_default()))
}

fn refused(error: ResponseError, message: &str) -> Outcome {
    Some((error, message.to_owned()))
}

fn topic(of: &str, partitions: i32, copies: i16) -> CreatableTopic {
    CreatableTopic::default().with_name(name(of)).with_num_partitions(partitions).with_replication_factor(copies)
}

#[test]
fn pages_of_topics() {
    let mut core = three_nodes();
    for (name, partitions) in [("a", 2), ("b", 3), ("c", 1)] {
        with_topic(&mut core, name, partitions);
    }
    let mut page = |topics: &[&str], limit, cursor: Option<(&str, i32)>| {
        let topics = topics.iter().map(|topic| TopicRequest::default().with_name(name(topic))).collect();
        let cursor = cursor
            .map(|(topic, partition)| Cursor::default().with_topic_name(name(topic)).with_partition_index(partition));
        let request = DescribeTopicPartitionsRequest::default()
            .with_topics(topics)
            .with_response_partition_limit(limit)
            .with_cursor(cursor);
        let ResponseKind::DescribeTopicPartitions(answer) = ask(&mut core, at(0), 0, request) else { panic!() };
        let topics = answer.topics.iter().map(|topic| {
            let indexes: Vec<_> = topic.partitions.iter().map(|partition| partition.partition_index).collect();
            format!("{}{indexes:?}{}", topic.name.as_ref().unwrap().as_str(), topic.error_code)
        });
        let next =
            answer.next_cursor.map(|cursor| format!("{}-{}", cursor.topic_name.as_str(), cursor.partition_index));
        (topics.collect::<Vec<_>>().join(" "), next.unwrap_or_default())
    };
    let result = |topics: &str, next: &str| (topics.to_owned(), next.to_owned());
    assert_eq!(page(&[], 2_000, None), result("a[0, 1]0 b[0, 1, 2]0 c[0]0", ""));
    assert_eq!(page(&[], 3, None), result("a[0, 1]0 b[0]0", "b-1"));
    assert_eq!(page(&[], 2, Some(("b", 1))), result("b[1, 2]0", "c-0"));
    assert_eq!(page(&[], 2, Some(("c", 0))), result("c[0]0", ""));
    assert_eq!(page(&["c", "x", "a", "a b"], 2_000, None), result("a[0, 1]0 a b[]17 c[0]0 x[]3", ""));
    assert_eq!(page(&["a"], 2_000, Some(("a", -1))), result("a[]42", ""));
}

#[test]
fn what_there_is_not() {
    let mut core = three_nodes();
    with_topic(&mut core, "t", 2);
    let ResponseKind::DescribeAcls(acls) = ask(&mut core, at(0), 3, DescribeAclsRequest::default()) else { panic!() };
    assert_eq!(
        outcome(acls.error_code, &acls.error_message),
        refused(SecurityDisabled, "No Authorizer is configured on the broker")
    );
    let ResponseKind::DescribeLogDirs(dirs) =
        ask(&mut core, at(0), 4, DescribeLogDirsRequest::default().with_topics(None))
    else {
        panic!()
    };
    assert_eq!(dirs.results[0].topics[0].partitions.len(), 1, "the other partition is on another node");
}
