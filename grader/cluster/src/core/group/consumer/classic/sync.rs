//! SyncGroup of a classic member: it gets what it owns now. Nobody has to be waited for.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::{SyncGroupRequest, SyncGroupResponse};

use super::convert::assignment;
use crate::core::Core;
use crate::core::group::Members;
use crate::core::group::consumer::member::State;
use crate::core::group::consumer::partitions::{self, Partitions};
use crate::time::Now;

/// # Errors
/// `RebalanceInProgress` if there is a newer target; `UnknownMemberId`, `FencedInstanceId`, `IllegalGeneration`,
/// `InconsistentGroupProtocol`.
pub(in crate::core::group) fn sync(
    core: &mut Core,
    request: &SyncGroupRequest,
    now: Now,
) -> Result<SyncGroupResponse, ResponseError> {
    let topics = &core.topics;
    let group = core.groups.get_mut(&request.group_id).map(|group| &mut group.members);
    let Some(Members::Consumer(group)) = group else { return Err(ResponseError::UnknownMemberId) };
    let (member, target_epoch) =
        group.classic_member(&request.member_id, request.group_instance_id.as_deref(), request.generation_id)?;
    let Some(classic) = &mut member.classic else { return Err(ResponseError::UnknownMemberId) };
    let other_type = request.protocol_type.as_deref().is_some_and(|kind| kind != "consumer");
    if other_type || request.protocol_name.as_deref().is_some_and(|name| name != classic.protocol()) {
        return Err(ResponseError::InconsistentGroupProtocol);
    }
    // One that gives partitions up has joined for the newer target already.
    if member.epoch < target_epoch && member.state != State::UnrevokedPartitions {
        return Err(member.must_join(now));
    }
    classic.sync_ends = None;
    member.renew_session(now);
    let mut owned = Partitions::new();
    partitions::each_owned(&member.assigned).for_each(|(topic, index, _)| partitions::add(&mut owned, topic, index));
    let bytes = member.classic.as_ref().map(|classic| assignment(classic, &owned, topics)).unwrap_or_default();
    Ok(SyncGroupResponse::default()
        .with_protocol_type(request.protocol_type.clone())
        .with_protocol_name(request.protocol_name.clone())
        .with_assignment(bytes))
}
