//! A StreamConsumer: each record is awaited until the batch is due.

use ex08_batches_solution::{Ending, GLANCE, MAX_WAIT, Member, SIZE, config, group};
use kit::{Downstream, Shutdown};
use rdkafka::consumer::{Consumer, StreamConsumer};
use tokio::time::{Instant, timeout_at};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer: StreamConsumer<Member> = config(&group()).create_with_context(Member::default())?;
    consumer.subscribe(&[&kit::topic("orders")])?;
    let mut due: Option<Instant> = None;
    let mut last = false;
    while !last {
        last = shutdown.requested();
        let glance = Instant::now() + GLANCE;
        let until = due.map_or(glance, |due| due.min(glance));
        if !last {
            match timeout_at(until, consumer.recv()).await {
                Ok(Ok(message)) => {
                    consumer.context().open().add(&message);
                    due.get_or_insert_with(|| Instant::now() + MAX_WAIT);
                }
                Ok(Err(error)) => eprintln!("the client will try again: {error}"),
                Err(_) => {}
            }
        }
        let full = consumer.context().open().orders.len() == SIZE;
        if last || full || due.is_some_and(|due| Instant::now() >= due) {
            let batch = std::mem::take(&mut *consumer.context().open());
            batch.hand_on(&downstream)?;
            batch.commit(&consumer);
            due = None;
        }
    }
    Ok(())
}
