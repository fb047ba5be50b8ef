//! The mistake: `store_offset()` adds one by itself, and here one is added before. Each commit is one too far.

use ex02_manual_commits_solution::{Ending, config, join, next, parse};
use kit::{Downstream, Shutdown};
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::message::Message;

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(config().set("enable.auto.offset.store", "false"))?;
    let mut processed = 0;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        let order = parse(&message);
        if let Some(order) = &order {
            downstream.call("process", order)?;
            processed += 1;
        }
        consumer.store_offset(message.topic(), message.partition(), message.offset() + 1)?;
        if order.is_some() && processed % 10 == 0 {
            commit(&consumer);
        }
    }
    commit(&consumer);
    Ok(())
}

fn commit(consumer: &BaseConsumer) {
    if let Err(error) = consumer.commit_consumer_state(CommitMode::Sync) {
        eprintln!("not committed: {error}");
    }
}
