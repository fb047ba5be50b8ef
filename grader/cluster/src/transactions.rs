//! TODO

use std::time::Duration;

use kafka_protocol::messages::RequestKind;

use crate::call::{self, Caller, Step};
use crate::core::Core;
use crate::time::Now;

/// What is kept of a request that waits.
#[derive(Debug)]
pub struct Waiting {}

/// TODO
#[derive(Debug, Default)]
pub struct Transactions {}

impl Transactions {
    /// When the next timer runs out.
    pub fn next_timer(&self) -> Option<Duration> {
        None
    }
}

pub fn step(
    _core: &mut Core,
    _request: &RequestKind,
    _caller: &Caller,
    _waiting: &mut call::Waiting,
    _now: Now,
) -> Step {
    Step::HangUp
}

/// Lets everything happen whose time has come.
pub fn tick(_core: &mut Core, _now: Now) {}
