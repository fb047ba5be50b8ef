//! Right: a worker behind a channel, as in the mistake `ignores_revocation`, and a callback that knows of it. It forbids
//! the partitions that go, waits for the record in hand, and commits then.

use std::collections::BTreeSet;
use std::sync::mpsc::{self, TryRecvError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ex03_group_scaling_solution::{Done, Ending, commit, config, join, next};
use kit::{Downstream, Shutdown};
use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, ConsumerContext, Rebalance};
use rdkafka::message::{Message, OwnedMessage};
use serde_json::Value;

/// What the worker and the callbacks share. The worker holds the lock while it works, so who has it knows that no
/// record is in hand.
#[derive(Default)]
struct Desk {
    done: Done,
    mine: Mutex<BTreeSet<i32>>,
}

impl Desk {
    fn mine(&self) -> MutexGuard<'_, BTreeSet<i32>> {
        self.mine.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Member(Arc<Desk>);

impl ClientContext for Member {}

impl ConsumerContext for Member {
    fn pre_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        let mut mine = self.0.mine(); // waits for the record in hand
        match rebalance {
            Rebalance::Assign(coming) => mine.extend(coming.elements().iter().map(|element| element.partition())),
            Rebalance::Revoke(going) => {
                going.elements().iter().for_each(|element| {
                    mine.remove(&element.partition());
                });
                commit(consumer, &self.0.done.hand_over(going));
            }
            Rebalance::Error(error) => eprintln!("the rebalance failed: {error}"),
        }
    }
}

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let desk = Arc::new(Desk::default());
    let consumer = join(&config(), Member(desk.clone()))?;
    let (send, receive) = mpsc::sync_channel::<OwnedMessage>(1000);
    let stop = shutdown.clone();
    let worker = std::thread::spawn(move || {
        while !stop.requested() {
            let message = match receive.recv_timeout(Duration::from_millis(20)) {
                Ok(message) => message,
                Err(mpsc::RecvTimeoutError::Timeout) => continue,
                Err(mpsc::RecvTimeoutError::Disconnected) => return,
            };
            let mine = desk.mine();
            if !mine.contains(&message.partition()) {
                continue; // its new owner reads it
            }
            let order: Value = serde_json::from_slice(message.payload().unwrap_or_default()).expect("an order");
            if downstream.call("process", &order).is_ok() {
                desk.done.note(&message);
            }
        }
        while !matches!(receive.try_recv(), Err(TryRecvError::Disconnected)) {} // nobody waits for room in the channel
    });
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        send.send(message.detach())?;
    }
    drop(send);
    worker.join().expect("the worker does not panic");
    Ok(())
}
