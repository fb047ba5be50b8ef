//! Right, in another style: the acknowledgement comes to a callback, and `flush` waits for it.

use rdkafka::client::ClientContext;
use rdkafka::message::{DeliveryResult, Message};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer, ProducerContext};
use std::time::Duration;

struct Telling;

impl ClientContext for Telling {}

impl ProducerContext for Telling {
    type DeliveryOpaque = ();

    fn delivery(&self, outcome: &DeliveryResult<'_>, _opaque: ()) {
        match outcome {
            Ok(record) => println!("partition {}, offset {}", record.partition(), record.offset()),
            Err((error, _record)) => eprintln!("{error}"),
        }
    }
}

fn main() {
    let producer: BaseProducer<Telling> = kit::config().create_with_context(Telling).expect("a producer");
    let topic = kit::topic("hello");
    let record: BaseRecord<'_, str, str> = BaseRecord::to(&topic).payload("Hello Kafka, I am Ada");
    producer.send(record).map_err(|(error, _record)| error).expect("there is room in the queue");
    producer.flush(Duration::from_secs(30)).expect("Kafka has answered");
}
