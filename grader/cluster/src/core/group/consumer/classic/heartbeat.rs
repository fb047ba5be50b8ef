//! Heartbeat of a classic member.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::HeartbeatRequest;

use super::group_mut;
use crate::core::Core;
use crate::core::group::consumer::ConsumerGroup;
use crate::core::group::consumer::member::State;
use crate::core::group::consumer::partitions::{self, Partitions};
use crate::time::Now;

/// # Errors
/// `RebalanceInProgress` if the member has to join again; `UnknownMemberId`, `FencedInstanceId`, `IllegalGeneration`.
pub(in crate::core::group) fn heartbeat(
    core: &mut Core,
    request: &HeartbeatRequest,
    now: Now,
) -> Result<(), ResponseError> {
    let group = group_mut(core, &request.group_id).ok_or(ResponseError::UnknownMemberId)?;
    let id = &*request.member_id;
    let waits_for_others = group.waits_for_others(id);
    let (member, target_epoch) =
        group.classic_member(id, request.group_instance_id.as_deref(), request.generation_id)?;
    member.renew_session(now);
    let may_go_on = match member.state {
        State::UnrevokedPartitions => true,
        State::UnreleasedPartitions => !waits_for_others,
        State::Stable => false,
    };
    match may_go_on || member.epoch < target_epoch {
        true => Err(member.must_join(now)),
        false => Ok(()),
    }
}

impl ConsumerGroup {
    /// Is there a partition that this member is to get, and somebody still holds?
    fn waits_for_others(&self, id: &str) -> bool {
        let Some(member) = self.members.get(id).filter(|member| member.state == State::UnreleasedPartitions) else {
            return false;
        };
        let held = self.held();
        let none = Partitions::new();
        let mut missing = partitions::each(self.targets.get(id).unwrap_or(&none))
            .filter(|(topic, index)| partitions::epoch_of(&member.assigned, *topic, *index).is_none());
        missing.any(|partition| held.contains(&partition))
    }
}
