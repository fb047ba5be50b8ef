//! The mistake: the end of the log, minus the position of its own consumer. That says how far the monitor is behind, and
//! it keeps up well.

use ex13_lag_monitor_solution::{Ending, Habits, PATIENCE, WATCHED, Watched, partitions};
use kit::{Downstream, Shutdown};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaResult;
use rdkafka::topic_partition_list::Offset;
use std::collections::BTreeMap;
use std::time::Duration;

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let world = Downstream::connect();
    let mut watched =
        WATCHED.into_iter().map(|name| Watched::new(name, Habits::default())).collect::<KafkaResult<Vec<_>>>()?;
    while !shutdown.requested() && world.asked() {
        for group in &mut watched {
            let lags = loop {
                match behind(group.consumer()) {
                    Ok(lags) => break lags,
                    Err(error) => eprintln!("asking again: {error}"),
                }
            };
            group.tell(&lags, &world)?;
        }
    }
    Ok(())
}

fn behind(consumer: &BaseConsumer) -> KafkaResult<BTreeMap<i32, Option<i64>>> {
    if consumer.assignment()?.count() == 0 {
        let mut all = partitions(consumer)?;
        all.set_all_offsets(Offset::Beginning)?;
        consumer.assign(&all)?;
    }
    // Read whatever there is.
    while consumer.poll(Duration::from_millis(150)).is_some() {}
    let mut lags = BTreeMap::new();
    for element in consumer.position()?.elements() {
        let (_, end) = consumer.fetch_watermarks(element.topic(), element.partition(), PATIENCE)?;
        let position = element.offset().to_raw().filter(|offset| *offset >= 0).unwrap_or(end);
        lags.insert(element.partition(), Some(end - position));
    }
    Ok(lags)
}
