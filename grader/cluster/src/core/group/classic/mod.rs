//! The classic protocol: members join, the leader assigns, all begin a generation together.
//!
//! The order of checks is that of `GroupMetadataManager` in Kafka's source.

mod commit;
mod convert;
mod describe;
mod group;
mod heartbeat;
mod join;
mod leave;
mod member;
mod rebalance;
mod sync;
#[cfg(test)]
mod tests;

pub(super) use convert::{Emigrant, send_back, settle};
pub(super) use describe::describe;
pub use group::ClassicGroup;
pub(super) use heartbeat::heartbeat;
pub(super) use join::join;
pub(super) use leave::leave;
pub(super) use member::{Protocol, protocols};
pub(super) use sync::sync;

use kafka_protocol::ResponseError;

use super::{Group, Members};
use crate::core::Core;
use crate::core::call::{self, Caller, Step};
use crate::time::Now;

/// Lets happen what is due in this group.
pub(super) fn tick(core: &mut Core, id: &str, now: Now) {
    let delay_ms = core.settings.initial_rebalance_delay_ms;
    if let Some(group) = classic_mut(core, id) {
        group.tick(delay_ms, now);
        deliver(core, id);
    }
}

fn classic_mut<'a>(core: &'a mut Core, id: &str) -> Option<&'a mut ClassicGroup> {
    match &mut core.groups.get_mut(id)?.members {
        Members::Classic(group) => Some(group),
        Members::Consumer(_) => None,
    }
}

/// Hands the answers that a group has ready to those who wait for them.
fn deliver(core: &mut Core, id: &str) {
    let Some(group) = classic_mut(core, id) else { return };
    for (connection, answer) in std::mem::take(&mut group.outbox) {
        if core.groups.answers.put(connection, answer) {
            core.watches.wake_connection(connection);
        }
    }
}

/// The answer that a group has laid down for this caller, or a wait for it.
fn answer_or_wait(core: &mut Core, caller: &Caller, waiting: &mut call::Waiting) -> Step {
    match core.groups.answers.take(caller.connection) {
        Some(answer) => Step::Answer(Box::new(answer)),
        None => {
            *waiting = call::Waiting::Group;
            Step::Wait(None)
        }
    }
}

/// May this node be asked about this group at all?
///
/// # Errors
/// `InvalidGroupId` for an empty id, `NotCoordinator`.
fn check_group(core: &Core, id: &str, caller: &Caller) -> Result<(), ResponseError> {
    if id.is_empty() {
        return Err(ResponseError::InvalidGroupId);
    }
    core.check_coordinator(id, caller)
}

impl Group {
    /// An empty group, as commits and first members make it.
    pub fn simple() -> Group {
        Group::new(Members::Classic(ClassicGroup::default()))
    }
}
