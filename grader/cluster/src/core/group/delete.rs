//! DeleteGroups: groups without members, and their offsets with them.

use std::collections::BTreeSet;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::delete_groups_response::DeletableGroupResult;
use kafka_protocol::messages::{DeleteGroupsRequest, DeleteGroupsResponse, GroupId};

use super::Members;
use crate::core::Core;
use crate::core::call::{Caller, Step};

pub(super) fn delete(core: &mut Core, request: &DeleteGroupsRequest, caller: &Caller) -> Step {
    // A group that is named twice is deleted, and answered, once.
    let names: BTreeSet<&GroupId> = request.groups_names.iter().collect();
    let results = names.into_iter().map(|id| {
        let error = delete_group(core, id, caller).map_or_else(|error| error.code(), |()| 0);
        DeletableGroupResult::default().with_group_id(id.clone()).with_error_code(error)
    });
    let results = results.collect();
    Step::answer(DeleteGroupsResponse::default().with_results(results))
}

fn delete_group(core: &mut Core, id: &GroupId, caller: &Caller) -> Result<(), ResponseError> {
    core.check_coordinator(id, caller)?;
    let empty = match &core.groups.get(id).ok_or(ResponseError::GroupIdNotFound)?.members {
        Members::Classic(group) => group.is_empty(),
        Members::Consumer(group) => group.is_empty(),
    };
    if !empty {
        return Err(ResponseError::NonEmptyGroup);
    }
    core.groups.remove(id);
    Ok(())
}
