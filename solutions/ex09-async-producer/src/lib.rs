//! What the programs in `src/bin` (each wrong in one way) and in `examples` (right, in another style) have in common,
//! so that each of them shows little more than its point. The reference solution, `src/main.rs`, needs none of this.

use kit::{Downstream, Incoming, Order, Shutdown};
use rdkafka::ClientConfig;
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::producer::{DeliveryFuture, FutureProducer, FutureRecord, Producer};
use serde_json::json;
use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// So many orders may be open.
pub const WINDOW: u32 = 50;

/// The right settings.
pub fn config() -> ClientConfig {
    let mut config = kit::config();
    config.set("enable.idempotence", "true").set("acks", "all").set("queue.buffering.max.messages", WINDOW.to_string());
    config
}

/// Everything that a program of this exercise holds.
pub struct Service {
    pub shutdown: Shutdown,
    pub world: Downstream,
    pub orders: Incoming,
    pub producer: FutureProducer,
    pub topic: String,
    pub window: Arc<Semaphore>,
}

/// With the right settings.
pub fn service() -> Service {
    service_with(&config(), WINDOW)
}

/// With these settings, and so many places.
pub fn service_with(config: &ClientConfig, window: u32) -> Service {
    let shutdown = Shutdown::listen();
    let world = Downstream::connect();
    let orders = kit::incoming(&world);
    let producer = config.create().expect("the settings make a producer");
    let window = Arc::new(Semaphore::new(window as usize));
    Service { shutdown, world, orders, producer, topic: kit::topic("orders"), window }
}

impl Service {
    /// A place in the window; none when somebody has asked to stop.
    pub async fn place(&self) -> Option<OwnedSemaphorePermit> {
        tokio::select! {
            biased;
            () = self.shutdown.wait() => None,
            place = self.window.clone().acquire_owned() => place.ok(),
        }
    }

    /// Queues the order behind all earlier ones, and waits only while the queue is full.
    pub async fn queue(&self, order: &Order) -> KafkaResult<DeliveryFuture> {
        queue(&self.producer, &self.topic, order).await
    }

    /// Queues the order, and spawns what waits for its outcome and holds the place so long.
    pub async fn publish(&self, order: Order, place: OwnedSemaphorePermit) {
        self.publish_to(order, place, told).await;
    }

    /// The same, with `settled` to deal with the outcome and the place.
    async fn publish_to(&self, order: Order, place: OwnedSemaphorePermit, settled: Settled) {
        let queued = self.queue(&order).await;
        let world = self.world.clone();
        tokio::spawn(async move { settled(&world, &order, settle(queued).await, place) });
    }

    /// Waits until all of these places are free, and the queue is empty.
    pub async fn finish(&self, window: u32) {
        let _all = self.window.acquire_many(window).await.expect("the window is never closed");
        self.producer.flush(Duration::from_secs(60)).expect("all is settled");
    }

    /// The whole exercise, done right as far as the settings allow.
    pub async fn run(self, window: u32) {
        self.run_to(window, told).await;
    }

    /// The same, with `settled` to deal with each outcome and its place.
    pub async fn run_to(mut self, window: u32, settled: Settled) {
        while let Some(place) = self.place().await {
            let Some(order) = self.orders.next() else { break };
            self.publish_to(order, place, settled).await;
        }
        self.finish(window).await;
    }
}

/// What is done when the outcome of an order is known.
pub type Settled = fn(&Downstream, &Order, KafkaResult<()>, OwnedSemaphorePermit);

fn told(world: &Downstream, order: &Order, outcome: KafkaResult<()>, place: OwnedSemaphorePermit) {
    tell(world, order, outcome);
    drop(place);
}

/// Is this the error that means "wait", not "lost"?
pub fn is_full(error: &KafkaError) -> bool {
    error.rdkafka_error_code() == Some(RDKafkaErrorCode::QueueFull)
}

/// The value of a record.
pub fn json(order: &Order) -> String {
    serde_json::to_string(order).expect("an order is plain data")
}

/// Queues the order, and waits only while the queue is full.
pub async fn queue(producer: &FutureProducer, topic: &str, order: &Order) -> KafkaResult<DeliveryFuture> {
    let json = json(order);
    let mut record = FutureRecord::to(topic).key(&order.customer_id).payload(&json);
    loop {
        match producer.send_result(record) {
            Ok(outcome) => return Ok(outcome),
            Err((error, same)) if is_full(&error) => record = same,
            Err((error, _record)) => return Err(error),
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Waits for the last word about one order.
pub async fn settle(queued: KafkaResult<DeliveryFuture>) -> KafkaResult<()> {
    match queued?.await {
        Ok(report) => report.map(drop).map_err(|(error, _record)| error),
        Err(_canceled) => Err(KafkaError::Canceled),
    }
}

/// Tells what became of an order.
pub fn tell<E: Display>(world: &Downstream, order: &Order, outcome: Result<(), E>) {
    let id = &order.order_id;
    let told = match outcome {
        Ok(()) => world.call("delivered", &json!({"order_id": id})),
        Err(error) => world.call("failed", &json!({"order_id": id, "error": error.to_string()})),
    };
    told.expect("somebody listens");
}
