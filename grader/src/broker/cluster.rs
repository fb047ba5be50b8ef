//! A real Kafka cluster, in Docker or at an address: what the grader asks of it.

use std::sync::Arc;
use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::metadata::MetadataTopic;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep};

use super::answer::{ask, client, listens, no_answer};
use super::{BrokerError, container};

/// Bounds the first answer of a cluster that the user named.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);
/// Kafka on a machine that has much else to do stands still for seconds now and then.
const TOPIC_LIMIT: Duration = Duration::from_secs(30);
const CLEAN_LIMIT: Duration = Duration::from_secs(3);
const ALIVE_LIMIT: Duration = Duration::from_secs(2);
/// "As many replicas as the broker gives by default": right on one node as on many.
const DEFAULT_REPLICATION: TopicReplication<'static> = TopicReplication::Fixed(-1);

pub(super) struct Cluster {
    address: String,
    admin: Arc<AdminClient<DefaultClientContext>>,
    in_container: bool,
}

impl std::fmt::Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cluster").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Cluster {
    /// A cluster that somebody else runs: checks that it answers and lets topics be created, and says what is known.
    pub async fn at(address: &str) -> Result<(Self, String), BrokerError> {
        listens(address, ANSWER_LIMIT).await.map_err(|why| no_answer(address, why))?;
        let answer = ask(address, ANSWER_LIMIT).await?;
        let cluster = Self::connect(address)?;
        cluster.check_topics().await?;
        let brokers = match answer.brokers {
            1 => "1 broker".to_owned(),
            count => format!("{count} brokers"),
        };
        let id = answer.cluster_id.map(|id| format!(", cluster {id}")).unwrap_or_default();
        Ok((cluster, format!("Kafka at {address} ({brokers}{id})")))
    }

    /// Makes the client, which connects when it is first used.
    pub fn connect(address: &str) -> Result<Self, BrokerError> {
        let admin = client(address).create().map_err(|error| no_answer(address, error.to_string()))?;
        Ok(Self { address: address.to_owned(), admin: Arc::new(admin), in_container: false })
    }

    /// Lets [`Cluster::died`] ask Docker for the reason.
    pub fn in_container(self) -> Self {
        Self { in_container: true, ..self }
    }

    pub fn address(&self) -> &str {
        &self.address
    }

    /// Asks whether a topic could be created, without creating one.
    async fn check_topics(&self) -> Result<(), BrokerError> {
        let refused = |why: String| BrokerError::NoTopics { address: self.address.clone(), why };
        let name = format!("kafkacourse-probe-{}", std::process::id());
        let options = AdminOptions::new().request_timeout(Some(ANSWER_LIMIT)).validate_only(true);
        match self.admin.create_topics(&[NewTopic::new(&name, 1, DEFAULT_REPLICATION)], &options).await {
            Err(error) => Err(refused(error.to_string())),
            Ok(results) => match results.into_iter().find_map(Result::err) {
                Some((_, code)) => Err(refused(code.to_string())),
                None => Ok(()),
            },
        }
    }

    pub async fn create_topic(&self, name: &str, partitions: i32) -> Result<(), BrokerError> {
        let refused = |why: String| BrokerError::Topic { topic: name.to_owned(), why };
        let options = AdminOptions::new().request_timeout(Some(TOPIC_LIMIT)).operation_timeout(Some(TOPIC_LIMIT));
        let results = self.admin.create_topics(&[NewTopic::new(name, partitions, DEFAULT_REPLICATION)], &options).await;
        let results = results.map_err(|error| refused(error.to_string()))?;
        if let Some((_, code)) = results.into_iter().find_map(Result::err) {
            return Err(refused(code.to_string()));
        }
        self.wait_for_leaders(name, partitions).await
    }

    /// The controller answers "created" before every broker knows the leaders. A client that asks in between is told
    /// that there is no such topic, and a consumer then looks again only after its refresh interval.
    async fn wait_for_leaders(&self, name: &str, partitions: i32) -> Result<(), BrokerError> {
        let give_up = Instant::now() + TOPIC_LIMIT;
        loop {
            let (admin, topic) = (Arc::clone(&self.admin), name.to_owned());
            let led = spawn_blocking(move || {
                let answer = admin.inner().fetch_metadata(Some(&topic), ANSWER_LIMIT);
                answer.ok().and_then(|metadata| metadata.topics().first().map(leaders)).unwrap_or(0)
            });
            if led.await.is_ok_and(|led| usize::try_from(partitions) == Ok(led)) {
                return Ok(());
            }
            if Instant::now() > give_up {
                let why = format!("its partitions had no leader within {} s", TOPIC_LIMIT.as_secs());
                return Err(BrokerError::Topic { topic: name.to_owned(), why });
            }
            sleep(Duration::from_millis(10)).await;
        }
    }

    pub async fn clean(&self, topics: &[String]) {
        let options = AdminOptions::new().request_timeout(Some(CLEAN_LIMIT));
        let topics: Vec<&str> = topics.iter().map(String::as_str).collect();
        // What cannot be deleted stays: names are unique, so it disturbs nobody.
        if !topics.is_empty() {
            let _ = self.admin.delete_topics(&topics, &options).await;
        }
    }

    pub async fn died(&self) -> Option<String> {
        let what = match listens(&self.address, ALIVE_LIMIT).await {
            Err(why) => format!("does not accept connections any more: {why}"),
            // A frozen one still accepts them: the system does, in its place.
            Ok(()) => match ask(&self.address, ALIVE_LIMIT).await {
                Err(_) => format!("answers nothing for {} s", ALIVE_LIMIT.as_secs()),
                Ok(_) => return None,
            },
        };
        let mut text = format!("the broker at {} {what}", self.address);
        if self.in_container
            && let Some(state) = container::post_mortem().await
        {
            text.push_str(&format!(" ({state})"));
        }
        Some(text)
    }
}

fn leaders(topic: &MetadataTopic) -> usize {
    topic.partitions().iter().filter(|partition| partition.leader() >= 0 && partition.error().is_none()).count()
}
