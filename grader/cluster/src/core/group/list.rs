//! ListGroups.

use kafka_protocol::messages::list_groups_response::ListedGroup;
use kafka_protocol::messages::{GroupId, ListGroupsRequest, ListGroupsResponse};

use super::{Group, Members};
use crate::core::Core;
use crate::core::call::{Caller, Step};

pub(super) fn list(core: &Core, request: &ListGroupsRequest, caller: &Caller) -> Step {
    // Each node lists the groups that it coordinates. Filters are there from versions 4 (KIP-518) and 5 (KIP-848) on.
    let states = &request.states_filter;
    let types = &request.types_filter;
    let wanted = |group: &ListedGroup| {
        (states.is_empty() || states.iter().any(|state| state.trim().eq_ignore_ascii_case(&group.group_state)))
            && (types.is_empty() || types.iter().any(|kind| kind.eq_ignore_ascii_case(&group.group_type)))
    };
    let groups = core.groups.iter().filter(|(id, _)| core.check_coordinator(id, caller).is_ok());
    let groups = groups.map(|(id, group)| describe(id, group)).filter(wanted);
    Step::answer(ListGroupsResponse::default().with_groups(groups.collect()))
}

fn describe(id: &str, group: &Group) -> ListedGroup {
    let listed = ListedGroup::default().with_group_id(GroupId(id.to_owned().into()));
    match &group.members {
        Members::Classic(group) => listed
            .with_protocol_type(group.protocol_type().unwrap_or_default().to_owned().into())
            .with_group_state(group.state().to_string().into())
            .with_group_type("classic".into()),
        Members::Consumer(group) => listed
            .with_protocol_type("consumer".into())
            .with_group_state(group.state().into())
            .with_group_type("consumer".into()),
    }
}
