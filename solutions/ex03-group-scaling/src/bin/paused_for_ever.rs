//! The mistake: pauses its partitions while a worker is busy, and resumes them only where it notices the worker's end in
//! its loop. When a rebalance comes meanwhile, the callback waits for the worker, and nobody resumes what stays.

use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use ex03_group_scaling_solution::{Done, Ending, commit, config, join, parse};
use kit::{Downstream, Shutdown};
use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, Rebalance};
use rdkafka::message::OwnedMessage;

/// The worker, and whether it has something in hand.
struct Member {
    done: Done,
    finished: Mutex<Receiver<OwnedMessage>>,
    busy: Mutex<bool>,
}

impl Member {
    /// Takes note of the record that the worker has finished, where it has within this time.
    fn finish(&self, patience: Duration) -> bool {
        let (Ok(finished), Ok(mut busy)) = (self.finished.lock(), self.busy.lock()) else { return false };
        let Ok(message) = finished.recv_timeout(if *busy { patience } else { Duration::ZERO }) else { return false };
        self.done.note(&message);
        *busy = false;
        true
    }
}

impl ClientContext for Member {}

impl ConsumerContext for Member {
    fn pre_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Revoke(going) = rebalance {
            self.finish(Duration::from_secs(30)); // and nobody resumes
            commit(consumer, &self.done.hand_over(going));
        }
    }
}

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let (give, work): (Sender<OwnedMessage>, _) = mpsc::channel();
    let (finish, finished) = mpsc::channel();
    let consumer = join(&config(), Member { done: Done::default(), finished: finished.into(), busy: false.into() })?;
    thread::spawn(move || {
        for message in work {
            let order =
                serde_json::from_slice::<serde_json::Value>(rdkafka::Message::payload(&message).unwrap_or(b"null"));
            if order.is_ok_and(|order| downstream.call("process", &order).is_ok()) && finish.send(message).is_err() {
                break;
            }
        }
    });
    while !shutdown.requested() {
        let busy = consumer.context().busy.lock().is_ok_and(|busy| *busy);
        if busy && consumer.context().finish(Duration::from_millis(2)) {
            consumer.resume(&consumer.assignment()?)?;
        }
        let Some(message) = consumer.poll(Duration::from_millis(5)).transpose()? else { continue };
        parse(&message)?;
        consumer.pause(&consumer.assignment()?)?;
        if let Ok(mut busy) = consumer.context().busy.lock() {
            *busy = true;
        }
        give.send(message.detach())?;
    }
    Ok(())
}
