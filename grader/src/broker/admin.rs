//! Topics of a real Kafka: made, found, deleted.

use std::sync::Arc;
use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use tokio::task::spawn_blocking;

use super::BrokerError;
use super::answer::{client, no_answer};

/// Bounds one small request.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);
/// Kafka on a machine that has much else to do stands still for seconds now and then.
const TOPIC_LIMIT: Duration = Duration::from_secs(15);
/// How many topics are deleted by one request.
const BATCH: usize = 100;
/// "As many replicas as the broker gives by default": right on one node as on many.
const DEFAULT_REPLICATION: TopicReplication<'static> = TopicReplication::Fixed(-1);

/// A client for the cluster behind an address. Cheap to clone.
#[derive(Clone)]
pub(super) struct Admin {
    address: Arc<str>,
    client: Arc<AdminClient<DefaultClientContext>>,
}

impl std::fmt::Debug for Admin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Admin").field("address", &self.address).finish_non_exhaustive()
    }
}

/// What there is in a cluster.
pub(super) struct Contents {
    pub topics: Vec<String>,
    /// The address of each broker.
    pub nodes: Vec<String>,
}

impl Admin {
    /// Connects when it is first used.
    pub fn connect(address: &str) -> Result<Self, BrokerError> {
        let client = client(address).create().map_err(|error| no_answer(address, error.to_string()))?;
        Ok(Self { address: address.into(), client: Arc::new(client) })
    }

    pub fn address(&self) -> &str {
        &self.address
    }

    /// Asks whether a topic could be created, without creating one.
    pub async fn check_topics(&self) -> Result<(), BrokerError> {
        let refused = |why: String| BrokerError::NoTopics { address: self.address.to_string(), why };
        let name = format!("kafkacourse-probe-{}", std::process::id());
        let options = AdminOptions::new().request_timeout(Some(ANSWER_LIMIT)).validate_only(true);
        match self.client.create_topics(&[NewTopic::new(&name, 1, DEFAULT_REPLICATION)], &options).await {
            Err(error) => Err(refused(error.to_string())),
            Ok(results) => match results.into_iter().find_map(Result::err) {
                Some((_, code)) => Err(refused(code.to_string())),
                None => Ok(()),
            },
        }
    }

    /// The controller answers "created" before every broker knows the leaders: see [`super::Broker::create_topic`].
    ///
    /// A question that a busy broker has lost is asked once more. The name is nobody else's, so a topic that is there by
    /// then is ours.
    pub async fn create_topic(&self, name: &str, partitions: i32) -> Result<(), BrokerError> {
        let refused = |why: String| BrokerError::Topic { topic: name.to_owned(), why };
        let options = AdminOptions::new().request_timeout(Some(TOPIC_LIMIT)).operation_timeout(Some(TOPIC_LIMIT));
        let topic = NewTopic::new(name, partitions, DEFAULT_REPLICATION);
        let create = || self.client.create_topics([&topic], &options);
        let (results, again) = match create().await {
            Err(KafkaError::AdminOp(RDKafkaErrorCode::OperationTimedOut)) => (create().await, true),
            results => (results, false),
        };
        let results = results.map_err(|error| refused(error.to_string()))?;
        match results.into_iter().find_map(Result::err) {
            Some((_, RDKafkaErrorCode::TopicAlreadyExists)) if again => Ok(()),
            Some((_, code)) => Err(refused(code.to_string())),
            None => Ok(()),
        }
    }

    /// Every topic and every broker; `None` where the cluster does not answer.
    pub async fn contents(&self) -> Option<Contents> {
        let client = Arc::clone(&self.client);
        let metadata = spawn_blocking(move || client.inner().fetch_metadata(None, ANSWER_LIMIT)).await.ok()?.ok()?;
        Some(Contents {
            topics: metadata.topics().iter().map(|topic| topic.name().to_owned()).collect(),
            nodes: metadata.brokers().iter().map(|node| format!("{}:{}", node.host(), node.port())).collect(),
        })
    }

    /// Deletes topics, and returns whether none of them is there any more.
    pub async fn delete_topics(&self, names: &[String]) -> bool {
        let options = AdminOptions::new().request_timeout(Some(ANSWER_LIMIT));
        let mut all_gone = true;
        for names in names.chunks(BATCH) {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let results = self.client.delete_topics(&names, &options).await;
            all_gone &= results.is_ok_and(|results| {
                results.into_iter().all(|result| match result {
                    Ok(_) => true,
                    Err((_, code)) => code == RDKafkaErrorCode::UnknownTopicOrPartition,
                })
            });
        }
        all_gone
    }
}
