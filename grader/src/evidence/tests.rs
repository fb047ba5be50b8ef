//! Patterns and rules, tried on every kind of event.

use super::kind::KINDS;
use super::{Event, Pattern, Rule};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Every field of a pattern, with the value that it has in each sample that has it at all.
fn fields() -> [(&'static str, Value); 11] {
    [
        ("role", json!("r")),
        ("topic", json!("t")),
        ("partition", json!(3)),
        ("group", json!("g")),
        ("op", json!("o")),
        ("error", json!(7)),
        ("ok", json!(true)),
        ("records", json!(true)),
        ("key", json!("k")),
        ("mark", json!("m")),
        ("commit", json!(true)),
    ]
}

fn event(role: Option<&str>, kind: &str, fields: Value) -> Event {
    let mut event = json!({"at": 0, "role": role, "event": kind});
    event.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
    serde_json::from_value(event).expect("an event")
}

fn request(body: Value) -> Event {
    event(Some("r"), "request", json!({"conn": 1, "correlation": 1, "version": 1, "body": body}))
}

fn response(body: Value) -> Event {
    event(Some("r"), "response", json!({"conn": 1, "to": 0, "by": "broker", "body": body}))
}

/// One event of each kind, with everything that it can have.
fn samples() -> Vec<Event> {
    let of_program = |kind: &str, fields: Value| event(Some("r"), kind, fields);
    let of_grader = |kind: &str, fields: Value| event(None, kind, fields);
    let place = json!([{"topic": "t", "partition": 3, "offset": 1, "timestamp": 1, "error": 7}]);
    let batch = json!([{"topic": "t", "partition": 3, "producer_id": 1, "epoch": 0, "base_sequence": 0, "codec": "none",
        "bytes": 1, "records": [{"key": "k", "timestamp": 1, "headers": []}]}]);
    let transaction = json!({"transactional_id": "x", "producer_id": 1, "epoch": 1});
    let with = |name: &str, more: Value| {
        let mut body = transaction.clone();
        body["api"] = json!(name);
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        body
    };
    vec![
        of_grader("given", json!({"value": 1})),
        of_grader("input", json!({"topic": "t", "partition": 3, "offset": 1, "poison": false, "mark": "m"})),
        of_grader("aborted", json!({"topic": "t", "partition": 3, "offset": 1})),
        of_grader("read", json!({"topic": "t", "partition": 3, "stable": 1, "end": 1, "records": []})),
        of_program("replaces", json!({"of": "p"})),
        of_program("started", json!({"run": 1, "pid": 1})),
        of_program("output", json!({"stream": "stdout", "line": "k"})),
        of_program("panicked", json!({"file": "f", "line": 1, "message": "m"})),
        of_program("stopping", json!({})),
        of_program("killed", json!({})),
        of_program("exited", json!({"run": 1, "code": 7})),
        of_program("connected", json!({"conn": 1, "node": 3})),
        of_program("disconnected", json!({"conn": 1})),
        of_program("stranger", json!({"who": "w"})),
        of_program("undecoded", json!({"conn": 1, "bytes": 1, "reason": "r"})),
        of_program("not-served", json!({"conn": 1, "request": "DescribeAcls", "version": 3})),
        of_program("call", json!({"op": "o", "args": {}, "mark": "m"})),
        of_program("answer", json!({"to": 1, "op": "o", "ok": true, "mark": "m"})),
        of_program("fault", json!({"on": 1, "action": "a"})),
        of_program("expired", json!({"group": "g", "member": "m"})),
        of_grader("reset", json!({"group": "g"})),
        of_grader("changed", json!({"change": "c"})),
        of_grader("arranged", json!({"state": "s", "came": true})),
        of_grader("late", json!({"ms": 7})),
        of_grader("collected", json!({"file": "f"})),
        of_program("crash", json!({"number": 1, "of": 2, "moment": "m", "nth": 1})),
        of_grader(
            "observed",
            json!({"topic": "t", "partitions": [{"partition": 3, "start": 0, "stable": 1, "end": 1}],
            "committed": [{"group": "g", "partition": 3, "offset": 1}]}),
        ),
        of_grader("gave-up", json!({"waited_for": "w", "because": "had-ended"})),
        of_program("grader-fault", json!({"what": "w"})),
        request(json!({"api": "produce", "acks": 1, "timeout_ms": 1, "batches": batch})),
        request(json!({"api": "fetch", "isolation": 0, "max_wait_ms": 1, "min_bytes": 1, "session_epoch": 0,
            "partitions": place})),
        request(json!({"api": "list_offsets", "isolation": 0, "partitions": place})),
        request(json!({"api": "metadata", "topics": ["t"]})),
        request(json!({"api": "offset_commit", "group": "g", "generation": 1, "member": "m", "offsets": place})),
        request(json!({"api": "offset_fetch", "group": "g", "partitions": place})),
        request(json!({"api": "find_coordinator", "key_type": 0, "keys": ["g"]})),
        request(json!({"api": "join_group", "group": "g", "member": "m", "session_timeout_ms": 1,
            "rebalance_timeout_ms": 1, "protocols": ["p"], "topics": ["t"], "owned": place})),
        request(json!({"api": "sync_group", "group": "g", "generation": 1, "member": "m",
            "assignments": [{"member": "m", "partitions": place}]})),
        request(json!({"api": "heartbeat", "group": "g", "generation": 1, "member": "m"})),
        request(json!({"api": "leave_group", "group": "g", "members": ["m"]})),
        request(json!({"api": "consumer_group_heartbeat", "group": "g", "member": "m", "epoch": 1,
            "rebalance_timeout_ms": 1, "topics": ["t"], "owned": place})),
        request(json!({"api": "init_producer_id", "timeout_ms": 1, "producer_id": 1, "epoch": 1})),
        request(with("add_partitions_to_txn", json!({"partitions": place}))),
        request(with("add_offsets_to_txn", json!({"group": "g"}))),
        request(with("txn_offset_commit", json!({"group": "g", "generation": 1, "member": "m", "offsets": place}))),
        request(with("end_txn", json!({"committed": true}))),
        request(json!({"api": "api_versions"})),
        request(json!({"api": "other"})),
        response(
            json!({"api": "produce", "partitions": [{"topic": "t", "partition": 3, "error": 7, "base_offset": 1}]}),
        ),
        response(json!({"api": "fetch", "error": 7, "partitions": [
            {"topic": "t", "partition": 3, "error": 7, "high_watermark": 1, "count": 1}]})),
        response(json!({"api": "list_offsets", "partitions": place})),
        response(json!({"api": "metadata", "brokers": [], "topics": [{"name": "t", "error": 7, "partitions": []}]})),
        response(json!({"api": "offset_commit", "partitions": place})),
        response(json!({"api": "offset_fetch", "error": 7, "offsets": place})),
        response(json!({"api": "find_coordinator", "coordinators": [
            {"key": "g", "error": 7, "node": 3, "host": "h", "port": 1}]})),
        response(json!({"api": "join_group", "error": 7, "generation": 1, "member": "m", "leader": "m"})),
        response(json!({"api": "sync_group", "error": 7, "partitions": place})),
        response(json!({"api": "heartbeat", "error": 7})),
        response(json!({"api": "leave_group", "error": 7})),
        response(json!({"api": "consumer_group_heartbeat", "error": 7, "epoch": 1, "heartbeat_interval_ms": 1,
            "assignment": place})),
        response(json!({"api": "init_producer_id", "error": 7, "producer_id": 1, "epoch": 1})),
        response(json!({"api": "add_partitions_to_txn", "error": 7, "partitions": place})),
        response(json!({"api": "add_offsets_to_txn", "error": 7})),
        response(json!({"api": "txn_offset_commit", "partitions": place})),
        response(json!({"api": "end_txn", "error": 7})),
        response(json!({"api": "api_versions", "error": 7})),
        response(json!({"api": "other"})),
    ]
}

fn pattern(event: &str, fields: &[(&str, Value)]) -> Pattern {
    let mut pattern = json!({"event": event});
    fields.iter().for_each(|(field, value)| pattern[*field] = value.clone());
    serde_json::from_value(pattern).expect("a pattern")
}

/// A rule on events that are called so, in TOML's terms.
fn rule(event: &str, more: Value) -> Rule {
    let mut rule = json!({"on": {"event": event}, "do": {"kill": "r"}});
    rule.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    serde_json::from_value(rule).expect("a rule")
}

#[test]
fn there_is_a_sample_of_each_kind() {
    let samples = samples();
    let names: BTreeSet<&str> = samples.iter().map(Event::kind).collect();
    assert_eq!(names, KINDS.iter().map(|kind| kind.name).collect());
    assert_eq!((names.len(), samples.len()), (KINDS.len(), KINDS.len()), "each name stands for one kind");
}

#[test]
fn a_pattern_is_accepted_exactly_where_an_event_can_fit_it() {
    let samples = samples();
    for event in &samples {
        let name = event.kind();
        assert!(pattern(name, &[]).validate().is_ok() && pattern(name, &[]).matches(event), "{name}");
        for field in fields() {
            let pattern = pattern(name, std::slice::from_ref(&field));
            let fits = samples.iter().any(|event| pattern.matches(event));
            assert_eq!(pattern.validate().is_ok(), fits, "{} of {name}: {:?}", field.0, pattern.validate());
        }
        // And with everything at once that it can have.
        let all: Vec<(&str, Value)> = fields()
            .into_iter()
            .filter(|field| pattern(name, std::slice::from_ref(field)).validate().is_ok())
            .collect();
        assert!(pattern(name, &all).validate().is_ok() && pattern(name, &all).matches(event), "{name}: {all:?}");
    }
}

#[test]
fn another_value_of_any_field_does_not_fit() {
    for event in samples() {
        for (field, value) in fields() {
            let other = match value {
                Value::String(_) => json!("another"),
                Value::Bool(yes) => json!(!yes),
                _ => json!(9),
            };
            assert!(!pattern(event.kind(), &[(field, other)]).matches(&event), "{field} of {}", event.kind());
        }
    }
}

#[test]
fn the_topic_and_the_partition_are_of_one_place() {
    let places = json!([{"topic": "t", "partition": 0}, {"topic": "u", "partition": 3}]);
    let event = response(json!({"api": "sync_group", "error": 0, "partitions": places}));
    let fits = |topic: &str, partition: i32| {
        pattern("sync_group.response", &[("topic", json!(topic)), ("partition", json!(partition))]).matches(&event)
    };
    assert!(fits("t", 0) && fits("u", 3));
    assert!(!fits("t", 3) && !fits("u", 0));
}

#[test]
fn a_rule_counts_apart_only_by_what_its_events_have() {
    for event in samples() {
        let name = event.kind();
        let accepts = |per: &str| rule(name, json!({"per": per})).validate().is_ok();
        let strikes = name != "fault";
        assert_eq!(accepts("partition"), strikes && !event.partitions().is_empty(), "{name}");
        assert_eq!(accepts("role"), strikes && event.role.is_some(), "{name}");
        assert_eq!(accepts("args"), name == "call", "{name}");
    }
}

#[test]
fn a_rule_that_can_never_strike_is_refused() {
    let refused = |event: &str, more: Value| rule(event, more).validate().expect_err("it never strikes");
    assert!(refused("fault", json!({})).contains("none can strike it"));
    assert!(refused("call", json!({"when": {"nth": 0}})).contains("counted from 1"));
    assert!(refused("call", json!({"when": {"first": 0}})).contains("counted from 1"));
    assert!(refused("api_versions.request", json!({"do": {"refuse": 35}})).contains("cannot be refused"));
    assert!(
        refused("call", json!({"do": {"hold": {"until": {"event": "call", "ok": true}, "ms": 1}}})).contains("`ok`")
    );
    assert!(refused("call", json!({"on": {"event": "call", "error": 1}})).contains("`error`"));
    assert!(refused("call", json!({"do": {"hold": {"ms": 1}}})).contains("`while`"));
    let always = json!({"in-flight": {"topic": "t", "least": 0}});
    assert!(refused("call", json!({"while": [always]})).contains("always holds"));
}
