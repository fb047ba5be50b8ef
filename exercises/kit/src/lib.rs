//! What every exercise needs and no lesson is about: where Kafka is, today's input, the outside world, when to stop.
//!
//! Everything here is an environment variable, a file or a line of JSON, so a program in another language needs none
//! of it: `modules/reference/contract.md` is the whole contract. Run by hand, each part has a default that works
//! against the Kafka of `docker-compose.yml`.

mod baskets;
mod by_hand;
mod clock;
mod database;
mod downstream;
mod input;
mod shutdown;

pub use baskets::{Basket, Item, STOCK, baskets};
pub use clock::{now, timestamp};
pub use database::database;
pub use downstream::{Downstream, Refused};
pub use input::{Incoming, Order, Payment, incoming, orders, payments};
pub use shutdown::Shutdown;

use rdkafka::ClientConfig;
use std::path::PathBuf;

/// A client configuration that knows where Kafka is, and keeps the pace of a broker on your own machine.
///
/// The pace: librdkafka waits 100 ms after a broken connection and up to 1 s between two tries of a request, which
/// suits a data centre and bores a learner. Nothing else is set: acks, idempotence, commits and groups are yours.
///
/// By hand it ends the program with a word on what to do where nobody listens at that address: a client would keep trying,
/// and say nothing.
pub fn config() -> ClientConfig {
    let servers = variable("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092");
    by_hand::expect_kafka(&servers);
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", servers)
        .set("broker.address.family", "v4")
        .set("reconnect.backoff.ms", "20")
        .set("reconnect.backoff.max.ms", "500")
        .set("retry.backoff.ms", "20")
        .set("retry.backoff.max.ms", "100");
    config
}

/// The real name of a topic that the exercise calls `name`; by hand it is the same name.
pub fn topic(name: &str) -> String {
    variable(&format!("KAFKA_TOPIC_{}", upper(name)), name)
}

/// The real name of a consumer group that the exercise calls `name`; by hand it is the same name.
pub fn group(name: &str) -> String {
    variable(&format!("KAFKA_GROUP_{}", upper(name)), name)
}

/// Where this program keeps the file `name`: by hand in the current folder, in a check in one that is made for it and
/// that stays when it is started again.
pub fn file(name: &str) -> PathBuf {
    std::env::var_os("KAFKACOURSE_FOLDER").map_or_else(|| PathBuf::from("."), PathBuf::from).join(name)
}

/// Which of several processes of this program it is: `a`, `b`. For client ids and log lines; by hand it is `me`.
pub fn role() -> String {
    variable("KAFKACOURSE_ROLE", "me")
}

/// In which of the ways that its exercise knows this program is to work; by hand it is `default`, unless you set
/// `KAFKACOURSE_MODE`.
pub fn mode(default: &str) -> String {
    variable("KAFKACOURSE_MODE", default)
}

fn variable(name: &str, default: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| default.to_owned())
}

fn upper(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
}
