//! SyncGroup: the leader brings the assignment, all get their part.

use std::collections::HashMap;

use bytes::Bytes;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::{SyncGroupRequest, SyncGroupResponse};

use super::group::{ClassicGroup, State};
use super::{answer_or_wait, check_group, classic_mut, deliver};
use crate::core::Core;
use crate::core::call::{self, Caller, Step};
use crate::core::group::consumer;
use crate::time::Now;

pub(in crate::core::group) fn sync(
    core: &mut Core,
    request: &SyncGroupRequest,
    caller: &Caller,
    waiting: &mut call::Waiting,
    now: Now,
) -> Step {
    if !matches!(waiting, call::Waiting::New) {
        return answer_or_wait(core, caller, waiting);
    }
    match begin(core, request, caller, now) {
        Ok(None) => {
            core.groups.answers.expect(caller.connection);
            deliver(core, &request.group_id);
            answer_or_wait(core, caller, waiting)
        }
        Ok(Some(answer)) => Step::answer(answer),
        Err(error) => Step::answer(SyncGroupResponse::default().with_error_code(error.code())),
    }
}

fn begin(
    core: &mut Core,
    request: &SyncGroupRequest,
    caller: &Caller,
    now: Now,
) -> Result<Option<SyncGroupResponse>, ResponseError> {
    // From version 5 on members say what they believe to be chosen (KIP-559).
    if caller.version >= 5 && (request.protocol_type.is_none() || request.protocol_name.is_none()) {
        return Err(ResponseError::InconsistentGroupProtocol);
    }
    check_group(core, &request.group_id, caller)?;
    let Some(group) = classic_mut(core, &request.group_id) else {
        return consumer::classic::sync(core, request, now).map(Some);
    };
    if group.is_empty() {
        return Err(ResponseError::UnknownMemberId);
    }
    group.check_sync(request)?;
    group.sync(request, caller, now)
}

impl ClassicGroup {
    fn check_sync(&self, request: &SyncGroupRequest) -> Result<(), ResponseError> {
        self.check_member(&request.member_id, request.group_instance_id.as_deref())?;
        if request.generation_id != self.generation {
            return Err(ResponseError::IllegalGeneration);
        }
        let differ = |said: Option<&str>, is: Option<&str>| said.zip(is).is_some_and(|(said, is)| said != is);
        if differ(request.protocol_type.as_deref(), self.protocol_type.as_deref())
            || differ(request.protocol_name.as_deref(), self.protocol_name.as_deref())
        {
            return Err(ResponseError::InconsistentGroupProtocol);
        }
        Ok(())
    }

    /// The answer, or none if it will be laid down.
    fn sync(
        &mut self,
        request: &SyncGroupRequest,
        caller: &Caller,
        now: Now,
    ) -> Result<Option<SyncGroupResponse>, ResponseError> {
        let id = &*request.member_id;
        if self.state == State::PreparingRebalance {
            return Err(ResponseError::RebalanceInProgress);
        }
        self.pending_syncs.remove(id);
        if self.pending_syncs.is_empty() {
            self.sync_timer = None;
        }
        if self.state == State::Stable {
            return Ok(Some(self.sync_answer(id)));
        }
        if let Some(member) = self.members.get_mut(id) {
            member.syncing = Some(caller.connection);
        }
        if self.is_leader(id) {
            self.assign(request);
            self.answer_syncs(Ok(()), now);
            self.transition(State::Stable);
        }
        Ok(None)
    }

    /// Takes what the leader has brought. A member that it has left out gets an empty assignment.
    fn assign(&mut self, request: &SyncGroupRequest) {
        let assigned = request.assignments.iter();
        // Copied: a slice would keep all that was read with it.
        let copy = |bytes: &Bytes| Bytes::copy_from_slice(bytes);
        let mut assigned: HashMap<&str, Bytes> =
            assigned.map(|part| (&*part.member_id, copy(&part.assignment))).collect();
        for (id, member) in &mut self.members {
            member.assignment = assigned.remove(id.as_str()).unwrap_or_default();
        }
    }
}
