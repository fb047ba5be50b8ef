//! The mistake: leaves `auto.offset.reset` alone. A new group then begins at the end: whatever was there before is never
//! read.

use ex03_group_scaling_solution::{Ending, HandOver, commit, config, join, next, parse};
use kit::{Downstream, Shutdown};
use rdkafka::consumer::Consumer;

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(config().remove("auto.offset.reset"), HandOver::default())?; // the default is "latest"
    let mut processed: u64 = 0;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        downstream.call("process", &parse(&message)?)?;
        consumer.context().0.note(&message);
        processed += 1;
        if processed.is_multiple_of(50) {
            commit(&consumer, &consumer.context().0.offsets());
        }
    }
    Ok(())
}
