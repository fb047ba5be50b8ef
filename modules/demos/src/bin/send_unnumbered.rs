//! Sends the orders that it is given without idempotence: its batches carry no number that tells them apart.

use std::time::Duration;

use rdkafka::error::KafkaResult;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};

fn main() -> KafkaResult<()> {
    let producer: BaseProducer = kit::config()
        .set("enable.idempotence", "false") // the default of librdkafka
        .set("linger.ms", "1000") // long enough to queue all of them, on a busy machine, too: one batch
        .create()?;
    let topic = kit::topic("orders");
    for order in kit::orders() {
        let json = serde_json::to_vec(&order).expect("an order is JSON");
        let record = BaseRecord::to(&topic).key(&order.customer_id).payload(&json);
        producer.send(record).map_err(|(error, _)| error)?;
    }
    producer.flush(Duration::from_secs(60))
}
