//! The mistake: what was read of a partition stays in the open batch when the partition goes. Its next owner reads the same.

use ex08_batches_solution::{Batch, Ending, MAX_WAIT, SIZE, config, deal, group, join, next};
use kit::{Downstream, Shutdown};
use std::time::{Duration, Instant};

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(&config(&group()))?;
    let mut open = Batch::default(); // the client's callbacks know nothing of it
    let mut due: Option<Instant> = None;
    while !shutdown.requested() {
        if let Some(message) = next(&consumer, Duration::from_millis(20))? {
            open.add(&message);
            due.get_or_insert_with(|| Instant::now() + MAX_WAIT);
        }
        if open.orders.len() == SIZE || due.is_some_and(|due| Instant::now() >= due) {
            deal(&consumer, &std::mem::take(&mut open), &downstream)?;
            due = None;
        }
    }
    deal(&consumer, &open, &downstream)
}
