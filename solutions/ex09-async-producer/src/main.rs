//! Sends orders to Kafka as they come in: never waits for one of them, never holds more than it may, loses none.

use kit::{Downstream, Order, Shutdown};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::producer::{DeliveryFuture, FutureProducer, FutureRecord, Producer};
use serde_json::json;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// So many orders may be open: taken, and not yet known to be in Kafka or to have failed.
const WINDOW: u32 = 50;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let shutdown = Shutdown::listen();
    let world = Downstream::connect();
    let publisher = Publisher::new(world.clone())?;
    let mut orders = kit::incoming(&world);
    loop {
        // The place first, then the order: who takes an order without a place for it has no bound.
        let place = tokio::select! {
            biased;
            () = shutdown.wait() => break,
            place = publisher.place() => place,
        };
        let Some(order) = orders.next() else { break };
        publisher.publish(order, place).await;
    }
    publisher.finish().await
}

struct Publisher {
    producer: FutureProducer,
    topic: String,
    world: Downstream,
    window: Arc<Semaphore>,
}

impl Publisher {
    fn new(world: Downstream) -> KafkaResult<Publisher> {
        let producer = kit::config()
            .set("enable.idempotence", "true")
            .set("acks", "all")
            // The client's own queue is the second wall: it has room for what the window lets in, and not for more.
            .set("queue.buffering.max.messages", WINDOW.to_string())
            .create()?;
        let window = Arc::new(Semaphore::new(WINDOW as usize));
        Ok(Publisher { producer, topic: kit::topic("orders"), world, window })
    }

    /// A place in the window. While Kafka is slow there is none, and whoever asks waits here: this is the backpressure.
    async fn place(&self) -> OwnedSemaphorePermit {
        self.window.clone().acquire_owned().await.expect("the window is never closed")
    }

    /// Puts one order into the producer's queue, and does not wait for Kafka. The place is held until its outcome is told.
    async fn publish(&self, order: Order, place: OwnedSemaphorePermit) {
        // Queued here, by one task, so that the orders of a customer keep their order. Only the waiting is spawned.
        let queued = self.queue(&order).await;
        let world = self.world.clone();
        tokio::spawn(async move {
            tell(&world, &order, settle(queued).await);
            drop(place);
        });
    }

    async fn queue(&self, order: &Order) -> KafkaResult<DeliveryFuture> {
        let json = serde_json::to_string(order).expect("an order is plain data");
        let mut record = FutureRecord::to(&self.topic).key(&order.customer_id).payload(&json);
        loop {
            match self.producer.send_result(record) {
                Ok(outcome) => return Ok(outcome),
                // A report frees its place a moment before it frees the queue. The same order again, then.
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), same)) => record = same,
                Err((error, _record)) => return Err(error),
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits until no order is open any more: every place is free again.
    async fn finish(self) -> Result<(), Box<dyn Error>> {
        let _all = self.window.acquire_many(WINDOW).await?;
        Ok(self.producer.flush(Duration::from_secs(60))?) // nothing is left, so this returns at once
    }
}

/// The last word about one order: where it is, or why it is not in Kafka.
async fn settle(queued: KafkaResult<DeliveryFuture>) -> KafkaResult<(i32, i64)> {
    match queued?.await {
        Ok(report) => report.map(|at| (at.partition, at.offset)).map_err(|(error, _record)| error),
        Err(_canceled) => Err(KafkaError::Canceled), // the producer is gone, and nobody will ever know
    }
}

fn tell(world: &Downstream, order: &Order, outcome: KafkaResult<(i32, i64)>) {
    let id = &order.order_id;
    let told = match outcome {
        Ok((partition, offset)) => {
            world.call("delivered", &json!({"order_id": id, "partition": partition, "offset": offset}))
        }
        Err(error) => world.call("failed", &json!({"order_id": id, "error": error.to_string()})),
    };
    if let Err(refused) = told {
        eprintln!("{id}: {refused}");
    }
}
