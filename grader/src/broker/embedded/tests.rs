//! The embedded broker with real clients, straight and without a tap.

use std::time::Duration;

use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::producer::{FutureProducer, FutureRecord};
use tokio::task::spawn_blocking;
use tokio::time::Instant;

use super::Embedded;
use crate::broker::{Brokers, Choice};

const LIMIT: Duration = Duration::from_secs(10);

async fn open() -> crate::broker::Broker {
    Brokers::choose(Choice::Embedded, &|_| {}).await.unwrap().open().await.unwrap()
}

#[tokio::test]
async fn starts_quickly_and_says_who_it_is() {
    let brokers = Brokers::choose(Choice::Embedded, &|_| {}).await.unwrap();
    assert!(brokers.description().version.starts_with("librdkafka 2."), "{:?}", brokers.description());
    let started = Instant::now();
    let broker = brokers.open().await.unwrap();
    println!("embedded broker: {:?}", started.elapsed());
    assert!(broker.is_embedded());
    assert!(broker.address().starts_with("127.0.0.1:"), "{}", broker.address());
    assert_eq!(broker.died().await, None);
}

#[tokio::test]
async fn a_producer_and_a_group_work_against_it() {
    let broker = open().await;
    broker.create_topic("orders", 3).await.unwrap();
    let address = broker.address().to_owned();

    let producer: FutureProducer = ClientConfig::new().set("bootstrap.servers", &address).create().unwrap();
    for key in ["a", "b", "c"] {
        producer.send(FutureRecord::to("orders").key(key).payload("paid"), LIMIT).await.unwrap();
    }

    for protocol in ["classic", "consumer"] {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", &address)
            .set("group.id", format!("billing-{protocol}"))
            .set("group.protocol", protocol)
            .set("auto.offset.reset", "earliest");
        if protocol == "classic" {
            config.set("session.timeout.ms", "2000").set("heartbeat.interval.ms", "200"); // else the broker decides
        }
        let consumer: BaseConsumer = config.create().unwrap();
        let keys = spawn_blocking(move || {
            consumer.subscribe(&["orders"]).unwrap();
            let started = std::time::Instant::now();
            let mut keys = Vec::new();
            while keys.len() < 3 && started.elapsed() < LIMIT {
                if let Some(message) = consumer.poll(Duration::from_millis(100)) {
                    keys.push(String::from_utf8_lossy(message.unwrap().key().unwrap()).into_owned());
                }
            }
            println!("group, {protocol}: {:?}", started.elapsed());
            keys.sort();
            keys
        });
        assert_eq!(keys.await.unwrap(), ["a", "b", "c"], "{protocol}");
    }
}

#[tokio::test]
async fn each_scenario_has_a_broker_of_its_own() {
    let brokers = Brokers::choose(Choice::Embedded, &|_| {}).await.unwrap();
    let (one, two) = (brokers.open().await.unwrap(), brokers.open().await.unwrap());
    assert_ne!(one.address(), two.address());
    one.create_topic("orders", 1).await.unwrap();
    two.create_topic("orders", 1).await.unwrap();
}

#[tokio::test]
async fn a_topic_that_cannot_be_is_refused() {
    let broker = open().await;
    broker.create_topic("orders", 1).await.unwrap();
    let again = broker.create_topic("orders", 1).await.unwrap_err().to_string();
    assert!(again.contains("orders"), "{again}");
    let spaced = broker.create_topic("my orders", 1).await.unwrap_err().to_string();
    assert!(spaced.contains("one word"), "{spaced}");
}

#[tokio::test]
async fn the_child_ends_with_the_pipe() {
    let broker = Embedded::start().await.unwrap();
    let status = broker.hang_up().await.expect("the child should end by itself");
    assert!(status.success(), "{status:?}");
}

#[tokio::test]
async fn an_abort_is_reported_with_its_signal() {
    let broker = Embedded::start().await.unwrap();
    let child = broker.process_id().await.and_then(|id| rustix::process::Pid::from_raw(id as i32)).unwrap();
    rustix::process::kill_process(child, rustix::process::Signal::ABORT).unwrap();
    let mut reason = broker.died().await;
    for _ in 0..50 {
        if reason.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
        reason = broker.died().await;
    }
    let reason = reason.expect("the child is gone");
    assert!(reason.contains("signal 6"), "{reason}");
    assert!(broker.create_topic("orders", 1).await.unwrap_err().to_string().contains("signal 6"));
}

/// The very case that the child process is there for: librdkafka asserts that all members use one assignor.
#[tokio::test]
async fn mixed_assignors_end_the_child_and_not_the_grader() {
    let broker = open().await;
    broker.create_topic("orders", 2).await.unwrap();
    let consumers: Vec<BaseConsumer> = ["range", "cooperative-sticky"]
        .into_iter()
        .map(|assignor| {
            ClientConfig::new()
                .set("bootstrap.servers", broker.address())
                .set("group.id", "mixed")
                .set("partition.assignment.strategy", assignor)
                .set("session.timeout.ms", "2000")
                .set("heartbeat.interval.ms", "200")
                .set("log_level", "0")
                .create()
                .unwrap()
        })
        .collect();
    for consumer in &consumers {
        consumer.subscribe(&["orders"]).unwrap();
    }
    let started = Instant::now();
    let mut reason = None;
    while reason.is_none() && started.elapsed() < LIMIT {
        for consumer in &consumers {
            let _ = consumer.poll(Duration::from_millis(20));
        }
        reason = broker.died().await;
    }
    let reason = reason.expect("librdkafka aborts");
    println!("{reason}");
    assert!(reason.contains("signal 6"), "{reason}");
}
