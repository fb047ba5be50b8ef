//! TODO

use kafka_protocol::messages::ListOffsetsRequest;

use crate::call::{Caller, Step};
use crate::core::Core;

pub fn step(_core: &mut Core, _request: &ListOffsetsRequest, _caller: &Caller) -> Step {
    Step::HangUp
}
