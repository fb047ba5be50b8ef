//! The mistake: reads ahead into a buffer and commits the consumer's position, which is the end of the buffer. It does
//! count to ten, but a crash loses everything that was still waiting in the buffer.

use ex02_manual_commits_solution::{Ending, collect, config, join};
use kit::{Downstream, Shutdown};
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(&config())?;
    let mut processed = 0;
    while !shutdown.requested() {
        for (_, order) in collect(&consumer, &shutdown, 25)? {
            if shutdown.requested() {
                break; // what is still in the buffer is left to the next start …
            }
            let Some(order) = order else { continue };
            downstream.call("process", &order)?;
            processed += 1;
            if processed % 10 == 0 {
                commit(&consumer);
            }
        }
    }
    commit(&consumer);
    Ok(())
}

fn commit(consumer: &BaseConsumer) {
    // … but the position is behind the last record that `poll` has returned, and that is the end of the buffer.
    if let Err(error) = consumer.position().and_then(|position| consumer.commit(&position, CommitMode::Sync)) {
        eprintln!("not committed yet: {error}");
    }
}
