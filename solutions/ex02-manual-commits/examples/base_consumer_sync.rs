//! Right: one record at a time and no buffer, so the consumer's position *is* what is processed, and a commit of the
//! position is right for once. It must not be called between `poll` and `process`.

use ex02_manual_commits_solution::{Ending, config, join, next, parse};
use kit::{Downstream, Shutdown};
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(&config())?;
    let mut processed = 0;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        let Some(order) = parse(&message) else { continue };
        downstream.call("process", &order)?;
        processed += 1;
        if processed % 10 == 0 {
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
