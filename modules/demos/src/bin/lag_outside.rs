//! A consumer that commits after every five, and then somebody who asks how far it has come without joining its group.

use std::time::Duration;

use kit::Downstream;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::KafkaResult;
use rdkafka::message::Message;
use rdkafka::topic_partition_list::TopicPartitionList;
use serde_json::json;

const LIMIT: Duration = Duration::from_secs(30);

fn main() -> KafkaResult<()> {
    let outside = Downstream::connect();
    let (topic, group) = (kit::topic("orders"), kit::group("order-processor"));
    let config = |group: &str| {
        let mut config = kit::config();
        config.set("group.id", group).set("auto.offset.reset", "earliest").set("enable.auto.commit", "false");
        config
    };

    let worker: BaseConsumer = config(&group).create()?;
    worker.subscribe(&[&topic])?;
    for done in 1..=7 {
        let message = loop {
            if let Some(message) = worker.poll(LIMIT) {
                break message?;
            }
        };
        outside.call("process", &message.offset()).expect("the outside world is there");
        if done % 5 == 0 {
            worker.commit_message(&message, CommitMode::Sync)?;
        }
    }

    let watcher: BaseConsumer = config(&group).create()?; // never subscribes, so it never joins
    let mut asked = TopicPartitionList::new();
    asked.add_partition(&topic, 0);
    let committed = watcher.committed_offsets(asked, LIMIT)?.elements()[0].offset().to_raw().expect("an offset");
    let (_, end) = watcher.fetch_watermarks(&topic, 0, LIMIT)?;
    outside
        .call("lag", &json!({"committed": committed, "end": end, "lag": end - committed}))
        .expect("the outside world is there");
    Ok(())
}
