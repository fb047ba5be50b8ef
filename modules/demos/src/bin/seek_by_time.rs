//! Ten records, a second apart; then a reader without a group, which begins at the time of the seventh.

use std::time::Duration;

use kit::Downstream;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaResult;
use rdkafka::message::Message;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

const PATIENCE: Duration = Duration::from_secs(10);
/// 1 October 2026, 09:00 UTC, in milliseconds.
const NINE: i64 = 1_790_845_200_000;

fn main() -> KafkaResult<()> {
    let world = Downstream::connect();
    let topic = kit::topic("orders");
    let producer: BaseProducer = kit::config().set("enable.idempotence", "true").create()?;
    for second in 0..10 {
        let value = format!("order {second}");
        let record = BaseRecord::to(&topic).key("shop").payload(&value).timestamp(NINE + second * 1000);
        producer.send(record).map_err(|(error, _)| error)?;
    }
    producer.flush(PATIENCE)?;

    let reader: BaseConsumer = kit::config()
        .set("group.id", kit::group("tool"))
        .set("enable.auto.commit", "false")
        .set("enable.partition.eof", "false")
        .create()?;
    let mut asked = TopicPartitionList::new();
    asked.add_partition_offset(&topic, 0, Offset::Offset(NINE + 6000))?;
    reader.assign(&reader.offsets_for_times(asked, PATIENCE)?)?;
    let mut left = 4;
    while left > 0 {
        let Some(message) = reader.poll(Duration::from_millis(100)).transpose()? else { continue };
        let seconds = message.timestamp().to_millis().unwrap_or_default() - NINE;
        world
            .call("read", &format!("offset {}, 09:00:{:02}", message.offset(), seconds / 1000))
            .expect("the outside world is there");
        left -= 1;
    }
    Ok(())
}
