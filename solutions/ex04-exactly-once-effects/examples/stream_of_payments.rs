//! Right: asynchronous, with a commit that nobody waits for. It may arrive late, and that costs only a repetition.

use ex04_exactly_once_effects_solution::{Ending, Payment, apply, config, database, mark};
use kit::{Downstream, Shutdown};
use rdkafka::consumer::{CommitMode, Consumer, StreamConsumer};
use rdkafka::error::KafkaError;
use rdkafka::message::Message;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let mut database = database(&downstream)?;
    let consumer: StreamConsumer = config().create()?;
    consumer.subscribe(&[&kit::topic("payments")])?;
    loop {
        let message = tokio::select! {
            message = consumer.recv() => message,
            () = shutdown.wait() => return Ok(()),
        };
        let message = match message {
            Ok(message) => message,
            Err(fatal @ KafkaError::MessageConsumptionFatal(_)) => return Err(fatal.into()),
            Err(passing) => {
                eprintln!("the client will try again: {passing}");
                continue;
            }
        };
        let payment: Payment = serde_json::from_slice(message.payload().unwrap_or_default())?;
        let transaction = database.transaction()?;
        if mark(&transaction, &payment.payment_id)? {
            apply(&transaction, &payment)?;
        }
        transaction.commit()?;
        consumer.commit_message(&message, CommitMode::Async)?;
    }
}
