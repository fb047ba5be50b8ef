//! Right: auto-commit, with the storing of offsets switched off at `poll` and done after processing. The client commits
//! what is stored by timer, before it gives up partitions, and when it is closed.

use ex03_group_scaling_solution::{Ending, config, join, next, parse};
use kit::{Downstream, Shutdown};
use rdkafka::consumer::{Consumer, DefaultConsumerContext};

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let config = config().set("enable.auto.commit", "true").set("enable.auto.offset.store", "false").clone();
    let consumer = join(&config, DefaultConsumerContext)?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        downstream.call("process", &parse(&message)?)?;
        if let Err(error) = consumer.store_offset_from_message(&message) {
            eprintln!("not stored: {error}");
        }
    }
    Ok(())
}
