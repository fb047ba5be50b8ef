//! Right: `group.protocol=consumer` (KIP-848). The broker assigns, and only what moves is revoked; everything else is as
//! in the solution.

use ex03_group_scaling_solution::{Ending, HandOver, config, join, next, parse};
use kit::{Downstream, Shutdown};
use rdkafka::consumer::Consumer;

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let mut config = config();
    // Strategy, session and heartbeats are the broker's business now: librdkafka refuses settings for them.
    config.remove("partition.assignment.strategy").set("group.protocol", "consumer");
    let consumer = join(&config, HandOver::default())?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        downstream.call("process", &parse(&message)?)?;
        consumer.context().0.note(&message);
    }
    Ok(())
}
