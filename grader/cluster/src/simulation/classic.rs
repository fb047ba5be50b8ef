//! A consumer of the classic protocol: joins, assigns if it leads, syncs, heartbeats, commits, and leaves or crashes.

use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::messages::join_group_request::JoinGroupRequestProtocol;
use kafka_protocol::messages::join_group_response::JoinGroupResponse;
use kafka_protocol::messages::leave_group_request::MemberIdentity;
use kafka_protocol::messages::sync_group_request::SyncGroupRequestAssignment;
use kafka_protocol::messages::{
    GroupId, HeartbeatRequest, JoinGroupRequest, LeaveGroupRequest, ResponseKind, SyncGroupRequest,
};

use super::offsets::{Committer, commit_or_fetch, text};
use super::world::{Client, TOPICS, World};

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Out,
    /// It has joined, with these members if it leads.
    Joined(Vec<String>),
    Stable,
}

pub struct Member {
    group: &'static str,
    id: String,
    generation: i32,
    state: State,
    has: Vec<(String, i32)>,
}

impl Member {
    pub fn new(group: &'static str) -> Member {
        Member { group, id: String::new(), generation: -1, state: State::Out, has: Vec::new() }
    }

    fn join(&mut self, me: usize, world: &mut World) {
        let node = world.coordinator(self.group);
        let version = world.pick(&[2, 4, 5, 6, 7, 9]);
        let protocol = JoinGroupRequestProtocol::default().with_name(text("spread"));
        let request = JoinGroupRequest::default()
            .with_group_id(GroupId(text(self.group)))
            .with_session_timeout_ms(6_000)
            .with_rebalance_timeout_ms(8_000)
            .with_member_id(text(&self.id))
            .with_protocol_type(text("consumer"))
            .with_protocols(vec![protocol]);
        world.send(me, node, version, request);
    }

    fn sync(&mut self, me: usize, world: &mut World, members: &[String]) {
        let node = world.coordinator(self.group);
        let version = world.pick(&[0, 2, 3, 4, 5]);
        let assignments = spread(members).into_iter().map(|(member, partitions)| {
            let bytes = write_assignment(&partitions);
            SyncGroupRequestAssignment::default().with_member_id(text(&member)).with_assignment(bytes)
        });
        let mut request = SyncGroupRequest::default()
            .with_group_id(GroupId(text(self.group)))
            .with_generation_id(self.generation)
            .with_member_id(text(&self.id))
            .with_assignments(assignments.collect());
        if version >= 5 {
            request = request.with_protocol_type(Some(text("consumer"))).with_protocol_name(Some(text("spread")));
        }
        world.send(me, node, version, request);
    }

    fn heartbeat(&mut self, me: usize, world: &mut World) {
        let node = world.coordinator(self.group);
        let version = world.pick(&[0, 2, 4]);
        let request = HeartbeatRequest::default()
            .with_group_id(GroupId(text(self.group)))
            .with_generation_id(self.generation)
            .with_member_id(text(&self.id));
        world.send(me, node, version, request);
    }

    fn leave(&mut self, me: usize, world: &mut World) {
        let node = world.coordinator(self.group);
        let version = world.pick(&[0, 2, 3, 4, 5]);
        let request = LeaveGroupRequest::default().with_group_id(GroupId(text(self.group)));
        let request = match version >= 3 {
            true => request.with_members(vec![MemberIdentity::default().with_member_id(text(&self.id))]),
            false => request.with_member_id(text(&self.id)),
        };
        world.send(me, node, version, request);
        *self = Member::new(self.group);
    }

    fn joined(&mut self, answer: JoinGroupResponse) {
        self.id = answer.member_id.to_string();
        if answer.error_code == 0 {
            self.generation = answer.generation_id;
            let members = answer.members.iter().map(|member| member.member_id.to_string());
            self.state = State::Joined(members.collect());
        }
    }

    /// What an error of the coordinator means.
    fn failed(&mut self, code: i16) {
        match code {
            // UNKNOWN_MEMBER_ID
            25 => *self = Member::new(self.group),
            // ILLEGAL_GENERATION, REBALANCE_IN_PROGRESS
            22 | 27 => self.state = State::Out,
            // COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR, UNSTABLE_OFFSET_COMMIT, MEMBER_ID_REQUIRED, STALE_MEMBER_EPOCH
            0 | 15 | 16 | 79 | 88 | 113 => {}
            other => panic!("a member of a classic group gets {other}"),
        }
    }
}

impl Client for Member {
    fn act(&mut self, me: usize, world: &mut World) {
        if !world.is_calm() && world.chance(2) {
            world.say(|| format!("{me} crashes"));
            *self = Member::new(self.group);
            return world.rest(me, 3_000);
        }
        match self.state.clone() {
            State::Out => self.join(me, world),
            State::Joined(members) => self.sync(me, world, &members),
            State::Stable if !world.is_calm() && world.chance(3) => self.leave(me, world),
            State::Stable if world.chance(40) && !self.has.is_empty() => {
                let (topic, index) = self.has[world.below(self.has.len() as u32) as usize].clone();
                let who = Committer { oldest: 0, group: self.group, member: &self.id, epoch: self.generation };
                let offset = world.below(1_000).into();
                commit_or_fetch(me, world, &who, (&topic, index), offset);
            }
            State::Stable => self.heartbeat(me, world),
        }
    }

    fn hear(&mut self, me: usize, heard: Option<ResponseKind>, world: &mut World) {
        world.rest(me, 1_500);
        let Some(answer) = heard else { return };
        match answer {
            ResponseKind::JoinGroup(answer) => {
                let code = answer.error_code;
                self.joined(answer);
                self.failed(code);
            }
            ResponseKind::SyncGroup(answer) => {
                if answer.error_code == 0 {
                    self.state = State::Stable;
                    self.has = read_assignment(&answer.assignment);
                }
                self.failed(answer.error_code);
            }
            ResponseKind::Heartbeat(answer) => self.failed(answer.error_code),
            ResponseKind::OffsetCommit(answer) => self.failed(answer.topics[0].partitions[0].error_code),
            ResponseKind::OffsetFetch(answer) => {
                answer.groups.iter().for_each(|group| self.failed(group.error_code));
                self.failed(answer.error_code);
            }
            ResponseKind::LeaveGroup(_) => {}
            other => panic!("{other:?}"),
        }
    }

    fn is_done(&self) -> bool {
        self.state == State::Stable
    }
}

/// Deals out all partitions to the members.
fn spread(members: &[String]) -> Vec<(String, Vec<(String, i32)>)> {
    let mut dealt: Vec<_> = members.iter().map(|member| (member.clone(), Vec::new())).collect();
    let partitions = TOPICS.iter().flat_map(|(topic, count, _)| (0..*count).map(|index| (topic.to_string(), index)));
    for (turn, partition) in partitions.enumerate().filter(|_| !members.is_empty()) {
        let turn = turn % members.len();
        dealt[turn].1.push(partition);
    }
    dealt
}

fn write_assignment(partitions: &[(String, i32)]) -> Bytes {
    let mut bytes = BytesMut::new();
    for (topic, index) in partitions {
        bytes.put_u8(topic.len() as u8);
        bytes.put_slice(topic.as_bytes());
        bytes.put_u8(*index as u8);
    }
    bytes.freeze()
}

/// The topics and partitions in what a leader has written.
pub fn read_assignment(mut bytes: &[u8]) -> Vec<(String, i32)> {
    let mut partitions = Vec::new();
    while let [length, rest @ ..] = bytes {
        let (topic, rest) = rest.split_at(usize::from(*length));
        partitions.push((String::from_utf8_lossy(topic).into_owned(), rest[0].into()));
        bytes = &rest[1..];
    }
    partitions
}
