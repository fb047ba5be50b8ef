//! Settings are read and changed.

use super::*;

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
        ((16, "g"), ("a", 0, Some("1")), InvalidRequest, "Unsupported resource type: CLIENT_METRICS"),
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

/// What a group says of its settings: name=value, from where.
fn of_group(core: &mut Core, group: &str) -> Vec<String> {
    let resource = DescribeConfigsResource::default()
        .with_resource_type(describe_configs::GROUP)
        .with_resource_name(text(group))
        .with_configuration_keys(None);
    let request = DescribeConfigsRequest::default().with_resources(vec![resource]);
    let ResponseKind::DescribeConfigs(answer) = ask(core, at(0), 4, request) else { panic!() };
    assert!(answer.results[0].configs.iter().all(|config| !config.read_only));
    let show = |config: &DescribeConfigsResourceResult| {
        let value = config.value.as_ref().unwrap().as_str();
        format!("{}={value} from {}", config.name.as_str(), config.config_source)
    };
    answer.results[0].configs.iter().map(show).collect()
}

/// As Kafka 4.4 with the least values that the course sets.
#[test]
fn a_group_has_settings_of_its_own() {
    let mut core = three_nodes();
    let (session, heartbeat) = ("consumer.session.timeout.ms", "consumer.heartbeat.interval.ms");
    let interval = "consumer.assignment.interval.ms";
    let taken = [(session, "50000"), (session, " 40000 "), (heartbeat, "200"), (interval, "15000"), (interval, "0")];
    for (name, value) in taken {
        assert_eq!(change(&mut core, (32, "g"), &[(name, 0, Some(value))]), None, "{name}={value}");
    }
    let own = [
        "consumer.assignment.interval.ms=0 from 8",
        "consumer.heartbeat.interval.ms=200 from 8",
        "consumer.session.timeout.ms=40000 from 8",
    ];
    assert_eq!(of_group(&mut core, "g"), own);
    let cases = [
        (
            session,
            0,
            "x",
            InvalidConfig,
            format!("Invalid value x for configuration {session}: Not a number of type INT"),
        ),
        (
            session,
            0,
            "0",
            InvalidConfig,
            format!("Invalid value 0 for configuration {session}: Value must be at least 1"),
        ),
        (session, 0, "499", InvalidConfig, format!("{session} must be in the range 500 to 60000 inclusive.")),
        (session, 0, "60001", InvalidConfig, format!("{session} must be in the range 500 to 60000 inclusive.")),
        (heartbeat, 0, "99", InvalidConfig, format!("{heartbeat} must be in the range 100 to 15000 inclusive.")),
        (
            interval,
            0,
            "-1",
            InvalidConfig,
            format!("Invalid value -1 for configuration {interval}: Value must be at least 0"),
        ),
        (session, 2, "1", InvalidConfig, format!("Can't APPEND to key {session} because its type is not LIST.")),
        ("foo", 0, "1", InvalidConfig, "Unknown group config name: foo".to_owned()),
    ];
    for (name, operation, value, error, message) in cases {
        assert_eq!(change(&mut core, (32, "g"), &[(name, operation, Some(value))]), refused(error, &message));
    }
    let both = [(session, 0, Some("1000")), (heartbeat, 0, Some("1000"))];
    let message = format!("{session} must be greater than {heartbeat}");
    assert_eq!(change(&mut core, (32, "h"), &both), refused(InvalidConfig, &message));
    let nameless = refused(InvalidRequest, "Default group resources are not allowed.");
    assert_eq!(change(&mut core, (32, ""), &[(session, 0, Some("50000"))]), nameless);
    assert_eq!(of_group(&mut core, "g"), own, "what was refused has changed nothing");

    let gone = [(session, 1, None), (heartbeat, 1, None), (interval, 1, None), ("foo", 1, None)];
    assert_eq!(change(&mut core, (32, "g"), &gone), None);
    assert_eq!(of_group(&mut core, "g")[2], "consumer.session.timeout.ms=30000 from 4");
    assert_eq!(core.groups.bytes(), 0, "nothing is kept");
}

#[test]
fn settings_of_groups_are_bounded() {
    let mut core = core(Settings { most_groups: 1, ..Settings::default() });
    let session = |value| [("consumer.session.timeout.ms", 0, Some(value))];
    assert_eq!(change(&mut core, (32, "g"), &session("50000")), None);
    let full = refused(PolicyViolation, "All groups together take too much already.");
    assert_eq!(change(&mut core, (32, "h"), &session("50000")), full);
    assert_eq!(change(&mut core, (32, "g"), &session("40000")), None);
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
        "consumer.heartbeat.interval.ms=300@4 [group.consumer.heartbeat.interval.ms=300@4 \
         group.consumer.heartbeat.interval.ms=5000@5]"
    );
}
