//! The mistake: a `max.poll.interval.ms` that one slow call exceeds. The client takes the program for stuck and leaves
//! the group in its name; its partitions go to somebody else, and its work is done again.

use ex03_group_scaling_solution::{Ending, HandOver, config, join, next, parse};
use kit::{Downstream, Shutdown};
use rdkafka::consumer::Consumer;

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let mut config = config();
    // "A call takes 5 ms. If we have not polled for a second, something is wrong."
    config.set("max.poll.interval.ms", "1000").set("session.timeout.ms", "1000").set("heartbeat.interval.ms", "300");
    let consumer = join(&config, HandOver::default())?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        downstream.call("process", &parse(&message)?)?;
        consumer.context().0.note(&message);
    }
    Ok(())
}
