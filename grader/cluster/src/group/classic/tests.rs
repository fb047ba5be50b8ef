use kafka_protocol::ResponseError;
use kafka_protocol::messages::join_group_request::JoinGroupRequestProtocol;
use kafka_protocol::messages::leave_group_request::MemberIdentity;
use kafka_protocol::messages::sync_group_request::SyncGroupRequestAssignment;
use kafka_protocol::messages::{
    GroupId, HeartbeatRequest, JoinGroupRequest, JoinGroupResponse, LeaveGroupRequest, LeaveGroupResponse, RequestKind,
    ResponseKind, SyncGroupRequest, SyncGroupResponse,
};

use crate::call::{Call, Step};
use crate::core::Core;
use crate::settings::Settings;
use crate::testing::{at, call, core};

/// Members of one group and the time, without sockets.
struct Scene {
    core: Core,
    ms: u64,
    connections: u64,
}

/// What a request has come to.
enum Asked {
    Answer(ResponseKind),
    Waits(Call),
}

impl Asked {
    fn join(self) -> JoinGroupResponse {
        match self {
            Asked::Answer(ResponseKind::JoinGroup(answer)) => answer,
            Asked::Answer(other) => panic!("{other:?}"),
            Asked::Waits(_) => panic!("waits"),
        }
    }

    fn sync(self) -> SyncGroupResponse {
        match self {
            Asked::Answer(ResponseKind::SyncGroup(answer)) => answer,
            Asked::Answer(other) => panic!("{other:?}"),
            Asked::Waits(_) => panic!("waits"),
        }
    }

    fn waits(self) -> Call {
        match self {
            Asked::Answer(answer) => panic!("{answer:?}"),
            Asked::Waits(call) => call,
        }
    }
}

impl Scene {
    fn new() -> Scene {
        Scene::with(Settings::default())
    }

    fn with(settings: Settings) -> Scene {
        Scene { core: core(settings), ms: 0, connections: 0 }
    }

    /// A request on a connection of its own.
    fn ask(&mut self, version: i16, request: impl Into<RequestKind>) -> Asked {
        let mut call = call(version, request);
        self.connections += 1;
        call.caller.connection = self.connections;
        self.look(call)
    }

    fn look(&mut self, mut call: Call) -> Asked {
        match self.core.step(&mut call, at(self.ms)) {
            Step::Answer(answer) => Asked::Answer(*answer),
            Step::Wait(_) => Asked::Waits(call),
            other => panic!("{other:?}"),
        }
    }

    /// Looks again at a request that must have been woken.
    fn woken(&mut self, call: Call) -> Asked {
        let connection = call.caller.connection;
        let mut woken = self.core.take_woken();
        assert!(woken.contains(&connection), "nobody has woken {connection}");
        woken.retain(|woken| *woken != connection);
        woken.into_iter().for_each(|woken| self.core.watches.wake_connection(woken));
        self.look(call)
    }

    fn pass(&mut self, ms: u64) {
        self.ms += ms;
        self.core.tick(at(self.ms));
    }

    fn join(&mut self, version: i16, request: JoinGroupRequest) -> Asked {
        self.ask(version, request)
    }

    /// A new member joins an empty group, and gets its id and the generation.
    fn first_member(&mut self) -> String {
        let id = self.join(4, joining("")).join().member_id;
        let joined = self.join(4, joining(&id)).join();
        assert_eq!((joined.error_code, joined.generation_id), (0, 1));
        assert_eq!(self.sync(&id, 1, &[(&id, "all")]).sync().assignment, "all");
        id.to_string()
    }

    fn sync(&mut self, member: &str, generation: i32, assignments: &[(&str, &'static str)]) -> Asked {
        self.ask(3, syncing(member, generation, assignments))
    }

    fn beat(&mut self, member: &str, generation: i32) -> Option<ResponseError> {
        let request = HeartbeatRequest::default()
            .with_group_id(group())
            .with_member_id(member.to_owned().into())
            .with_generation_id(generation);
        match self.ask(3, request) {
            Asked::Answer(ResponseKind::Heartbeat(answer)) => ResponseError::try_from_code(answer.error_code),
            _ => panic!("no answer"),
        }
    }

    fn leave(&mut self, version: i16, members: &[(&str, Option<&str>)]) -> LeaveGroupResponse {
        let identity = |(id, instance): &(&str, Option<&str>)| {
            MemberIdentity::default()
                .with_member_id((*id).to_owned().into())
                .with_group_instance_id(instance.map(|instance| instance.to_owned().into()))
        };
        let request = match version {
            ..3 => LeaveGroupRequest::default().with_member_id(members[0].0.to_owned().into()),
            _ => LeaveGroupRequest::default().with_members(members.iter().map(identity).collect()),
        };
        match self.ask(version, request.with_group_id(group())) {
            Asked::Answer(ResponseKind::LeaveGroup(answer)) => answer,
            _ => panic!("no answer"),
        }
    }
}

fn group() -> GroupId {
    GroupId("g".into())
}

fn protocol(name: &'static str, metadata: &'static str) -> JoinGroupRequestProtocol {
    JoinGroupRequestProtocol::default().with_name(name.into()).with_metadata(metadata.into())
}

fn joining(member: &str) -> JoinGroupRequest {
    JoinGroupRequest::default()
        .with_group_id(group())
        .with_member_id(member.to_owned().into())
        .with_session_timeout_ms(10_000)
        .with_rebalance_timeout_ms(60_000)
        .with_protocol_type("consumer".into())
        .with_protocols(vec![protocol("range", "r"), protocol("roundrobin", "rr")])
}

fn static_member(instance: &'static str) -> JoinGroupRequest {
    joining("").with_group_instance_id(Some(instance.into()))
}

fn syncing(member: &str, generation: i32, assignments: &[(&str, &'static str)]) -> SyncGroupRequest {
    let assignment = |(id, bytes): &(&str, &'static str)| {
        SyncGroupRequestAssignment::default().with_member_id((*id).to_owned().into()).with_assignment((*bytes).into())
    };
    SyncGroupRequest::default()
        .with_group_id(group())
        .with_member_id(member.to_owned().into())
        .with_generation_id(generation)
        .with_assignments(assignments.iter().map(assignment).collect())
}

fn code(error: ResponseError) -> i16 {
    error.code()
}

#[test]
fn a_first_member_gets_everything_at_once() {
    let mut scene = Scene::new();
    let required = scene.join(4, joining("")).join();
    assert_eq!(required.error_code, code(ResponseError::MemberIdRequired));
    assert!(required.member_id.starts_with("test-"), "{}", &*required.member_id);
    let joined = scene.join(4, joining(&required.member_id)).join();
    assert_eq!((joined.error_code, joined.generation_id), (0, 1));
    assert_eq!(joined.leader, joined.member_id);
    assert_eq!(joined.protocol_name.as_deref(), Some("range"));
    assert_eq!(joined.members.len(), 1);
    assert_eq!(joined.members[0].metadata, "r");
    let synced = scene.sync(&joined.member_id, 1, &[(&joined.member_id, "all")]).sync();
    assert_eq!((synced.error_code, synced.assignment.as_ref()), (0, &b"all"[..]));
    assert_eq!(scene.beat(&joined.member_id, 1), None);
}

#[test]
fn before_version_4_no_second_join_is_needed() {
    let mut scene = Scene::new();
    let joined = scene.join(2, joining("")).join();
    assert_eq!((joined.error_code, joined.generation_id), (0, 1));
}

#[test]
fn a_second_member_makes_the_first_join_again() {
    let mut scene = Scene::new();
    let a = scene.first_member();
    let b = scene.join(4, joining("")).join().member_id;
    assert_eq!(scene.beat(&a, 1), None, "an id alone changes nothing");
    let b_joins = scene.join(4, joining(&b)).waits();
    assert_eq!(scene.beat(&a, 1), Some(ResponseError::RebalanceInProgress));
    let a_joined = scene.join(4, joining(&a)).join();
    let b_joined = scene.woken(b_joins).join();
    assert_eq!((a_joined.generation_id, b_joined.generation_id), (2, 2));
    assert_eq!((&*a_joined.leader, &*b_joined.leader), (a.as_str(), a.as_str()));
    assert_eq!((a_joined.members.len(), b_joined.members.len()), (2, 0));
    // The follower asks first, and waits for the leader.
    let b_syncs = scene.sync(&b, 2, &[]).waits();
    assert_eq!(scene.sync(&a, 2, &[(&a, "left"), (&b, "right")]).sync().assignment, "left");
    assert_eq!(scene.woken(b_syncs).sync().assignment, "right");
    assert_eq!(scene.beat(&b, 2), None);
    assert_eq!(scene.beat(&b, 1), Some(ResponseError::IllegalGeneration));
}
