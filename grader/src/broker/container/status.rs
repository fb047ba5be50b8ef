//! What `kafkacourse broker status` tells.

use std::fmt;

use super::engine::Engine;
use super::{PATIENT, Running, image, local, usable, version};
use crate::broker::BrokerError;

/// The condition of Kafka in Docker; its `Display` is what the user reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Runs, answers, and would be used by the next run.
    Running(Running),
    /// A container of ours is there, but the next run would replace it.
    Unfit {
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

/// Looks and changes nothing.
pub async fn status() -> Result<Status, BrokerError> {
    let engine = match Engine::connect(PATIENT).await {
        Ok(engine) => engine,
        Err(BrokerError::NoEngine(why)) => return Ok(Status::NoEngine { why }),
        Err(error) => return Err(error),
    };
    let image = match image(&engine).await {
        Ok(image) => image,
        Err(BrokerError::NoImage(image)) => return Ok(Status::NoImage { image }),
        Err(error) => return Err(error),
    };
    let mut unfit = None;
    for found in engine.ours().await? {
        match usable(&found, &image).await {
            Ok(port) => {
                let how = format!("it answers{}", image.note);
                let version = version(&image.name);
                return Ok(Status::Running(Running { address: local(port), version, image: image.name, how }));
            }
            Err(why) => unfit = Some(why),
        }
    }
    Ok(match unfit {
        Some(why) => Status::Unfit { why },
        None => Status::Down { image: image.name },
    })
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Running(running) => {
                write!(f, "{} runs in Docker at {} ({}).", running.version, running.address, running.how)?;
                f.write_str(" Stop it with `kafkacourse broker down`.")
            }
            Self::Unfit { why } => {
                write!(f, "The container {} {why}. Replace it with `kafkacourse broker up`.", super::NAME)
            }
            Self::Down { image } => {
                write!(
                    f,
                    "Kafka is not running in Docker; the image {image} is here. Start it with `kafkacourse broker up`."
                )
            }
            Self::NoImage { image } => {
                write!(f, "Docker answers, but has no image {image}. Fetch it with `docker pull {image}`.")
            }
            Self::NoEngine { why } => {
                write!(f, "No Docker engine answered ({why}). The embedded broker needs none: `--broker embedded`.")
            }
        }
    }
}
