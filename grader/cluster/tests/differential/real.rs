//! The settings of an Apache Kafka, for a cluster that is to answer as it does.

use cluster::Settings;

use crate::compare::Lines;
use crate::play::{Versions, play};
use crate::script;

/// Each is some seconds long.
const TRIES: usize = 20;

/// What a plain Apache Kafka has where our own defaults differ. The recorded answers are of such a one.
pub fn plain() -> Settings {
    Settings {
        auto_create: true,
        consumer_session_ms: 45_000,
        consumer_heartbeat_ms: 5_000,
        consumer_assignment_interval_ms: 1_000,
        ..Settings::default()
    }
}

/// Waits until a new Kafka has made the topics of its coordinators, which it does when they are first looked for.
pub fn wait_for_coordinators(address: &str) {
    let text = "== coordinators
        FindCoordinator {KeyType: 0, CoordinatorKeys: [g]}
        FindCoordinator {KeyType: 1, CoordinatorKeys: [x]}
        InitProducerId {TransactionalId: x, TransactionTimeoutMs: 60000}
        OffsetFetch {Groups: [{GroupId: g, Topics: null}]}";
    let script = script::parse(text).expect("it is written above").remove(0);
    let newest = [("FindCoordinator", 6), ("InitProducerId", 4), ("OffsetFetch", 8)];
    let versions = Versions::from(newest.map(|(name, version)| (name.to_owned(), version)));
    for _ in 0..TRIES {
        let played = play(&script, &versions, address, "coordinators");
        let mut codes =
            played.iter().flat_map(|played| &played.answer).filter(|(place, _)| place.ends_with("ErrorCode"));
        if codes.all(|(_, code)| code == "0") {
            return;
        }
    }
    panic!("the coordinators of {address} are not there");
}

/// The settings of the Apache Kafka at `address`, as far as they decide about answers.
pub fn settings(address: &str) -> Settings {
    let text = "== settings
        DescribeConfigs {Resources: [{ResourceType: 4, ResourceName: \"1\", ConfigurationKeys: [
            auto.create.topics.enable, group.min.session.timeout.ms, group.consumer.session.timeout.ms,
            group.consumer.heartbeat.interval.ms, group.consumer.assignment.interval.ms, num.partitions]}]}";
    let script = script::parse(text).expect("it is written above").remove(0);
    let versions = Versions::from([("DescribeConfigs".to_owned(), 4)]);
    let played = play(&script, &versions, address, "settings").remove(0);
    let get = |name: &str| setting(&played.answer, name).unwrap_or_else(|| panic!("{name} in {:?}", played.answer));
    let number = |name: &str| get(name).parse::<i32>().unwrap_or_else(|why| panic!("{name}: {why}"));
    Settings {
        auto_create: get("auto.create.topics.enable") == "true",
        min_session_ms: number("group.min.session.timeout.ms"),
        consumer_session_ms: number("group.consumer.session.timeout.ms"),
        consumer_heartbeat_ms: number("group.consumer.heartbeat.interval.ms"),
        consumer_assignment_interval_ms: number("group.consumer.assignment.interval.ms") as u64,
        partitions: number("num.partitions"),
        ..Settings::default()
    }
}

fn setting(answer: &Lines, name: &str) -> Option<String> {
    let (place, _) = answer.iter().find(|(_, value)| *value == format!("\"{name}\""))?;
    let place = place.replace(".Name", ".Value");
    let (_, value) = answer.iter().find(|(other, _)| *other == place)?;
    Some(value.trim_matches('"').to_owned())
}
