//! The mistake: a worker behind a channel. What has been polled is worked off, whoever it belongs to by then; the
//! callback commits what is done and knows nothing of what still waits.

use std::sync::Arc;
use std::sync::mpsc;

use ex03_group_scaling_solution::{Done, Ending, commit, config, join, next};
use kit::{Downstream, Shutdown};
use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, Rebalance};
use rdkafka::message::{Message, OwnedMessage};
use serde_json::Value;

struct Member(Arc<Done>);

impl ClientContext for Member {}

impl ConsumerContext for Member {
    fn pre_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Revoke(going) = rebalance {
            commit(consumer, &self.0.hand_over(going)); // and the channel?
        }
    }
}

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let done = Arc::new(Done::default());
    let consumer = join(&config(), Member(done.clone()))?;
    let (send, receive) = mpsc::sync_channel::<OwnedMessage>(1000);
    let stop = shutdown.clone();
    let worker = std::thread::spawn(move || {
        for message in receive {
            let order: Value = serde_json::from_slice(message.payload().unwrap_or_default()).expect("an order");
            if stop.requested() || downstream.call("process", &order).is_err() {
                return;
            }
            done.note(&message);
        }
    });
    while !shutdown.requested() {
        if let Some(message) = next(&consumer)?
            && send.send(message.detach()).is_err()
        {
            break;
        }
    }
    drop(send);
    worker.join().expect("the worker does not panic");
    consumer.unsubscribe();
    Ok(())
}
