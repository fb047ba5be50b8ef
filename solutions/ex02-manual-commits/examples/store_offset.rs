//! Right: switches off the storing at `poll`, stores each offset after processing, and commits what is stored. The
//! client keeps the note that the other programs keep by hand.

use ex02_manual_commits_solution::{Ending, config, join, next, parse};
use kit::{Downstream, Shutdown};
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

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
        // It fails when the partition is no longer ours; then it is not ours to store, either.
        if let Err(error) = consumer.store_offset_from_message(&message) {
            eprintln!("not stored: {error}");
        }
        if order.is_some() && processed % 10 == 0 {
            commit(&consumer);
        }
    }
    commit(&consumer);
    Ok(())
}

fn commit(consumer: &BaseConsumer) {
    match consumer.commit_consumer_state(CommitMode::Sync) {
        Ok(()) | Err(KafkaError::ConsumerCommit(RDKafkaErrorCode::NoOffset)) => {} // nothing new since the last one
        Err(error) => eprintln!("not committed yet: {error}"),
    }
}
