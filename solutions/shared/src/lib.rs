//! What the programs beside the solutions have in common, so that each of them shows only what it is about. The
//! solutions themselves are read alone, and use none of it.

mod next;

pub use next::next;

use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::KafkaResult;

/// How a program ends.
pub type Ending = Result<(), Box<dyn std::error::Error>>;

/// The right settings of a consumer: the group that the exercise calls `group`, from the oldest record, and no commit
/// that we did not ask for.
pub fn config(group: &str) -> ClientConfig {
    let mut config = kit::config();
    config.set("group.id", kit::group(group)).set("auto.offset.reset", "earliest").set("enable.auto.commit", "false");
    config
}

/// A consumer with these settings and this context that joins the group and reads `topic`.
///
/// # Errors
/// The settings make no consumer.
pub fn join<C: ConsumerContext + 'static>(
    config: &ClientConfig,
    topic: &str,
    context: C,
) -> KafkaResult<BaseConsumer<C>> {
    let consumer: BaseConsumer<C> = config.create_with_context(context)?;
    consumer.subscribe(&[&kit::topic(topic)])?;
    Ok(consumer)
}
