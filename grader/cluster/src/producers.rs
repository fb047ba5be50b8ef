//! TODO

use kafka_protocol::messages::InitProducerIdRequest;

use crate::call::{self, Caller, Step};
use crate::core::Core;
use crate::time::Now;

/// Producer ids.
#[derive(Debug, Default)]
pub struct Producers {}

pub fn step(
    _core: &mut Core,
    _request: &InitProducerIdRequest,
    _caller: &Caller,
    _waiting: &mut call::Waiting,
    _now: Now,
) -> Step {
    Step::HangUp
}
