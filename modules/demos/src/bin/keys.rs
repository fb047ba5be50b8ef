//! Sends six records with six keys, one after the other, and leaves the partition to the partitioner.

use std::time::Duration;

use rdkafka::error::KafkaResult;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};

fn main() -> KafkaResult<()> {
    let producer: BaseProducer = kit::config().create()?;
    let topic = kit::topic("orders");
    for number in 1..=6 {
        let key = format!("order-{number}");
        let record = BaseRecord::to(&topic).key(&key).payload("created");
        producer.send(record).map_err(|(error, _)| error)?;
        producer.flush(Duration::from_secs(60))?; // one at a time, only so that you can tell them apart
    }
    Ok(())
}
