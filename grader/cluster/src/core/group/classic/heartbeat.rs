//! Heartbeat: a member shows itself, and learns of a rebalance.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::{HeartbeatRequest, HeartbeatResponse};

use super::group::State;
use super::{check_group, classic_mut};
use crate::core::Core;
use crate::core::call::{Caller, Step};
use crate::core::group::consumer;
use crate::time::Now;

pub(in crate::core::group) fn heartbeat(
    core: &mut Core,
    request: &HeartbeatRequest,
    caller: &Caller,
    now: Now,
) -> Step {
    let error = beat(core, request, caller, now).map_or_else(|error| error.code(), |()| 0);
    Step::answer(HeartbeatResponse::default().with_error_code(error))
}

fn beat(core: &mut Core, request: &HeartbeatRequest, caller: &Caller, now: Now) -> Result<(), ResponseError> {
    check_group(core, &request.group_id, caller)?;
    let Some(group) = classic_mut(core, &request.group_id) else {
        return consumer::classic::heartbeat(core, request, now);
    };
    group.check_member(&request.member_id, request.group_instance_id.as_deref())?;
    if request.generation_id != group.generation {
        return Err(ResponseError::IllegalGeneration);
    }
    group.renew_session(&request.member_id, now);
    match group.state {
        State::PreparingRebalance => Err(ResponseError::RebalanceInProgress),
        _ => Ok(()),
    }
}
