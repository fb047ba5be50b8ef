//! Wrong: the payments have no key, so nothing keeps a customer's payments in one partition.

use ex15_acks_and_leaders_solution::{SAFE, Words, producer, settle, value, word};
use rdkafka::producer::FutureRecord;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let (producer, topic) = (producer(SAFE), kit::topic("payments"));
    let mut deliveries = Vec::new();
    for (payment, turn) in kit::payments().into_iter().zip(0..) {
        let value = value(&payment);
        let record = FutureRecord::<(), _>::to(&topic).payload(&value).partition(turn % 3);
        let delivery = producer.send_result(record).map_err(|(error, _record)| error);
        deliveries.push((payment, delivery));
    }
    let mut words = Words::default();
    for (payment, delivery) in deliveries {
        words.say(&payment, word(&settle(delivery).await));
    }
    words.status()
}
