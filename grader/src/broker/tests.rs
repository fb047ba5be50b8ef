//! Addresses at which there is no Kafka, and what the module promises to its callers.

use std::time::{Duration, Instant};

use tokio::net::TcpListener;

use super::{Broker, Brokers, Choice};

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

/// librdkafka's test cluster, for one, does not know CreateTopics.
#[tokio::test]
async fn a_kafka_that_creates_no_topics() {
    let embedded = Brokers::choose(Choice::Embedded, &|_| {}).await.unwrap().open().await.unwrap();
    let error = refused(embedded.address().to_owned()).await;
    assert!(error.contains("does not let topics be created"), "{error}");
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
    let _ = |brokers: &'static Brokers| task(brokers.open());
    let _ = |broker: &'static Broker| {
        task(broker.create_topic("t", 1));
        task(broker.clean(&[], &[]));
        task(broker.died());
    };
}
