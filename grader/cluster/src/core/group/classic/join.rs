//! JoinGroup.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::{JoinGroupRequest, JoinGroupResponse, ResponseKind};

use super::group::{ClassicGroup, State};
use super::member::{Member, protocols};
use super::{answer_or_wait, check_group, classic_mut, deliver};
use crate::core::Core;
use crate::core::call::{self, Caller, Step};
use crate::core::group::{Group, Members, consumer};
use crate::time::Now;

/// `classicGroupNewMemberJoinTimeoutMs`: a new member that has gone while others were waited for is forgotten after five
/// minutes, because a connection that is closed is not noticed while its request waits.
const NEW_MEMBER_JOIN_MS: i64 = 300_000;

/// A join that is refused. The answer names the member as Kafka does in each case, or nobody.
struct Refused {
    error: ResponseError,
    member: String,
}

fn refused(error: ResponseError, member: &str) -> Refused {
    Refused { error, member: member.to_owned() }
}

/// What becomes of a join that is not refused.
enum Joined {
    /// The answer will be laid down.
    Waits,
    Answer(JoinGroupResponse),
}

pub(in crate::core::group) fn join(
    core: &mut Core,
    request: &JoinGroupRequest,
    caller: &Caller,
    waiting: &mut call::Waiting,
    now: Now,
) -> Step {
    let step = match waiting {
        call::Waiting::New => {
            core.groups.answers.expect(caller.connection);
            match begin(core, request, caller, now) {
                Ok(Joined::Waits) => {
                    deliver(core, &request.group_id);
                    answer_or_wait(core, caller, waiting)
                }
                Ok(Joined::Answer(answer)) => {
                    core.groups.answers.withdraw(caller.connection);
                    Step::answer(answer)
                }
                Err(Refused { error, member }) => {
                    core.groups.answers.withdraw(caller.connection);
                    let answer = JoinGroupResponse::default()
                        .with_error_code(error.code())
                        .with_member_id(member.into())
                        .with_protocol_name(None);
                    Step::answer(answer)
                }
            }
        }
        _ => answer_or_wait(core, caller, waiting),
    };
    as_version(step, caller.version)
}

/// No protocol is an empty one before version 7.
fn as_version(mut step: Step, version: i16) -> Step {
    if let Step::Answer(answer) = &mut step
        && let ResponseKind::JoinGroup(answer) = answer.as_mut()
        && version < 7
    {
        answer.protocol_name.get_or_insert_default();
    }
    step
}

fn begin(core: &mut Core, request: &JoinGroupRequest, caller: &Caller, now: Now) -> Result<Joined, Refused> {
    let id = &request.group_id;
    let member = &*request.member_id;
    check_group(core, id, caller).map_err(|error| refused(error, member))?;
    if !(core.settings.min_session_ms..=core.settings.max_session_ms).contains(&request.session_timeout_ms) {
        return Err(refused(ResponseError::InvalidSessionTimeout, member));
    }
    let delay_ms = core.settings.initial_rebalance_delay_ms;
    let most_members = core.settings.most_group_members;
    let new_id = core.new_id();
    if !core.groups.has_room(&core.settings) {
        return Err(refused(ResponseError::GroupMaxSizeReached, ""));
    }
    find_or_create(core, request).map_err(|error| refused(error, member))?;
    let Some(group) = classic_mut(core, id) else {
        return join_consumers(core, request, caller, &new_id.to_string(), now);
    };
    if !group.accepts(member, most_members) {
        group.remove(member);
        return Err(refused(ResponseError::GroupMaxSizeReached, ""));
    }
    if !group.supports(&request.protocol_type, &protocols(request)) {
        return Err(refused(ResponseError::InconsistentGroupProtocol, member));
    }
    if !member.is_empty() {
        return group.join_again(request, caller, delay_ms, now);
    }
    let name = request.group_instance_id.as_deref().unwrap_or(&caller.client_id);
    group.join_new(&format!("{name}-{new_id}"), request, caller, delay_ms, now)
}

/// A classic member joins a group of KIP-848.
fn join_consumers(
    core: &mut Core,
    request: &JoinGroupRequest,
    caller: &Caller,
    new_id: &str,
    now: Now,
) -> Result<Joined, Refused> {
    match consumer::classic::join(core, request, new_id, caller, now) {
        Ok(consumer::classic::Joined::Answer(answer)) => Ok(Joined::Answer(answer)),
        Ok(consumer::classic::Joined::IdRequired) => Err(refused(ResponseError::MemberIdRequired, new_id)),
        Err(error) => Err(refused(error, "")),
    }
}

/// There will be a classic group by that id; or a group of KIP-848 that has members.
///
/// # Errors
/// A member of a group that is not there (any more).
fn find_or_create(core: &mut Core, request: &JoinGroupRequest) -> Result<(), ResponseError> {
    let id = &request.group_id;
    match core.groups.get(id).map(|group| &group.members) {
        Some(Members::Classic(_)) => return Ok(()),
        Some(Members::Consumer(group)) if !group.is_empty() => return Ok(()),
        _ if !request.member_id.is_empty() => return Err(ResponseError::UnknownMemberId),
        Some(Members::Consumer(_)) => {
            // An empty group may change its protocol. Its offsets stay.
            if let Some(group) = core.groups.get_mut(id) {
                group.members = Members::Classic(ClassicGroup::default());
            }
        }
        None if !core.groups.has_room_for_group(&core.settings) => return Err(ResponseError::CoordinatorNotAvailable),
        None => core.groups.insert(id, Group::simple()),
    }
    Ok(())
}

impl ClassicGroup {
    /// Is there room for this member? Ids that were given out count, because they, too, take space; in Kafka they do not.
    fn accepts(&self, id: &str, most: usize) -> bool {
        let pending = self.pending_joins.keys().filter(|pending| *pending != id).count();
        let known = self.members.get(id);
        match self.state {
            State::Empty => pending < most,
            // Whoever joins last is turned away.
            State::PreparingRebalance => {
                let is_joining = |member: &Member| member.joining.is_some();
                let joining = self.members.values().filter(|member| is_joining(member)).count();
                known.is_some_and(is_joining) || joining + pending < most
            }
            State::CompletingRebalance | State::Stable => known.is_some() || self.members.len() + pending < most,
        }
    }

    /// Somebody joins who has no member id yet.
    fn join_new(
        &mut self,
        new_id: &str,
        request: &JoinGroupRequest,
        caller: &Caller,
        delay_ms: i64,
        now: Now,
    ) -> Result<Joined, Refused> {
        if let Some(instance) = &request.group_instance_id {
            return match self.static_members.get(&**instance).cloned() {
                Some(old) => Ok(self.join_static(&old, new_id, request, caller, delay_ms, now)),
                None => Ok(self.join_as(new_id, request, caller, delay_ms, now)),
            };
        }
        // A client that gives up and asks again would be a further member each time: so from version 4 on it first gets
        // an id to ask with (KIP-394).
        if caller.version >= 4 {
            self.pending_joins.insert(new_id.to_owned(), now.after_ms(request.session_timeout_ms));
            return Err(refused(ResponseError::MemberIdRequired, new_id));
        }
        Ok(self.join_as(new_id, request, caller, delay_ms, now))
    }

    fn join_as(&mut self, id: &str, request: &JoinGroupRequest, caller: &Caller, delay_ms: i64, now: Now) -> Joined {
        let mut member = Member::new(id.to_owned(), request, caller);
        member.is_new = true;
        member.joining = Some(caller.connection);
        member.expires = Some(now.after_ms(NEW_MEMBER_JOIN_MS));
        if self.state == State::PreparingRebalance && self.previous == State::Empty {
            self.newcomer = true;
        }
        self.add(member, &request.protocol_type);
        self.rebalance_or_complete(delay_ms, now);
        Joined::Waits
    }

    /// A static member has come back. While its subscription chooses the same protocol, it takes its old place without a
    /// rebalance (KIP-345).
    fn join_static(
        &mut self,
        old: &str,
        new: &str,
        request: &JoinGroupRequest,
        caller: &Caller,
        delay_ms: i64,
        now: Now,
    ) -> Joined {
        let old_leader = self.leader.clone();
        self.replace_static(request.group_instance_id.as_deref().unwrap_or_default(), old, new);
        self.renew_session(new, now);
        self.update(new, request, caller.connection);
        match self.state {
            State::Stable if self.select_protocol() == self.protocol_name => {
                if let Some(member) = self.members.get_mut(new) {
                    member.joining = None;
                }
                // Without `skip_assignment` the leader must not assign again, so it is not told that it leads.
                let knows_skipping = caller.version >= 9;
                let leads = self.is_leader(new) && knows_skipping;
                let mut answer = self.join_answer(new, leads).with_skip_assignment(leads);
                if !knows_skipping {
                    answer.leader = old_leader.unwrap_or_default().into();
                }
                return Joined::Answer(answer);
            }
            State::Stable => self.rebalance_or_complete(delay_ms, now),
            // The leader may be assigning to the old id already.
            State::CompletingRebalance => self.prepare_rebalance(delay_ms, now),
            State::PreparingRebalance | State::Empty => self.complete_if_all_joined(now),
        }
        Joined::Waits
    }

    /// Somebody joins who says that it is a member.
    fn join_again(
        &mut self,
        request: &JoinGroupRequest,
        caller: &Caller,
        delay_ms: i64,
        now: Now,
    ) -> Result<Joined, Refused> {
        let id = &*request.member_id;
        if self.pending_joins.contains_key(id) {
            // Kafka fails inside here. It gives such ids to dynamic members only.
            if request.group_instance_id.is_some() {
                return Err(refused(ResponseError::UnknownServerError, ""));
            }
            return Ok(self.join_as(id, request, caller, delay_ms, now));
        }
        self.check_member(id, request.group_instance_id.as_deref()).map_err(|error| refused(error, id))?;
        let same = self.members.get(id).is_some_and(|member| member.protocols == protocols(request));
        match self.state {
            // Nothing is new: the answer was lost, or the member has seen a rebalance that has ended meanwhile.
            State::CompletingRebalance if same => Ok(Joined::Answer(self.join_answer(id, self.is_leader(id)))),
            State::Stable if same && !self.is_leader(id) => Ok(Joined::Answer(self.join_answer(id, false))),
            // The leader joins again when something else has changed: topics have got more partitions.
            State::PreparingRebalance | State::CompletingRebalance | State::Stable => {
                self.update(id, request, caller.connection);
                self.rebalance_or_complete(delay_ms, now);
                Ok(Joined::Waits)
            }
            State::Empty => Err(refused(ResponseError::UnknownMemberId, id)),
        }
    }
}
