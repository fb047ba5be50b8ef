//! Committed offsets, and those that wait for the end of a transaction (`OffsetMetadataManager` in Kafka's source).

mod commit;
mod delete;
mod fetch;
mod stage;
mod store;
#[cfg(test)]
mod tests;

pub(super) use commit::commit;
pub(super) use delete::delete;
pub(super) use fetch::fetch;
pub(crate) use stage::{end_transaction, forget_topic, stage_offsets};
pub(crate) use store::{Committed, Offsets};

use kafka_protocol::ResponseError;
use kafka_protocol::messages::TopicName;

use super::Members;
use crate::core::Core;
use crate::core::call::Caller;
use crate::core::group::Group;

/// As whom somebody commits.
#[derive(Clone, Copy, Debug)]
pub struct MemberClaim<'a> {
    /// Empty for those who are not members.
    pub member: &'a str,
    /// `group.instance.id` of a static member.
    pub instance: Option<&'a str>,
    /// Generation, or the member's epoch (KIP-848); negative for those who are not members.
    pub generation: i32,
}

impl MemberClaim<'_> {
    /// Does it say nothing at all?
    fn is_void(&self) -> bool {
        self.generation < 0 && self.member.is_empty() && self.instance.is_none()
    }
}

/// What the commit of a transaction is asked as: the oldest versions of TxnOffsetCommit know no members, so its version
/// says nothing.
const TRANSACTIONAL: i16 = i16::MAX;

/// May this caller commit for the group? One that is not there is made for somebody who is no member: a simple group.
///
/// # Errors
/// Whatever Kafka answers to a commit of a stranger, or of a member that has been left behind.
fn check_commit(
    core: &mut Core,
    group: &str,
    claim: &MemberClaim<'_>,
    caller: &Caller,
    transactional: bool,
) -> Result<(), ResponseError> {
    core.check_coordinator(group, caller)?;
    if !core.groups.has_room(&core.settings) {
        return Err(ResponseError::InvalidCommitOffsetSize);
    }
    let Some(found) = core.groups.get(group) else {
        if claim.generation >= 0 {
            let knows_groups = !transactional && caller.version >= 9;
            let unknown = ResponseError::GroupIdNotFound;
            return Err(if knows_groups { unknown } else { ResponseError::IllegalGeneration });
        }
        if !core.groups.has_room_for_group(&core.settings) {
            return Err(ResponseError::CoordinatorNotAvailable);
        }
        core.groups.insert(group, Group::simple());
        return Ok(());
    };
    match &found.members {
        Members::Classic(group) => group.check_commit(claim, transactional),
        Members::Consumer(_) if transactional && claim.is_void() => Ok(()),
        Members::Consumer(group) if transactional => {
            let result = group.check_commit(claim, TRANSACTIONAL);
            result.map_err(|error| match error {
                ResponseError::StaleMemberEpoch => ResponseError::IllegalGeneration,
                other => other,
            })
        }
        Members::Consumer(group) => group.check_commit(claim, caller.version),
    }
}

/// May a member that has passed [`check_commit`] commit for all of these partitions? With an epoch that has passed it may as
/// long as it has had them since then (KIP-1251).
///
/// # Errors
/// `StaleMemberEpoch`; then nothing is committed.
fn check_partitions<'a>(
    core: &Core,
    group: &str,
    claim: &MemberClaim<'_>,
    mut partitions: impl Iterator<Item = (&'a TopicName, i32)>,
) -> Result<(), ResponseError> {
    let Some(Members::Consumer(group)) = core.groups.get(group).map(|group| &group.members) else { return Ok(()) };
    partitions.try_for_each(|(topic, partition)| match core.topics.get(topic) {
        Some(topic) => group.check_commit_of(claim, topic.id, partition),
        None => Ok(()),
    })
}
