//! JoinGroup of a classic member into a group of KIP-848 (`GroupMetadataManager.classicGroupJoinToConsumerGroup`).

use kafka_protocol::ResponseError;
use kafka_protocol::messages::{JoinGroupRequest, JoinGroupResponse};

use super::super::classic_member::Classic;
use super::convert::{by_id, settle_if_classic};
use crate::core::Core;
use crate::core::call::Caller;
use crate::core::group::Members;
use crate::core::group::classic::protocols;
use crate::core::group::consumer::ConsumerGroup;
use crate::core::group::consumer::change::Change;
use crate::core::group::consumer::member::Member;
use crate::core::group::embedded::Subscription;
use crate::time::Now;

/// An answer at once, since nobody has to be waited for; or the id to ask with.
pub(in crate::core::group) enum Joined {
    Answer(JoinGroupResponse),
    IdRequired,
}

/// # Errors
/// `GroupMaxSizeReached`, `InconsistentGroupProtocol`, `UnknownMemberId`, `FencedInstanceId`.
pub(in crate::core::group) fn join(
    core: &mut Core,
    request: &JoinGroupRequest,
    new_id: &str,
    caller: &Caller,
    now: Now,
) -> Result<Joined, ResponseError> {
    let group = core.groups.get_mut(&request.group_id).map(|group| &mut group.members);
    let Some(Members::Consumer(group)) = group else { return Err(ResponseError::UnknownMemberId) };
    let is_unknown = request.member_id.is_empty();
    let id = if is_unknown { new_id } else { &*request.member_id };
    if group.members.len() >= core.settings.most_group_members && !group.members.contains_key(id) {
        return Err(ResponseError::GroupMaxSizeReached);
    }
    if !group.supports_classic(request) {
        return Err(ResponseError::InconsistentGroupProtocol);
    }
    if is_unknown && request.group_instance_id.is_none() && caller.version >= 4 {
        return Ok(Joined::IdRequired);
    }
    let subscription = request.protocols.first().and_then(|protocol| Subscription::read(&protocol.metadata));
    let subscription = subscription.ok_or(ResponseError::InconsistentGroupProtocol)?;
    let (before, replaced) = group.joining_member(id, request, is_unknown)?;
    let mut member = before.clone();
    member.instance = request.group_instance_id.as_ref().map(|instance| instance.to_string()).or(member.instance);
    member.rack = subscription.rack.or(member.rack);
    member.rebalance_timeout_ms = request.rebalance_timeout_ms;
    member.topic_names = subscription.topics.into_iter().collect();
    member.client_id = caller.client_id.clone();
    member.client_host = caller.host.clone();
    member.session_ends = now.after_ms(request.session_timeout_ms);
    member.classic = Some(Classic {
        session_timeout_ms: request.session_timeout_ms,
        protocols: protocols(request),
        join_ends: None,
        sync_ends: Some(now.after_ms(request.rebalance_timeout_ms)),
    });
    member.bytes = member.measure();
    let owned = by_id(&subscription.owned, &core.topics);
    let is_replaced = replaced.is_some();
    let change =
        Change { id, member, before: &before, replaced, reported: Some(&owned), new_regex: None, regex_counts: false };
    group.carry_out(change, &core.topics, &core.settings, now);
    let joined = group.members.get(id);
    let name = joined.and_then(|member| member.classic.as_ref()).map(|classic| classic.protocol().to_owned());
    let answer = JoinGroupResponse::default()
        .with_member_id(id.to_owned().into())
        .with_generation_id(joined.map_or(0, |member| member.epoch))
        .with_protocol_type(Some("consumer".into()))
        .with_protocol_name(name.map(Into::into));
    if is_replaced {
        settle_if_classic(core, &request.group_id, now);
    }
    Ok(Joined::Answer(answer))
}

impl ConsumerGroup {
    /// Does the request name a protocol that all classic members know?
    fn supports_classic(&self, request: &JoinGroupRequest) -> bool {
        let known = |classic: &Classic, name: &str| classic.protocols.iter().any(|protocol| protocol.name == name);
        let classic = || self.members.values().filter_map(|member| member.classic.as_ref());
        &*request.protocol_type == "consumer"
            && request.protocols.iter().any(|protocol| classic().all(|classic| known(classic, &protocol.name)))
    }

    /// The member as it is before it joins, and the id of the static member that it takes the place of.
    fn joining_member(
        &self,
        id: &str,
        request: &JoinGroupRequest,
        is_unknown: bool,
    ) -> Result<(Member, Option<String>), ResponseError> {
        let by_id = || self.members.get(id).cloned().unwrap_or_default();
        match request.group_instance_id.as_deref() {
            None => Ok((by_id(), None)),
            Some(instance) if is_unknown => match self.member_of_instance(instance) {
                Some(member) => {
                    let member = Member { epoch: 0, previous_epoch: 0, ..member.clone() };
                    Ok((member, self.instances.get(instance).cloned()))
                }
                None => Ok((by_id(), None)),
            },
            Some(instance) => {
                let member = self.static_member(instance, id).map_err(|refusal| refusal.error)?;
                Ok((member.clone(), None))
            }
        }
    }
}
