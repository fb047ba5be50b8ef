//! TODO

use kafka_protocol::messages::ProduceRequest;

use crate::call::{self, Caller, Step};
use crate::core::Core;
use crate::time::Now;

/// What is kept of a request that waits.
#[derive(Debug)]
pub struct Waiting {}

pub fn step(
    _core: &mut Core,
    _request: &ProduceRequest,
    _caller: &Caller,
    _waiting: &mut call::Waiting,
    _now: Now,
) -> Step {
    Step::HangUp
}
