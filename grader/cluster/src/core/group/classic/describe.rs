//! DescribeGroups.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::describe_groups_response::{DescribedGroup, DescribedGroupMember};
use kafka_protocol::messages::{DescribeGroupsRequest, DescribeGroupsResponse, GroupId};

use super::group::{ClassicGroup, State};
use super::member::Member;
use crate::core::Core;
use crate::core::call::{Caller, Step};
use crate::core::group::Members;

/// What everybody may do with a group where nobody is asked for rights: read, delete, describe, describe and alter its
/// configuration, as bits by `AclOperation`.
const ALL_OPERATIONS: i32 = 1 << 3 | 1 << 6 | 1 << 8 | 1 << 10 | 1 << 11;

pub(in crate::core::group) fn describe(core: &Core, request: &DescribeGroupsRequest, caller: &Caller) -> Step {
    let groups = request.groups.iter().map(|id| {
        let described = describe_group(core, id, caller).with_group_id(id.clone());
        match request.include_authorized_operations && described.error_code == 0 {
            true => described.with_authorized_operations(ALL_OPERATIONS),
            false => described,
        }
    });
    Step::answer(DescribeGroupsResponse::default().with_groups(groups.collect()))
}

fn describe_group(core: &Core, id: &GroupId, caller: &Caller) -> DescribedGroup {
    if let Err(error) = core.check_coordinator(id, caller) {
        return DescribedGroup::default().with_error_code(error.code());
    }
    let why = match core.groups.get(id).map(|group| &group.members) {
        Some(Members::Classic(group)) => return group.describe(),
        Some(Members::Consumer(_)) => format!("Group {} is not a classic group.", &**id),
        None => format!("Group {} not found.", &**id),
    };
    let described = DescribedGroup::default().with_group_state("Dead".into());
    match caller.version {
        // KIP-1043
        6.. => described.with_error_code(ResponseError::GroupIdNotFound.code()).with_error_message(Some(why.into())),
        _ => described,
    }
}

impl ClassicGroup {
    fn describe(&self) -> DescribedGroup {
        // What members have said is shown while a protocol is chosen.
        let protocol = self.protocol_name.as_deref().filter(|_| self.state == State::Stable);
        let members = self.members.values().map(|member| describe_member(member, protocol));
        DescribedGroup::default()
            .with_group_state(self.state.to_string().into())
            .with_protocol_type(self.protocol_type().unwrap_or_default().to_owned().into())
            .with_protocol_data(protocol.unwrap_or_default().to_owned().into())
            .with_members(members.collect())
    }
}

fn describe_member(member: &Member, protocol: Option<&str>) -> DescribedGroupMember {
    DescribedGroupMember::default()
        .with_member_id(member.id.clone().into())
        .with_group_instance_id(member.instance.clone().map(Into::into))
        .with_client_id(member.client_id.clone().into())
        .with_client_host(member.host.clone().into())
        .with_member_assignment(member.assignment.clone())
        .with_member_metadata(protocol.map(|protocol| member.metadata(protocol)).unwrap_or_default())
}
