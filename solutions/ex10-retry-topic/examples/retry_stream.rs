//! Right: an asynchronous stream, commits that nobody waits for, and a timer for each paused partition.

use ex10_retry_topic_solution::{Ending, Label, attempt, config, history, is_label, now, only, pause_before, with};
use ex10_retry_topic_solution::{producer, send};
use kit::{Downstream, Shutdown};
use rdkafka::consumer::{CommitMode, Consumer, StreamConsumer};
use rdkafka::message::Message;
use std::sync::Arc;
use std::time::Duration;

#[tokio::main]
async fn main() -> Ending {
    let (shutdown, downstream, producer) = (Shutdown::listen(), Downstream::connect(), producer()?);
    let consumer: Arc<StreamConsumer> = Arc::new(config("order-processor").create()?);
    consumer.subscribe(&[&kit::topic("orders"), &kit::topic("orders.retry")])?;
    loop {
        let received = tokio::select! {
            received = consumer.recv() => received,
            () = shutdown.wait() => break,
        };
        let message = match received {
            Ok(message) => message,
            Err(error) => {
                eprintln!("the client will try again: {error}");
                continue;
            }
        };
        let label = Label::of(&message);
        if let Ok(label) = &label
            && label.not_before > now()
        {
            let (topic, partition) = (message.topic().to_owned(), message.partition());
            let pause = Duration::from_millis(label.not_before - now());
            consumer.pause(&only(&topic, partition))?;
            consumer.seek(&topic, partition, rdkafka::Offset::Offset(message.offset()), Duration::from_secs(10))?;
            let consumer = consumer.clone();
            tokio::spawn(async move {
                tokio::time::sleep(pause).await;
                consumer.resume(&only(&topic, partition)).ok();
            });
            continue;
        }
        if let Err(failure) = attempt(&downstream, &message, label) {
            let headers = history(&message, &failure.error, is_label);
            let (topic, headers) = match failure.next {
                Some(attempt) => {
                    let headers = with(headers, "attempt", attempt);
                    ("orders.retry", with(headers, "not_before", now() + pause_before(attempt)))
                }
                None => ("orders.dlq", with(headers, "retry_count", failure.retries)),
            };
            send(&producer, topic, &message, headers).await?;
        }
        consumer.commit_message(&message, CommitMode::Async)?;
    }
    Ok(())
}
