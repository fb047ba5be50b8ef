//! Members of the classic protocol in a group of KIP-848: online migration. What they hear is made from the group's
//! epochs and targets: their generation is the member's epoch, and the coordinator assigns instead of a leader.
//!
//! A group is classic while all its members are. The first one that speaks KIP-848 takes the group along, and when the
//! last one of these has gone, the group is classic again (`group.consumer.migration.policy`, "bidirectional").

mod convert;
mod heartbeat;
mod join;
mod leave;
mod sync;
#[cfg(test)]
mod tests;

pub(super) use convert::remove;
pub(in crate::core::group) use heartbeat::heartbeat;
pub(in crate::core::group) use join::{Joined, join};
pub(in crate::core::group) use leave::leave;
pub(in crate::core::group) use sync::sync;

use kafka_protocol::ResponseError;

use super::ConsumerGroup;
use super::member::Member;
use crate::core::Core;
use crate::core::group::Members;
use crate::time::Now;

impl ConsumerGroup {
    /// The member that asks, if it is a classic one of this generation.
    ///
    /// # Errors
    /// `UnknownMemberId`, `FencedInstanceId`, `IllegalGeneration`.
    fn classic_member(
        &mut self,
        id: &str,
        instance: Option<&str>,
        generation: i32,
    ) -> Result<(&mut Member, i32), ResponseError> {
        if let Some(instance) = instance {
            self.static_member(instance, id).map_err(|refusal| refusal.error)?;
        }
        let target_epoch = self.target_epoch;
        let member = self.members.get_mut(id).filter(|member| member.classic.is_some());
        let member = member.ok_or(ResponseError::UnknownMemberId)?;
        match member.epoch == generation {
            true => Ok((member, target_epoch)),
            false => Err(ResponseError::IllegalGeneration),
        }
    }
}

impl Member {
    /// It is told to join again, and has its rebalance timeout for that.
    fn must_join(&mut self, now: Now) -> ResponseError {
        let ends = now.after_ms(self.rebalance_timeout_ms);
        if let Some(classic) = &mut self.classic {
            classic.join_ends.get_or_insert(ends);
        }
        ResponseError::RebalanceInProgress
    }

    /// It has shown itself.
    fn renew_session(&mut self, now: Now) {
        if let Some(classic) = &self.classic {
            self.session_ends = now.after_ms(classic.session_timeout_ms);
        }
    }
}

fn group_mut<'a>(core: &'a mut Core, id: &str) -> Option<&'a mut ConsumerGroup> {
    match &mut core.groups.get_mut(id)?.members {
        Members::Consumer(group) => Some(group),
        Members::Classic(_) => None,
    }
}
