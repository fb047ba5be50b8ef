//! `kafkacourse broker`: the Kafka that is kept warm in Docker, and an embedded one to play with.

use std::time::Duration;

use anyhow::Context as _;

use super::block_on;
use crate::broker::container;
use crate::cluster::{Cluster, Settings};
use crate::report::out::{errln, outln};
use crate::report::paper::Paper;
use crate::wire;

/// Between two looks at what the embedded Kafka was asked for in vain.
const LOOK: Duration = Duration::from_millis(500);

#[derive(Debug, clap::Subcommand)]
pub enum Action {
    /// Start it, or find it running; with --embedded, serve a Kafka of our own until Ctrl-C
    Up {
        /// Not Docker's: a Kafka in this process, in memory, to play with by hand
        #[arg(long)]
        embedded: bool,
        /// The port of its first node; further nodes get those that follow
        #[arg(long, value_name = "PORT", default_value_t = 9092, requires = "embedded")]
        port: u16,
        /// How many nodes it has
        #[arg(long, value_name = "N", default_value_t = 1, requires = "embedded",
              value_parser = clap::value_parser!(u16).range(1..=3))]
        nodes: u16,
    },
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
            Action::Up { embedded: true, port, nodes } => embedded(*port, *nodes).await,
            Action::Up { .. } => up().await,
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

/// Serves an embedded Kafka until the user ends it. Topics are made when they are first named: this one is for playing.
async fn embedded(port: u16, nodes: u16) -> anyhow::Result<u8> {
    let ports: Vec<u16> = (0..nodes).map_while(|node| port.checked_add(node)).collect();
    anyhow::ensure!(ports.len() == usize::from(nodes), "There is no port after 65535. Name a lower one with `--port`.");
    let settings =
        Settings { nodes: nodes.into(), auto_create: true, replication: nodes as i16, ..Settings::default() };
    let cluster = Cluster::open_at(settings, &ports).with_context(|| {
        format!("Port {port} cannot be had. Name another one: `kafkacourse broker up --embedded --port 19092`")
    })?;
    tell(&format!("embedded Kafka (kafkacourse {}) at {}", env!("CARGO_PKG_VERSION"), cluster.address()));
    say("It keeps everything in memory, until Ctrl-C. What it does not do: `kafkacourse read embedded-kafka`.");
    let mut told = Vec::new();
    loop {
        tokio::time::sleep(LOOK).await;
        for refused in cluster.refused() {
            if !told.contains(&refused) {
                say(&format!(
                    "{} v{} was asked for, which it does not serve",
                    wire::api_name(refused.api),
                    refused.version
                ));
                told.push(refused);
            }
        }
    }
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
