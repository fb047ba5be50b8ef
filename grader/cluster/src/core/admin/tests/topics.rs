//! Topics and partitions come and go.

use super::*;

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
