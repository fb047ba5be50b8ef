//! The mistake: one record that is not JSON ends the program, and every restart reads the same record again.

use ex02_manual_commits_solution::{Done, Ending, config, join, next};
use kit::{Downstream, Shutdown};
use rdkafka::message::Message;
use serde_json::Value;

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(&config())?;
    let mut done = Done::default();
    let mut processed = 0;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        let order: Value = serde_json::from_slice(message.payload().unwrap_or_default())?; // this `?`
        downstream.call("process", &order)?;
        done.note(&message);
        processed += 1;
        if processed % 10 == 0 {
            done.commit(&consumer);
        }
    }
    done.commit(&consumer);
    Ok(())
}
