//! A real Kafka cluster, in Docker or at an address, shared by every scenario of a run and by other runs.

use std::sync::Arc;
use std::time::Duration;

use kafka_protocol::messages::ApiVersionsRequest;
use tokio::time::{sleep, timeout};

use super::admin::Admin;
use super::answer::{ask, listens, no_answer};
use super::leftovers::{self, Belongings};
use super::request::ask_at;
use super::{BrokerError, container, version, watch};

/// Bounds the first answer of a cluster that the user named.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);
const ALIVE_LIMIT: Duration = Duration::from_secs(2);
/// Before a broker that hung up and yet lives is watched again.
const AGAIN: Duration = Duration::from_secs(1);
/// How often a container that runs may be found silent, each time for some four seconds.
const BUSY_ROUNDS: usize = 3;

#[derive(Debug)]
pub(super) struct SharedKafka {
    admin: Admin,
    belongings: Arc<Belongings>,
    /// The name of its container, where it is ours.
    container: Option<String>,
}

impl SharedKafka {
    /// A cluster that somebody else runs: checks that it answers and lets topics be created, and says what is known.
    pub async fn at(address: &str) -> Result<(Self, String), BrokerError> {
        listens(address, ANSWER_LIMIT).await.map_err(|why| no_answer(address, why))?;
        let answer = ask(address, ANSWER_LIMIT).await?;
        let admin = Admin::connect(address)?;
        admin.check_topics().await?;
        let brokers = match answer.brokers {
            1 => "1 broker".to_owned(),
            count => format!("{count} brokers"),
        };
        let id = answer.cluster_id.map(|id| format!(", cluster {id}")).unwrap_or_default();
        let release = version::ask(address).await;
        Ok((Self::new(admin, None), format!("{release} at {address} ({brokers}{id})")))
    }

    /// The broker in our container of that name. The client connects when it is first used.
    pub fn in_container(address: &str, name: String) -> Result<Self, BrokerError> {
        Ok(Self::new(Admin::connect(address)?, Some(name)))
    }

    /// Takes note that this run uses the cluster, and lets others' leftovers be removed meanwhile.
    fn new(admin: Admin, container: Option<String>) -> Self {
        let sweeping = admin.clone();
        tokio::spawn(async move { leftovers::sweep(&sweeping).await });
        let belongings = Belongings::begin(admin.clone());
        Self { admin, belongings, container }
    }

    pub fn address(&self) -> &str {
        self.admin.address()
    }

    /// See [`super::Broker::suffix`].
    pub fn suffix(&self) -> String {
        self.belongings.suffix()
    }

    pub async fn create_topic(&self, name: &str, partitions: i32) -> Result<(), BrokerError> {
        self.belongings.create_topic(name, partitions).await
    }

    pub async fn clean(&self, topics: &[String], groups: &[String]) {
        self.belongings.clean(topics, groups).await;
    }

    /// Why it is gone and what to do about it, or `None` while it is there.
    pub async fn died(&self) -> Option<String> {
        Some(self.report(&self.silence().await?).await)
    }

    /// How it shows that it is gone, or `None` while it is there.
    async fn silence(&self) -> Option<String> {
        match listens(self.address(), ALIVE_LIMIT).await {
            Err(why) => Some(format!("does not accept connections any more: {why}")),
            // A frozen one still accepts them: the system does, in its place.
            Ok(()) if self.answers().await => None,
            Ok(()) => Some("does not answer any more".to_owned()),
        }
    }

    /// What there is to say of a broker that is silent in this way.
    async fn report(&self, silence: &str) -> String {
        let address = self.address();
        match &self.container {
            None => format!(
                "Kafka at {address} {silence}. Check that it runs and can be reached, then run the command again, or use \
                 `--broker embedded`."
            ),
            Some(name) => format!(
                "Kafka in the container {name} at {address} {silence} ({}). Run the command again, and it is started \
                 anew, or use `--broker embedded`.",
                container::fate(name)
                    .await
                    .map_or("Docker does not answer either".to_owned(), |state| state.to_string())
            ),
        }
    }

    /// Does it answer at this moment?
    pub async fn answers(&self) -> bool {
        let request = ApiVersionsRequest::default();
        matches!(timeout(ALIVE_LIMIT, ask_at(self.address(), &request, 0)).await, Ok(Ok(_)))
    }

    /// Returns when it has died, and why. A container that runs may stand still for longer than a broker elsewhere, of
    /// which nothing is known but that.
    pub async fn death(&self) -> String {
        let mut patience = BUSY_ROUNDS;
        loop {
            watch::until_silent(self.address()).await;
            match self.silence().await {
                None => patience = BUSY_ROUNDS,
                Some(_) if patience > 0 && self.is_busy().await => patience -= 1,
                Some(silence) => return self.report(&silence).await,
            }
            sleep(AGAIN).await;
        }
    }

    async fn is_busy(&self) -> bool {
        match &self.container {
            Some(name) => container::state(name).await.is_some_and(|state| state.runs()),
            None => false,
        }
    }
}
