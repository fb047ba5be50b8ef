//! What a commit has to do with the members of a group (`ClassicGroup.validateOffsetCommit`).

use kafka_protocol::ResponseError;

use super::group::{ClassicGroup, State};
use crate::core::group::MemberClaim;
use crate::time::Now;

impl ClassicGroup {
    /// May this one commit?
    ///
    /// # Errors
    /// `UnknownMemberId`, `FencedInstanceId`, `IllegalGeneration`, `RebalanceInProgress`.
    pub fn check_commit(&self, claim: &MemberClaim<'_>, transactional: bool) -> Result<(), ResponseError> {
        // Whoever is no member may commit while nobody is.
        if claim.generation < 0 && self.state == State::Empty {
            return Ok(());
        }
        if claim.generation >= 0 || !claim.member.is_empty() || claim.instance.is_some() {
            self.check_member(claim.member, claim.instance)?;
            if claim.generation != self.generation {
                return Err(ResponseError::IllegalGeneration);
            }
        } else if !transactional {
            return Err(ResponseError::UnknownMemberId);
        }
        // The member has the generation already, but not its assignment.
        if !transactional && self.state == State::CompletingRebalance {
            return Err(ResponseError::RebalanceInProgress);
        }
        Ok(())
    }

    /// A member has shown itself by a commit.
    pub fn committed(&mut self, member: &str, now: Now) {
        if matches!(self.state, State::Stable | State::PreparingRebalance) {
            self.renew_session(member, now);
        }
    }
}
