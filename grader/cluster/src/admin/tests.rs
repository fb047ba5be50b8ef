//! What administrators ask, by requests.

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

fn assigned(of: &str, assignment: &[(i32, &[i32])]) -> CreatableTopic {
    let assignments = assignment.iter().map(|(index, nodes)| {
        let nodes = nodes.iter().map(|id| BrokerId(*id)).collect();
        CreatableReplicaAssignment::default().with_partition_index(*index).with_broker_ids(nodes)
    });
    topic(of, -1, -1).with_assignments(assignments.collect())
}

fn with_config(topic: CreatableTopic, name: &str, value: Option<&str>) -> CreatableTopic {
    topic.with_configs(vec![CreatableTopicConfig::default().with_name(text(name)).with_value(value.map(text))])
}

fn create(core: &mut Core, topics: Vec<CreatableTopic>, validate_only: bool) -> Vec<Outcome> {
    let request = CreateTopicsRequest::default().with_topics(topics).with_validate_only(validate_only);
    match ask(core, at(0), 7, request) {
        ResponseKind::CreateTopics(answer) => {
            answer.topics.iter().map(|topic| outcome(topic.error_code, &topic.error_message)).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn topics_that_cannot_be_made() {
    let mut core = three_nodes();
    with_topic(&mut core, "there", 1);
    with_topic(&mut core, "a.b", 1);
    let long = "x".repeat(250);
    let no_broker = "The manual partition assignment includes broker 7, but no such broker is registered.";
    let cases = [
        (topic("there", 1, 1), TopicAlreadyExists, "Topic 'there' already exists.".to_owned()),
        (topic("", 1, 1), InvalidTopicException, "Topic name is invalid: the empty string is not allowed".to_owned()),
        (topic("..", 1, 1), InvalidTopicException, "Topic name is invalid: '..' is not allowed".to_owned()),
        (
            topic(&long, 1, 1),
            InvalidTopicException,
            format!("Topic name is invalid: the length of '{long}' is longer than the max allowed length 249"),
        ),
        (
            topic("a b", 1, 1),
            InvalidTopicException,
            "Topic name is invalid: 'a b' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"
                .to_owned(),
        ),
        (
            topic("a_b", 1, 1),
            InvalidTopicException,
            "Topic 'a_b' collides with existing topic: a.b".to_owned(),
        ),
        (
            topic("t", 0, 1),
            InvalidPartitions,
            "Number of partitions was set to an invalid non-positive value.".to_owned(),
        ),
        (
            topic("t", 1, 0),
            InvalidReplicationFactor,
            "Replication factor must be larger than 0, or -1 to use the default value.".to_owned(),
        ),
        (
            topic("t", 1, 4),
            InvalidReplicationFactor,
            "Unable to replicate the partition 4 time(s): The target replication factor of 4 cannot be reached because \
             only 3 broker(s) are registered or some brokers have all their log directories cordoned."
                .to_owned(),
        ),
        (
            topic("t", 10_001, 1),
            PolicyViolation,
            "Excessively large number of partitions per request.".to_owned(),
        ),
        (with_config(topic("t", 1, 1), "foo", Some("x")), InvalidConfig, "Unknown topic config name: foo".to_owned()),
        (
            with_config(topic("t", 1, 1), "foo", None),
            InvalidConfig,
            "Null value not supported for topic configs: foo".to_owned(),
        ),
        (assigned("t", &[(0, &[7])]), InvalidReplicaAssignment, no_broker.to_owned()),
        (
            assigned("t", &[(0, &[])]),
            InvalidReplicaAssignment,
            "The manual partition assignment includes an empty replica list.".to_owned(),
        ),
        (
            assigned("t", &[(0, &[1, 1])]),
            InvalidReplicaAssignment,
            "The manual partition assignment includes the broker 1 more than once.".to_owned(),
        ),
        (
            assigned("t", &[(0, &[1, 2]), (1, &[3])]),
            InvalidReplicaAssignment,
            "The manual partition assignment includes a partition with 1 replica(s), but this is not consistent with \
             previous partitions, which have 2 replica(s)."
                .to_owned(),
        ),
        (
            assigned("t", &[(0, &[1]), (2, &[3])]),
            InvalidReplicaAssignment,
            "partitions should be a consecutive 0-based integer sequence".to_owned(),
        ),
        (
            assigned("t", &[(0, &[1]), (0, &[3])]),
            InvalidReplicaAssignment,
            "Found multiple manual partition assignments for partition 0".to_owned(),
        ),
        (
            assigned("t", &[(0, &[1])]).with_num_partitions(1),
            InvalidRequest,
            "A manual partition assignment was specified, but numPartitions was not set to -1.".to_owned(),
        ),
    ];
    for (topic, error, message) in cases {
        for validate_only in [true, false] {
            let outcomes = create(&mut core, vec![topic.clone()], validate_only);
            assert_eq!(outcomes, [refused(error, &message)], "{topic:?}");
        }
    }
    let twice = create(&mut core, vec![topic("d", 1, 1), topic("d", 2, 1)], false);
    assert_eq!(twice, [refused(InvalidRequest, "Duplicate topic name.")]);
    assert_eq!(core.topics.iter().count(), 2);
}

#[test]
fn a_new_topic_is_described_by_the_answer() {
    let mut core = three_nodes();
    let wanted = with_config(topic("t", 4, 2), "retention.ms", Some(" 1000 "));
    let request = CreateTopicsRequest::default().with_topics(vec![wanted]);
    let ResponseKind::CreateTopics(answer) = ask(&mut core, at(0), 7, request.clone().with_validate_only(true)) else {
        panic!()
    };
    assert_eq!(answer.topics[0].error_code, 0);
    assert_eq!(core.topics.iter().count(), 0, "only asked whether it could be made");
    let ResponseKind::CreateTopics(answer) = ask(&mut core, at(0), 7, request) else { panic!() };
    let made = &answer.topics[0];
    let topic = core.topics.get("t").unwrap();
    assert_eq!((made.num_partitions, made.replication_factor, made.topic_id), (4, 2, topic.id));
    let config = |name: &str| {
        let configs = made.configs.as_ref().unwrap();
        let config = configs.iter().find(|config| config.name.as_str() == name).unwrap();
        (config.value.as_ref().unwrap().to_string(), config.config_source)
    };
    assert_eq!(config("retention.ms"), ("1000".to_owned(), 1));
    assert_eq!(config("cleanup.policy"), ("delete".to_owned(), 5));
    let leaders: Vec<_> = topic.partitions.iter().map(|partition| partition.leader).collect();
    assert_eq!(leaders, [Some(1), Some(2), Some(3), Some(1)]);
}

fn delete(core: &mut Core, version: i16, request: DeleteTopicsRequest) -> Vec<Outcome> {
    match ask(core, at(0), version, request) {
        ResponseKind::DeleteTopics(answer) => {
            answer.responses.iter().map(|topic| outcome(topic.error_code, &topic.error_message)).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn topics_are_deleted_by_name_and_by_id() {
    let mut core = three_nodes();
    for name in ["a", "b", "c"] {
        with_topic(&mut core, name, 1);
    }
    let old = DeleteTopicsRequest::default().with_topic_names(vec![name("a"), name("x")]);
    assert_eq!(delete(&mut core, 4, old), [None, refused(UnknownTopicOrPartition, "")]);
    let by_name = |of: &str| DeleteTopicState::default().with_name(Some(name(of)));
    let by_id = |id| DeleteTopicState::default().with_name(None).with_topic_id(id);
    let b = core.topics.get("b").unwrap().id;
    let wanted = vec![
        by_id(b),
        by_name("x"),
        by_id(Uuid::from_u128(9)),
        by_id(Uuid::nil()),
        by_name("c").with_topic_id(b),
        by_name("c"),
        by_name("c"),
    ];
    let outcomes = delete(&mut core, 6, DeleteTopicsRequest::default().with_topics(wanted));
    assert_eq!(
        outcomes,
        [
            None,
            refused(UnknownTopicOrPartition, "This server does not host this topic-partition."),
            refused(UnknownTopicId, "This server does not host this topic ID."),
            refused(InvalidRequest, "Neither topic name nor id were specified."),
            refused(InvalidRequest, "You may not specify both topic name and topic id."),
            refused(InvalidRequest, "Duplicate topic name."),
        ]
    );
    assert_eq!(core.topics.iter().map(|topic| topic.name.as_str()).collect::<Vec<_>>(), ["c"]);
}

#[test]
fn partitions_are_added_and_never_taken_away() {
    let mut core = three_nodes();
    with_topic(&mut core, "t", 2);
    let wanted = |of: &str, count, nodes: Option<&[i32]>| {
        let assignments = nodes.map(|nodes| {
            nodes.iter().map(|id| CreatePartitionsAssignment::default().with_broker_ids(vec![BrokerId(*id)])).collect()
        });
        CreatePartitionsTopic::default().with_name(name(of)).with_count(count).with_assignments(assignments)
    };
    let mut add = |topics: Vec<CreatePartitionsTopic>, validate_only| {
        let request = CreatePartitionsRequest::default().with_topics(topics).with_validate_only(validate_only);
        let ResponseKind::CreatePartitions(answer) = ask(&mut core, at(0), 3, request) else { panic!() };
        let results = answer.results.iter();
        let outcomes: Vec<_> = results.map(|result| outcome(result.error_code, &result.error_message)).collect();
        (outcomes, core.topics.get("t").unwrap().partitions.len())
    };
    let only = |outcome: Outcome, count| (vec![outcome], count);
    assert_eq!(add(vec![wanted("t", 3, None)], true), only(None, 2));
    assert_eq!(add(vec![wanted("t", 3, None)], false), only(None, 3));
    let same = refused(InvalidPartitions, "Topic already has 3 partition(s).");
    assert_eq!(add(vec![wanted("t", 3, None)], false), only(same, 3));
    let fewer = refused(InvalidPartitions, "The topic t currently has 3 partition(s); 1 would not be an increase.");
    assert_eq!(add(vec![wanted("t", 1, None)], false), only(fewer, 3));
    assert_eq!(add(vec![wanted("x", 1, None)], false), only(refused(UnknownTopicOrPartition, ""), 3));
    let too_few = "Attempted to add 2 additional partition(s), but only 1 assignment(s) were specified.";
    assert_eq!(add(vec![wanted("t", 5, Some(&[1]))], false), only(refused(InvalidReplicaAssignment, too_few), 3));
    assert_eq!(add(vec![wanted("t", 4, Some(&[2]))], false), only(None, 4));
    let twice = add(vec![wanted("t", 9, None), wanted("t", 8, None)], false);
    assert_eq!(twice, only(refused(InvalidRequest, "Duplicate topic name."), 4));
    assert_eq!(core.topics.get("t").unwrap().partitions[3].leader, Some(2));
}

fn change(core: &mut Core, resource: (i8, &str), changes: &[(&str, i8, Option<&str>)]) -> Outcome {
    let configs = changes.iter().map(|(name, operation, value)| {
        let config = ChangedConfig::default().with_name(text(name)).with_config_operation(*operation);
        config.with_value(value.map(text))
    });
    let resource = ChangedResource::default()
        .with_resource_type(resource.0)
        .with_resource_name(text(resource.1))
        .with_configs(configs.collect());
    let request = IncrementalAlterConfigsRequest::default().with_resources(vec![resource]);
    let ResponseKind::IncrementalAlterConfigs(answer) = ask(core, at(0), 1, request) else { panic!() };
    outcome(answer.responses[0].error_code, &answer.responses[0].error_message)
}

#[test]
fn settings_take_what_kafka_takes() {
    let mut core = three_nodes();
    with_topic(&mut core, "t", 1);
    let long = "Not a number of type LONG";
    let cases = [
        ("retention.ms", "abc", format!("Invalid value abc for configuration retention.ms: {long}")),
        ("retention.ms", "-2", "Invalid value -2 for configuration retention.ms: Value must be at least -1".to_owned()),
        (
            "cleanup.policy",
            "foo",
            "Invalid value foo for configuration cleanup.policy: String must be one of: compact, delete".to_owned(),
        ),
        (
            "preallocate",
            "x",
            "Invalid value x for configuration preallocate: Expected value to be either true or false".to_owned(),
        ),
        (
            "min.cleanable.dirty.ratio",
            "2",
            "Invalid value 2.0 for configuration min.cleanable.dirty.ratio: Value must be no more than 1".to_owned(),
        ),
        (
            "compression.gzip.level",
            "0",
            "Invalid value 0 for configuration compression.gzip.level: Value must be between 1 and 9 or equal to -1"
                .to_owned(),
        ),
        (
            "max.message.bytes",
            "99999999999",
            "Invalid value 99999999999 for configuration max.message.bytes: Not a number of type INT".to_owned(),
        ),
        (
            "remote.storage.enable",
            "true",
            "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage."
                .to_owned(),
        ),
        ("foo", "x", "Unknown topic config name: foo".to_owned()),
    ];
    for (name, value, message) in cases {
        assert_eq!(change(&mut core, (2, "t"), &[(name, 0, Some(value))]), refused(InvalidConfig, &message));
    }
    assert!(core.topics.get("t").unwrap().settings.is_empty());
    for (name, value) in [("retention.bytes", "-7"), ("cleanup.policy", ""), ("min.insync.replicas", " 2 ")] {
        assert_eq!(change(&mut core, (2, "t"), &[(name, 0, Some(value))]), None, "{name}");
    }
    assert_eq!(core.topics.get("t").unwrap().settings["min.insync.replicas"], "2");
}

#[test]
fn settings_are_changed_one_by_one() {
    let mut core = three_nodes();
    with_topic(&mut core, "t", 1);
    assert_eq!(change(&mut core, (2, "t"), &[("cleanup.policy", 2, Some("compact"))]), None);
    assert_eq!(core.topics.get("t").unwrap().settings["cleanup.policy"], "delete,compact");
    assert_eq!(change(&mut core, (2, "t"), &[("cleanup.policy", 3, Some("delete")), ("flush.ms", 0, Some("5"))]), None);
    assert_eq!(core.topics.get("t").unwrap().settings["cleanup.policy"], "compact");
    assert_eq!(change(&mut core, (2, "t"), &[("cleanup.policy", 1, None), ("foo", 1, None)]), None);
    assert_eq!(core.topics.get("t").unwrap().settings, BTreeMap::from([("flush.ms".to_owned(), "5".to_owned())]));
    let not_a_list = refused(InvalidConfig, "Can't APPEND to key retention.ms because its type is not LIST.");
    assert_eq!(change(&mut core, (2, "t"), &[("retention.ms", 2, Some("1"))]), not_a_list);
    let cases = [
        ((2, "x"), ("flush.ms", 0, Some("1")), UnknownTopicOrPartition, "The topic 'x' does not exist."),
        ((2, ""), ("flush.ms", 0, Some("1")), InvalidRequest, "Default topic resources are not allowed."),
        ((2, "t"), ("flush.ms", 0, None), InvalidRequest, "Null value not supported for : flush.ms"),
        ((2, "t"), ("flush.ms", 9, Some("1")), UnknownServerError, ""),
        (
            (4, "1"),
            ("num.partitions", 0, Some("1")),
            InvalidRequest,
            "Cannot update these configs dynamically: [num.partitions]",
        ),
        ((32, "g"), ("a", 0, Some("1")), InvalidRequest, "Unsupported resource type: GROUP"),
    ];
    for (resource, change_wanted, error, message) in cases {
        assert_eq!(change(&mut core, resource, &[change_wanted]), refused(error, message));
    }
    let twice = [("flush.ms", 0, Some("1")), ("flush.ms", 0, Some("2"))];
    assert_eq!(change(&mut core, (2, "t"), &twice), refused(InvalidRequest, "Error due to duplicate config keys"));

    let config = AlterableConfig::default().with_name(text("retention.ms")).with_value(Some(text("7")));
    let resource =
        AlterConfigsResource::default().with_resource_type(2).with_resource_name(text("t")).with_configs(vec![config]);
    let request = AlterConfigsRequest::default().with_resources(vec![resource]);
    let ResponseKind::AlterConfigs(answer) = ask(&mut core, at(0), 2, request) else { panic!() };
    assert_eq!(answer.responses[0].error_code, 0);
    let settings = &core.topics.get("t").unwrap().settings;
    assert_eq!(*settings, BTreeMap::from([("retention.ms".to_owned(), "7".to_owned())]), "the others are gone");
}

#[test]
fn settings_say_where_they_come_from() {
    let mut core = core(Settings { max_batch_bytes: 5_000, ..Settings::default() });
    with_topic(&mut core, "t", 1);
    assert_eq!(change(&mut core, (2, "t"), &[("min.insync.replicas", 0, Some("2"))]), None);
    let mut described = |kind: i8, name: &str, keys: &[&str]| {
        let keys = keys.iter().map(|key| text(key)).collect();
        let resource = DescribeConfigsResource::default()
            .with_resource_type(kind)
            .with_resource_name(text(name))
            .with_configuration_keys(Some(keys));
        let request = DescribeConfigsRequest::default().with_resources(vec![resource]).with_include_synonyms(true);
        let ResponseKind::DescribeConfigs(mut answer) = ask(&mut core, at(0), 4, request) else { panic!() };
        let result = answer.results.remove(0);
        let configs = result.configs.iter().map(|config| {
            let synonyms = config.synonyms.iter().map(|synonym| {
                format!("{}={}@{}", synonym.name.as_str(), synonym.value.as_ref().unwrap().as_str(), synonym.source)
            });
            let synonyms = synonyms.collect::<Vec<_>>().join(" ");
            let value = config.value.as_ref().unwrap().as_str();
            format!("{}={value}@{} [{synonyms}]", config.name.as_str(), config.config_source)
        });
        configs.collect::<Vec<_>>().join("; ")
    };
    assert_eq!(
        described(describe_configs::TOPIC, "t", &["min.insync.replicas", "max.message.bytes", "segment.ms"]),
        "max.message.bytes=5000@4 [message.max.bytes=5000@4 message.max.bytes=1048588@5]; \
         min.insync.replicas=2@1 [min.insync.replicas=2@1 min.insync.replicas=1@3 min.insync.replicas=1@5]; segment.ms=604800000@5 []"
    );
    assert_eq!(
        described(describe_configs::BROKER, "1", &["node.id", "num.partitions"]),
        "node.id=1@4 [node.id=1@4]; num.partitions=1@5 [num.partitions=1@5]"
    );
    assert_eq!(described(describe_configs::BROKER, "", &["node.id"]), "");
    assert_eq!(
        described(describe_configs::GROUP, "g", &["consumer.heartbeat.interval.ms"]),
        "consumer.heartbeat.interval.ms=100@4 [group.consumer.heartbeat.interval.ms=100@4 \
         group.consumer.heartbeat.interval.ms=5000@5]"
    );
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

/// Answers to an empty request, and to one about something that is not there, go out in every version.
#[test]
fn answers_can_be_sent_in_every_version() {
    let mut core = three_nodes();
    with_topic(&mut core, "t", 2);
    let partitions = CreatePartitionsTopic::default().with_name(name("t")).with_count(1).with_assignments(None);
    let config = DescribeConfigsResource::default().with_configuration_keys(None);
    let configs = [(2, "t"), (4, "1"), (2, "x"), (32, "g")]
        .map(|(kind, name)| config.clone().with_resource_type(kind).with_resource_name(text(name)));
    let gone = DeleteTopicState::default().with_name(Some(name("x")));
    let acl = create_acls_request::AclCreation::default();
    let user = describe_user_scram_credentials_request::UserName::default().with_name(text("u"));
    let requests: Vec<(ApiKey, RequestKind)> = vec![
        (
            ApiKey::CreateTopics,
            CreateTopicsRequest::default().with_topics(vec![topic("n", 1, 1), topic("t", 1, 1)]).into(),
        ),
        (
            ApiKey::DeleteTopics,
            DeleteTopicsRequest::default().with_topic_names(vec![name("n")]).with_topics(vec![gone]).into(),
        ),
        (ApiKey::CreatePartitions, CreatePartitionsRequest::default().with_topics(vec![partitions]).into()),
        (ApiKey::DescribeConfigs, DescribeConfigsRequest::default().with_resources(configs.to_vec()).into()),
        (
            ApiKey::AlterConfigs,
            AlterConfigsRequest::default().with_resources(vec![AlterConfigsResource::default()]).into(),
        ),
        (
            ApiKey::IncrementalAlterConfigs,
            IncrementalAlterConfigsRequest::default().with_resources(vec![ChangedResource::default()]).into(),
        ),
        (ApiKey::DescribeCluster, DescribeClusterRequest::default().into()),
        (ApiKey::DescribeCluster, DescribeClusterRequest::default().with_endpoint_type(2).into()),
        (ApiKey::DescribeTopicPartitions, DescribeTopicPartitionsRequest::default().into()),
        (ApiKey::DescribeLogDirs, DescribeLogDirsRequest::default().with_topics(None).into()),
        (ApiKey::ListPartitionReassignments, ListPartitionReassignmentsRequest::default().into()),
        (ApiKey::DescribeAcls, DescribeAclsRequest::default().into()),
        (ApiKey::CreateAcls, CreateAclsRequest::default().with_creations(vec![acl]).into()),
        (ApiKey::DeleteAcls, DeleteAclsRequest::default().with_filters(vec![Default::default()]).into()),
        (ApiKey::DescribeClientQuotas, DescribeClientQuotasRequest::default().into()),
        (
            ApiKey::DescribeUserScramCredentials,
            DescribeUserScramCredentialsRequest::default().with_users(Some(vec![user])).into(),
        ),
        (
            ApiKey::ConsumerGroupDescribe,
            ConsumerGroupDescribeRequest::default().with_group_ids(vec![Default::default()]).into(),
        ),
        (ApiKey::ConsumerGroupHeartbeat, ConsumerGroupHeartbeatRequest::default().into()),
    ];
    for (api, request) in requests {
        let (_, oldest, newest) = SERVED.iter().find(|(key, ..)| *key == api).unwrap();
        for version in *oldest..=*newest {
            let answer = ask(&mut core, at(0), version, request.clone());
            answer.encode(&mut BytesMut::new(), version).unwrap_or_else(|error| panic!("{api:?} {version}: {error}"));
        }
    }
}
