//! What the programs beside the solution share, so that each of them shows only what it is about: a pipeline of four right
//! services, each of which can be replaced, and the way in which three of them read.

use std::error::Error;
use std::thread::sleep;
use std::time::Duration;

use kit::{Basket, Downstream, Item, Shutdown};
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, DefaultConsumerContext};
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::producer::{FutureProducer, FutureRecord};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use serde_json::{Value, json};

pub use solutions_shared::{Ending, config, join, next};

/// The four services.
pub struct Pipeline {
    pub order: fn() -> Ending,
    pub email: fn(&Reading) -> Ending,
    pub inventory: fn(&Reading) -> Ending,
    pub analytics: fn(&Reading) -> Ending,
    pub reading: Reading,
}

/// How a service reads.
pub struct Reading {
    /// The settings of a service's consumer.
    pub config: fn(&str) -> ClientConfig,
    /// The order that an event is about, and the event's id; none for what is to be passed by.
    pub placed: fn(&BorrowedMessage<'_>) -> Read,
    /// Each record is committed once it has been handled.
    pub commits: bool,
}

pub type Placed = (String, Basket);
pub type Read = Result<Option<Placed>, Box<dyn Error>>;

/// Everything as it should be: `Pipeline { email: …, ..right() }` is wrong in one thing.
pub fn right() -> Pipeline {
    let reading = Reading { config, placed, commits: true };
    Pipeline { order, email, inventory, analytics, reading }
}

/// Runs the service that the role names.
pub fn run(pipeline: Pipeline) -> Ending {
    match kit::role().split('-').next().unwrap_or_default() {
        "order" => (pipeline.order)(),
        "email" => (pipeline.email)(&pipeline.reading),
        "inventory" => (pipeline.inventory)(&pipeline.reading),
        "analytics" => (pipeline.analytics)(&pipeline.reading),
        _ => Err("no such service".into()),
    }
}

/// Handles one order after the other until it is asked to stop.
pub fn work(reading: &Reading, service: &str, mut handle: impl FnMut(&str, &Basket) -> Ending) -> Ending {
    let shutdown = Shutdown::listen();
    let consumer = join(&(reading.config)(service), "orders", DefaultConsumerContext)?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        if let Some((event_id, order)) = (reading.placed)(&message)? {
            handle(&event_id, &order)?;
        }
        if reading.commits {
            commit(&consumer, &message);
        }
    }
    Ok(())
}

pub fn placed(message: &BorrowedMessage<'_>) -> Read {
    let payload = message.payload().unwrap_or_default();
    let Ok(event) = serde_json::from_slice::<Value>(payload) else { return Ok(None) };
    let order = serde_json::from_value(event["data"].clone()).ok();
    let id = event["event_id"].as_str().filter(|_| event["event_type"] == "order.placed");
    Ok(id.map(str::to_owned).zip(order))
}

pub fn commit(consumer: &BaseConsumer, message: &BorrowedMessage<'_>) {
    if let Err(error) = consumer.commit_message(message, CommitMode::Sync) {
        eprintln!("not committed yet: {error}");
    }
}

pub fn event(event_type: &str, event_id: String, timestamp: &str, data: Value) -> Value {
    json!({ "event_type": event_type, "event_id": event_id, "timestamp": timestamp, "data": data })
}

/// Places each order as `publish` makes an event of it: its key and its value.
pub fn place(publish: fn(&Basket) -> (String, Value)) -> Ending {
    let events: Vec<_> = kit::baskets().iter().map(publish).collect();
    Publisher::new()?.send("orders", &events)
}

fn order() -> Ending {
    place(|basket| {
        let id = format!("placed-{}", basket.order_id);
        (basket.order_id.clone(), event("order.placed", id, &basket.placed_at, json!(basket)))
    })
}

/// A producer for programs that are not async.
pub struct Publisher {
    producer: FutureProducer,
    runtime: tokio::runtime::Runtime,
}

impl Publisher {
    pub fn new() -> Result<Publisher, Box<dyn Error>> {
        let producer = kit::config().set("acks", "all").set("enable.idempotence", "true").create()?;
        Ok(Publisher { producer, runtime: tokio::runtime::Builder::new_current_thread().enable_all().build()? })
    }

    /// Returns when all are acknowledged.
    pub fn send(&self, topic: &str, events: &[(String, Value)]) -> Ending {
        let topic = kit::topic(topic);
        let mut sent = Vec::new();
        for (key, value) in events {
            let value = value.to_string();
            let record = FutureRecord::to(&topic).key(key).payload(&value);
            sent.push(self.producer.send_result(record).map_err(|(error, _)| error)?);
        }
        for delivery in sent {
            self.runtime.block_on(delivery)?.map_err(|(error, _)| error)?;
        }
        Ok(())
    }

    /// Publishes what inventory says to an order.
    pub fn answer(&self, order_id: &str, event_id: String, event_type: &str) -> Ending {
        let answer = event(event_type, event_id, &kit::now(), json!({ "order_id": order_id }));
        self.send("inventory", &[(order_id.to_owned(), answer)])
    }
}

pub fn email(reading: &Reading) -> Ending {
    let downstream = Downstream::connect();
    let database = open_mailed(&downstream)?;
    work(reading, "email", |_, order| {
        if !is_mailed(&database, order)? {
            mail(&downstream, order);
            note_mailed(&database, order)?;
        }
        Ok(())
    })
}

pub fn open_mailed(downstream: &Downstream) -> rusqlite::Result<Connection> {
    let database = kit::database("email.db", downstream)?;
    database.execute_batch("CREATE TABLE IF NOT EXISTS mailed (order_id TEXT PRIMARY KEY)")?;
    Ok(database)
}

pub fn is_mailed(database: &Connection, order: &Basket) -> rusqlite::Result<bool> {
    database.prepare("SELECT 1 FROM mailed WHERE order_id = ?1")?.exists([&order.order_id])
}

pub fn note_mailed(database: &Connection, order: &Basket) -> rusqlite::Result<()> {
    database.execute("INSERT INTO mailed VALUES (?1)", [&order.order_id])?;
    Ok(())
}

/// Until the mail is taken.
pub fn mail(downstream: &Downstream, order: &Basket) {
    while downstream.call("mail", &mail_of(order)).is_err() {
        sleep(Duration::from_millis(50));
    }
}

pub fn mail_of(order: &Basket) -> Value {
    json!({ "order_id": order.order_id, "customer_id": order.customer_id })
}

pub fn inventory(reading: &Reading) -> Ending {
    stock_keeper(reading, reserve)
}

/// Inventory, with this way to reserve.
pub fn stock_keeper(reading: &Reading, reserve: fn(&mut Connection, &Basket) -> rusqlite::Result<String>) -> Ending {
    let mut database = open_stock(&Downstream::connect())?;
    let publisher = Publisher::new()?;
    work(reading, "inventory", |_, order| {
        let answer = reserve(&mut database, order)?;
        publisher.answer(&order.order_id, format!("reservation-{}", order.order_id), &answer)
    })
}

pub fn open_stock(downstream: &Downstream) -> rusqlite::Result<Connection> {
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

pub fn answered(database: &Connection, order: &Basket) -> rusqlite::Result<Option<String>> {
    let known = "SELECT event_type FROM answers WHERE order_id = ?1";
    database.query_row(known, [&order.order_id], |row| row.get(0)).optional()
}

pub fn note_answer(database: &Connection, order: &Basket, answer: &str) -> rusqlite::Result<()> {
    database.execute("INSERT INTO answers VALUES (?1, ?2)", params![order.order_id, answer])?;
    Ok(())
}

/// Takes so many pieces if they are there, and says whether they were.
pub fn take(database: &Connection, item: &Item) -> rusqlite::Result<bool> {
    let update = "UPDATE stock SET pieces = pieces - ?2 WHERE product = ?1 AND pieces >= ?2";
    Ok(database.execute(update, params![item.product, item.quantity])? == 1)
}

pub fn reserve(database: &mut Connection, order: &Basket) -> rusqlite::Result<String> {
    let mut transaction = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if let Some(answer) = answered(&transaction, order)? {
        return Ok(answer);
    }
    let savepoint = transaction.savepoint()?;
    let mut all = true;
    for item in &order.items {
        all = all && take(&savepoint, item)?;
    }
    match all {
        true => savepoint.commit()?,
        false => drop(savepoint),
    }
    let answer = if all { "inventory.reserved" } else { "inventory.failed" };
    note_answer(&transaction, order, answer)?;
    transaction.commit()?;
    Ok(answer.to_owned())
}

pub fn analytics(reading: &Reading) -> Ending {
    let mut database = open_totals(&Downstream::connect())?;
    work(reading, "analytics", |event_id, order| {
        let transaction = database.transaction()?;
        if transaction.execute("INSERT INTO counted VALUES (?1) ON CONFLICT DO NOTHING", [event_id])? == 1 {
            for item in &order.items {
                add(&transaction, item, item.quantity * item.price_cents)?;
            }
        }
        Ok(transaction.commit()?)
    })
}

pub fn open_totals(downstream: &Downstream) -> rusqlite::Result<Connection> {
    let database = kit::database("analytics.db", downstream)?;
    database.execute_batch(
        "CREATE TABLE IF NOT EXISTS counted (event_id TEXT PRIMARY KEY);
         CREATE TABLE IF NOT EXISTS totals (product TEXT PRIMARY KEY, pieces INTEGER NOT NULL, cents INTEGER NOT NULL);",
    )?;
    Ok(database)
}

pub fn add(database: &Connection, item: &Item, cents: i64) -> rusqlite::Result<()> {
    database.execute(
        "INSERT INTO totals VALUES (?1, ?2, ?3) ON CONFLICT (product)
         DO UPDATE SET pieces = pieces + excluded.pieces, cents = cents + excluded.cents",
        params![item.product, item.quantity, cents],
    )?;
    Ok(())
}
