//! Right: an async program that does not wait for its commits, only for the last one. Each commit names everything
//! that is done, so a commit that failed is repaired by the next one.

use std::error::Error;

use ex02_manual_commits_solution::{Done, Ending, config, parse};
use kit::{Downstream, Shutdown};
use rdkafka::client::ClientContext;
use rdkafka::consumer::{CommitMode, Consumer, ConsumerContext, StreamConsumer};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::BorrowedMessage;
use rdkafka::topic_partition_list::TopicPartitionList;

/// Hears what became of the commits: an async commit has nobody else to tell.
struct Outcomes;

impl ClientContext for Outcomes {}

impl ConsumerContext for Outcomes {
    fn commit_callback(&self, result: KafkaResult<()>, _offsets: &TopicPartitionList) {
        if let Err(error) = result {
            eprintln!("not committed yet: {error}");
        }
    }
}

#[tokio::main]
async fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer: StreamConsumer<Outcomes> = config().create_with_context(Outcomes)?;
    consumer.subscribe(&[&kit::topic("orders")])?;
    let mut done = Done::default();
    let mut processed = 0;
    loop {
        let message = tokio::select! {
            biased; // with records always at hand, the signal must still win
            () = shutdown.wait() => break,
            received = consumer.recv() => match received {
                Ok(message) => message,
                Err(fatal @ KafkaError::MessageConsumptionFatal(_)) => return Err(fatal.into()),
                Err(passing) => {
                    eprintln!("the client will try again: {passing}");
                    continue;
                }
            },
        };
        if handle(&message, &downstream, &mut done).await? {
            processed += 1;
            if processed % 10 == 0 {
                commit(&consumer, &mut done, CommitMode::Async);
            }
        }
    }
    commit(&consumer, &mut done, CommitMode::Sync); // an async one might never be sent
    Ok(())
}

/// Says whether the record was an order. The call blocks, so it has a thread of its own to block.
async fn handle(
    message: &BorrowedMessage<'_>,
    downstream: &Downstream,
    done: &mut Done,
) -> Result<bool, Box<dyn Error>> {
    let order = parse(message);
    let processed = order.is_some();
    if let Some(order) = order {
        let downstream = downstream.clone();
        tokio::task::spawn_blocking(move || downstream.call("process", &order)).await??;
    }
    done.note(message);
    Ok(processed)
}

fn commit(consumer: &StreamConsumer<Outcomes>, done: &mut Done, mode: CommitMode) {
    let committed = consumer.assignment().and_then(|mine| {
        done.keep(&mine);
        let offsets = done.offsets();
        if offsets.count() == 0 { Ok(()) } else { consumer.commit(&offsets, mode) }
    });
    if let Err(error) = committed {
        eprintln!("not committed yet: {error}");
    }
}
