//! Sends two records, and waits for each. A careful producer wants `acks=all`, any other `acks=1`.

use std::time::Duration;

use rdkafka::error::KafkaResult;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};

fn main() -> KafkaResult<()> {
    let acks = if kit::role() == "careful" { "all" } else { "1" };
    let producer: BaseProducer = kit::config().set("acks", acks).create()?;
    let topic = kit::topic("orders");
    for lamp in ["the first lamp", "the second lamp"] {
        let record = BaseRecord::to(&topic).key("customer-1").payload(lamp);
        producer.send(record).map_err(|(error, _)| error)?;
        producer.flush(Duration::from_secs(60))?;
    }
    Ok(())
}
