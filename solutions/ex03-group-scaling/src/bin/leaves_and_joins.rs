//! The mistake: a new consumer for every few records, as if it were a connection of a request.

use ex03_group_scaling_solution::{Ending, HandOver, config, join, next, parse};
use kit::{Downstream, Shutdown};
use rdkafka::consumer::Consumer;

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    while !shutdown.requested() {
        let consumer = join(&config(), HandOver::default())?;
        let mut processed = 0;
        while !shutdown.requested() && processed < 10 {
            let Some(message) = next(&consumer)? else { continue };
            downstream.call("process", &parse(&message)?)?;
            consumer.context().0.note(&message);
            processed += 1;
        }
    }
    Ok(())
}
