//! The mistake: the client commits by timer, as it does by default, and commits what it has handed out, processed or not.

use ex03_group_scaling_solution::{Ending, config, join, next, parse};
use kit::{Downstream, Shutdown};
use rdkafka::consumer::DefaultConsumerContext;

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let mut config = config();
    config.set("enable.auto.commit", "true").set("auto.commit.interval.ms", "100");
    let consumer = join(&config, DefaultConsumerContext)?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        downstream.call("process", &parse(&message)?)?;
    }
    Ok(())
}
