//! The mistake: it counts the records that the group has not read, by reading them in the group's name, and commits how far
//! it has come. The group will never see them.

use ex13_lag_monitor_solution::{Ending, Habits, WATCHED, Watched, partitions};
use kit::{Downstream, Shutdown};
use rdkafka::Message;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
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
                match unread(group.consumer()) {
                    Ok(lags) => break lags,
                    Err(error) => eprintln!("asking again: {error}"),
                }
            };
            group.tell(&lags, &world)?;
        }
    }
    Ok(())
}

fn unread(consumer: &BaseConsumer) -> KafkaResult<BTreeMap<i32, Option<i64>>> {
    let mut all = partitions(consumer)?;
    all.set_all_offsets(Offset::Stored)?;
    consumer.assign(&all)?;
    let mut lags: BTreeMap<i32, Option<i64>> =
        all.elements().iter().map(|element| (element.partition(), Some(0))).collect();
    while let Some(message) = consumer.poll(Duration::from_millis(150)) {
        let Ok(message) = message else { continue };
        if let Some(Some(unread)) = lags.get_mut(&message.partition()) {
            *unread += 1;
        }
    }
    consumer.commit_consumer_state(CommitMode::Sync).ok(); // where it goes on next time
    consumer.unassign()?;
    Ok(lags)
}
