//! TODO

use kafka_protocol::messages::DeleteRecordsRequest;

use crate::call::{Caller, Step};
use crate::core::Core;

pub fn step(_core: &mut Core, _request: &DeleteRecordsRequest, _caller: &Caller) -> Step {
    Step::HangUp
}
