//! TODO

use kafka_protocol::messages::OffsetForLeaderEpochRequest;

use crate::call::{Caller, Step};
use crate::core::Core;

pub fn step(_core: &mut Core, _request: &OffsetForLeaderEpochRequest, _caller: &Caller) -> Step {
    Step::HangUp
}
