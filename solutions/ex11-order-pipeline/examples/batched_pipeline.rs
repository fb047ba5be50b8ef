//! Right in another style: a batch of records is one transaction of the database, its answers are sent together, and its
//! offsets are committed once, without waiting.

use std::collections::HashMap;
use std::time::Duration;

use ex11_order_pipeline_solution::{
    Ending, Pipeline, Placed, Publisher, Reading, add, config, event, join, next, open_stock, open_totals, reserve,
    right, run,
};
use kit::{Downstream, Shutdown};
use rdkafka::Message;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, DefaultConsumerContext};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use serde_json::json;

fn main() -> Ending {
    run(Pipeline { inventory, analytics, ..right() })
}

/// Up to twenty records that are there, those among them that are orders, and the offsets behind them.
fn batch(
    consumer: &BaseConsumer,
    reading: &Reading,
) -> Result<(Vec<Placed>, TopicPartitionList), Box<dyn std::error::Error>> {
    let (mut orders, mut ends) = (Vec::new(), HashMap::new());
    let mut message = next(consumer)?;
    for _ in 0..20 {
        let Some(record) = message else { break };
        ends.insert((record.topic().to_owned(), record.partition()), Offset::Offset(record.offset() + 1));
        orders.extend((reading.placed)(&record)?);
        message = consumer.poll(Duration::from_millis(1)).transpose()?;
    }
    // What was polled last and did not fit in comes first next time.
    if let Some(record) = message {
        consumer.seek(record.topic(), record.partition(), Offset::Offset(record.offset()), Duration::from_secs(5))?;
    }
    Ok((orders, TopicPartitionList::from_topic_map(&ends)?))
}

fn commit(consumer: &BaseConsumer, ends: &TopicPartitionList) -> Ending {
    if ends.count() > 0 {
        consumer.commit(ends, CommitMode::Async)?;
    }
    Ok(())
}

fn inventory(reading: &Reading) -> Ending {
    let shutdown = Shutdown::listen();
    let mut database = open_stock(&Downstream::connect())?;
    let (publisher, consumer) = (Publisher::new()?, join(&config("inventory"), "orders", DefaultConsumerContext)?);
    while !shutdown.requested() {
        let (orders, ends) = batch(&consumer, reading)?;
        let mut answers = Vec::new();
        for (event_id, order) in &orders {
            let data = json!({ "order_id": order.order_id });
            let answer = event(&reserve(&mut database, order)?, format!("{event_id}-answered"), &kit::now(), data);
            answers.push((order.order_id.clone(), answer));
        }
        publisher.send("inventory", &answers)?;
        commit(&consumer, &ends)?;
    }
    Ok(())
}

fn analytics(reading: &Reading) -> Ending {
    let shutdown = Shutdown::listen();
    let mut database = open_totals(&Downstream::connect())?;
    let consumer = join(&config("analytics"), "orders", DefaultConsumerContext)?;
    while !shutdown.requested() {
        let (orders, ends) = batch(&consumer, reading)?;
        let transaction = database.transaction()?;
        for (event_id, order) in &orders {
            if transaction.execute("INSERT OR IGNORE INTO counted VALUES (?1)", [event_id])? == 1 {
                for item in &order.items {
                    add(&transaction, item, item.price_cents * item.quantity)?;
                }
            }
        }
        transaction.commit()?;
        commit(&consumer, &ends)?;
    }
    Ok(())
}
