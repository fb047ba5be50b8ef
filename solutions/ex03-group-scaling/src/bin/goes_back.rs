//! The mistake: after each rebalance it goes back to the committed offset in all its partitions, those that it has kept
//! included.

use ex03_group_scaling_solution::{Ending, HandOver, config, join, next, parse};
use kit::{Downstream, Shutdown};
use rdkafka::consumer::Consumer;
use rdkafka::topic_partition_list::Offset;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(5);

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(&config(), HandOver::default())?;
    let mut had = 0;
    while !shutdown.requested() {
        let message = next(&consumer)?;
        let mine = consumer.assignment()?.count();
        if mine != had {
            had = mine;
            for place in consumer.committed(PATIENCE)?.elements() {
                let offset = match place.offset() {
                    Offset::Offset(next) => Offset::Offset(next),
                    _ => Offset::Beginning,
                };
                consumer.seek(place.topic(), place.partition(), offset, PATIENCE)?;
            }
            continue;
        }
        let Some(message) = message else { continue };
        downstream.call("process", &parse(&message)?)?;
        consumer.context().0.note(&message);
    }
    Ok(())
}
