//! `kafkacourse broker`: the Kafka that is kept warm in Docker.

use super::block_on;
use crate::broker::container;
use crate::report::out::{errln, outln};
use crate::report::paper::Paper;

#[derive(Debug, clap::Subcommand)]
pub enum Action {
    /// Start it, or find it running
    Up,
    /// Remove it, whatever image it runs, and everything that was kept in it
    Down {
        /// Also where another command is at work on it
        #[arg(long)]
        force: bool,
    },
    /// Is it there, and which version?
    Status,
}

pub(super) fn run(action: &Action) -> anyhow::Result<u8> {
    block_on(async {
        match action {
            Action::Up => up().await,
            Action::Down { force } => down(*force).await,
            Action::Status => status().await,
        }
    })
}

async fn up() -> anyhow::Result<u8> {
    let running = container::up(&say).await?;
    tell(&format!("{} at {} ({})", running.version, running.address, running.how));
    Ok(0)
}

async fn down(force: bool) -> anyhow::Result<u8> {
    let removed = container::down(force, &say).await?;
    match removed.count {
        0 if removed.in_use.is_empty() => tell("there was nothing to remove"),
        0 => {}
        1 => tell("removed 1 container"),
        n => tell(&format!("removed {n} containers")),
    }
    for (name, users) in &removed.in_use {
        let users: Vec<String> = users.iter().map(ToString::to_string).collect();
        tell(&format!(
            "The container {name} is in use by {}. Wait until that has ended, or remove it all the same with \
             `kafkacourse broker down --force`.",
            users.join(" and ")
        ));
    }
    Ok(u8::from(!removed.in_use.is_empty()))
}

async fn status() -> anyhow::Result<u8> {
    tell(&container::status().await?.to_string());
    let containers = container::containers().await?;
    if !containers.is_empty() {
        tell("\nContainers of kafkacourse:");
        containers.iter().for_each(|container| tell(&format!("  {container}")));
    }
    Ok(0)
}

fn tell(text: &str) {
    outln!("{}", Paper::stdout().wrap(text, 0));
}

fn say(line: &str) {
    errln!("{}", Paper::stderr().wrap(line, 0));
}
