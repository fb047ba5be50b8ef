//! The mistake: at SIGTERM it ends at once, and leaves its transaction open.

use std::time::{Duration, Instant};

use ex12_transactions_solution::{Ending, LIMIT, config, id, join, next, offsets, pay, producer, send_offsets, undo};
use kit::{Downstream, Shutdown};
use rdkafka::producer::Producer;

fn main() -> Ending {
    let (shutdown, downstream) = (Shutdown::listen(), Downstream::connect());
    let producer = producer(&id())?;
    let consumer = join(&config())?;
    loop {
        let batch = next(&consumer, 100)?;
        if batch.is_empty() && shutdown.requested() {
            return Ok(());
        }
        if batch.is_empty() {
            continue;
        }
        producer.begin_transaction()?;
        let began = Instant::now();
        let done = pay(&batch, &downstream, &producer).and_then(|()| {
            // More payments may come together in one transaction: it stays open for a while.
            while began.elapsed() < Duration::from_millis(50) && !shutdown.requested() {
                std::thread::sleep(Duration::from_millis(5));
            }
            if shutdown.requested() {
                std::process::exit(0);
            }
            send_offsets(&offsets(&batch, 1)?, &consumer, &producer)?;
            Ok(producer.commit_transaction(LIMIT)?)
        });
        if let Err(error) = done {
            undo(error, &consumer, &producer)?;
        }
    }
}
