//! What `kafkacourse broker status` tells.

use std::fmt;

use super::engine::Engine;
use super::{PATIENT, Running, image, local, running_version, usable};
use crate::broker::BrokerError;
use crate::broker::lease::{self, User};

/// The condition of the Kafka in Docker that the next check would use; its `Display` is what the user reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Runs and answers.
    Running(Running),
    /// Its container is there, but the next run would replace it.
    Unfit {
        container: String,
        why: String,
    },
    /// No container; the image is here.
    Down {
        image: String,
    },
    NoImage {
        image: String,
    },
    NoEngine {
        why: String,
    },
}

/// A container of ours, whichever kafkacourse or image it is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    pub name: String,
    pub image: String,
    /// "running", "exited", "paused" …
    pub state: String,
    /// Who is at work on it.
    pub users: Vec<User>,
}

/// Looks and changes nothing.
pub async fn status() -> Result<Status, BrokerError> {
    let engine = match Engine::connect(PATIENT).await {
        Ok(engine) => engine,
        Err(error @ (BrokerError::NoEngine(_) | BrokerError::NotAllowed(_))) => {
            return Ok(Status::NoEngine { why: error.to_string() });
        }
        Err(error) => return Err(error),
    };
    let image = match image(&engine).await {
        Ok(image) => image,
        Err(BrokerError::NoImage(image)) => return Ok(Status::NoImage { image }),
        Err(error) => return Err(error),
    };
    for found in engine.ours().await? {
        if found.identity != Some(image.identity()) {
            continue;
        }
        return Ok(match usable(&found).await {
            Ok(port) => Status::Running(Running {
                address: local(port),
                version: running_version(&engine, &found.id, port, &image.name).await,
                container: found.name,
                how: format!("it answers{}", image.note),
                image: image.name,
            }),
            Err(why) => Status::Unfit { container: found.name, why },
        });
    }
    Ok(Status::Down { image: image.name })
}

/// Every container of ours, running or not; empty where no engine answers.
pub async fn containers() -> Result<Vec<Container>, BrokerError> {
    let Ok(engine) = Engine::connect(PATIENT).await else { return Ok(Vec::new()) };
    let ours = engine.ours().await?.into_iter().map(|found| Container {
        users: found.port.map(|port| lease::users(&local(port))).unwrap_or_default(),
        name: found.name,
        image: found.image,
        state: found.state,
    });
    Ok(ours.collect())
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Running(running) => {
                write!(f, "{} runs in Docker at {} ({}).", running.version, running.address, running.how)?;
                f.write_str(" Stop it with `kafkacourse broker down`.")
            }
            Self::Unfit { container, why } => {
                write!(f, "The container {container} {why}. Replace it with `kafkacourse broker up`.")
            }
            Self::Down { image } => {
                write!(
                    f,
                    "Kafka is not running in Docker; the image {image} is here. Start it with `kafkacourse broker up`."
                )
            }
            Self::NoImage { image } => write!(f, "Docker answers. {}", BrokerError::NoImage(image.clone())),
            Self::NoEngine { why } => f.write_str(why),
        }
    }
}

impl fmt::Display for Container {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}, from the image {}", self.name, self.state, self.image)?;
        self.users.iter().try_for_each(|user| write!(f, "; in use by {user}"))
    }
}
