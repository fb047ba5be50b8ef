//! A payment service that works in transactions: the first commits, the second aborts and goes back, the third does the
//! second's work again. Then two readers look at what lies in the topic.

use std::time::Duration;

use kit::Downstream;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

type Transactional = ThreadedProducer<DefaultProducerContext>;

const LIMIT: Duration = Duration::from_secs(60);

fn main() -> KafkaResult<()> {
    let downstream = Downstream::connect();
    let producer: Transactional = kit::config().set("transactional.id", kit::group("payments-1")).create()?;
    producer.init_transactions(LIMIT)?;
    let orders = reader("orders", "read_committed")?;
    let mut broken = true; // the second transaction fails, once
    while let Some(order) = next(&orders)? {
        begin(&producer, &orders, &order)?;
        if order.offset() == 1 && std::mem::take(&mut broken) {
            producer.abort_transaction(LIMIT)?;
            orders.seek(order.topic(), order.partition(), committed(&orders)?, LIMIT)?;
        } else {
            producer.commit_transaction(LIMIT)?;
        }
    }
    for level in ["read_uncommitted", "read_committed"] {
        let payments = reader("payments", level)?;
        while let Some(payment) = next(&payments)? {
            downstream.call(level, &payment.offset()).expect("the outside world is there");
        }
    }
    Ok(())
}

/// A transaction with one payment and the offset of its order, not yet ended.
fn begin(producer: &Transactional, orders: &BaseConsumer, order: &BorrowedMessage<'_>) -> KafkaResult<()> {
    producer.begin_transaction()?;
    let payments = kit::topic("payments");
    let payment = BaseRecord::<[u8], str>::to(&payments).payload("paid");
    producer.send(payment).map_err(|(error, _)| error)?;
    producer.flush(LIMIT)?; // not needed; in the transcript, the record comes before the offset in every run
    let mut next = TopicPartitionList::new();
    next.add_partition_offset(order.topic(), order.partition(), Offset::Offset(order.offset() + 1))?;
    let group = orders.group_metadata().expect("a consumer with a group.id has group metadata");
    producer.send_offsets_to_transaction(&next, &group, LIMIT)
}

/// A consumer at the beginning of the topic's only partition.
fn reader(topic: &str, level: &str) -> KafkaResult<BaseConsumer> {
    let consumer: BaseConsumer = kit::config()
        .set("group.id", kit::group("payments"))
        .set("enable.auto.commit", "false")
        .set("enable.partition.eof", "true")
        .set("isolation.level", level)
        .create()?;
    let mut assignment = TopicPartitionList::new();
    assignment.add_partition_offset(&kit::topic(topic), 0, Offset::Beginning)?;
    consumer.assign(&assignment)?;
    Ok(consumer)
}

/// The next record, or `None` at the end of the partition.
fn next(consumer: &BaseConsumer) -> KafkaResult<Option<BorrowedMessage<'_>>> {
    match consumer.poll(LIMIT).expect("a record, or the end") {
        Ok(message) => Ok(Some(message)),
        Err(KafkaError::PartitionEOF(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Where the group stands.
fn committed(orders: &BaseConsumer) -> KafkaResult<Offset> {
    Ok(orders.committed(LIMIT)?.elements()[0].offset())
}
