//! Right as well: no client is kept from one question to the next, one of them asks for the ends of all partitions, and an
//! empty partition without a commit has lag 0, for there is nothing to be behind of.

use ex13_lag_monitor_solution::{Ending, LIMIT, PATIENCE, WATCHED, partitions};
use kit::{Downstream, Shutdown};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaResult;
use rdkafka::topic_partition_list::Offset;
use serde_json::{Value, json};
use std::collections::HashMap;

type Lags = Vec<Option<i64>>;

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let world = Downstream::connect();
    let mut before: HashMap<&str, (Lags, Option<i64>)> = HashMap::new();
    'questions: while !shutdown.requested() && world.asked() {
        let all = loop {
            match look() {
                Ok(all) => break all,
                Err(error) if shutdown.requested() => {
                    eprintln!("nobody waits for an answer any more: {error}");
                    break 'questions;
                }
                Err(_) => {}
            }
        };
        for (group, lags) in WATCHED.into_iter().zip(all) {
            let total = lags.iter().flatten().copied().reduce(|sum, lag| sum + lag);
            let (last, sum) = before.remove(group).unwrap_or_default();
            let trend = sum.zip(total).map(|(before, now)| ["steady", "growing", "shrinking"][sign(now - before)]);
            let named: HashMap<String, Value> =
                lags.iter().enumerate().map(|(at, lag)| (at.to_string(), json!(lag))).collect();
            world.call("lag", &json!({"group": group, "lag": named, "total": total, "trend": trend}))?;
            for (partition, lag) in lags.iter().enumerate() {
                let was = last.get(partition).copied().flatten().unwrap_or(0);
                if lag.unwrap_or(0) >= LIMIT && was < LIMIT {
                    world.call("alert", &json!({"group": group, "partition": partition}))?;
                }
            }
            // What is unknown now is where it was: neither above the limit nor below.
            let known = lags.iter().enumerate().map(|(at, lag)| lag.or_else(|| last.get(at).copied().flatten()));
            before.insert(group, (known.collect(), total));
        }
    }
    Ok(())
}

fn sign(number: i64) -> usize {
    match number {
        0 => 0,
        1.. => 1,
        _ => 2,
    }
}

/// The lags of each group, by partition.
fn look() -> KafkaResult<Vec<Lags>> {
    let mut committed = Vec::new();
    let mut last = None;
    for group in WATCHED {
        let asks: BaseConsumer =
            kit::config().set("group.id", kit::group(group)).set("isolation.level", "read_uncommitted").create()?;
        committed.push(asks.committed_offsets(partitions(&asks)?, PATIENCE)?);
        last = Some(asks);
    }
    let Some(asks) = last else { return Ok(Vec::new()) };
    let mut ends = HashMap::new();
    for at in partitions(&asks)?.elements() {
        ends.insert(at.partition(), asks.fetch_watermarks(at.topic(), at.partition(), PATIENCE)?);
    }
    let lags = |list: rdkafka::TopicPartitionList| {
        let mut lags: Vec<(i32, Option<i64>)> = Vec::new();
        for at in list.elements() {
            at.error()?;
            let (start, end) = ends[&at.partition()];
            let lag = match at.offset() {
                Offset::Offset(next) => (next <= end).then(|| end - next.max(start)),
                _ => (start == end).then_some(0),
            };
            lags.push((at.partition(), lag));
        }
        lags.sort_unstable();
        Ok(lags.into_iter().map(|(_, lag)| lag).collect())
    };
    committed.into_iter().map(lags).collect()
}
