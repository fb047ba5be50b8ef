//! One order, four services: each a process of its own in a group of its own, and none of them calls another.
//!
//! Each service meets an event at least once. What it makes of it is in its own database, in one transaction with the note
//! that it is done; only then is the offset committed.

use std::error::Error;
use std::thread::sleep;
use std::time::Duration;

use kit::{Basket, Downstream, Item, Shutdown};
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::producer::{DeliveryFuture, FutureProducer, FutureRecord};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

type Ending = Result<(), Box<dyn Error>>;

/// The envelope: the upper three fields are the same for all events, and `data` is what the type says.
#[derive(Debug, Serialize, Deserialize)]
struct Event {
    event_type: String,
    event_id: String,
    timestamp: String,
    data: Value,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Ending {
    // `inventory-2` is a second member of service `inventory`.
    match kit::role().split('-').next().unwrap_or_default() {
        "order" => place_orders().await,
        "email" => email(),
        "inventory" => inventory().await,
        "analytics" => analytics(),
        _ => Err("set KAFKACOURSE_ROLE to order, email, inventory or analytics".into()),
    }
}

/// Publishes an event for each order. Its id is made from the order's: whoever sends it again sends the same.
async fn place_orders() -> Ending {
    let producer = producer()?;
    let mut sent = Vec::new();
    for basket in kit::baskets() {
        let event = Event {
            event_type: "order.placed".to_owned(),
            event_id: format!("placed-{}", basket.order_id),
            timestamp: basket.placed_at.clone(), // when it happened, not when it is sent
            data: serde_json::to_value(&basket)?,
        };
        sent.push(publish(&producer, "orders", &basket.order_id, &event)?);
    }
    for delivery in sent {
        delivery.await?.map_err(|(error, _)| error)?;
    }
    Ok(())
}

/// One mail for each order.
fn email() -> Ending {
    let (shutdown, downstream, consumer) = (Shutdown::listen(), Downstream::connect(), join("email")?);
    let database = kit::database("email.db", &downstream)?;
    database.execute_batch("CREATE TABLE IF NOT EXISTS mailed (order_id TEXT PRIMARY KEY)")?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        if let Some((_, order)) = placed(&message)
            && !database.prepare("SELECT 1 FROM mailed WHERE order_id = ?1")?.exists([&order.order_id])?
        {
            let mail = json!({ "order_id": order.order_id, "customer_id": order.customer_id });
            while let Err(refused) = downstream.call("mail", &mail) {
                if shutdown.requested() {
                    return Ok(()); // not committed: the next start begins with this order
                }
                eprintln!("the mail has to wait: {refused}");
                sleep(Duration::from_millis(50));
            }
            // Behind the mail: rather told twice after a crash than never.
            database.execute("INSERT INTO mailed VALUES (?1)", [&order.order_id])?;
        }
        commit(&consumer, &message);
    }
    Ok(())
}

/// Reserves all items of an order, or none, and says which.
async fn inventory() -> Ending {
    let (shutdown, downstream, consumer) = (Shutdown::listen(), Downstream::connect(), join("inventory")?);
    let mut database = open_stock(&downstream)?;
    let producer = producer()?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        if let Some((_, order)) = placed(&message) {
            let answer = Event {
                event_type: reserve(&mut database, &order)?,
                event_id: format!("reservation-{}", order.order_id),
                timestamp: kit::now(),
                data: json!({ "order_id": order.order_id }),
            };
            let delivery = publish(&producer, "inventory", &order.order_id, &answer)?;
            delivery.await?.map_err(|(error, _)| error)?;
        }
        commit(&consumer, &message);
    }
    Ok(())
}

/// What is answered to this order. Asked again, it is the same answer, and takes nothing.
fn reserve(database: &mut Connection, order: &Basket) -> rusqlite::Result<String> {
    // Immediate: another member waits here, before it has read what is about to change.
    let mut transaction = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let known = "SELECT event_type FROM answers WHERE order_id = ?1";
    if let Some(answer) = transaction.query_row(known, [&order.order_id], |row| row.get(0)).optional()? {
        return Ok(answer);
    }
    let answer = if take(&mut transaction, &order.items)? { "inventory.reserved" } else { "inventory.failed" };
    transaction.execute("INSERT INTO answers VALUES (?1, ?2)", params![order.order_id, answer])?;
    transaction.commit()?;
    Ok(answer.to_owned())
}

/// Takes all items from the stock, or none: a savepoint that is dropped takes back what was done behind it.
fn take(transaction: &mut Transaction<'_>, items: &[Item]) -> rusqlite::Result<bool> {
    let savepoint = transaction.savepoint()?;
    for item in items {
        // The database decides, in one statement, whether there are enough.
        let changed = savepoint.execute(
            "UPDATE stock SET pieces = pieces - ?2 WHERE product = ?1 AND pieces >= ?2",
            params![item.product, item.quantity],
        )?;
        if changed == 0 {
            return Ok(false);
        }
    }
    savepoint.commit()?;
    Ok(true)
}

fn open_stock(downstream: &Downstream) -> rusqlite::Result<Connection> {
    let database = kit::database("inventory.db", downstream)?;
    database.execute_batch(
        "CREATE TABLE IF NOT EXISTS stock (product TEXT PRIMARY KEY, pieces INTEGER NOT NULL);
         CREATE TABLE IF NOT EXISTS answers (order_id TEXT PRIMARY KEY, event_type TEXT NOT NULL);",
    )?;
    for (product, pieces) in kit::STOCK {
        database.execute("INSERT INTO stock VALUES (?1, ?2) ON CONFLICT DO NOTHING", params![product, pieces])?;
    }
    Ok(database)
}

/// Pieces and cents of each product.
fn analytics() -> Ending {
    let (shutdown, downstream, consumer) = (Shutdown::listen(), Downstream::connect(), join("analytics")?);
    let mut database = kit::database("analytics.db", &downstream)?;
    database.execute_batch(
        "CREATE TABLE IF NOT EXISTS counted (event_id TEXT PRIMARY KEY);
         CREATE TABLE IF NOT EXISTS totals (product TEXT PRIMARY KEY, pieces INTEGER NOT NULL, cents INTEGER NOT NULL);",
    )?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        if let Some((event_id, order)) = placed(&message) {
            count(&mut database, &event_id, &order)?;
        }
        commit(&consumer, &message);
    }
    Ok(())
}

/// The totals, and the note that this event is in them: both or neither.
fn count(database: &mut Connection, event_id: &str, order: &Basket) -> rusqlite::Result<()> {
    let transaction = database.transaction()?;
    if transaction.execute("INSERT INTO counted VALUES (?1) ON CONFLICT DO NOTHING", [event_id])? == 1 {
        for item in &order.items {
            transaction.execute(
                "INSERT INTO totals VALUES (?1, ?2, ?3) ON CONFLICT (product)
                 DO UPDATE SET pieces = pieces + excluded.pieces, cents = cents + excluded.cents",
                params![item.product, item.quantity, item.quantity * item.price_cents],
            )?;
        }
    }
    transaction.commit()
}

/// The order that this event is about, and the event's id; `None` for what is not for us, and for what is broken.
fn placed(message: &BorrowedMessage<'_>) -> Option<(String, Basket)> {
    // First the envelope, which says nothing of `data`: other types have data of another shape.
    let event: Event = serde_json::from_slice(message.payload().unwrap_or_default()).map_err(skipped).ok()?;
    if event.event_type != "order.placed" {
        return None;
    }
    let order = serde_json::from_value(event.data).map_err(skipped).ok()?;
    Some((event.event_id, order))
}

fn skipped(reason: serde_json::Error) {
    eprintln!("skipped what cannot be read: {reason}");
}

fn producer() -> KafkaResult<FutureProducer> {
    kit::config().set("acks", "all").set("enable.idempotence", "true").create()
}

/// Hands an event over; the future says what became of it. The key keeps all that is about one order in order.
fn publish(producer: &FutureProducer, topic: &str, key: &str, event: &Event) -> Result<DeliveryFuture, Box<dyn Error>> {
    let (topic, value) = (kit::topic(topic), serde_json::to_string(event)?);
    let record = FutureRecord::to(&topic).key(key).payload(&value);
    Ok(producer.send_result(record).map_err(|(error, _)| error)?)
}

/// Joins the service's own group, in which it meets every event. A new group begins with the oldest.
fn join(service: &str) -> KafkaResult<BaseConsumer> {
    let consumer: BaseConsumer = kit::config()
        .set("group.id", kit::group(service))
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false")
        .create()?;
    consumer.subscribe(&[&kit::topic("orders")])?;
    Ok(consumer)
}

/// What has been done with this event is in the database: it need not come again.
fn commit(consumer: &BaseConsumer, message: &BorrowedMessage<'_>) {
    if let Err(error) = consumer.commit_message(message, CommitMode::Sync) {
        eprintln!("not committed yet: {error}");
    }
}

/// The next record, or `None` when there is none for now.
fn next(consumer: &BaseConsumer) -> KafkaResult<Option<BorrowedMessage<'_>>> {
    match consumer.poll(Duration::from_millis(100)).transpose() {
        Err(fatal @ KafkaError::MessageConsumptionFatal(_)) => Err(fatal),
        Err(passing) => {
            eprintln!("the client will try again: {passing}");
            Ok(None)
        }
        record => record,
    }
}
