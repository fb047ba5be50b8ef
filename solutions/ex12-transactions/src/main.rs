//! Reads each order of topic `orders` and writes a payment to topic `payments`. The payments and the offsets of their
//! orders are one transaction: both count, or neither does.

use std::collections::HashMap;
use std::error::Error;
use std::time::Duration;

use kit::{Downstream, Order, Shutdown};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use serde_json::json;

type Transactional = ThreadedProducer<DefaultProducerContext>;

/// For each question to the coordinator.
const LIMIT: Duration = Duration::from_secs(30);
/// Orders in one transaction. The first that is there begins it, and it waits for no other.
const MOST: usize = 100;

fn main() -> Result<(), Box<dyn Error>> {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let producer = producer()?;
    let consumer = join()?;

    while !shutdown.requested() {
        let batch = next(&consumer)?;
        if batch.is_empty() {
            continue;
        }
        if let Err(error) = transact(&batch, &downstream, &consumer, &producer) {
            eprintln!("aborted, and tried again: {error}");
            undo(&*error, &consumer, &producer)?;
        }
    }
    Ok(())
}

/// The same id at every start of this instance: that ends what a predecessor has left open, and shuts it out if it is
/// still alive.
fn producer() -> KafkaResult<Transactional> {
    let id = format!("{}-{}", kit::group("payment-service"), kit::role());
    let producer: Transactional = kit::config().set("transactional.id", id).create()?;
    producer.init_transactions(LIMIT)?;
    Ok(producer)
}

/// Joins the group. Nothing is committed by the consumer: the offsets go through the producer.
fn join() -> KafkaResult<BaseConsumer> {
    let consumer: BaseConsumer = kit::config()
        .set("group.id", kit::group("payment-service"))
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false")
        .set("isolation.level", "read_committed")
        .create()?;
    consumer.subscribe(&[&kit::topic("orders")])?;
    Ok(consumer)
}

/// What is there: the first record is waited for, the others are not.
fn next(consumer: &BaseConsumer) -> KafkaResult<Vec<BorrowedMessage<'_>>> {
    let mut batch = Vec::new();
    let mut wait = Duration::from_millis(100);
    while batch.len() < MOST {
        match consumer.poll(wait) {
            Some(Ok(message)) => batch.push(message),
            Some(Err(fatal @ KafkaError::MessageConsumptionFatal(_))) => return Err(fatal),
            Some(Err(passing)) => eprintln!("the client will try again: {passing}"),
            None => break,
        }
        wait = Duration::ZERO;
    }
    Ok(batch)
}

/// One transaction: a payment for each order, and the offsets of all these records. Whatever is no order has no payment,
/// and its offset goes along.
fn transact(
    batch: &[BorrowedMessage<'_>],
    downstream: &Downstream,
    consumer: &BaseConsumer,
    producer: &Transactional,
) -> Result<(), Box<dyn Error>> {
    producer.begin_transaction()?;
    for message in batch {
        let Ok(order) = serde_json::from_slice::<Order>(message.payload().unwrap_or_default()) else { continue };
        downstream.call("approve", &order)?;
        send(producer, message, &order)?;
    }
    let group = consumer.group_metadata().expect("a consumer with a group.id has group metadata");
    producer.send_offsets_to_transaction(&behind(batch)?, &group, LIMIT)?;
    producer.commit_transaction(LIMIT)?; // flushes first: a payment that was not taken makes it fail
    Ok(())
}

fn send(producer: &Transactional, message: &BorrowedMessage<'_>, order: &Order) -> KafkaResult<()> {
    let payment = json!({
        "order_id": order.order_id,
        "customer_id": order.customer_id,
        "amount_cents": u64::from(order.quantity) * u64::from(order.price_cents),
    });
    let (topic, payment) = (kit::topic("payments"), payment.to_string());
    let mut record = BaseRecord::<[u8], str>::to(&topic).payload(&payment);
    record.key = message.key();
    producer.send(record).map_err(|(error, _)| error)
}

/// Of each partition, the offset behind the last record.
fn behind(batch: &[BorrowedMessage<'_>]) -> KafkaResult<TopicPartitionList> {
    let next = batch
        .iter()
        .map(|message| ((message.topic().to_owned(), message.partition()), Offset::Offset(message.offset() + 1)));
    TopicPartitionList::from_topic_map(&next.collect::<HashMap<_, _>>())
}

/// The payments do not count any more. But the consumer is no part of the transaction: its position is behind the orders,
/// so it has to go back to where the group stands.
fn undo(
    error: &(dyn Error + 'static),
    consumer: &BaseConsumer,
    producer: &Transactional,
) -> Result<(), Box<dyn Error>> {
    if let Some(KafkaError::Transaction(error)) = error.downcast_ref()
        && error.is_fatal()
    {
        // Another one has our id, say. It does our work, and there is nothing for us to undo.
        return Err(error.to_string().into());
    }
    producer.abort_transaction(LIMIT)?;
    let mut back = TopicPartitionList::new();
    for element in consumer.committed(LIMIT)?.elements() {
        let offset = match element.offset() {
            Offset::Invalid => Offset::Beginning, // nothing is committed yet
            committed => committed,
        };
        back.add_partition_offset(element.topic(), element.partition(), offset)?;
    }
    for element in consumer.seek_partitions(back, LIMIT)?.elements() {
        element.error()?;
    }
    Ok(())
}
