//! The clients: what a child of this program does that was started for the playground.
//!
//! They find Kafka, topic, groups and the outside world as a learner's program does, in the environment, and are
//! ordinary programs of librdkafka otherwise.

mod consumer;
mod outside;
mod producer;

use super::{CONTROLS, Controls, PRODUCER};
use rdkafka::ClientConfig;
use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The argument with which this program is one of the clients.
pub const CLIENT: &str = "--client-of-the-playground";

/// Anything that a client can stumble over.
pub type Trouble = Box<dyn Error + Send + Sync>;

/// Runs the client that the environment names, until SIGTERM.
///
/// # Errors
/// The environment lacks something, the client cannot go on, or whoever has started it is gone.
pub fn serve() -> Result<(), Trouble> {
    let settings = Settings::of_environment()?;
    match settings.role.as_str() {
        PRODUCER => producer::run(&settings),
        _ => consumer::run(&settings),
    }
}

/// What a client finds in its environment.
struct Settings {
    role: String,
    servers: String,
    topic: String,
    controls: PathBuf,
    stop: Arc<AtomicBool>,
}

impl Settings {
    fn of_environment() -> Result<Settings, Trouble> {
        let stop = Arc::new(AtomicBool::new(false));
        signal_hook::flag::register(signal_hook::consts::SIGTERM, stop.clone())?;
        Ok(Settings {
            role: std::env::var("KAFKACOURSE_ROLE")?,
            servers: std::env::var("KAFKA_BOOTSTRAP_SERVERS")?,
            topic: std::env::var("KAFKA_TOPIC_PLAY")?,
            controls: PathBuf::from(std::env::var("KAFKACOURSE_FOLDER")?).join(CONTROLS),
            stop,
        })
    }

    /// The real name of this group.
    fn group(name: &str) -> Result<String, Trouble> {
        Ok(std::env::var(format!("KAFKA_GROUP_{}", name.to_ascii_uppercase()))?)
    }

    fn controls(&self) -> Controls {
        Controls::read(&self.controls)
    }

    /// Has somebody asked for the end?
    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// A client of this Kafka, with the name that everybody knows it by.
    fn client(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", &self.servers)
            .set("broker.address.family", "v4")
            .set("client.id", &self.role)
            .set("reconnect.backoff.ms", "20")
            .set("reconnect.backoff.max.ms", "500")
            .set("retry.backoff.ms", "20")
            .set("retry.backoff.max.ms", "100");
        config
    }
}
