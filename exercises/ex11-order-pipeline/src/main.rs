//! ex11: four services that know each other by their events alone. See README.md next to this crate's manifest.
//!
//! The shape below is a suggestion. You are graded by what each service publishes, calls and leaves in its database, so
//! rename, split and change whatever you like.

#![allow(unused_variables)] // the parameters below wait for you: delete this line when they have something to do
#![allow(dead_code)]

use std::error::Error;
use std::time::Duration;

use kit::{Basket, Downstream, Shutdown};
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::BorrowedMessage;
use rdkafka::producer::{DeliveryFuture, FutureProducer, FutureRecord};
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use serde_json::Value;

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

/// The order service: an event `order.placed` for each of `kit::baskets()`. It ends when Kafka has them all.
async fn place_orders() -> Ending {
    let producer = producer()?;
    todo!("step 1 of 6: publish each order, wait for all of the deliveries, and return an error if one failed")
}

/// The e-mail service: one call `mail` for each order, `{"order_id": …, "customer_id": …}`.
fn email() -> Ending {
    let (shutdown, downstream, consumer) = (Shutdown::listen(), Downstream::connect(), join("email")?);
    let database = kit::database("email.db", &downstream)?;
    database.execute_batch("CREATE TABLE IF NOT EXISTS mailed (order_id TEXT PRIMARY KEY)")?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        if let Some((_, order)) = placed(&message) {
            todo!("step 4 of 6: unless it was mailed, call until the answer is yes, and note it")
        }
        commit(&consumer, &message);
    }
    Ok(())
}

/// The inventory service: reserves all items of an order or none, and publishes the answer.
async fn inventory() -> Ending {
    let (shutdown, downstream, consumer) = (Shutdown::listen(), Downstream::connect(), join("inventory")?);
    let mut database = open_stock(&downstream)?;
    let producer = producer()?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        if let Some((_, order)) = placed(&message) {
            let event_type = reserve(&mut database, &order)?;
            todo!("step 6 of 6: publish the answer (kit::now() is its timestamp), and wait for its delivery")
        }
        commit(&consumer, &message);
    }
    Ok(())
}

/// `inventory.reserved` or `inventory.failed`. Asked again, it is the same answer, and takes nothing.
///
/// Another member may be doing the same in the same database, at the same time. And what if the first item is there, and
/// the second is not?
fn reserve(database: &mut Connection, order: &Basket) -> rusqlite::Result<String> {
    todo!("step 5 of 6: in one transaction, take all items or none, and note the answer")
}

/// Opens the database of the stock, which all members of the service share, and fills it the first time.
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

/// The analytics service: pieces and cents of each product.
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

/// Adds the order to the totals, unless this event is in them. You know the shape of this from ex4.
fn count(database: &mut Connection, event_id: &str, order: &Basket) -> rusqlite::Result<()> {
    todo!("step 3 of 6: the totals, and the note that this event is in them: both or neither")
}

/// The order that this event is about, and the event's id; `None` for what is not for us, and for what is broken.
fn placed(message: &BorrowedMessage<'_>) -> Option<(String, Basket)> {
    todo!(
        "step 2 of 6: read the envelope, and `data` only where the type is order.placed; join() below is part of this"
    )
}

/// Joins the service's own group, in which it meets every event, and subscribes to topic `orders`.
fn join(service: &str) -> KafkaResult<BaseConsumer> {
    todo!("step 2 of 6: create a consumer from kit::config() and subscribe to kit::topic(\"orders\")")
}

fn producer() -> KafkaResult<FutureProducer> {
    kit::config().set("acks", "all").set("enable.idempotence", "true").create()
}

/// Hands an event over to the producer. Await the future to learn what became of it.
fn publish(producer: &FutureProducer, topic: &str, key: &str, event: &Event) -> Result<DeliveryFuture, Box<dyn Error>> {
    let (topic, value) = (kit::topic(topic), serde_json::to_string(event)?);
    let record = FutureRecord::to(&topic).key(key).payload(&value);
    Ok(producer.send_result(record).map_err(|(error, _)| error)?)
}

/// What has been done with this event is done for good: it need not come again.
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
