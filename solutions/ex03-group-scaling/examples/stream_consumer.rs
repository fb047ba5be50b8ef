//! Right: an async program. The callback may run in a task of the client while a record is in hand; so processing and the
//! callback take turns at one lock, which also tells which partitions are still ours.

use std::collections::BTreeSet;
use std::error::Error;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ex03_group_scaling_solution::{Done, Ending, commit, config};
use kit::{Downstream, Shutdown};
use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, Rebalance, StreamConsumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Message};

#[derive(Default)]
struct Member {
    done: Done,
    /// Our partitions. Who has the lock works, or hands over.
    mine: Mutex<BTreeSet<i32>>,
}

impl Member {
    fn mine(&self) -> MutexGuard<'_, BTreeSet<i32>> {
        self.mine.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ClientContext for Member {}

impl ConsumerContext for Member {
    fn pre_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        let mut mine = self.mine();
        match rebalance {
            Rebalance::Assign(coming) => mine.extend(coming.elements().iter().map(|element| element.partition())),
            Rebalance::Revoke(going) => {
                going.elements().iter().for_each(|element| {
                    mine.remove(&element.partition());
                });
                commit(consumer, &self.done.hand_over(going));
            }
            Rebalance::Error(error) => eprintln!("the rebalance failed: {error}"),
        }
    }
}

#[tokio::main]
async fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer: StreamConsumer<Member> = config().create_with_context(Member::default())?;
    consumer.subscribe(&[&kit::topic("high-volume")])?;
    loop {
        let message = tokio::select! {
            biased; // with records always at hand, the signal must still win
            () = shutdown.wait() => return Ok(()),
            received = consumer.recv() => match received {
                Ok(message) => message,
                Err(fatal @ KafkaError::MessageConsumptionFatal(_)) => return Err(fatal.into()),
                Err(passing) => {
                    eprintln!("the client will try again: {passing}");
                    continue;
                }
            },
        };
        handle(&consumer, &message, &downstream)?;
    }
}

fn handle(
    consumer: &StreamConsumer<Member>,
    message: &BorrowedMessage<'_>,
    downstream: &Downstream,
) -> Result<(), Box<dyn Error>> {
    let member = consumer.context();
    let mine = member.mine();
    if !mine.contains(&message.partition()) {
        return Ok(()); // it has gone since `recv`, and its new owner reads this record
    }
    let order: serde_json::Value = serde_json::from_slice(message.payload().unwrap_or_default())?;
    // It blocks this thread; the client's own threads go on.
    downstream.call("process", &order)?;
    member.done.note(message);
    Ok(())
}
