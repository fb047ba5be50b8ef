//! What the programs beside the solution share, so that each of them shows only what it is about: the mistakes in
//! `src/bin` are wrong in one way each, the programs in `examples` are right in different styles.

use std::collections::HashMap;
use std::error::Error;
use std::time::Duration;

use kit::{Downstream, Order, Shutdown};
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer, DefaultConsumerContext};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use serde_json::{Value, json};

pub use solutions_shared::Ending;

pub type Transactional = ThreadedProducer<DefaultProducerContext>;

/// For each question to the coordinator.
pub const LIMIT: Duration = Duration::from_secs(30);
/// Orders in one transaction.
const MOST: usize = 100;

/// The right settings of the consumer.
pub fn config() -> ClientConfig {
    let mut config = solutions_shared::config("payment-service");
    config.set("isolation.level", "read_committed");
    config
}

/// A consumer with these settings that joins the group.
pub fn join(config: &ClientConfig) -> KafkaResult<BaseConsumer> {
    solutions_shared::join(config, "orders", DefaultConsumerContext)
}

/// The right id: the same at every start of this instance.
pub fn id() -> String {
    format!("{}-{}", kit::group("payment-service"), kit::role())
}

/// A producer with this id that is ready for its first transaction.
pub fn producer(id: &str) -> KafkaResult<Transactional> {
    let producer: Transactional = kit::config().set("transactional.id", id).create()?;
    producer.init_transactions(LIMIT)?;
    Ok(producer)
}

/// The records that are there, at most so many: the first is waited for, the others are not.
pub fn next(consumer: &BaseConsumer, most: usize) -> KafkaResult<Vec<BorrowedMessage<'_>>> {
    let mut batch = Vec::new();
    let mut wait = Duration::from_millis(100);
    while batch.len() < most {
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

/// The order, if it is one.
pub fn parse(message: &BorrowedMessage<'_>) -> Option<Order> {
    serde_json::from_slice(message.payload().unwrap_or_default()).ok()
}

/// What is to be paid for it.
pub fn payment(order: &Order) -> Value {
    json!({
        "order_id": order.order_id,
        "customer_id": order.customer_id,
        "amount_cents": u64::from(order.quantity) * u64::from(order.price_cents),
    })
}

/// Sends a payment with the key of its order.
pub fn send(producer: &Transactional, message: &BorrowedMessage<'_>, payment: &Value) -> KafkaResult<()> {
    let (topic, payment) = (kit::topic("payments"), payment.to_string());
    let mut record = BaseRecord::<[u8], str>::to(&topic).payload(&payment);
    record.key = message.key();
    producer.send(record).map_err(|(error, _)| error)
}

/// Approves each order and sends its payment. The first that is refused ends it.
pub fn pay(batch: &[BorrowedMessage<'_>], downstream: &Downstream, producer: &Transactional) -> Ending {
    for message in batch {
        let Some(order) = parse(message) else { continue };
        downstream.call("approve", &order)?;
        send(producer, message, &payment(&order))?;
    }
    Ok(())
}

/// Of each partition, the offset of the last record and this many more; the right number is 1.
pub fn offsets(batch: &[BorrowedMessage<'_>], more: i64) -> KafkaResult<TopicPartitionList> {
    let next = batch
        .iter()
        .map(|message| ((message.topic().to_owned(), message.partition()), Offset::Offset(message.offset() + more)));
    TopicPartitionList::from_topic_map(&next.collect::<HashMap<_, _>>())
}

/// Makes these offsets a part of the transaction.
pub fn send_offsets(
    offsets: &TopicPartitionList,
    consumer: &impl Consumer,
    producer: &impl Producer,
) -> KafkaResult<()> {
    let group = consumer.group_metadata().expect("a consumer with a group.id has group metadata");
    producer.send_offsets_to_transaction(offsets, &group, LIMIT)
}

/// The right transaction: payments and offsets.
pub fn transact(
    batch: &[BorrowedMessage<'_>],
    downstream: &Downstream,
    consumer: &BaseConsumer,
    producer: &Transactional,
) -> Ending {
    producer.begin_transaction()?;
    pay(batch, downstream, producer)?;
    send_offsets(&offsets(batch, 1)?, consumer, producer)?;
    producer.commit_transaction(LIMIT)?;
    Ok(())
}

/// Is this the end of the producer?
pub fn is_fatal(error: &(dyn Error + 'static)) -> bool {
    matches!(error.downcast_ref(), Some(KafkaError::Transaction(error)) if error.is_fatal())
}

/// The right way back: abort, and go to where the group stands.
pub fn undo(error: Box<dyn Error>, consumer: &BaseConsumer, producer: &Transactional) -> Ending {
    if is_fatal(&*error) {
        return Err(error);
    }
    producer.abort_transaction(LIMIT)?;
    go_back(consumer)
}

/// Seeks each partition to its committed offset.
pub fn go_back(consumer: &BaseConsumer) -> Ending {
    let mut back = TopicPartitionList::new();
    for element in consumer.committed(LIMIT)?.elements() {
        let offset = match element.offset() {
            Offset::Invalid => Offset::Beginning,
            committed => committed,
        };
        back.add_partition_offset(element.topic(), element.partition(), offset)?;
    }
    for element in consumer.seek_partitions(back, LIMIT)?.elements() {
        element.error()?;
    }
    Ok(())
}

/// The loop around it: until SIGTERM, deals with each batch as `transact` says, and undoes what failed.
pub fn serve(
    shutdown: &Shutdown,
    consumer: &BaseConsumer,
    producer: &Transactional,
    mut transact: impl FnMut(&[BorrowedMessage<'_>], &Downstream) -> Ending,
) -> Ending {
    let downstream = Downstream::connect();
    while !shutdown.requested() {
        let batch = next(consumer, MOST)?;
        if batch.is_empty() {
            continue;
        }
        if let Err(error) = transact(&batch, &downstream) {
            undo(error, consumer, producer)?;
        }
    }
    Ok(())
}
