//! What a coordinator refuses, and with which words (`GroupCoordinatorService`, `GroupMetadataManager`, `ConsumerGroup`).

use kafka_protocol::ResponseError;
use kafka_protocol::messages::ConsumerGroupHeartbeatRequest;
use uuid::Uuid;

use super::ConsumerGroup;
use super::assign::Assignor;
use super::member::{JOINING, LEAVING, LEAVING_FOR_A_WHILE, Member};
use super::partitions::{self, Partitions};
use crate::core::group::MemberClaim;
use crate::refusal::Refusal;

/// Are the fields there that have to be there?
pub(super) fn check_fields(request: &ConsumerGroupHeartbeatRequest, version: i16) -> Result<(), Refusal> {
    let epoch = request.member_epoch;
    let is_empty =
        |text: &Option<kafka_protocol::protocol::StrBytes>| text.as_ref().is_some_and(|text| text.is_empty());
    // From version 1 on members draw their ids themselves (KIP-1082).
    let needs_id = version >= 1 || epoch > 0 || epoch == LEAVING;
    let joins = epoch == JOINING;
    let owns_something = request.topic_partitions.as_ref().is_none_or(|owned| !owned.is_empty());
    let subscribes = request.subscribed_topic_names.is_some() || request.subscribed_topic_regex.is_some();
    let rules = [
        (needs_id && request.member_id.is_empty(), "MemberId can't be empty."),
        (request.group_id.is_empty(), "GroupId can't be empty."),
        (is_empty(&request.instance_id), "InstanceId can't be empty."),
        (is_empty(&request.rack_id), "RackId can't be empty."),
        (joins && request.rebalance_timeout_ms == -1, "RebalanceTimeoutMs must be provided in first request."),
        (joins && owns_something, "TopicPartitions must be empty when (re-)joining."),
        (
            joins && !subscribes,
            "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.",
        ),
        (epoch == LEAVING_FOR_A_WHILE && request.instance_id.is_none(), "InstanceId can't be null."),
        (epoch < LEAVING_FOR_A_WHILE, "MemberEpoch is invalid."),
    ];
    if let Some((_, message)) = rules.into_iter().find(|(broken, _)| *broken) {
        return Err(Refusal::new(ResponseError::InvalidRequest, message));
    }
    match &request.server_assignor {
        Some(name) if Assignor::by_name(name).is_none() => {
            let names = Assignor::EACH.map(Assignor::name).join(", ");
            let message = format!("ServerAssignor {name} is not supported. Supported assignors: {names}.");
            Err(Refusal::new(ResponseError::UnsupportedAssignor, message))
        }
        _ => Ok(()),
    }
}

/// Does the epoch fit that a member sends? An older one does if it may have missed the answer with the newer one, and owns
/// no more than what it was given.
pub(super) fn check_epoch(member: &Member, epoch: i32, reported: Option<&Partitions>) -> Result<(), Refusal> {
    let known = member.epoch;
    let owns_no_more = || {
        let owned = |(topic, index)| partitions::epoch_of(&member.assigned, topic, index).is_some();
        reported.is_some_and(|reported| partitions::each(reported).all(owned))
    };
    let relation = match epoch.cmp(&known) {
        _ if epoch == JOINING => return Ok(()),
        std::cmp::Ordering::Equal => return Ok(()),
        std::cmp::Ordering::Less if epoch == member.previous_epoch && owns_no_more() => return Ok(()),
        std::cmp::Ordering::Less => "smaller",
        std::cmp::Ordering::Greater => "greater",
    };
    let message = format!(
        "The consumer group member has a {relation} member epoch ({epoch}) than the one known by the group coordinator \
         ({known}). The member must abandon all its partitions and rejoin."
    );
    Err(Refusal::new(ResponseError::FencedMemberEpoch, message))
}

impl ConsumerGroup {
    /// May this member commit? (`ConsumerGroup.validateOffsetCommit`)
    ///
    /// Each partition is to be looked at, too ([`ConsumerGroup::check_commit_of`]).
    ///
    /// # Errors
    /// `UnknownMemberId`, `StaleMemberEpoch`, or `UnsupportedVersion` for a version that cannot tell of stale epochs.
    pub fn check_commit(&self, claim: &MemberClaim<'_>, version: i16) -> Result<(), ResponseError> {
        if claim.generation < 0 && self.members.is_empty() {
            return Ok(());
        }
        let member = self.members.get(claim.member).ok_or(ResponseError::UnknownMemberId)?;
        if member.classic.is_some() {
            return match claim.generation == member.epoch {
                true => Ok(()),
                false => Err(ResponseError::IllegalGeneration),
            };
        }
        if version < 9 {
            return Err(ResponseError::UnsupportedVersion);
        }
        match claim.generation > member.epoch {
            true => Err(ResponseError::StaleMemberEpoch),
            false => Ok(()),
        }
    }

    /// May a member that has passed [`ConsumerGroup::check_commit`] commit for this partition? With an older epoch it may
    /// as long as it has had the partition since then (KIP-1251).
    ///
    /// # Errors
    /// `StaleMemberEpoch`.
    pub fn check_commit_of(&self, claim: &MemberClaim<'_>, topic: Uuid, partition: i32) -> Result<(), ResponseError> {
        let Some(member) = self.members.get(claim.member).filter(|member| member.epoch != claim.generation) else {
            return Ok(());
        };
        let given = partitions::epoch_of(&member.assigned, topic, partition)
            .or_else(|| partitions::epoch_of(&member.pending_revocation, topic, partition));
        match given.is_some_and(|epoch| epoch <= claim.generation) {
            true => Ok(()),
            false => Err(ResponseError::StaleMemberEpoch),
        }
    }

    /// May this member fetch the group's offsets? (`ConsumerGroup.validateOffsetFetch`)
    ///
    /// # Errors
    /// `UnknownMemberId`, `StaleMemberEpoch`.
    pub fn check_fetch(&self, member: Option<&str>, epoch: i32) -> Result<(), ResponseError> {
        if member.is_none() && epoch < 0 {
            return Ok(());
        }
        let member = member.and_then(|id| self.members.get(id)).ok_or(ResponseError::UnknownMemberId)?;
        match (member.epoch == epoch, &member.classic) {
            (true, _) => Ok(()),
            (false, None) => Err(ResponseError::StaleMemberEpoch),
            (false, Some(_)) => Err(ResponseError::IllegalGeneration),
        }
    }
}
