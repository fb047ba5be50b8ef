//! One record after the other.

use rdkafka::consumer::{BaseConsumer, ConsumerContext};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::BorrowedMessage;
use std::time::Duration;

/// The next record, or `None` when there is none for now. Rebalances and callbacks are served in here. The wait is
/// short, because SIGTERM waits with us.
///
/// # Errors
/// The client cannot go on. Any other error is news, not a verdict: the client reconnects by itself.
pub fn next<C: ConsumerContext>(consumer: &BaseConsumer<C>) -> KafkaResult<Option<BorrowedMessage<'_>>> {
    match consumer.poll(Duration::from_millis(100)).transpose() {
        Err(fatal @ KafkaError::MessageConsumptionFatal(_)) => Err(fatal),
        Err(passing) => {
            eprintln!("the client will try again: {passing}");
            Ok(None)
        }
        record => record,
    }
}
