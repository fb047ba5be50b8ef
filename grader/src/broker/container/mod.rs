//! Apache Kafka in one container that stays warm between runs: `kafkacourse broker up`, `down`, `status`.
//!
//! A container is used again only if it runs, answers, is made of today's image and settings, and publishes the very
//! port that its broker advertises, on 127.0.0.1 alone. Anything else with our label is removed and replaced.

mod engine;
mod lock;
mod settings;
mod start;
mod status;
#[cfg(test)]
mod tests;
mod warm_up;

use std::error::Error;
use std::time::Duration;

pub use status::{Status, status};

use super::BrokerError;
use super::answer;
use engine::{Engine, Found};
use lock::Lock;
use settings::{IMAGE_VARIABLE, LOCAL_IMAGE, NAME, OFFICIAL_IMAGE, fingerprint, version};
use warm_up::warm_up;

/// For `--broker auto`, where a slow engine only means that the embedded broker runs.
const QUICK: Duration = Duration::from_secs(1);
/// Where the user asked for Docker.
const PATIENT: Duration = Duration::from_secs(10);
/// A warm broker answers in milliseconds, also on a busy machine within this.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);
const ATTEMPTS: usize = 3;

/// A container whose broker answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    /// `127.0.0.1:PORT`.
    pub address: String,
    /// "Apache Kafka 4.4.0".
    pub version: String,
    pub image: String,
    /// How it came to run, as a part of a sentence.
    pub how: String,
}

/// The image to run.
struct Image {
    name: String,
    id: String,
    /// Why not the official one, as a part of a sentence; empty where nothing needs to be said.
    note: String,
}

/// For `--broker auto`: why Docker is the choice, or why it is not. A container that runs needs its image, so asking
/// for the image answers for both.
pub(super) async fn at_hand() -> Result<String, String> {
    let engine = Engine::connect(QUICK).await;
    let engine = engine.map_err(|_| "No Docker engine answered, so the embedded broker ran.".to_owned())?;
    match image(&engine).await {
        Ok(_) => Ok("Docker has Kafka at hand".to_owned()),
        Err(BrokerError::NoImage(name)) => {
            Err(format!("Docker has no image {name} on this machine, so the embedded broker ran."))
        }
        Err(error) => Err(format!("Docker did not say which images it has, so the embedded broker ran ({error}).")),
    }
}

/// Starts Kafka, or finds it running. `say` gets a line for everything that takes time.
pub async fn up(say: &(dyn Fn(&str) + Sync)) -> Result<Running, BrokerError> {
    let engine = Engine::connect(PATIENT).await?;
    let _lock = Lock::take(say).await?;
    let image = image(&engine).await?;
    let mut reused = None;
    for found in engine.ours().await? {
        match usable(&found, &image).await {
            Ok(port) if reused.is_none() => reused = Some(port),
            Ok(_) => engine.remove(&found.id).await?, // a second one, which nobody needs
            Err(why) => {
                say(&format!("The container {NAME} {why}: replacing it."));
                engine.remove(&found.id).await?;
            }
        }
    }
    let (port, how) = match reused {
        Some(port) => (port, "was already running"),
        None => (fresh(&engine, &image, say).await?, "was started"),
    };
    let how = format!("its container {how}{}", image.note);
    Ok(Running { address: local(port), version: version(&image.name), image: image.name, how })
}

/// Removes every container of ours, and says how many there were.
pub async fn down(say: &(dyn Fn(&str) + Sync)) -> Result<usize, BrokerError> {
    let engine = Engine::connect(PATIENT).await?;
    let _lock = Lock::take(say).await?;
    let ours = engine.ours().await?;
    for found in &ours {
        engine.remove(&found.id).await?;
    }
    Ok(ours.len())
}

/// What became of the container, for the report of a broker that does not answer any more.
pub(super) async fn post_mortem() -> Option<String> {
    let engine = Engine::connect(QUICK).await.ok()?;
    match engine.ours().await.ok()?.first() {
        Some(found) => Some(format!("the container {NAME}: {}", engine.condition(&found.id).await?)),
        None => Some(format!("the container {NAME} was removed")),
    }
}

async fn image(engine: &Engine) -> Result<Image, BrokerError> {
    if let Some(name) = std::env::var(IMAGE_VARIABLE).ok().filter(|name| !name.is_empty()) {
        let note = format!(", from the image that {IMAGE_VARIABLE} names");
        return match engine.image_id(&name).await? {
            Some(id) => Ok(Image { name, id, note }),
            None => Err(BrokerError::NoImage(name)),
        };
    }
    if let Some(id) = engine.image_id(OFFICIAL_IMAGE).await? {
        return Ok(Image { name: OFFICIAL_IMAGE.to_owned(), id, note: String::new() });
    }
    match engine.image_id(LOCAL_IMAGE).await? {
        Some(id) => {
            let note = format!(", from the image {LOCAL_IMAGE} built here");
            Ok(Image { name: LOCAL_IMAGE.to_owned(), id, note })
        }
        None => Err(BrokerError::NoImage(OFFICIAL_IMAGE.to_owned())),
    }
}

/// The port of a container that can be used as it is, or why it cannot.
async fn usable(found: &Found, image: &Image) -> Result<u16, String> {
    if !found.running {
        return Err(format!("is not running ({})", found.state));
    }
    if found.image_id.as_deref() != Some(image.id.as_str()) {
        return Err(format!("runs another image than {}", image.name));
    }
    if found.settings.as_deref() != Some(fingerprint().as_str()) {
        return Err("has the settings of another kafkacourse".to_owned());
    }
    let Some(port) = found.port else {
        return Err("does not publish the port that its broker advertises".to_owned());
    };
    match answers(port).await {
        Ok(()) => Ok(port),
        Err(_) => Err(format!("does not answer at {}", local(port))),
    }
}

async fn fresh(engine: &Engine, image: &Image, say: &(dyn Fn(&str) + Sync)) -> Result<u16, BrokerError> {
    say(&format!("Starting {} in Docker; it takes some seconds once, then stays warm.", version(&image.name)));
    let mut attempt = 1;
    let port = loop {
        match start::start(&image.name).await {
            Ok(port) => break port,
            // Not ours to sweep: another container has the name, or another user of this engine was quicker.
            Err(why) if why.contains("is already in use by container") => {
                return Err(BrokerError::NameTaken(NAME.to_owned()));
            }
            Err(why) => {
                let why = sweep(engine, why).await;
                let port_taken = why.contains("already allocated") || why.contains("address already in use");
                if !port_taken || attempt == ATTEMPTS {
                    return Err(BrokerError::ContainerStart { why });
                }
                attempt += 1;
            }
        }
    };
    if answers(port).await.is_err() {
        let why =
            format!("the container runs, but nothing answers at {}; is the engine on another machine?", local(port));
        return Err(BrokerError::ContainerStart { why: sweep(engine, why).await });
    }
    warm_up(&local(port)).await;
    Ok(port)
}

/// Removes what a failed start left, and adds what the broker said last.
async fn sweep(engine: &Engine, mut why: String) -> String {
    why.truncate(why.trim_end_matches('.').len());
    for found in engine.ours().await.unwrap_or_default() {
        let words = engine.last_words(&found.id).await;
        if !words.is_empty() {
            why.push_str(&format!(". Its last words: {words}"));
        }
        // What remains is found again by its label, and removed then.
        let _ = engine.remove(&found.id).await;
    }
    why
}

async fn answers(port: u16) -> Result<(), BrokerError> {
    answer::ask(&local(port), ANSWER_LIMIT).await.map(drop)
}

/// An error of the Docker client with its causes, which its own text leaves out.
fn with_causes(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text.push_str(&format!(": {more}"));
        }
        cause = error.source();
    }
    text
}

fn local(port: u16) -> String {
    format!("127.0.0.1:{port}")
}
