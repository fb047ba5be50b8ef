//! Right: no futures. The client's callback thread tells the outcomes, and a counter with a condition is the window.

use ex09_async_producer_solution::{WINDOW, config, is_full, json};
use kit::{Downstream, Order, Shutdown};
use rdkafka::ClientContext;
use rdkafka::message::DeliveryResult;
use rdkafka::producer::{BaseRecord, Producer, ProducerContext, ThreadedProducer};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

struct Outcomes {
    world: Downstream,
    open: Arc<(Mutex<u32>, Condvar)>,
}

impl ClientContext for Outcomes {}

impl ProducerContext for Outcomes {
    type DeliveryOpaque = Box<Order>;

    fn delivery(&self, outcome: &DeliveryResult<'_>, order: Box<Order>) {
        let outcome = outcome.as_ref().map(drop).map_err(|(error, _record)| error);
        ex09_async_producer_solution::tell(&self.world, &order, outcome);
        *self.open.0.lock().unwrap() -= 1;
        self.open.1.notify_all();
    }
}

fn main() {
    let shutdown = Shutdown::listen();
    let world = Downstream::connect();
    let open = Arc::new((Mutex::new(0), Condvar::new()));
    let context = Outcomes { world: world.clone(), open: open.clone() };
    let producer: ThreadedProducer<Outcomes> = config().create_with_context(context).expect("a producer");
    let topic = kit::topic("orders");
    let mut orders = kit::incoming(&world);
    while !shutdown.requested() {
        let (count, freed) = &*open;
        let wait = |count| freed.wait_timeout_while(count, Duration::from_millis(50), |open| *open >= WINDOW).unwrap();
        let (mut count, waited) = wait(count.lock().unwrap());
        if waited.timed_out() {
            continue; // has somebody asked to stop?
        }
        let Some(order) = orders.next() else { break };
        *count += 1;
        drop(count);
        let value = json(&order);
        let customer = order.customer_id.clone();
        let mut record = BaseRecord::with_opaque_to(&topic, Box::new(order)).key(&customer).payload(&value);
        while let Err((error, same)) = producer.send(record) {
            assert!(is_full(&error), "{error}");
            record = same;
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    producer.flush(Duration::from_secs(60)).expect("all is settled");
    drop(open.1.wait_while(open.0.lock().unwrap(), |open| *open > 0).unwrap());
}
