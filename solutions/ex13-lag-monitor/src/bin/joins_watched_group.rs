//! The mistake: it subscribes, because one cannot poll without. So it is a member of the group that it watches, and gets
//! partitions, which nobody works on any more.

use ex13_lag_monitor_solution::{Ending, Habits, PATIENCE, WATCHED, Watched, seen};
use kit::{Downstream, Shutdown};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaResult;
use std::time::{Duration, Instant};

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let world = Downstream::connect();
    let mut watched =
        WATCHED.into_iter().map(|name| Watched::new(name, Habits::default())).collect::<KafkaResult<Vec<_>>>()?;
    while !shutdown.requested() && world.asked() {
        for group in &mut watched {
            join(group.consumer())?;
            let lags = loop {
                match seen(group.consumer()) {
                    Ok(seen) => break seen.into_iter().map(|(partition, seen)| (partition, seen.lag())).collect(),
                    Err(error) => eprintln!("asking again: {error}"),
                }
            };
            group.tell(&lags, &world)?;
        }
    }
    Ok(())
}

/// Becomes a member, where it is none yet.
fn join(consumer: &BaseConsumer) -> KafkaResult<()> {
    if consumer.subscription()?.count() > 0 {
        return Ok(());
    }
    consumer.subscribe(&[&kit::topic("orders")])?;
    let since = Instant::now();
    while consumer.assignment()?.count() == 0 && since.elapsed() < PATIENCE {
        consumer.poll(Duration::from_millis(20));
    }
    Ok(())
}
