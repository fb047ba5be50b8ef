use super::*;
use crate::evidence::{Ended, FORMAT, load};
use crate::limits::CALLS;
use crate::wire::{Batch, Request};
use serde_json::{Value, json};
use std::time::Duration;
use tempfile::TempDir;

/// A recorder, and the folder in which its file lies.
fn recorder(rules: &[Rule]) -> (Recorder, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let header = Header {
        format: FORMAT,
        recorded_by: String::new(),
        exercise: "ex1".into(),
        scenario: "steady".into(),
        program: String::new(),
        seed: 1,
        broker_kind: String::new(),
        broker_version: String::new(),
        began: String::new(),
    };
    let file = folder.path().join("steady.jsonl.gz");
    (Recorder::new(header, Names::default(), rules, &file).expect("a file"), folder)
}

fn call(args: Value) -> What {
    What::Call { op: "work".into(), args, mark: None }
}

fn rule(rule: Value) -> Rule {
    serde_json::from_value(rule).expect("a rule")
}

#[tokio::test]
async fn a_program_beyond_a_limit_is_recorded_no_longer_and_every_wait_ends() {
    let (recorder, folder) = recorder(&[]);
    for _ in 0..CALLS + 5 {
        recorder.record(Some("r"), call(Value::Null));
    }
    recorder.record(Some("r"), What::Output { stream: crate::evidence::Stream::Stdout, line: "on and on".into() });
    assert_eq!(recorder.reached(), Some(Limit::Calls(CALLS)));
    let waited = recorder.until(Duration::from_secs(600), |_| false, |_| false);
    assert!(!tokio::time::timeout(Duration::from_secs(60), waited).await.expect("nobody waits any longer"));
    // How the grader ends it belongs to the evidence all the same.
    recorder.record(Some("r"), What::Killed);
    recorder.record(Some("r"), What::Exited { run: 1, how: Ended::Signal(9) });
    let evidence = recorder.close().expect("a file");
    let last: Vec<&str> = evidence.events.iter().skip(CALLS).map(Event::kind).collect();
    assert_eq!(last, ["gave-up", "killed", "exited"]);
    let stored = load(&folder.path().join("steady.jsonl.gz")).expect("what was recorded can be read");
    assert_eq!(stored, evidence);
}

/// A frame may still be held back when its scenario is over and its events have been taken away.
#[tokio::test]
async fn who_still_waits_when_the_recorder_is_closed_waits_for_its_time_and_no_longer() {
    let (recorder, _folder) = recorder(&[]);
    recorder.record(Some("r"), call(Value::Null));
    recorder.close().expect("a file");
    assert!(!recorder.until(Duration::from_millis(1), |_| false, |_| false).await);
}

#[tokio::test]
async fn what_the_rules_want_becomes_of_the_event() {
    let effect = async |event: &str, action: Value, what: What| {
        let (recorder, _folder) = recorder(&[rule(json!({"on": {"event": event}, "do": action}))]);
        recorder.record(Some("r"), call(Value::Null));
        let recorded = recorder.record(Some("r"), what);
        recorder.apply("r", recorded.actions).await
    };
    let request = || {
        let body = json!({"api": "heartbeat", "group": "g", "generation": 1, "member": "m"});
        let event = json!({"event": "request", "conn": 1, "correlation": 1, "version": 1, "body": body});
        serde_json::from_value(event).expect("an event")
    };
    let answer = || What::Answer { to: 0, op: "work".into(), ok: true, error: String::new(), mark: None };
    assert_eq!(effect("call", json!({"fail": "no"}), call(Value::Null)).await, Effect::Failed("no".into()));
    assert_eq!(effect("heartbeat.request", json!({"refuse": 27}), request()).await, Effect::Refused(27));
    assert_eq!(effect("heartbeat.request", json!("cut"), request()).await, Effect::Cut);
    assert_eq!(effect("answer", json!("lose"), answer()).await, Effect::Cut);
    assert_eq!(effect("answer", json!({"kill": "r"}), answer()).await, Effect::Cut);
    assert_eq!(effect("answer", json!({"kill": "another"}), answer()).await, Effect::GoesOn);
    assert_eq!(effect("answer", json!({"stop": "r"}), answer()).await, Effect::GoesOn);
    assert_eq!(effect("answer", json!({"delay": 1}), answer()).await, Effect::GoesOn);
    // The call that it is to be held for has been made before, and counts where a number is given.
    let held = json!({"hold": {"until": {"event": "call"}, "count": 1, "ms": 600_000}});
    assert_eq!(effect("answer", held, answer()).await, Effect::GoesOn);
}

#[test]
fn what_comes_in_a_burst_is_in_the_file_at_the_end() {
    let (recorder, folder) = recorder(&[]);
    let large = json!("x".repeat(10_000));
    for _ in 0..500 {
        recorder.record(Some("r"), call(large.clone()));
    }
    let evidence = recorder.close().expect("a file");
    assert_eq!(evidence.events.len(), 500);
    assert_eq!(load(&folder.path().join("steady.jsonl.gz")).expect("what was recorded can be read"), evidence);
}

#[test]
fn events_are_looked_at_once() {
    let (recorder, _folder) = recorder(&[]);
    let pattern = Pattern::of_kind("call");
    let mut twice = have_fitted(&pattern, 2, 0);
    let mut since = have_fitted(&pattern, 1, 1);
    recorder.record(Some("r"), call(Value::Null));
    assert!(!recorder.look(&mut twice) && !recorder.look(&mut twice), "it was the same call");
    assert!(!recorder.look(&mut since));
    recorder.record(Some("r"), call(Value::Null));
    assert!(recorder.look(&mut twice) && recorder.look(&mut since));
}

#[tokio::test]
async fn a_rule_with_a_state_strikes_only_while_it_holds_and_a_hold_ends_when_its_state_comes() {
    let open = json!({"between": {"begin": {"event": "call"}, "end": {"event": "answer"}}});
    let strikes = rule(json!({"on": {"event": "output"}, "while": [open], "when": {"nth": 1}, "do": {"stop": "r"}}));
    let (recorder, _folder) = recorder(&[strikes]);
    let print = || What::Output { stream: crate::evidence::Stream::Stdout, line: "on".into() };
    assert_eq!(recorder.record(Some("r"), print()).actions, [], "no call is open");
    let call = recorder.record(Some("r"), call(Value::Null)).position;
    assert_eq!(recorder.record(Some("r"), print()).actions, [Action::Stop("r".into())], "the first that counts");
    assert_eq!(recorder.record(Some("r"), print()).actions, [], "and it was the only one");
    let over = json!({"between": {"begin": {"event": "answer"}, "end": {"event": "killed"}}});
    let until = serde_json::from_value(over).expect("a state");
    let states = [until];
    let hold = recorder.hold(None, &states, None, 600_000);
    let answer = async {
        recorder
            .record(Some("r"), What::Answer { to: call, op: "work".into(), ok: true, error: String::new(), mark: None })
    };
    tokio::join!(hold, answer);
    // Both at once: a line that is printed while a call has been answered.
    let printed = serde_json::from_value(json!({"event": "output"})).expect("a pattern");
    let hold = recorder.hold(Some(&printed), &states, None, 600_000);
    tokio::join!(hold, async { recorder.record(Some("r"), print()) });
}

#[test]
fn a_rule_for_the_first_partition_leaves_the_others_alone() {
    let strikes = rule(json!({
        "on": {"event": "produce.request"}, "when": {"first": 2}, "per": "first-partition", "do": {"refuse": 19}
    }));
    let (recorder, _folder) = recorder(&[strikes]);
    let sent = |partition: i32, base_sequence: i32| {
        let batch = Batch { topic: "t".into(), partition, producer_id: 1, base_sequence, ..Batch::default() };
        let body = Request::Produce { acks: -1, transactional_id: None, timeout_ms: 1, batches: vec![batch].into() };
        let request = What::Request { conn: 1, correlation: 1, version: 9, body };
        !recorder.record(Some("r"), request).actions.is_empty()
    };
    let struck = [(2, 0), (0, 0), (2, 5), (2, 0), (0, 0), (2, 0)].map(|(partition, first)| sent(partition, first));
    assert_eq!(
        struck,
        [true, false, true, true, false, false],
        "twice the first batch, and what comes before it is taken"
    );
}

#[test]
fn what_follows_a_refused_batch_is_refused_until_that_is_let_through() {
    let strikes = rule(json!({
        "on": {"event": "produce.request"}, "when": {"first": 1}, "per": "first-partition", "do": {"refuse": 19}
    }));
    let (recorder, _folder) = recorder(&[strikes]);
    let sent = |sequences: &[(i32, i32)]| {
        let batch = |(partition, base_sequence): &(i32, i32)| Batch {
            topic: "t".into(),
            partition: *partition,
            producer_id: 1,
            base_sequence: *base_sequence,
            ..Batch::default()
        };
        let batches = sequences.iter().map(batch).collect::<Vec<_>>().into();
        let body = Request::Produce { acks: -1, transactional_id: None, timeout_ms: 1, batches };
        let request = What::Request { conn: 1, correlation: 1, version: 9, body };
        !recorder.record(Some("r"), request).actions.is_empty()
    };
    assert!(sent(&[(2, 0), (0, 0)]), "the first of partition 2, and one of partition 0 that is with it");
    assert!(sent(&[(0, 1)]), "its first one has not been let through");
    assert!(!sent(&[(1, 0)]), "partition 1 has nothing to do with it");
    assert!(!sent(&[(0, 0)]));
    assert!(!sent(&[(0, 1), (2, 0)]));
}
