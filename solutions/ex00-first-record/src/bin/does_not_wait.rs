//! Wrong: takes "queued" for "Kafka has it" and ends with the record still in its own memory.

use rdkafka::producer::{FutureProducer, FutureRecord};

#[tokio::main]
async fn main() {
    let producer: FutureProducer = kit::config().create().expect("a producer");
    let topic = kit::topic("hello");
    let record = FutureRecord::to(&topic).key("me").payload("Hello Kafka, I am Ada");
    if let Err((error, _record)) = producer.send_result(record) {
        panic!("{error}");
    }
    println!("sent");
}
