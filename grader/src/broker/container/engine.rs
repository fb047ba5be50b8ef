//! What is asked of the Docker engine besides starting: is it there, which image, which containers are ours.
//!
//! The client is the one that testcontainers makes, so that both find the engine in the same place.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use futures_util::StreamExt;
use testcontainers::bollard::Docker;
use testcontainers::bollard::errors::Error as DockerError;
use testcontainers::bollard::models::{ContainerSummary, ContainerSummaryStateEnum};
use testcontainers::bollard::query_parameters::{
    InspectContainerOptions, ListContainersOptionsBuilder, LogsOptionsBuilder, RemoveContainerOptionsBuilder,
    WaitContainerOptions,
};
use testcontainers::core::client::docker_client_instance;
use tokio::time::timeout;

use super::settings::{INNER_PORT, LABEL, LABEL_IDENTITY, LABEL_PORT, LABEL_VALUE};
use super::{trouble, with_causes};
use crate::broker::{BrokerError, version};
use crate::foreign::visible;

/// No answer of the engine is awaited for longer: a hanging engine must not hang the grader.
const LIMIT: Duration = Duration::from_secs(20);

/// A broker names its version among the first few hundred lines.
const LOG_CHUNKS: usize = 5000;

const LINE_CHARS: usize = 300;

#[derive(Debug)]
pub(super) struct Engine(Docker);

/// A container of ours, in whatever condition.
#[derive(Debug)]
pub(super) struct Found {
    pub id: String,
    pub name: String,
    /// What the image was called when the container was made.
    pub image: String,
    /// What it is made of; `None` in a container of an older kafkacourse.
    pub identity: Option<String>,
    /// "running", "exited", "paused" …
    pub state: String,
    pub running: bool,
    /// The host's port, where the engine publishes the very port that the broker advertises, and only on 127.0.0.1.
    pub port: Option<u16>,
}

impl Engine {
    pub async fn connect(limit: Duration) -> Result<Self, BrokerError> {
        let connect = async {
            let docker = docker_client_instance().await.map_err(|error| with_causes(&error))?;
            docker.ping().await.map_err(|error| with_causes(&error))?;
            Ok(Self(docker))
        };
        match timeout(limit, connect).await {
            Ok(result) => result.map_err(trouble::connect),
            Err(_) => Err(BrokerError::NoEngine(format!("no answer within {} s", limit.as_secs()))),
        }
    }

    /// The image's content id, or `None` where it is not on this machine.
    pub async fn image_id(&self, image: &str) -> Result<Option<String>, BrokerError> {
        match bounded(self.0.inspect_image(image)).await? {
            Ok(inspect) => Ok(Some(inspect.id.unwrap_or_default())),
            Err(DockerError::DockerResponseServerError { status_code: 404, .. }) => Ok(None),
            Err(error) => Err(refused(error)),
        }
    }

    /// Every container with our label, running or not.
    pub async fn ours(&self) -> Result<Vec<Found>, BrokerError> {
        let filters = HashMap::from([("label", vec![format!("{LABEL}={LABEL_VALUE}")])]);
        let options = ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
        let containers = bounded(self.0.list_containers(Some(options))).await?.map_err(refused)?;
        Ok(containers.into_iter().filter_map(found).collect())
    }

    /// With its volumes, running or not. That it is gone already is fine.
    pub async fn remove(&self, id: &str) -> Result<(), BrokerError> {
        let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
        match bounded(self.0.remove_container(id, Some(options))).await? {
            Ok(()) | Err(DockerError::DockerResponseServerError { status_code: 404, .. }) => Ok(()),
            Err(error) => Err(refused(error)),
        }
    }

    /// The version that Kafka wrote into the container's log as it started; `None` where that is not to be had quickly.
    pub async fn logged_version(&self, id: &str) -> Option<String> {
        let options = LogsOptionsBuilder::new().stdout(true).build();
        let chunks = self.0.logs(id, Some(options)).take(LOG_CHUNKS).filter_map(|chunk| async { chunk.ok() });
        let versions = chunks.filter_map(|chunk| async move { version::logged(&chunk.to_string()).map(str::to_owned) });
        timeout(Duration::from_secs(2), std::pin::pin!(versions).next()).await.ok().flatten()
    }

    /// The end of the container's log, as one line; empty where there is none.
    pub async fn last_words(&self, id: &str) -> String {
        let options = LogsOptionsBuilder::new().stdout(true).stderr(true).tail("5").build();
        let collect = self.0.logs(id, Some(options)).take(20).filter_map(|chunk| async { chunk.ok() });
        let lines = timeout(Duration::from_secs(2), collect.collect::<Vec<_>>()).await.unwrap_or_default();
        lines.iter().map(|line| shortened(&line.to_string())).collect::<Vec<_>>().join("; ")
    }

    /// Waits until the container has ended, at most a second: its port closes before the engine knows of its end.
    pub async fn ended(&self, id: &str) {
        let mut ended = self.0.wait_container(id, None::<WaitContainerOptions>);
        timeout(Duration::from_secs(1), ended.next()).await.ok();
    }

    /// What became of the container, or `None` where it is not to be had.
    pub async fn state(&self, id: &str) -> Option<State> {
        let inspect = bounded(self.0.inspect_container(id, None::<InspectContainerOptions>)).await.ok()?.ok()?;
        let state = inspect.state?;
        let mut text = state.status.map(|status| status.to_string()).unwrap_or_default();
        if state.running != Some(true) {
            text.push_str(&format!(", exit code {}", state.exit_code.unwrap_or_default()));
        }
        if state.oom_killed == Some(true) {
            text.push_str(", out of memory");
        }
        Some(State::There(text))
    }
}

/// What became of a container; its `Display` is a part of a sentence.
#[derive(Debug, PartialEq, Eq)]
pub enum State {
    /// "running", or "exited, exit code 137, out of memory".
    There(String),
    Removed,
}

impl State {
    pub fn runs(&self) -> bool {
        *self == State::There("running".to_owned())
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::There(state) => write!(f, "the container: {state}"),
            Self::Removed => f.write_str("the container was removed"),
        }
    }
}

/// A line of a container's log, as far as an error can show it.
fn shortened(line: &str) -> String {
    visible(&line.trim().chars().take(LINE_CHARS).collect::<String>())
}

fn found(container: ContainerSummary) -> Option<Found> {
    let labels = container.labels.unwrap_or_default();
    let advertised = labels.get(LABEL_PORT).and_then(|port| port.parse::<u16>().ok());
    // Exactly one publication, that one: a port open to the network, too, makes the container unfit.
    let published = container.ports.unwrap_or_default();
    let mut published = published.iter().filter(|port| port.private_port == INNER_PORT && port.public_port.is_some());
    let port = match (published.next(), published.next()) {
        (Some(only), None) if only.ip.as_deref() == Some("127.0.0.1") && only.public_port == advertised => advertised,
        _ => None,
    };
    Some(Found {
        id: container.id?,
        name: container.names.unwrap_or_default().first().map_or("", |name| name.trim_start_matches('/')).to_owned(),
        image: container.image.unwrap_or_default(),
        identity: labels.get(LABEL_IDENTITY).cloned(),
        state: container.state.map(|state| state.to_string()).unwrap_or_default(),
        running: container.state == Some(ContainerSummaryStateEnum::RUNNING),
        port,
    })
}

async fn bounded<T>(answer: impl Future<Output = T>) -> Result<T, BrokerError> {
    let late = || BrokerError::NoEngine(format!("no answer within {} s", LIMIT.as_secs()));
    timeout(LIMIT, answer).await.map_err(|_| late())
}

fn refused(error: DockerError) -> BrokerError {
    trouble::refused(with_causes(&error))
}
