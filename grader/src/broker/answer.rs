//! Does Kafka answer at an address?

use std::time::Duration;

use rdkafka::config::ClientConfig;
use rdkafka::error::KafkaError;
use rdkafka::producer::{BaseProducer, Producer};
use tokio::net::TcpStream;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::BrokerError;

/// What Metadata says about a cluster.
pub(super) struct Answer {
    pub brokers: usize,
    pub cluster_id: Option<String>,
}

/// Waits for one Metadata answer: the proof that Kafka is there, and not only something that listens.
///
/// The client is a producer because that ends at once; dropping an `AdminClient` takes a tenth of a second.
pub(super) async fn ask(address: &str, limit: Duration) -> Result<Answer, BrokerError> {
    let config = client(address);
    let ask = move || -> Result<Answer, KafkaError> {
        let producer: BaseProducer = config.create()?;
        let brokers = producer.client().fetch_metadata(None, limit)?.brokers().len();
        Ok(Answer { brokers, cluster_id: producer.client().fetch_cluster_id(Duration::from_millis(500)) })
    };
    match spawn_blocking(ask).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(no_answer(address, format!("something listens there, but {error}"))),
        Err(error) => Err(no_answer(address, error.to_string())),
    }
}

/// What every client of ours is set to.
pub(super) fn client(address: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", address).set("client.id", "kafkacourse-admin").set("log_level", "0");
    config.set("socket.timeout.ms", "5000").set("reconnect.backoff.max.ms", "500");
    config
}

/// Does something listen there? Else, why not.
pub(super) async fn listens(address: &str, limit: Duration) -> Result<(), String> {
    match timeout(limit, TcpStream::connect(address)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("no answer within {} s", limit.as_secs())),
    }
}

pub(super) fn no_answer(address: &str, why: String) -> BrokerError {
    BrokerError::NoAnswer { address: address.to_owned(), why }
}
