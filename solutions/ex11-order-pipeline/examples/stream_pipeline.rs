//! Right in another style: KIP-848 groups, a stream of records, offsets that are stored and committed by the client beside
//! the work, and a stock that is held against each order before it is touched.

use std::error::Error;
use std::time::Duration;

use ex11_order_pipeline_solution::{
    add, answered, is_mailed, mail_of, note_answer, note_mailed, open_mailed, open_stock, open_totals, placed, right,
    run,
};
use kit::{Basket, Downstream, Shutdown};
use rdkafka::consumer::{Consumer, StreamConsumer};
use rdkafka::message::BorrowedMessage;
use rusqlite::{Connection, TransactionBehavior, params};
use serde_json::json;
use std::collections::BTreeMap;
use tokio::time::sleep;

type Ending = Result<(), Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Ending {
    match kit::role().split('-').next().unwrap_or_default() {
        "email" => email().await,
        "inventory" => inventory().await,
        "analytics" => analytics().await,
        // The order service as in the other programs, which has a runtime of its own.
        _ => tokio::task::spawn_blocking(|| run(right()).map_err(|error| error.to_string())).await?.map_err(Into::into),
    }
}

fn reader(service: &str) -> Result<StreamConsumer, Box<dyn Error>> {
    let consumer: StreamConsumer = kit::config()
        .set("group.id", kit::group(service))
        .set("group.protocol", "consumer")
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.offset.store", "false")
        .set("auto.commit.interval.ms", "100")
        .create()?;
    consumer.subscribe(&[&kit::topic("orders")])?;
    Ok(consumer)
}

/// The next record; none when it is time to stop.
async fn next<'a>(consumer: &'a StreamConsumer, shutdown: &Shutdown) -> Option<BorrowedMessage<'a>> {
    loop {
        tokio::select! {
            () = shutdown.wait() => return None,
            record = consumer.recv() => match record {
                Ok(record) => return Some(record),
                Err(error) => eprintln!("the client will try again: {error}"),
            }
        }
    }
}

async fn email() -> Ending {
    let (shutdown, downstream, consumer) = (Shutdown::listen(), Downstream::connect(), reader("email")?);
    let database = open_mailed(&downstream)?;
    while let Some(message) = next(&consumer, &shutdown).await {
        if let Some((_, order)) = placed(&message)?
            && !is_mailed(&database, &order)?
        {
            while downstream.call("mail", &mail_of(&order)).is_err() {
                sleep(Duration::from_millis(20)).await;
            }
            note_mailed(&database, &order)?;
        }
        consumer.store_offset_from_message(&message)?;
    }
    Ok(())
}

async fn inventory() -> Ending {
    let (shutdown, downstream, consumer) = (Shutdown::listen(), Downstream::connect(), reader("inventory")?);
    let mut database = open_stock(&downstream)?;
    let producer: rdkafka::producer::FutureProducer = kit::config().set("acks", "all").create()?;
    let topic = kit::topic("inventory");
    while let Some(message) = next(&consumer, &shutdown).await {
        if let Some((event_id, order)) = placed(&message)? {
            let event_type = reserve(&mut database, &order)?;
            let answer = json!({
                "event_type": event_type, "event_id": format!("answer-to-{event_id}"), "timestamp": "2026-11-21T10:15:30.5+01:00",
                "data": { "order_id": order.order_id },
            });
            let value = answer.to_string();
            let record = rdkafka::producer::FutureRecord::to(&topic).key(&order.order_id).payload(&value);
            producer.send(record, Duration::from_secs(30)).await.map_err(|(error, _)| error)?;
        }
        consumer.store_offset_from_message(&message)?;
    }
    Ok(())
}

/// Looks first and takes then: nobody else can write meanwhile.
fn reserve(database: &mut Connection, order: &Basket) -> rusqlite::Result<String> {
    let transaction = database.transaction_with_behavior(TransactionBehavior::Exclusive)?;
    if let Some(answer) = answered(&transaction, order)? {
        return Ok(answer);
    }
    let mut needs: BTreeMap<&str, i64> = BTreeMap::new();
    for item in &order.items {
        *needs.entry(&item.product).or_default() += item.quantity;
    }
    let mut all = true;
    for (product, pieces) in &needs {
        let left: i64 =
            transaction.query_row("SELECT pieces FROM stock WHERE product = ?1", [product], |row| row.get(0))?;
        all &= left >= *pieces;
    }
    for (product, pieces) in needs.iter().filter(|_| all) {
        transaction.execute("UPDATE stock SET pieces = pieces - ?2 WHERE product = ?1", params![product, pieces])?;
    }
    let answer = if all { "inventory.reserved" } else { "inventory.failed" };
    note_answer(&transaction, order, answer)?;
    transaction.commit()?;
    Ok(answer.to_owned())
}

async fn analytics() -> Ending {
    let (shutdown, downstream, consumer) = (Shutdown::listen(), Downstream::connect(), reader("analytics")?);
    let mut database = open_totals(&downstream)?;
    while let Some(message) = next(&consumer, &shutdown).await {
        if let Some((event_id, order)) = placed(&message)? {
            let transaction = database.transaction()?;
            if transaction.execute("INSERT OR IGNORE INTO counted VALUES (?1)", [event_id])? == 1 {
                for item in &order.items {
                    add(&transaction, item, item.price_cents * item.quantity)?;
                }
            }
            transaction.commit()?;
        }
        consumer.store_offset_from_message(&message)?;
    }
    Ok(())
}
