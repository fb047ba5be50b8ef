//! Exercise 15: send today's payments to a cluster whose leaders go away, and say of each what became of it.
//!
//! Start with `README.md` beside `src`. Fill in the functions from top to bottom: each `todo!` is one step, and the
//! program runs until it reaches the next. The signatures are a suggestion; nothing but what your program does counts.

#![allow(unused_variables, dead_code)] // for as long as a todo! leaves something unused; remove it when none is left

use kit::Payment;
use rdkafka::error::KafkaResult;
use rdkafka::producer::{DeliveryFuture, FutureProducer};
use std::process::ExitCode;

/// What is known of a payment in the end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Kafka has it, and will keep it.
    Acknowledged,
    /// Kafka certainly does not have it.
    Failed,
    /// Nobody has said.
    Unknown,
}

#[tokio::main]
async fn main() -> ExitCode {
    let producer = producer();
    let mut deliveries = Vec::new();
    for payment in kit::payments() {
        let delivery = queue(&producer, &payment).await;
        deliveries.push((payment, delivery));
    }
    let mut outcomes = Vec::new();
    for (payment, delivery) in deliveries {
        let outcome = settle(delivery).await;
        tell(&payment, outcome);
        outcomes.push(outcome);
    }
    status(&outcomes)
}

/// Step 1. A producer whose acknowledgements outlive any leader, that repeats without doubling, and that gives up in time.
///
/// Which three settings of `kit::config()` make it so? What follows a leader that moves, and who waits for a replica?
fn producer() -> FutureProducer {
    todo!("step 1 of 5: create a producer from kit::config() and the settings that this exercise needs")
}

/// Step 2. Queues a payment behind the earlier ones, without waiting for Kafka: JSON, with the customer as its key.
///
/// A full queue asks you to wait a moment and to hand in the same payment again.
async fn queue(producer: &FutureProducer, payment: &Payment) -> KafkaResult<DeliveryFuture> {
    todo!("step 2 of 5: queue the payment with send_result, and return what that returns")
}

/// Step 3. Waits for the last word about a payment.
///
/// Which errors has a broker sent, for good? And which one says only that your own client has stopped waiting?
async fn settle(delivery: KafkaResult<DeliveryFuture>) -> Outcome {
    todo!("step 3 of 5: await the delivery, and tell the three outcomes apart")
}

/// Step 4. One call of "outcome" for this payment: {"payment_id": …, "outcome": "acknowledged"}, or "failed", or "unknown".
///
/// `kit::Downstream` is the way there; make one connection and keep it, where that suits you better.
fn tell(payment: &Payment, outcome: Outcome) {
    todo!("step 4 of 5: say what became of the payment")
}

/// Step 5. Success only if every payment was acknowledged.
fn status(outcomes: &[Outcome]) -> ExitCode {
    todo!("step 5 of 5: the exit status")
}
