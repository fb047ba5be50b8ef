//! ConsumerGroupHeartbeat: a member joins, says that it is alive and what it owns, and leaves, all by the same request
//! (`GroupMetadataManager.consumerGroupHeartbeat`).

use kafka_protocol::ResponseError;
use kafka_protocol::messages::consumer_group_heartbeat_response::{Assignment, TopicPartitions};
use kafka_protocol::messages::{ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse};
use kafka_protocol::protocol::StrBytes;

use super::change::Change;
use super::check::{check_epoch, check_fields};
use super::member::{JOINING, LEAVING, LEAVING_FOR_A_WHILE, Member};
use super::partitions::{Owned, Partitions};
use super::{ConsumerGroup, classic, subscription};
use crate::core::Core;
use crate::core::call::{Caller, Step};
use crate::core::group::classic::send_back;
use crate::core::group::{Group, Members};
use crate::refusal::Refusal;
use crate::settings::Settings;
use crate::time::Now;
use crate::topics::Topics;

type Answer = Result<ConsumerGroupHeartbeatResponse, Refusal>;

pub(in crate::core::group) fn heartbeat(
    core: &mut Core,
    request: &ConsumerGroupHeartbeatRequest,
    caller: &Caller,
    now: Now,
) -> Step {
    Step::answer(carry_out(core, request, caller, now).unwrap_or_else(|refusal| {
        ConsumerGroupHeartbeatResponse::default()
            .with_error_code(refusal.error.code())
            .with_error_message(refusal.wire_message())
    }))
}

fn carry_out(core: &mut Core, request: &ConsumerGroupHeartbeatRequest, caller: &Caller, now: Now) -> Answer {
    check_fields(request, caller.version)?;
    let id = request.group_id.as_str();
    core.check_coordinator(id, caller).map_err(Refusal::from)?;
    if matches!(request.member_epoch, LEAVING | LEAVING_FOR_A_WHILE) {
        return leave(core, request, now);
    }

    let new_member_id = core.new_id().to_string();
    let joins = request.member_epoch == JOINING;
    if joins && !core.groups.has_room(&core.settings) {
        return Err(Refusal::new(ResponseError::GroupMaxSizeReached, "All groups together take too much already."));
    }
    let full = !core.groups.has_room_for_group(&core.settings);
    let settings = core.groups.settings_of(id).over(&core.settings);
    // A group comes into being with its first member, and in place of a classic one that has no members any more.
    let mut new_group = None;
    let group = match core.groups.get_mut(id).map(|group| &mut group.members) {
        Some(Members::Consumer(group)) => group,
        Some(Members::Classic(classic)) if joins && classic.is_empty() => new_group.insert(ConsumerGroup::default()),
        // The classic members are taken along.
        Some(Members::Classic(classic)) if joins => {
            new_group.insert(ConsumerGroup::upgraded(id, classic, &core.topics, &settings, now)?)
        }
        Some(Members::Classic(_)) => {
            return Err(Refusal::new(ResponseError::GroupIdNotFound, format!("Group {id} is not a consumer group.")));
        }
        None if joins && full => {
            let why = "There are as many groups as this cluster holds already.";
            return Err(Refusal::new(ResponseError::GroupMaxSizeReached, why));
        }
        None if joins => new_group.insert(ConsumerGroup::default()),
        None => {
            return Err(Refusal::new(ResponseError::GroupIdNotFound, format!("Consumer group {id} not found.")));
        }
    };
    let beat = Beat { request, caller, topics: &core.topics, settings: &settings, new_member_id, now };
    let answer = beat.apply(group)?;
    if let Some(new_group) = new_group {
        send_back(core, id);
        let members = Members::Consumer(new_group);
        match core.groups.get_mut(id) {
            Some(group) => group.members = members,
            None => core.groups.insert(id, Group::new(members)),
        }
    }
    Ok(answer)
}

fn leave(core: &mut Core, request: &ConsumerGroupHeartbeatRequest, now: Now) -> Answer {
    let (id, member_id) = (request.group_id.as_str(), request.member_id.as_str());
    let group = match core.groups.get_mut(id).map(|group| &mut group.members) {
        Some(Members::Consumer(group)) => group,
        Some(Members::Classic(_)) => {
            return Err(Refusal::new(ResponseError::GroupIdNotFound, format!("Group {id} is not a consumer group.")));
        }
        None => return Err(Refusal::new(ResponseError::GroupIdNotFound, format!("Group {id} not found."))),
    };
    match &request.instance_id {
        Some(instance) => drop(group.static_member(instance, member_id)?),
        None if group.members.contains_key(member_id) => {}
        None => return Err(unknown_member(member_id, id)),
    }
    match request.member_epoch {
        LEAVING_FOR_A_WHILE => {
            if let Some(member) = group.members.get_mut(member_id) {
                member.epoch = LEAVING_FOR_A_WHILE;
                member.pending_revocation = Owned::new();
                member.revocation_ends = None;
                for epochs in member.assigned.values_mut() {
                    epochs.values_mut().for_each(|epoch| *epoch = 0);
                }
            }
        }
        _ => classic::remove(core, id, &[member_id.to_owned()], now),
    }
    Ok(ConsumerGroupHeartbeatResponse::default()
        .with_member_id(Some(request.member_id.clone()))
        .with_member_epoch(request.member_epoch))
}

fn unknown_member(member: &str, group: &str) -> Refusal {
    Refusal::new(ResponseError::UnknownMemberId, format!("Member {member} is not a member of group {group}."))
}

/// A heartbeat of a member that joins or stays.
struct Beat<'a> {
    request: &'a ConsumerGroupHeartbeatRequest,
    caller: &'a Caller,
    topics: &'a Topics,
    settings: &'a Settings,
    /// For a member that brings no id: version 0 leaves it to the coordinator.
    new_member_id: String,
    now: Now,
}

impl Beat<'_> {
    fn apply(&self, group: &mut ConsumerGroup) -> Answer {
        let id = match self.request.member_id.as_str() {
            "" => self.new_member_id.as_str(),
            id => id,
        };
        let reported = self.reported();
        let (before, replaced) = self.member(group, id, reported.as_ref())?;
        let member = self.updated(&before);
        let regex_changed = member.topic_regex != before.topic_regex;
        let new_regex = match member.regex() {
            Some(text) if regex_changed && group.is_resolved(text).is_none() => {
                let compiled = subscription::pattern(text).map_err(|why| {
                    let message = format!("SubscribedTopicRegex `{text}` is not a valid regular expression: {why}.");
                    Refusal::new(ResponseError::InvalidRegularExpression, message)
                })?;
                Some((text.to_owned(), compiled))
            }
            _ => None,
        };
        // A pattern whose topics are not known yet is no news before they are.
        let regex_counts = regex_changed
            && match member.regex() {
                Some(text) => group.is_resolved(text) == Some(true),
                None => before.regex().is_some(),
            };

        // Nothing has been changed until here, and nothing is refused from here on.
        let reported = reported.as_ref();
        let change = Change { id, member, before: &before, replaced, reported, new_regex, regex_counts };
        group.carry_out(change, self.topics, self.settings, self.now);
        let answer = self.answer(group, id, &before);
        group.resolve_regexes(self.topics);
        Ok(answer)
    }

    /// The member as it is before this heartbeat, and the id of the static member that it takes the place of.
    fn member(
        &self,
        group: &ConsumerGroup,
        id: &str,
        reported: Option<&Partitions>,
    ) -> Result<(Member, Option<String>), Refusal> {
        let (joins, epoch) = (self.request.member_epoch == JOINING, self.request.member_epoch);
        let instance = self.request.instance_id.as_deref();
        let returns = instance.is_some_and(|instance| group.instances.contains_key(instance));
        let most = self.settings.most_group_members;
        if group.members.len() >= most && !group.members.contains_key(id) && !returns {
            let why = format!("The consumer group has reached its maximum capacity of {most} members.");
            return Err(Refusal::new(ResponseError::GroupMaxSizeReached, why));
        }
        let by_id = group.members.get(id).cloned();
        match instance {
            None => {
                let member = match by_id {
                    Some(member) => member,
                    None if joins => Member::default(),
                    None => return Err(unknown_member(id, &self.request.group_id)),
                };
                check_epoch(&member, epoch, reported)?;
                Ok((member, None))
            }
            Some(instance) if joins => {
                let Some(existing) = group.member_of_instance(instance) else {
                    return Ok((by_id.unwrap_or_default(), None));
                };
                let owner = group.instances.get(instance).cloned().unwrap_or_default();
                // A classic one may be replaced at any time: that is how its client is brought over.
                if existing.epoch != LEAVING_FOR_A_WHILE && existing.classic.is_none() {
                    let why = format!(
                        "Static member {id} with instance id {instance} cannot join the group because the instance id is \
                         owned by {owner} member."
                    );
                    return Err(Refusal::new(ResponseError::UnreleasedInstanceId, why));
                }
                Ok((Member { epoch: 0, previous_epoch: 0, ..existing.clone() }, Some(owner)))
            }
            Some(instance) => {
                let member = group.static_member(instance, id)?.clone();
                check_epoch(&member, epoch, reported)?;
                Ok((member, None))
            }
        }
    }

    /// The member with what the request says. What it leaves out stays as it was.
    fn updated(&self, before: &Member) -> Member {
        let (request, mut member) = (self.request, before.clone());
        let text = |text: &StrBytes| text.as_str().to_owned();
        member.instance = request.instance_id.as_ref().map(text).or(member.instance);
        member.rack = request.rack_id.as_ref().map(text).or(member.rack);
        member.assignor = request.server_assignor.as_ref().map(text).or(member.assignor);
        member.topic_regex = request.subscribed_topic_regex.as_ref().map_or(member.topic_regex, text);
        if let Some(names) = &request.subscribed_topic_names {
            member.topic_names = names.iter().map(|name| name.as_str().to_owned()).collect();
        }
        if request.rebalance_timeout_ms != -1 {
            member.rebalance_timeout_ms = request.rebalance_timeout_ms;
        }
        member.classic = None;
        member.client_id = self.caller.client_id.clone();
        member.client_host = self.caller.host.clone();
        member.bytes = member.measure();
        member.session_ends = self.now.after_ms(self.settings.consumer_session_ms);
        member
    }

    /// What the member says it owns.
    fn reported(&self) -> Option<Partitions> {
        let mut reported = Partitions::new();
        for topic in self.request.topic_partitions.as_ref()? {
            reported.entry(topic.topic_id).or_default().extend(&topic.partitions);
        }
        Some(reported)
    }

    /// The assignment is in it when it has changed, or when the member has told everything and so may have lost it.
    fn answer(&self, group: &ConsumerGroup, id: &str, before: &Member) -> ConsumerGroupHeartbeatResponse {
        let request = self.request;
        let subscribes = request.subscribed_topic_names.is_some() || request.subscribed_topic_regex.is_some();
        let tells_everything = request.rebalance_timeout_ms != -1 && subscribes && request.topic_partitions.is_some();
        let answer = ConsumerGroupHeartbeatResponse::default()
            .with_member_id(Some(StrBytes::from_string(id.to_owned())))
            .with_heartbeat_interval_ms(self.settings.consumer_heartbeat_ms);
        let Some(member) = group.members.get(id) else { return answer };
        let answer = answer.with_member_epoch(member.epoch);
        match request.member_epoch == JOINING || tells_everything || member.assigned != before.assigned {
            true => answer.with_assignment(Some(assignment(&member.assigned))),
            false => answer,
        }
    }
}

fn assignment(owned: &Owned) -> Assignment {
    let topics = owned.iter().filter(|(_, partitions)| !partitions.is_empty()).map(|(topic, partitions)| {
        TopicPartitions::default().with_topic_id(*topic).with_partitions(partitions.keys().copied().collect())
    });
    Assignment::default().with_topic_partitions(topics.collect())
}

impl ConsumerGroup {
    /// The member of this instance, if it is the one that asks.
    pub(super) fn static_member(&self, instance: &str, asks: &str) -> Result<&Member, Refusal> {
        let unknown = || Refusal::new(ResponseError::UnknownMemberId, format!("Instance id {instance} is unknown."));
        let member = self.member_of_instance(instance).ok_or_else(unknown)?;
        match self.instances.get(instance) {
            Some(owner) if owner != asks => {
                let why = format!("Static member {asks} with instance id {instance} was fenced by member {owner}.");
                Err(Refusal::new(ResponseError::FencedInstanceId, why))
            }
            _ => Ok(member),
        }
    }
}
