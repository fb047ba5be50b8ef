//! What a fresh broker does on first use takes seconds. Doing it here keeps it out of the first scenario's clock.

use std::time::Duration;

use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaResult;
use rdkafka::producer::{BaseProducer, Producer};
use rdkafka::{Offset, TopicPartitionList};
use tokio::task::spawn_blocking;

const LIMIT: Duration = Duration::from_secs(15);

/// Best effort: what is not warm now becomes warm in the first scenario, only later.
pub(super) async fn warm_up(address: &str) {
    let (for_group, for_transaction) = (address.to_owned(), address.to_owned());
    let group = spawn_blocking(move || group(&for_group));
    let transaction = spawn_blocking(move || transaction(&for_transaction));
    let _ = tokio::join!(group, transaction);
}

/// The first group ever makes the broker create and load the topic `__consumer_offsets`.
fn group(address: &str) -> KafkaResult<()> {
    let consumer: BaseConsumer =
        client(address).set("group.id", "kafkacourse-warm-up").set("enable.auto.commit", "false").create()?;
    let mut partition = TopicPartitionList::new();
    partition.add_partition_offset("kafkacourse-warm-up", 0, Offset::Invalid)?;
    consumer.committed_offsets(partition, LIMIT).map(drop)
}

/// The first transactional producer makes it create `__transaction_state`, and reserve the block of producer ids that
/// idempotent producers draw from.
fn transaction(address: &str) -> KafkaResult<()> {
    let producer: BaseProducer = client(address).set("transactional.id", "kafkacourse-warm-up").create()?;
    producer.init_transactions(LIMIT)
}

fn client(address: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", address).set("client.id", "kafkacourse-warm-up").set("log_level", "0");
    config
}
