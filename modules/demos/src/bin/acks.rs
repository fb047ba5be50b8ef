//! Sends one record for each value of `acks`, and waits for what there is to wait for.

use std::time::Duration;

use rdkafka::error::KafkaResult;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};

fn main() -> KafkaResult<()> {
    for acks in ["0", "1", "all"] {
        let producer: BaseProducer = kit::config().set("acks", acks).create()?;
        let topic = kit::topic("orders");
        let record = BaseRecord::to(&topic).key("customer-1").payload("one lamp");
        producer.send(record).map_err(|(error, _)| error)?;
        producer.flush(Duration::from_secs(60))?;
    }
    Ok(())
}
