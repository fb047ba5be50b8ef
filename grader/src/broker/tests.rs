//! Addresses at which there is no Kafka, and what the module promises to its callers.

use std::time::{Duration, Instant};

use tokio::net::{TcpListener, TcpStream};

use super::{Broker, Brokers, Choice, Record};
use crate::cluster::{Cluster, Settings};

async fn refused(address: String) -> String {
    let started = Instant::now();
    let error = Brokers::choose(Choice::Address(address), &|_| {}).await.unwrap_err().to_string();
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
    error
}

#[tokio::test]
async fn nobody_listens() {
    let error = refused("127.0.0.1:1".to_owned()).await;
    assert!(error.starts_with("No Kafka answered at 127.0.0.1:1: Connection refused"), "{error}");
    assert!(error.contains("--broker embedded"), "{error}");
}

#[tokio::test]
async fn something_listens_that_is_no_kafka() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let error = refused(listener.local_addr().unwrap().to_string()).await;
    assert!(error.contains("something listens there, but"), "{error}");
}

#[tokio::test]
async fn a_kafka_that_creates_no_topics() {
    let cluster = Cluster::open(Settings { most_partitions: 0, ..Settings::default() }).unwrap();
    let error = refused(cluster.address().to_owned()).await;
    assert!(error.contains("does not let topics be created"), "{error}");
}

#[tokio::test]
async fn each_scenario_has_an_embedded_kafka_of_its_own() {
    let brokers = Brokers::choose(Choice::Embedded, &|_| {}).await.unwrap();
    assert!(brokers.description().version.starts_with("embedded Kafka (kafkacourse "), "{:?}", brokers.description());
    let (first, second) = (brokers.open(), brokers.open());
    assert!(first.is_embedded());
    let id = first.create_topic("orders", 3).await.unwrap();
    assert_ne!(id, second.create_topic("orders", 3).await.unwrap());
    let record = |key: &str| Record {
        key: key.into(),
        keyless: false,
        value: "paid".into(),
        headers: Vec::new(),
        partition: None,
    };
    let places = first.write("orders", ["a", "b", "a"].map(record).into()).await.unwrap();
    assert_eq!(places[0].partition, places[2].partition);
    assert_eq!([places[0].offset, places[2].offset], [0, 1]);
    assert_eq!(first.died().await, None);
    assert!(TcpStream::connect(first.address()).await.is_err(), "nobody gets past the tap");
}

#[tokio::test]
async fn a_topic_that_cannot_be_is_refused() {
    let broker = Brokers::choose(Choice::Embedded, &|_| {}).await.unwrap().open();
    broker.create_topic("orders", 1).await.unwrap();
    for (name, why) in [("orders", "TopicAlreadyExists"), ("my orders", "InvalidTopicException")] {
        let error = broker.create_topic(name, 1).await.unwrap_err().to_string();
        assert!(error.contains(name) && error.contains(why), "{error}");
    }
}

/// Callers spawn these as tasks.
#[test]
fn everything_may_cross_threads() {
    fn task<T: Send>(_: T) {}
    fn shared<T: Send + Sync>() {}
    shared::<Brokers>();
    shared::<Broker>();
    task(Brokers::choose(Choice::Auto, &|_| {}));
    task(super::container::up(&|_| {}));
    task(super::container::down(false, &|_| {}));
    task(super::container::status());
    let _ = |broker: &'static Broker| {
        task(broker.create_topic("t", 1));
        task(broker.clean(&[], &[]));
        task(broker.died());
    };
}
