//! The mistake: leaves `partition.assignment.strategy` at librdkafka's default, `range,roundrobin`. Both are eager: each
//! member gives up all its partitions whenever anybody comes or goes.

use ex03_group_scaling_solution::{Ending, HandOver, config, join, next, parse};
use kit::{Downstream, Shutdown};
use rdkafka::consumer::Consumer;

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(config().remove("partition.assignment.strategy"), HandOver::default())?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        downstream.call("process", &parse(&message)?)?;
        consumer.context().0.note(&message);
    }
    Ok(())
}
