//! An eager assignor: in a rebalance everything goes, so the open batch is handed on and committed in the callback.

use ex08_batches_solution::{Batch, Ending, GLANCE, MAX_WAIT, SIZE, group, places};
use kit::{Downstream, Shutdown};
use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext, Rebalance};
use std::sync::Mutex;
use std::time::Instant;

struct Eager {
    downstream: Downstream,
    open: Mutex<Batch>,
}

impl Eager {
    /// Hands on what is open, and commits it.
    fn flush(&self, consumer: &BaseConsumer<Self>) {
        let batch = std::mem::take(&mut *self.open.lock().expect("nobody panics"));
        if batch.hand_on(&self.downstream).is_err() {
            return; // it is not committed, so it comes again
        }
        let done = places(&batch.next);
        if done.count() > 0
            && let Err(error) = consumer.commit(&done, CommitMode::Sync)
        {
            eprintln!("not committed yet: {error}");
            self.open.lock().expect("nobody panics").next = batch.next; // with the next one, then
        }
    }
}

impl ClientContext for Eager {}

impl ConsumerContext for Eager {
    fn pre_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Revoke(going) = rebalance {
            self.flush(consumer);
            self.open.lock().expect("nobody panics").forget(going); // where the commit was refused: it has gone
        }
    }
}

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let open = Mutex::default();
    let context = Eager { downstream: Downstream::connect(), open };
    let consumer = solutions_shared::join(&solutions_shared::config(&group()), "orders", context)?;
    let mut due: Option<Instant> = None;
    while !shutdown.requested() {
        let patience = due.map_or(GLANCE, |due| due.saturating_duration_since(Instant::now())).min(GLANCE);
        match consumer.poll(patience) {
            Some(Ok(message)) => {
                consumer.context().open.lock().expect("nobody panics").add(&message);
                due.get_or_insert_with(|| Instant::now() + MAX_WAIT);
            }
            Some(Err(error)) => eprintln!("the client will try again: {error}"),
            None => {}
        }
        let full = consumer.context().open.lock().expect("nobody panics").orders.len() == SIZE;
        if full || due.is_some_and(|due| Instant::now() >= due) {
            consumer.context().flush(&consumer);
            due = None;
        }
    }
    Ok(()) // dropping the consumer revokes its partitions, which hands on what is open
}
