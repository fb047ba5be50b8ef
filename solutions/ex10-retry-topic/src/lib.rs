//! What the programs beside the solution share, so that each of them shows only what it is about: the mistakes in
//! `src/bin` are wrong in one way each, the programs in `examples` are right in different styles.

mod label;
mod paused;
mod worker;

pub use label::{Label, history, is_label, number, with};
pub use paused::{Paused, only};
pub use solutions_shared::{Ending, config};
pub use worker::{Failure, Worker, attempt, join, producer, send, wait};

use std::time::{SystemTime, UNIX_EPOCH};

pub const ATTEMPTS: u32 = 3;

/// Milliseconds from the failed attempt before this one.
pub fn pause_before(attempt: u32) -> u64 {
    200 << (attempt - 2)
}

/// The time of day in milliseconds since 1970.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}
