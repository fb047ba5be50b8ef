//! What a broker says of a topic.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::{MetadataRequest, MetadataResponse, TopicName};
use kafka_protocol::protocol::StrBytes;
use tokio::time::{Instant, sleep};

use super::Broker;

/// For a topic that was made just now.
const LIMIT: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(10);

/// The first version that names topics by their ids, too (KIP-516, Kafka 2.8).
const VERSION: i16 = 10;

pub(super) struct Topic {
    pub id: [u8; 16],
    /// The address of each partition's leader.
    pub leaders: BTreeMap<i32, String>,
}

/// Waits until each partition of the topic has a leader. A client that asks before a broker knows them is told that there
/// is no such topic, and a consumer then looks again only after its refresh interval.
///
/// # Errors
/// The broker does not answer, or there is no leader within half a minute.
pub(super) async fn find(broker: &Broker, name: &str) -> io::Result<Topic> {
    let wanted = MetadataRequestTopic::default().with_name(Some(TopicName(StrBytes::from_string(name.to_owned()))));
    let request = MetadataRequest::default().with_topics(Some(vec![wanted])).with_allow_auto_topic_creation(false);
    let give_up = Instant::now() + LIMIT;
    loop {
        let answer: MetadataResponse = broker.ask(&broker.live_address(), &request, VERSION).await?;
        if let Some(topic) = led(&answer) {
            return Ok(topic);
        }
        if Instant::now() > give_up {
            let why = format!("its partitions had no leader within {} s", LIMIT.as_secs());
            return Err(io::Error::new(io::ErrorKind::TimedOut, why));
        }
        sleep(PAUSE).await;
    }
}

fn led(answer: &MetadataResponse) -> Option<Topic> {
    let address = |id| {
        let node = answer.brokers.iter().find(|node| node.node_id == id)?;
        Some(format!("{}:{}", node.host.as_str(), node.port))
    };
    let topic = answer.topics.first()?;
    let leaders: Option<BTreeMap<i32, String>> = (topic.partitions.iter())
        .map(|partition| Some((partition.partition_index, address(partition.leader_id)?)))
        .collect();
    let leaders = leaders.filter(|leaders| !leaders.is_empty())?;
    Some(Topic { id: topic.topic_id.into_bytes(), leaders })
}
