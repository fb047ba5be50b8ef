//! How much longer judging takes for four times as many events: about four times, for every kind of check.
//!
//! Each kind judges evidence that it has to read to the end: everything is right in it, or what is wrong comes last.

use grader::{checks, evidence, wire};

#[path = "../src/checks/testing.rs"]
#[allow(dead_code, reason = "the tests of the checks use the rest")]
mod testing;

use checks::Kind;
use evidence::{Ended, Evidence};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use testing::{Recording, batch, record};

const EVENTS: usize = 25_000;
const TIMES: usize = 4;
const ENOUGH: Duration = Duration::from_secs(1);
/// As many partitions as a busy topic of a scenario has.
const PARTITIONS: usize = 12;

fn main() {
    println!("judging, {} events against {EVENTS}, processor time (goal: about {TIMES} ×)", EVENTS * TIMES);
    for (kind, check, make) in kinds() {
        let check = serde_json::from_value(json!({ kind: check })).expect("a check");
        let (small, large) = (grown(make, EVENTS), grown(make, EVENTS * TIMES));
        let (short, long) = (time(&check, &small), time(&check, &large));
        let ratio = long.as_secs_f64() / short.as_secs_f64();
        println!("  {kind:<20} {ratio:5.1} ×  {:8.1} ms for {}", long.as_secs_f64() * 1e3, large.events.len());
    }
}

/// What judging takes once: the average of as many times as fill a second, since processor time is told in steps of
/// some milliseconds.
fn time(check: &Kind, evidence: &Evidence) -> Duration {
    let (clock, began) = (Instant::now(), processor());
    let mut times = 0;
    while times == 0 || clock.elapsed() < ENOUGH {
        std::hint::black_box(check.judge(evidence));
        times += 1;
    }
    let taken = began.zip(processor()).map_or_else(|| clock.elapsed(), |(began, ended)| ended - began);
    taken / times
}

/// How long this thread has had a processor, where the system tells it. Other work on the machine does not count.
fn processor() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(stat.split(' ').next()?.parse().ok()?))
}

/// One part of a recording: what happens to the nth record.
type Make = fn(Recording, usize) -> Recording;

/// Parts, until there are so many events, and an end.
fn grown(make: Make, events: usize) -> Evidence {
    // Some parts have more events than others.
    let per_part = make(make(Recording::default(), 0), 1).evidence().events.len() as f64 / 2.0;
    let parts = (events as f64 / per_part) as usize;
    let all = (0..parts).fold(Recording::default().started(), make);
    all.role(testing::ROLE)
        .stopping()
        .exited(Ended::Code(0))
        .collected("f", None, figures(parts))
        .collected("f", Some("x"), table())
        .evidence()
}

/// One entry for each of the parts.
fn figures(parts: usize) -> Value {
    let row = |part: usize| json!({"name": part.to_string(), "delivered": 1, "failed": 0, "seconds": 0.001, "records_per_second": 1000});
    (0..parts).map(row).collect()
}

/// A row for each of the names by which the records differ.
fn table() -> Value {
    (0..100).map(|by| json!({"by": by.to_string(), "s": 1})).collect()
}

fn value(part: usize) -> Value {
    json!({"id": part, "by": (part % 100).to_string(), "amount": 1})
}

fn partition(part: usize) -> i32 {
    (part % PARTITIONS) as i32
}

/// A record that is given, sent and acknowledged, with a key of its own in its value.
fn produced(all: Recording, part: usize) -> Recording {
    let by = (part % 100).to_string();
    let sent = batch((part % 100 % PARTITIONS) as i32, vec![record(&by, &value(part))]);
    all.given(value(part)).produce(vec![sent])
}

/// Records that nobody acknowledges, each a request of its own.
fn unanswered(all: Recording, part: usize) -> Recording {
    let sent = batch(partition(part), vec![record("k", &value(part))]);
    all.given(value(part)).send(0, vec![sent])
}

/// A record of the input that is processed; every tenth is committed.
fn consumed(all: Recording, part: usize) -> Recording {
    let done = all.input(partition(part), value(part)).call("process", value(part));
    // What else a program calls.
    let done = done.call("log", json!({"id": part}));
    if part % 10 == 9 {
        let offsets: Vec<(i32, i64)> = (0..PARTITIONS)
            .map(|partition| (partition as i32, (part + PARTITIONS - partition) as i64 / PARTITIONS as i64))
            .collect();
        return done.commit(&offsets);
    }
    done
}

/// A partition that goes from one member to the other, with a record processed by each.
fn rebalanced(all: Recording, part: usize) -> Recording {
    let (gives, takes) = if part.is_multiple_of(2) { ("a", "b") } else { ("b", "a") };
    let offset = part as i64;
    let all = all.role(gives).assigned(&[0]).begins(0, offset).input(0, value(part)).fetch(0, offset);
    let all = all.call("process", value(part)).commit(&[(0, offset + 1)]).join(None, &[]);
    all.role(takes).join(None, &[]).joined(0).fetch(1, 0)
}

/// A member that only says that it is there, and a partition that comes and goes.
fn stays(all: Recording, part: usize) -> Recording {
    let all = all.join(None, &[]).joined(0).assigned(&[partition(part)]).fetch(partition(part), 0);
    all.call("process", value(part))
}

/// A record that is refused three times, becomes a letter, and is committed.
fn refused(all: Recording, part: usize) -> Recording {
    let (place, offset) = (partition(part), (part / PARTITIONS) as i64);
    let all = all.input(place, value(part));
    let all = (1..=3).fold(all, |all, n| all.refused("ship", value(part)).pause(n * 100));
    let mut letter = record("k", &value(part));
    let headers = [
        ("original_topic", "t".to_owned()),
        ("original_partition", place.to_string()),
        ("original_offset", offset.to_string()),
        ("error", "no".to_owned()),
        ("retry_count", "2".to_owned()),
    ];
    letter.headers = headers.map(|(name, value)| (name.to_owned(), Some(value.as_str().into()))).to_vec();
    let letter = wire::Batch { topic: "dlq".into(), ..batch(0, vec![letter]) };
    all.produce(vec![letter]).commit(&[(place, offset + 1)])
}

/// The same without a letter, by a program that dies each time.
fn lost(all: Recording, part: usize) -> Recording {
    let (place, offset) = (partition(part), (part / PARTITIONS) as i64);
    let all = all.input(place, value(part)).refused("ship", value(part)).commit(&[(place, offset + 1)]);
    all.exited(Ended::Code(0)).started()
}

/// A run of a benchmark, between its calls.
fn measured(all: Recording, part: usize) -> Recording {
    let name = part.to_string();
    let all = all.given(value(0)).call("begin", json!({"name": name}));
    let all = all.produce(vec![batch(partition(part), vec![record(&name, &value(0))])]);
    all.call("end", json!({"name": name}))
}

/// A process that is killed and started again.
fn killed(all: Recording, _: usize) -> Recording {
    all.killed().exited(Ended::Signal(9)).started()
}

/// Every kind with its parameters and what it judges; a kind may come twice.
fn kinds() -> Vec<(&'static str, Value, Make)> {
    let of_records = json!({"topic": "t", "op": "process", "id": "id"});
    let with = |base: &Value, more: Value| {
        let mut all = base.as_object().expect("an object").clone();
        all.extend(more.as_object().expect("an object").clone());
        Value::Object(all)
    };
    let in_group = with(&of_records, json!({"group": "g"}));
    let (topic, group) = (json!({"topic": "t"}), json!({"group": "g"}));
    let figures = json!({"topic": "t", "id": "id", "file": "f"});
    let letters = json!({"from": "t", "topic": "dlq", "op": "ship", "id": "id", "retries": 2});
    vec![
        ("delivered", json!({"topic": "t", "id": "id"}), produced as Make),
        ("delivered", json!({"topic": "t", "id": "id"}), unanswered),
        ("keyed", json!({"topic": "t", "by": "by"}), produced),
        ("affinity", json!({"topic": "t", "by": "by", "id": "id"}), produced),
        ("acks", topic.clone(), produced),
        ("idempotent", topic.clone(), unanswered),
        ("pipelined", topic.clone(), produced),
        ("pipelined", topic.clone(), unanswered),
        ("flushed", json!({"role": "a", "topic": "t", "id": "id"}), produced),
        ("reported", json!({"topic": "t", "op": "report", "id": "id"}), produced),
        ("processed", of_records.clone(), consumed),
        ("commit-every", json!({"role": "a", "group": "g", "topic": "t", "op": "process", "every": 10}), consumed),
        ("commit-after-work", in_group.clone(), consumed),
        ("final-commit", with(&in_group, json!({"role": "a"})), consumed),
        ("resumes", with(&of_records, json!({"role": "a", "every": 10})), consumed),
        ("agrees", group.clone(), rebalanced),
        ("leaves", json!({"role": "a", "group": "g"}), rebalanced),
        ("stays-member", json!({"role": "a", "group": "g"}), stays),
        ("keeps", json!({"group": "g", "topic": "t"}), rebalanced),
        ("shares", json!({"group": "g", "topic": "t", "stages": [{"a": 1}, {"c": 1}]}), rebalanced),
        ("owned-once", json!({"group": "g", "topic": "t"}), rebalanced),
        ("works-on-own", in_group.clone(), rebalanced),
        ("handed-over", in_group, rebalanced),
        (
            "applied-once",
            json!({"topic": "t", "id": "id", "amount": "amount", "by": "by", "file": "f", "table": "x", "total": "s"}),
            consumed,
        ),
        ("attempts", json!({"op": "ship", "id": "id", "most": 3}), refused),
        ("backoff", json!({"op": "ship", "id": "id", "least_ms": 50, "factor": 1.5}), refused),
        ("commit-after-letter", json!({"group": "g", "from": "t", "topic": "dlq"}), refused),
        ("dead-letters", letters.clone(), refused),
        ("dead-letters", letters, lost),
        ("figures", json!({"file": "f", "runs": ["1", "2"]}), measured),
        (
            "configured",
            with(
                &topic,
                json!({"id": "id", "runs": [
            {"name": "7", "acks": -1, "batch_size": 60, "compressed": false}]}),
            ),
            measured,
        ),
        ("counted", figures, measured),
        ("timed", json!({"topic": "t", "file": "f", "begin": "begin", "end": "end"}), measured),
        ("crashed", json!({"role": "a", "times": 2}), killed),
        ("exits", json!({"role": "a", "with": "zero"}), killed),
        ("survives", json!({"role": "a"}), killed),
    ]
}
