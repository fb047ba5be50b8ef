//! KIP-848: the coordinator assigns partitions, and members follow by heartbeats.

use std::time::Duration;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::{ConsumerGroupDescribeRequest, ConsumerGroupHeartbeatRequest};

use super::MemberClaim;
use crate::call::{self, Caller, Step};
use crate::core::Core;
use crate::time::Now;

/// What is kept of a request that waits.
#[derive(Debug)]
pub struct Waiting {}

/// A group of KIP-848.
#[derive(Debug, Default)]
pub struct ConsumerGroup {}

impl ConsumerGroup {
    /// When the group has something to do by time alone.
    pub fn next_timer(&self) -> Option<Duration> {
        None
    }

    /// Bytes that its members keep, about.
    pub fn bytes(&self) -> usize {
        0
    }

    /// Without members?
    pub fn is_empty(&self) -> bool {
        true
    }

    /// The state as it is shown: `Empty`, `Assigning`, `Reconciling`, `Stable`, `Dead`.
    pub fn state(&self) -> &'static str {
        "Empty"
    }

    /// May this member commit? (`ConsumerGroup.validateOffsetCommit`)
    ///
    /// # Errors
    /// `UnknownMemberId`, `StaleMemberEpoch`, …
    pub fn check_commit(&self, _claim: &MemberClaim<'_>, _version: i16) -> Result<(), ResponseError> {
        Ok(())
    }

    /// May this member fetch the group's offsets? (`ConsumerGroup.validateOffsetFetch`)
    ///
    /// # Errors
    /// `UnknownMemberId`, `StaleMemberEpoch`.
    pub fn check_fetch(&self, _member: Option<&str>, _epoch: i32) -> Result<(), ResponseError> {
        Ok(())
    }

    /// Is a member subscribed to this topic?
    pub fn subscribes(&self, _topic: &str) -> bool {
        false
    }
}

pub(super) fn heartbeat(
    _core: &mut Core,
    _request: &ConsumerGroupHeartbeatRequest,
    _caller: &Caller,
    _waiting: &mut call::Waiting,
    _now: Now,
) -> Step {
    Step::HangUp
}

pub(super) fn describe(_core: &mut Core, _request: &ConsumerGroupDescribeRequest, _caller: &Caller, _now: Now) -> Step {
    Step::HangUp
}

/// Lets happen what is due in this group.
pub(super) fn tick(_core: &mut Core, _group: &str, _now: Now) {}
