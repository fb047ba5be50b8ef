//! ConsumerGroupDescribe: the members of a group, what they have and what they shall have.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::consumer_group_describe_response::{
    Assignment, DescribedGroup, Member as DescribedMember, TopicPartitions,
};
use kafka_protocol::messages::{ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse, GroupId, TopicName};
use kafka_protocol::protocol::StrBytes;

use super::ConsumerGroup;
use super::member::Member;
use super::partitions::{self, Partitions};
use crate::core::Core;
use crate::core::authorized::{GROUP_OPERATIONS, allowed_operations};
use crate::core::call::{Caller, Step};
use crate::core::group::Members;
use crate::refusal::Refusal;
use crate::topics::Topics;

/// The type of a member that speaks the classic protocol (from version 1 on).
const CLASSIC: i8 = 0;
/// The same of KIP-848.
const CONSUMER: i8 = 1;

pub(in crate::core::group) fn describe(
    core: &mut Core,
    request: &ConsumerGroupDescribeRequest,
    caller: &Caller,
) -> Step {
    let groups = request.group_ids.iter().map(|id| {
        let operations = allowed_operations(request.include_authorized_operations, GROUP_OPERATIONS);
        let described = DescribedGroup::default().with_group_id(id.clone());
        match find(core, id, caller) {
            Ok(group) => group.fill(described.with_authorized_operations(operations), core, caller.version),
            Err(refusal) => described.with_error_code(refusal.error.code()).with_error_message(refusal.wire_message()),
        }
    });
    Step::answer(ConsumerGroupDescribeResponse::default().with_groups(groups.collect()))
}

fn find<'a>(core: &'a Core, id: &GroupId, caller: &Caller) -> Result<&'a ConsumerGroup, Refusal> {
    if id.is_empty() {
        return Err(Refusal::new(ResponseError::InvalidGroupId, ""));
    }
    core.check_coordinator(id, caller).map_err(|error| Refusal::new(error, ""))?;
    match core.groups.get(id).map(|group| &group.members) {
        Some(Members::Consumer(group)) => Ok(group),
        Some(Members::Classic(_)) => {
            let why = format!("Group {} is not a consumer group.", id.as_str());
            Err(Refusal::new(ResponseError::GroupIdNotFound, why))
        }
        None => Err(Refusal::new(ResponseError::GroupIdNotFound, format!("Group {} not found.", id.as_str()))),
    }
}

impl ConsumerGroup {
    fn fill(&self, described: DescribedGroup, core: &Core, version: i16) -> DescribedGroup {
        let members = self.members.iter().map(|(id, member)| {
            let none = Partitions::new();
            describe_member(id, member, self.targets.get(id).unwrap_or(&none), &core.topics, version)
        });
        described
            .with_group_state(StrBytes::from_static_str(self.state()))
            .with_group_epoch(self.epoch)
            .with_assignment_epoch(self.target_epoch)
            .with_assignor_name(StrBytes::from_static_str(self.assignor().name()))
            .with_members(members.collect())
    }
}

fn describe_member(id: &str, member: &Member, target: &Partitions, topics: &Topics, version: i16) -> DescribedMember {
    let text = |text: &str| StrBytes::from_string(text.to_owned());
    let owned = [&member.assigned, &member.pending_revocation].into_iter().flat_map(partitions::each_owned);
    let mut current = Partitions::new();
    owned.for_each(|(topic, index, _)| partitions::add(&mut current, topic, index));
    let described = DescribedMember::default()
        .with_member_id(text(id))
        .with_instance_id(member.instance.as_deref().map(text))
        .with_rack_id(member.rack.as_deref().map(text))
        .with_member_epoch(member.epoch)
        .with_client_id(text(&member.client_id))
        .with_client_host(text(&member.client_host))
        .with_subscribed_topic_names(member.topic_names.iter().map(|name| TopicName(text(name))).collect())
        // Empty, and not null, where there is none.
        .with_subscribed_topic_regex(Some(text(&member.topic_regex)))
        .with_assignment(describe_partitions(&current, topics))
        .with_target_assignment(describe_partitions(target, topics));
    let member_type = if member.classic.is_some() { CLASSIC } else { CONSUMER };
    if version >= 1 { described.with_member_type(member_type) } else { described }
}

/// Topics that are gone do not appear.
fn describe_partitions(partitions: &Partitions, topics: &Topics) -> Assignment {
    let known = partitions.iter().filter_map(|(id, indexes)| Some((topics.by_id(*id)?, indexes)));
    let described = known.map(|(topic, indexes)| {
        TopicPartitions::default()
            .with_topic_id(topic.id)
            .with_topic_name(topic.wire_name())
            .with_partitions(indexes.iter().copied().collect())
    });
    Assignment::default().with_topic_partitions(described.collect())
}
