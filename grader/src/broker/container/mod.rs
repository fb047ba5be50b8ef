//! Apache Kafka in a container that stays warm between runs: `kafkacourse broker up`, `down`, `status`.
//!
//! There is one container for each image and each set of settings, side by side, found by its label and never by its
//! name alone. A run uses its own again only if that runs, answers, and publishes the very port that its broker
//! advertises, on 127.0.0.1 alone; else it is replaced, unless another run is at work on it. Those of other images and
//! settings are left alone.

mod engine;
mod lock;
mod settings;
mod start;
mod status;
#[cfg(test)]
mod tests;
mod trouble;
mod warm_up;

use std::error::Error;
use std::time::Duration;

pub use status::{Container, Status, containers, status};

use super::lease::{self, User};
use super::{BrokerError, answer, version};
use crate::foreign::visible;
use engine::{Engine, Found, State};
use lock::Lock;
use settings::{IMAGE_VARIABLE, LOCAL_IMAGE, OFFICIAL_IMAGE, identity, name};
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
    /// "Apache Kafka 4.4.0", as the broker says it.
    pub version: String,
    pub image: String,
    /// The container's name.
    pub container: String,
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

impl Image {
    /// That of the container which runs this image with today's settings.
    fn identity(&self) -> String {
        identity(&self.id)
    }
}

/// What `kafkacourse broker down` did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    pub count: usize,
    /// Left alone, since somebody is at work on them: their names, and who.
    pub in_use: Vec<(String, Vec<User>)>,
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
    let image = image(&engine).await?;
    up_from(&engine, image, say).await
}

async fn up_from(engine: &Engine, image: Image, say: &(dyn Fn(&str) + Sync)) -> Result<Running, BrokerError> {
    let _lock = Lock::take(say).await?;
    let mut reused = None;
    for found in engine.ours().await? {
        if found.identity != Some(image.identity()) {
            continue;
        }
        match usable(&found).await {
            Ok(port) => reused = Some((port, found.id)),
            Err(why) => {
                refuse_in_use(&found, &why)?;
                say(&format!("The container {} {why}: replacing it.", found.name));
                engine.remove(&found.id).await?;
            }
        }
    }
    let ((port, id), how) = match reused {
        Some(running) => (running, "was already running"),
        None => (fresh(engine, &image, say).await?, "was started"),
    };
    let how = format!("its container {how}{}", image.note);
    let version = running_version(engine, &id, port, &image.name).await;
    Ok(Running { address: local(port), version, container: name(&image.identity()), image: image.name, how })
}

async fn running_version(engine: &Engine, id: &str, port: u16, image: &str) -> String {
    let address = local(port);
    let (release, logged) = tokio::join!(version::ask(&address), engine.logged_version(id));
    version::container_version(release, logged.as_deref(), image)
}

/// Removes every container of ours, whatever it is made of. Those that somebody is at work on are left alone, unless
/// `force` is set.
pub async fn down(force: bool, say: &(dyn Fn(&str) + Sync)) -> Result<Removed, BrokerError> {
    let engine = Engine::connect(PATIENT).await?;
    let _lock = Lock::take(say).await?;
    let mut removed = Removed { count: 0, in_use: Vec::new() };
    for found in engine.ours().await? {
        let users = users(&found);
        if users.is_empty() || force {
            engine.remove(&found.id).await?;
            removed.count += 1;
        } else {
            removed.in_use.push((found.name, users));
        }
    }
    Ok(removed)
}

/// Other runs that are at work on the container.
fn users(found: &Found) -> Vec<User> {
    let users = found.port.map(|port| lease::users(&local(port))).unwrap_or_default();
    users.into_iter().filter(|user| user.process != std::process::id()).collect()
}

/// A container that runs is somebody's broker as long as somebody uses it, however badly it does.
fn refuse_in_use(found: &Found, why: &str) -> Result<(), BrokerError> {
    match users(found).first() {
        Some(user) if found.running => {
            Err(BrokerError::InUse { container: found.name.clone(), why: why.to_owned(), user: user.to_string() })
        }
        _ => Ok(()),
    }
}

/// The state of the container of that name; `None` where the engine does not tell.
pub(super) async fn state(name: &str) -> Option<State> {
    asked(name, false).await
}

/// What became of the container of that name, for the report of a broker that does not answer any more: its port closes
/// before the engine knows of its end. `None` where the engine does not tell.
pub(super) async fn fate(name: &str) -> Option<State> {
    asked(name, true).await
}

async fn asked(name: &str, is_ending: bool) -> Option<State> {
    let look = async {
        let engine = Engine::connect(QUICK).await.ok()?;
        match engine.ours().await.ok()?.iter().find(|found| found.name == name) {
            Some(found) => {
                if is_ending {
                    engine.ended(&found.id).await;
                }
                engine.state(&found.id).await
            }
            None => Some(State::Removed),
        }
    };
    tokio::time::timeout(2 * QUICK, look).await.ok().flatten()
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
async fn usable(found: &Found) -> Result<u16, String> {
    if !found.running {
        return Err(format!("is not running ({})", found.state));
    }
    let Some(port) = found.port else {
        return Err("does not publish the port that its broker advertises".to_owned());
    };
    match answers(port).await {
        Ok(()) => Ok(port),
        Err(_) => Err(format!("does not answer at {}", local(port))),
    }
}

/// A new container's port and id.
async fn fresh(engine: &Engine, image: &Image, say: &(dyn Fn(&str) + Sync)) -> Result<(u16, String), BrokerError> {
    say(&format!(
        "Starting Apache Kafka in Docker, from the image {}; it takes some seconds once, then stays warm.",
        image.name
    ));
    let (identity, name) = (image.identity(), name(&image.identity()));
    let mut attempt = 1;
    let port = loop {
        match start::start(&image.name, &identity).await {
            Ok(port) => break port,
            // Not ours to sweep: another container has the name, or another user of this engine was quicker.
            Err(why) if why.contains("is already in use by container") => return Err(BrokerError::NameTaken(name)),
            Err(why) => {
                let why = sweep(engine, &identity, why).await;
                let port_taken = why.contains("already allocated") || why.contains("address already in use");
                if !port_taken || attempt == ATTEMPTS {
                    return Err(trouble::start(why));
                }
                attempt += 1;
            }
        }
    };
    if answers(port).await.is_err() {
        let why =
            format!("the container runs, but nothing answers at {}; is the engine on another machine?", local(port));
        return Err(BrokerError::ContainerStart { why: sweep(engine, &identity, why).await });
    }
    warm_up(&local(port)).await;
    let ours = engine.ours().await?.into_iter().find(|found| found.identity.as_ref() == Some(&identity));
    match ours {
        Some(found) => Ok((port, found.id)),
        None => Err(BrokerError::ContainerStart { why: format!("somebody removed the container {name}") }),
    }
}

/// Removes what a failed start left, and adds what the broker said last.
async fn sweep(engine: &Engine, identity: &str, mut why: String) -> String {
    why.truncate(why.trim_end_matches('.').len());
    let ours = engine.ours().await.unwrap_or_default();
    for found in ours.into_iter().filter(|found| found.identity.as_deref() == Some(identity)) {
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
    visible(&text)
}

fn local(port: u16) -> String {
    format!("127.0.0.1:{port}")
}
