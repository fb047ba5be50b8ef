//! Exercise 9: send orders to Kafka as they come in. Never wait for one of them, never hold more than you may, lose none.
//!
//! Start with `README.md` beside `src`. Fill in the functions from top to bottom: each `todo!` is one step, and the
//! program runs until it reaches the next. The signatures are a suggestion; nothing but what your program does counts.

#![allow(unused_variables, dead_code)] // for as long as a todo! leaves something unused; remove it when none is left

use kit::{Downstream, Order, Shutdown};
use rdkafka::error::KafkaResult;
use rdkafka::producer::{DeliveryFuture, FutureProducer};
use std::error::Error;
use std::sync::Arc;
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
        let place = tokio::select! {
            biased;
            () = shutdown.wait() => break,
            place = publisher.place() => place,
        };
        let Some(order) = orders.next() else { break }; // asked for: from here on it is yours
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
        let producer = producer()?;
        Ok(Publisher {
            producer,
            topic: kit::topic("orders"),
            world,
            window: Arc::new(Semaphore::new(WINDOW as usize)),
        })
    }

    /// Step 2. A place in the window. While there is none, this waits: it is the backpressure.
    ///
    /// `Semaphore::acquire_owned` gives a permit that can travel with the order, into a task for example.
    async fn place(&self) -> OwnedSemaphorePermit {
        todo!("step 2 of 5: wait for a place in the window")
    }

    /// Step 3. Puts one order into the producer's queue and returns, without waiting for Kafka. What waits for the outcome
    /// is a task of its own (`tokio::spawn`), which tells it and only then gives the place back.
    ///
    /// Queueing can fail: what becomes of the order when the queue is full, and what when it is refused for good? And
    /// which of all this must happen before the next order is queued, so that a customer's orders keep their order?
    async fn publish(&self, order: Order, place: OwnedSemaphorePermit) {
        todo!("step 3 of 5: queue the order, and spawn what waits for its outcome")
    }

    /// Step 5. Returns when no order is open any more.
    ///
    /// When are all places of the window free?
    async fn finish(self) -> Result<(), Box<dyn Error>> {
        todo!("step 5 of 5: wait until every order is settled")
    }
}

/// Step 1. A producer that loses nothing and doubles nothing, and whose own queue has room for `WINDOW` records
/// (`queue.buffering.max.messages`).
fn producer() -> KafkaResult<FutureProducer> {
    todo!("step 1 of 5: create a producer from kit::config() and the settings that this exercise needs")
}

/// Step 4. Waits for the last word about one order, and tells it: one call of `delivered` or of `failed`, each with the
/// order's id: `world.call("delivered", &serde_json::json!({"order_id": …}))`.
///
/// Awaiting a `DeliveryFuture` gives a `Result` in a `Result`: was there a report at all, and what did it say?
async fn settle(world: &Downstream, order: &Order, queued: KafkaResult<DeliveryFuture>) {
    todo!("step 4 of 5: await the outcome, and tell it")
}
