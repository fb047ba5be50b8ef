//! The mistake: an idempotent producer and a commit behind it. Killed in between, the orders are paid twice.

use ex12_transactions_solution::{Ending, LIMIT, Transactional, config, go_back, join, next, offsets, pay};
use kit::{Downstream, Shutdown};
use rdkafka::consumer::{CommitMode, Consumer};
use rdkafka::producer::Producer;

fn main() -> Ending {
    let (shutdown, downstream) = (Shutdown::listen(), Downstream::connect());
    let producer: Transactional = kit::config().set("enable.idempotence", "true").create()?;
    let consumer = join(&config())?;
    while !shutdown.requested() {
        let batch = next(&consumer, 100)?;
        if batch.is_empty() {
            continue;
        }
        if pay(&batch, &downstream, &producer).is_err() {
            go_back(&consumer).ok();
            continue;
        }
        producer.flush(LIMIT)?;
        consumer.commit(&offsets(&batch, 1)?, CommitMode::Sync)?;
    }
    Ok(())
}
