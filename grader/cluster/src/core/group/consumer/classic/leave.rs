//! LeaveGroup in a group of KIP-848: of classic members, and of others by an administrator.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::leave_group_request::MemberIdentity;
use kafka_protocol::messages::leave_group_response::MemberResponse;

use super::{group_mut, remove};
use crate::core::Core;
use crate::core::group::consumer::ConsumerGroup;
use crate::time::Now;

/// What becomes of each member that leaves.
pub(in crate::core::group) fn leave(
    core: &mut Core,
    id: &str,
    leaving: &[MemberIdentity],
    now: Now,
) -> Vec<MemberResponse> {
    let Some(group) = group_mut(core, id) else { return Vec::new() };
    let mut left: Vec<String> = Vec::new();
    let answer = |member: &MemberIdentity| {
        let answer = MemberResponse::default()
            .with_member_id(member.member_id.clone())
            .with_group_instance_id(member.group_instance_id.clone());
        let found = group.find_leaving(member).and_then(|id| match left.contains(&id) {
            true => Err(ResponseError::UnknownMemberId),
            false => Ok(id),
        });
        match found {
            Ok(id) => {
                left.push(id.clone());
                answer.with_member_id(id.into())
            }
            Err(error) => answer.with_error_code(error.code()),
        }
    };
    let answers = leaving.iter().map(answer).collect();
    remove(core, id, &left, now);
    answers
}

impl ConsumerGroup {
    fn find_leaving(&self, member: &MemberIdentity) -> Result<String, ResponseError> {
        let id = &*member.member_id;
        let Some(instance) = &member.group_instance_id else {
            return self.members.contains_key(id).then(|| id.to_owned()).ok_or(ResponseError::UnknownMemberId);
        };
        // An administrator names a static member by its instance alone.
        let holder = self.instances.get(&**instance).ok_or(ResponseError::UnknownMemberId)?;
        match id.is_empty() || id == holder {
            true => Ok(holder.clone()),
            false => Err(ResponseError::FencedInstanceId),
        }
    }
}
