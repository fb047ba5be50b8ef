//! LeaveGroup: members go at once, without waiting for the end of their sessions.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::leave_group_request::MemberIdentity;
use kafka_protocol::messages::leave_group_response::MemberResponse;
use kafka_protocol::messages::{LeaveGroupRequest, LeaveGroupResponse};

use super::group::{ClassicGroup, State};
use super::{check_group, classic_mut, deliver};
use crate::core::Core;
use crate::core::call::{Caller, Step};
use crate::core::group::{Members, consumer};
use crate::time::Now;

pub(in crate::core::group) fn leave(core: &mut Core, request: &LeaveGroupRequest, caller: &Caller, now: Now) -> Step {
    // Several members at once from version 3 on (KIP-345).
    let single = [MemberIdentity::default().with_member_id(request.member_id.clone())];
    let leaving = if caller.version < 3 { &single } else { request.members.as_slice() };
    let answer = match leave_all(core, request, leaving, caller, now) {
        Err(error) => LeaveGroupResponse::default().with_error_code(error.code()),
        Ok(members) if caller.version < 3 => {
            let error = members.first().map_or(0, |member| member.error_code);
            LeaveGroupResponse::default().with_error_code(error)
        }
        Ok(members) => LeaveGroupResponse::default().with_members(members),
    };
    Step::answer(answer)
}

fn leave_all(
    core: &mut Core,
    request: &LeaveGroupRequest,
    leaving: &[MemberIdentity],
    caller: &Caller,
    now: Now,
) -> Result<Vec<MemberResponse>, ResponseError> {
    let delay_ms = core.settings.initial_rebalance_delay_ms;
    check_group(core, &request.group_id, caller)?;
    let answer = |member: &MemberIdentity, result: Result<(), ResponseError>| {
        MemberResponse::default()
            .with_member_id(member.member_id.clone())
            .with_group_instance_id(member.group_instance_id.clone())
            .with_error_code(result.map_or_else(|error| error.code(), |()| 0))
    };
    if let Some(Members::Consumer(_)) = core.groups.get(&request.group_id).map(|group| &group.members) {
        return Ok(consumer::classic::leave(core, &request.group_id, leaving, now));
    }
    let Some(group) = classic_mut(core, &request.group_id) else {
        let unknown = |member| answer(member, Err(ResponseError::UnknownMemberId));
        return Ok(leaving.iter().map(unknown).collect());
    };
    let mut answers = Vec::with_capacity(leaving.len());
    let mut left = false;
    for member in leaving {
        let result = group.leave(member);
        left |= result.is_ok();
        answers.push(answer(member, result));
    }
    if left {
        match group.state {
            State::Stable | State::CompletingRebalance => group.prepare_rebalance(delay_ms, now),
            State::PreparingRebalance => group.complete_if_all_joined(now),
            State::Empty => {}
        }
    }
    deliver(core, &request.group_id);
    Ok(answers)
}

impl ClassicGroup {
    fn leave(&mut self, member: &MemberIdentity) -> Result<(), ResponseError> {
        let id = &*member.member_id;
        let instance = member.group_instance_id.as_deref();
        if id.is_empty() {
            // An administrator removes a static member, whose id is not known to anybody else.
            let holder = instance.and_then(|instance| self.static_members.get(instance)).cloned();
            self.dismiss(&holder.ok_or(ResponseError::UnknownMemberId)?);
        } else if self.pending_joins.contains_key(id) {
            self.remove(id);
        } else {
            self.check_member(id, instance)?;
            self.dismiss(id);
        }
        Ok(())
    }
}
