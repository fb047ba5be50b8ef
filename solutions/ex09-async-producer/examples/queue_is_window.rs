//! Right: no window of its own. The client's queue has fifty places, and the fifty-first order waits in the program's hand
//! until one is free.

use ex09_async_producer_solution::{config, is_full, json, tell};
use kit::{Downstream, Order, Shutdown};
use rdkafka::ClientContext;
use rdkafka::message::DeliveryResult;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer, ProducerContext};
use std::time::Duration;

struct Outcomes(Downstream);

impl ClientContext for Outcomes {}

impl ProducerContext for Outcomes {
    type DeliveryOpaque = Box<Order>;

    fn delivery(&self, outcome: &DeliveryResult<'_>, order: Box<Order>) {
        tell(&self.0, &order, outcome.as_ref().map(drop).map_err(|(error, _record)| error));
    }
}

fn main() {
    let shutdown = Shutdown::listen();
    let world = Downstream::connect();
    let producer: BaseProducer<Outcomes> = config().create_with_context(Outcomes(world.clone())).expect("a producer");
    let topic = kit::topic("orders");
    let mut orders = kit::incoming(&world);
    while !shutdown.requested() {
        let Some(order) = orders.next() else { break };
        let (value, customer) = (json(&order), order.customer_id.clone());
        let mut record = BaseRecord::with_opaque_to(&topic, Box::new(order)).key(&customer).payload(&value);
        while let Err((error, same)) = producer.send(record) {
            assert!(is_full(&error), "{error}");
            record = same;
            producer.poll(Duration::from_millis(20));
        }
        producer.poll(Duration::ZERO);
    }
    producer.flush(Duration::from_secs(60)).expect("all is settled");
}
