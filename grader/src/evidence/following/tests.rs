use super::*;
use serde_json::{Value, json};

fn state(of: Value) -> State {
    let state: State = serde_json::from_value(of).expect("a state");
    state.validate().expect("it can hold");
    state
}

fn call(id: i32) -> Value {
    json!({"at": 0, "role": "a", "event": "call", "op": "work", "args": {"id": id}})
}

fn answer(to: usize, ok: bool) -> Value {
    json!({"at": 0, "role": "a", "event": "answer", "op": "work", "to": to, "ok": ok})
}

/// Three records: 0 and 1 in partition 0, 2 in partition 1.
fn input() -> Vec<Value> {
    let input = |id: i32, partition: i32, offset: i64| {
        let value = json!({"text": json!({"id": id}).to_string()});
        let value = serde_json::to_value(crate::wire::Data::from(value["text"].as_str().expect("text"))).expect("data");
        json!({"at": 0, "event": "input", "topic": "t", "partition": partition, "offset": offset, "value": value, "poison": false})
    };
    vec![input(0, 0, 0), input(1, 0, 1), input(2, 1, 0)]
}

fn request(body: Value) -> Value {
    json!({"at": 0, "role": "a", "event": "request", "conn": 1, "correlation": 1, "version": 1, "body": body})
}

fn response(to: usize, body: Value) -> Value {
    json!({"at": 0, "role": "a", "event": "response", "conn": 1, "to": to, "by": "broker", "body": body})
}

/// Whether the state holds after each of the events; asked each time, or only at the end, which must be the same.
fn held(of: Value, events: &[Value]) -> Vec<bool> {
    let events: Vec<Event> =
        events.iter().map(|event| serde_json::from_value(event.clone()).expect("an event")).collect();
    let state = state(of);
    let mut following = Following::new(&state);
    let steps: Vec<bool> = (1..=events.len()).map(|n| following.holds(&events[..n])).collect();
    assert_eq!(steps.last().copied(), Some(Following::new(&state).holds(&events)));
    steps
}

/// The last so many of them.
fn last(n: usize, held: Vec<bool>) -> Vec<bool> {
    held[held.len() - n..].to_vec()
}

fn work(kind: &str, more: Value) -> Value {
    let mut of = json!({"group": "g", "topic": "t", "op": "work", "id": "id"});
    of.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    json!({ kind: of })
}

#[test]
fn between_two_events() {
    let between = json!({"between": {"begin": {"event": "call"}, "end": {"event": "answer"}}});
    assert_eq!(held(between, &[call(9), call(9), answer(0, true), call(9)]), [true, true, false, true]);
}

#[test]
fn a_record_is_in_hand_from_its_call_to_its_answer() {
    let events = [
        input(),
        vec![
            call(0),
            answer(3, true),
            call(7),
            call(2),
            json!({"at": 0, "role": "a", "event": "exited", "run": 1, "code": 0}),
        ],
    ]
    .concat();
    // The answer's own event still counts, a call that is about no record does not, and a dead program has nothing.
    assert_eq!(last(5, held(work("in-hand", json!({})), &events)), [true, true, false, true, false]);
    assert_eq!(last(5, held(work("in-hand", json!({"most": 0})), &events)), [false, false, true, false, true]);
    assert_eq!(last(5, held(work("in-hand", json!({"role": "b"})), &events)), [false; 5]);
}

#[test]
fn what_is_processed_is_uncommitted_until_a_commit_that_is_taken() {
    let commit = |offset: i64| {
        let offsets = json!([{"topic": "t", "partition": 0, "offset": offset}]);
        request(json!({"api": "offset_commit", "group": "g", "generation": 1, "member": "m", "offsets": offsets}))
    };
    let committed = |to: usize, error: i16| {
        let partitions = json!([{"topic": "t", "partition": 0, "error": error}]);
        response(to, json!({"api": "offset_commit", "partitions": partitions}))
    };
    let done = [input(), vec![call(0), answer(3, true), call(1), answer(5, false), call(2), answer(7, true)]].concat();
    let uncommitted = |more: Value| work("uncommitted", more);
    assert_eq!(last(6, held(uncommitted(json!({})), &done)), [false, true, true, true, true, true]);
    assert_eq!(last(6, held(uncommitted(json!({"partitions": 2})), &done)), [false, false, false, false, false, true]);
    let refused = [done.clone(), vec![commit(1), committed(9, 27)]].concat();
    assert_eq!(last(2, held(uncommitted(json!({"least": 2})), &refused)), [true, true]);
    let taken = [done.clone(), vec![commit(1), committed(9, 0)]].concat();
    assert_eq!(last(2, held(uncommitted(json!({"least": 2})), &taken)), [true, false]);
    assert_eq!(last(2, held(uncommitted(json!({"most": 1})), &taken)), [false, true]);
    // The offset is that of the next record to read.
    let short = [done, vec![commit(0), committed(9, 0)]].concat();
    assert_eq!(last(1, held(uncommitted(json!({"least": 2})), &short)), [true]);
}

#[test]
fn a_partition_moves_from_the_news_until_it_is_given_up() {
    let places = |partitions: &[i32]| -> Value {
        partitions.iter().map(|partition| json!({"topic": "t", "partition": partition})).collect()
    };
    let sync = || request(json!({"api": "sync_group", "group": "g", "generation": 1, "member": "m"}));
    let told = |to: usize, partitions: &[i32]| {
        response(to, json!({"api": "sync_group", "error": 0, "partitions": places(partitions)}))
    };
    let join = |owned: &[i32]| {
        request(json!({"api": "join_group", "group": "g", "member": "m", "session_timeout_ms": 1,
            "rebalance_timeout_ms": 1, "protocols": ["p"], "owned": places(owned)}))
    };
    let events = [
        input(),
        vec![
            sync(),
            told(3, &[0, 1]),
            call(0),
            answer(5, true),
            call(2),
            join(&[0, 1]),
            sync(),
            told(9, &[0]),
            join(&[0]),
        ],
    ]
    .concat();
    // The record in hand is of partition 1, which goes; the one of partition 0 is uncommitted, and stays.
    let moving = json!({"moving": true});
    assert_eq!(last(3, held(work("in-hand", moving.clone()), &events)), [false, true, false]);
    assert_eq!(last(3, held(work("uncommitted", moving), &events)), [false, false, false]);
    let moving = |role: &str| json!({"moving": {"group": "g", "topic": "t", "role": role}});
    assert_eq!(last(3, held(moving("a"), &events)), [false, true, false]);
    assert_eq!(last(3, held(moving("b"), &events)), [false, false, false]);
}

#[test]
fn records_are_in_flight_up_to_their_answer() {
    let batch = json!([{"topic": "t", "partition": 3, "producer_id": 1, "epoch": 0, "base_sequence": 0, "codec": "none",
        "bytes": 1, "records": [{"timestamp": 1, "headers": []}, {"timestamp": 1, "headers": []}]}]);
    let produce = request(json!({"api": "produce", "acks": -1, "timeout_ms": 1, "batches": batch}));
    let done = json!([{"topic": "t", "partition": 3, "error": 0, "base_offset": 1}]);
    let events = [produce, response(0, json!({"api": "produce", "partitions": done})), call(9)];
    assert_eq!(held(json!({"in-flight": {"topic": "t", "least": 2}}), &events), [true, true, false]);
    assert_eq!(held(json!({"in-flight": {"topic": "u"}}), &events), [false; 3]);
}

#[test]
fn a_record_is_unsettled_from_when_it_is_given_until_the_broker_or_the_program_has_spoken() {
    let given = |id: i32| json!({"at": 0, "event": "given", "value": {"id": id}});
    let value = serde_json::to_value(crate::wire::Data::from("{\"id\": 0}")).expect("data");
    let batch = json!([{"topic": "t", "partition": 3, "producer_id": 1, "epoch": 0, "base_sequence": 0, "codec": "none",
        "bytes": 1, "records": [{"timestamp": 1, "headers": [], "value": value}]}]);
    let produce = request(json!({"api": "produce", "acks": -1, "timeout_ms": 1, "batches": batch}));
    let done = json!([{"topic": "t", "partition": 3, "error": 0, "base_offset": 1}]);
    let events =
        [given(0), given(1), produce, response(2, json!({"api": "produce", "partitions": done})), call(1), call(7)];
    let unsettled = |more: Value| {
        let mut of = json!({"topic": "t", "id": "id"});
        of.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        json!({ "unsettled": of })
    };
    assert_eq!(held(unsettled(json!({"least": 2})), &events), [false, true, true, false, false, false]);
    assert_eq!(held(unsettled(json!({})), &events), [true, true, true, true, false, false]);
}

#[test]
fn a_state_that_never_holds_or_always_is_refused() {
    let refused = |of: Value| serde_json::from_value::<State>(of).expect("a state").validate().expect_err("refused");
    assert!(refused(work("in-hand", json!({"least": 3, "most": 2}))).contains("never hold"));
    assert!(refused(work("uncommitted", json!({"most": 2, "partitions": 3}))).contains("never hold"));
    assert!(refused(json!({"in-flight": {"topic": "t", "least": 0}})).contains("always holds"));
    let pattern = json!({"event": "call", "error": 1});
    assert!(refused(json!({"between": {"begin": pattern, "end": {"event": "call"}}})).contains("`error`"));
}

#[test]
fn a_state_is_told_in_words() {
    let told = |of: Value| state(of).told();
    assert_eq!(
        told(work("uncommitted", json!({"partitions": 4}))),
        "records of 4 partitions are processed and not committed"
    );
    assert_eq!(told(work("uncommitted", json!({"most": 0}))), "no record is processed and not committed");
    assert_eq!(
        told(work("in-hand", json!({"moving": true}))),
        "a record is in hand, in a partition that is to be given up"
    );
    assert_eq!(told(json!({"in-flight": {"topic": "orders", "least": 2}})), "2 records are in flight to orders");
}

#[test]
fn what_was_fetched_waits_for_its_call_alone_or_in_a_list() {
    let fetch = json!({"api": "fetch", "isolation": 1, "max_wait_ms": 500, "min_bytes": 1, "session_epoch": -1, "partitions": []});
    let given = |to: usize, records: (i64, i64)| {
        let of = json!({"topic": "t", "partition": 0, "error": 0, "high_watermark": 2, "records": records, "count": 2});
        response(to, json!({"api": "fetch", "error": 0, "partitions": [of]}))
    };
    let list = |ids: &[i32]| {
        let args: Vec<Value> = ids.iter().map(|id| json!({"id": id})).collect();
        json!({"at": 0, "role": "a", "event": "call", "op": "work", "args": args})
    };
    let fetched = |op: &str| json!({"fetched": {"topic": "t", "op": op, "id": "id", "least": 2}});
    let events = [input(), vec![request(fetch.clone()), given(3, (0, 1)), list(&[1])]].concat();
    assert_eq!(last(3, held(fetched("work[]"), &events)), [false, true, false]);
    assert_eq!(last(3, held(fetched("work"), &events)), [false, true, true], "that is no call of this kind");
    // The answer may be recorded before the grader is told where it has put the record.
    let early = [vec![request(fetch), given(0, (0, 1))], input(), vec![call(0)]].concat();
    assert_eq!(last(4, held(fetched("work"), &early)), [false, true, true, false]);
    let handed_on = [&early[..2], &[call(0)], &early[2..5]].concat();
    assert_eq!(last(3, held(fetched("work"), &handed_on)), [false, false, false], "one of two is done");
}
