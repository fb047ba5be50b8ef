//! One program, two processes: `bravo` and `zulu` share the group `workers`, where the demo has one, or each is in a
//! group of its own name. It tells what it is given, what is taken from it, and how many records it had in the end.

use std::time::Duration;

use kit::{Downstream, Shutdown};
use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext, Rebalance};
use rdkafka::error::KafkaResult;

struct Tell(Downstream);

impl ClientContext for Tell {}

impl ConsumerContext for Tell {
    fn pre_rebalance(&self, _: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        let (op, list) = match rebalance {
            Rebalance::Assign(list) => ("given", list),
            Rebalance::Revoke(list) => ("taken", list),
            Rebalance::Error(_) => return,
        };
        if list.count() > 0 {
            self.0.call(op, &list.count()).expect("the outside world is there");
        }
    }
}

fn main() -> KafkaResult<()> {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let shared = std::env::var_os("KAFKA_GROUP_WORKERS").is_some();
    let group = if shared { kit::group("workers") } else { kit::group(&kit::role()) };
    let consumer: BaseConsumer<Tell> = kit::config()
        .set("group.id", group)
        .set("partition.assignment.strategy", "cooperative-sticky")
        .set("session.timeout.ms", "6000")
        .set("heartbeat.interval.ms", "200") // how soon a member hears of a rebalance
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false")
        .create_with_context(Tell(downstream.clone()))?;
    consumer.subscribe(&[&kit::topic("orders")])?;
    let mut records = 0;
    while !shutdown.requested() {
        if let Some(message) = consumer.poll(Duration::from_millis(50)) {
            let message = message?;
            records += 1;
            downstream.call("process", &kit::role()).expect("the outside world is there");
            consumer.commit_message(&message, CommitMode::Sync)?;
        }
    }
    downstream.call("had", &records).expect("the outside world is there");
    Ok(())
}
