//! Consumer groups: who reads which partitions, and how far the group has come.
//!
//! A group speaks one of two protocols. In the classic one ([`classic`]) members join, one of them assigns, and all begin
//! a generation together. In the one of KIP-848 ([`consumer`]) the coordinator assigns. Both commit offsets
//! ([`offsets`]).

mod answers;
mod classic;
mod consumer;
mod delete;
mod embedded;
mod list;
mod offsets;
mod settings;
mod store;

use kafka_protocol::messages::RequestKind;

pub(crate) use classic::ClassicGroup;
pub(crate) use consumer::ConsumerGroup;
pub(crate) use offsets::{Committed, MemberClaim, Offsets, end_transaction, forget_topic, stage_offsets};
pub(crate) use settings::GroupSettings;
pub(crate) use store::{Group, Groups, Members};

use crate::core::Core;
use crate::core::call::{self, Caller, Step};
use crate::time::Now;

pub(crate) fn step(
    core: &mut Core,
    request: &RequestKind,
    caller: &Caller,
    waiting: &mut call::Waiting,
    now: Now,
) -> Step {
    use RequestKind::*;
    let step = match request {
        JoinGroup(request) => classic::join(core, request, caller, waiting, now),
        SyncGroup(request) => classic::sync(core, request, caller, waiting, now),
        Heartbeat(request) => classic::heartbeat(core, request, caller, now),
        OffsetCommit(request) => offsets::commit(core, request, caller, now),
        OffsetFetch(request) => offsets::fetch(core, request, caller),
        OffsetDelete(request) => offsets::delete(core, request, caller),
        ListGroups(request) => list::list(core, request, caller),
        DescribeGroups(request) => classic::describe(core, request, caller),
        DeleteGroups(request) => delete::delete(core, request, caller),
        LeaveGroup(request) => classic::leave(core, request, caller, now),
        ConsumerGroupHeartbeat(request) => consumer::heartbeat(core, request, caller, now),
        ConsumerGroupDescribe(request) => consumer::describe(core, request, caller),
        _ => Step::HangUp,
    };
    core.groups.settle();
    step
}

/// Lets everything happen whose time has come.
pub(crate) fn tick(core: &mut Core, now: Now) {
    core.groups.settle();
    while let Some(id) = core.groups.take_due(now) {
        match core.groups.get(&id).map(|group| &group.members) {
            Some(Members::Classic(_)) => classic::tick(core, &id, now),
            Some(Members::Consumer(_)) => consumer::tick(core, &id, now),
            None => {}
        }
        core.groups.settle();
    }
}
