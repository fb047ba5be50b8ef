//! From one generation to the next: all join, the leader assigns, all begin.

use std::time::Duration;

use bytes::Bytes;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::join_group_response::JoinGroupResponseMember;
use kafka_protocol::messages::{JoinGroupResponse, SyncGroupResponse};

use super::group::{ClassicGroup, JoinTimer, State};
use super::member::Member;
use crate::time::Now;

impl ClassicGroup {
    /// A rebalance begins; or, if one is going on, it may end now.
    pub(super) fn rebalance_or_complete(&mut self, initial_delay_ms: i64, now: Now) {
        match self.state {
            State::PreparingRebalance => self.complete_if_all_joined(now),
            _ => self.prepare_rebalance(initial_delay_ms, now),
        }
    }

    /// All members have to join again. Those that wait for their assignment are sent back to do so.
    pub(super) fn prepare_rebalance(&mut self, initial_delay_ms: i64, now: Now) {
        if self.state == State::CompletingRebalance {
            self.members.values_mut().for_each(|member| member.assignment = Bytes::new());
            self.answer_syncs(Err(ResponseError::RebalanceInProgress), now);
        }
        self.pending_syncs.clear();
        self.sync_timer = None;
        let initial = self.state == State::Empty;
        self.transition(State::PreparingRebalance);
        if initial {
            // Members of a new group usually come one after the other: Kafka gives them time.
            let remaining_ms = (i64::from(self.rebalance_timeout_ms()) - initial_delay_ms).max(0);
            let at = now.after_ms(initial_delay_ms);
            self.join_timer = Some(JoinTimer::Initial { at, delay_ms: initial_delay_ms, remaining_ms });
            if initial_delay_ms == 0 {
                self.end_initial_delay(0, remaining_ms, now);
            }
        } else if self.have_all_joined() {
            self.complete_join(now);
        } else {
            self.join_timer = Some(JoinTimer::Complete(now.after_ms(self.rebalance_timeout_ms())));
        }
    }

    /// Ends the joining, unless somebody is missing or this is a new group, where time decides.
    pub(super) fn complete_if_all_joined(&mut self, now: Now) {
        if self.state == State::PreparingRebalance && self.previous != State::Empty && self.have_all_joined() {
            self.complete_join(now);
        }
    }

    /// The first rebalance has waited for `delay_ms`: again, if somebody has come meanwhile, but not for longer than
    /// members are willing to.
    fn end_initial_delay(&mut self, delay_ms: i64, remaining_ms: i64, now: Now) {
        if !self.newcomer || remaining_ms == 0 {
            return self.complete_join(now);
        }
        self.newcomer = false;
        let (delay_ms, remaining_ms) = (delay_ms.min(remaining_ms), (remaining_ms - delay_ms).max(0));
        self.join_timer = Some(JoinTimer::Initial { at: now.after_ms(delay_ms), delay_ms, remaining_ms });
    }

    /// The joining has ended. Whoever has joined is in the next generation; static members stay in any case, because
    /// they may come back until their session ends.
    pub(super) fn complete_join(&mut self, now: Now) {
        self.join_timer = None;
        let late = |member: &&Member| member.joining.is_none() && member.instance.is_none();
        let late: Vec<String> = self.members.values().filter(late).map(|member| member.id.clone()).collect();
        for id in late {
            self.remove(&id);
        }
        if !self.elect_joined_leader() && !self.members.is_empty() {
            // Only static members are left, and none has joined: wait until their sessions end.
            self.join_timer = Some(JoinTimer::Complete(now.after_ms(self.rebalance_timeout_ms())));
            return;
        }
        self.begin_generation();
        if self.state == State::Empty {
            return;
        }
        let ids: Vec<String> = self.members.keys().cloned().collect();
        for id in &ids {
            let answer = self.join_answer(id, self.is_leader(id));
            let Some(member) = self.members.get_mut(id) else { continue };
            if let Some(connection) = member.joining.take() {
                self.outbox.push((connection, answer.into()));
            }
            member.renew_session(now);
            member.is_new = false;
        }
        self.pending_syncs = ids.into_iter().collect();
        self.sync_timer = Some(now.after_ms(self.rebalance_timeout_ms()));
    }

    /// Has the leader joined? If not, another one that has becomes the leader. False if nobody has.
    fn elect_joined_leader(&mut self) -> bool {
        let Some(leader) = &self.leader else { return false };
        if self.members.get(leader).is_some_and(|leader| leader.joining.is_some()) {
            return true;
        }
        let joined = self.members.values().find(|member| member.joining.is_some());
        let Some(joined) = joined.map(|member| member.id.clone()) else { return false };
        self.leader = Some(joined);
        true
    }

    fn begin_generation(&mut self) {
        self.generation = self.generation.saturating_add(1);
        self.protocol_name = self.select_protocol();
        self.subscribed = self.read_subscriptions();
        self.transition(if self.members.is_empty() { State::Empty } else { State::CompletingRebalance });
        self.pending_syncs.clear();
    }

    /// What a member hears that has joined. The leader hears of all members, because it assigns.
    pub(super) fn join_answer(&self, member: &str, with_members: bool) -> JoinGroupResponse {
        let protocol = self.protocol_name.as_deref().unwrap_or_default();
        let describe = |member: &Member| {
            JoinGroupResponseMember::default()
                .with_member_id(member.id.clone().into())
                .with_group_instance_id(member.instance.clone().map(Into::into))
                .with_metadata(member.metadata(protocol))
        };
        let members = self.members.values().filter(|_| with_members).map(describe);
        JoinGroupResponse::default()
            .with_members(members.collect())
            .with_member_id(member.to_owned().into())
            .with_generation_id(self.generation)
            .with_protocol_name(self.protocol_name.clone().map(Into::into))
            .with_protocol_type(self.protocol_type.clone().map(Into::into))
            .with_leader(self.leader.clone().unwrap_or_default().into())
    }

    /// What a member hears that asks for its assignment.
    pub(super) fn sync_answer(&self, member: &str) -> SyncGroupResponse {
        let assignment = self.members.get(member).map(|member| member.assignment.clone());
        SyncGroupResponse::default()
            .with_protocol_type(self.protocol_type.clone().map(Into::into))
            .with_protocol_name(self.protocol_name.clone().map(Into::into))
            .with_assignment(assignment.unwrap_or_default())
    }

    /// Answers all who wait for their assignment. Their sessions begin anew, because they were excused meanwhile.
    pub(super) fn answer_syncs(&mut self, result: Result<(), ResponseError>, now: Now) {
        let waiting = self.members.values().filter(|member| member.syncing.is_some());
        for id in waiting.map(|member| member.id.clone()).collect::<Vec<_>>() {
            let answer = match result {
                Ok(()) => self.sync_answer(&id),
                Err(error) => SyncGroupResponse::default().with_error_code(error.code()),
            };
            let Some(member) = self.members.get_mut(&id) else { continue };
            if let Some(connection) = member.syncing.take() {
                self.outbox.push((connection, answer.into()));
            }
            member.renew_session(now);
        }
    }

    /// Removes a member that has left or has not been heard of. If it waits for something, it is told that it is not a
    /// member any more, so that it joins again if it is still there.
    pub(super) fn dismiss(&mut self, id: &str) {
        let Some(member) = self.remove(id) else { return };
        let error = ResponseError::UnknownMemberId.code();
        if let Some(connection) = member.joining {
            let answer = JoinGroupResponse::default().with_error_code(error).with_protocol_name(None);
            self.outbox.push((connection, answer.into()));
        }
        // Kafka forgets this one, and the client waits until its own timeout.
        if let Some(connection) = member.syncing {
            self.outbox.push((connection, SyncGroupResponse::default().with_error_code(error).into()));
        }
    }

    /// Lets happen what is due.
    pub(super) fn tick(&mut self, initial_delay_ms: i64, now: Now) {
        let due = |at: Duration| at <= now.elapsed;
        if self.sync_timer.is_some_and(due) {
            self.expire_syncs(initial_delay_ms, now);
        }
        match self.join_timer.filter(|timer| due(timer.at())) {
            Some(JoinTimer::Complete(_)) => self.complete_join(now),
            Some(JoinTimer::Initial { delay_ms, remaining_ms, .. }) => {
                self.end_initial_delay(delay_ms, remaining_ms, now);
            }
            None => {}
        }
        let pending = self.pending_joins.iter().filter(|(_, at)| due(**at)).map(|(id, _)| id.clone());
        for id in pending.collect::<Vec<_>>() {
            self.remove(&id);
            self.complete_after_removal(now);
        }
        let expired = self.members.values().filter(|member| member.expires.is_some_and(due));
        for id in expired.map(|member| member.id.clone()).collect::<Vec<_>>() {
            self.expire_session(&id, initial_delay_ms, now);
        }
    }

    fn expire_session(&mut self, id: &str, initial_delay_ms: i64, now: Now) {
        let Some(member) = self.members.get_mut(id) else { return };
        if member.expires.is_none_or(|at| at > now.elapsed) {
            return; // another's end has renewed it
        }
        member.expires = None;
        if member.is_excused() {
            return;
        }
        self.dismiss(id);
        match self.state {
            State::Stable | State::CompletingRebalance => self.prepare_rebalance(initial_delay_ms, now),
            _ => self.complete_after_removal(now),
        }
    }

    /// One less to wait for. An initial rebalance ends by this, too.
    fn complete_after_removal(&mut self, now: Now) {
        if self.state == State::PreparingRebalance && self.have_all_joined() {
            self.complete_join(now);
        }
    }

    /// Whoever has not asked for its assignment within the rebalance timeout is removed.
    fn expire_syncs(&mut self, initial_delay_ms: i64, now: Now) {
        self.sync_timer = None;
        if self.pending_syncs.is_empty() {
            return;
        }
        for id in std::mem::take(&mut self.pending_syncs) {
            self.remove(&id);
        }
        self.prepare_rebalance(initial_delay_ms, now);
    }
}
