//! `kafkacourse broker`: the Kafka that is kept warm in Docker.

use super::block_on;
use crate::broker::container;
use crate::report::paper::Paper;

#[derive(Debug, clap::Subcommand)]
pub enum Action {
    /// Start it, or find it running
    Up,
    /// Remove it, and everything that was kept in it
    Down,
    /// Is it there, and which version?
    Status,
}

pub(super) fn run(action: &Action) -> anyhow::Result<u8> {
    let tell = |text: &str| println!("{}", Paper::stdout().wrap(text, 0));
    let say = |line: &str| eprintln!("{}", Paper::stderr().wrap(line, 0));
    block_on(async {
        match action {
            Action::Up => {
                let running = container::up(&say).await?;
                tell(&format!("{} at {} ({})", running.version, running.address, running.how));
            }
            Action::Down => match container::down(&say).await? {
                0 => println!("there was nothing to remove"),
                1 => println!("removed 1 container"),
                n => println!("removed {n} containers"),
            },
            Action::Status => tell(&container::status().await?.to_string()),
        }
        Ok(0)
    })
}
