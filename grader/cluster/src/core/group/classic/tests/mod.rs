mod joining;
mod random;
mod statics;
mod timers;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::describe_groups_response::DescribedGroup;
use kafka_protocol::messages::join_group_request::JoinGroupRequestProtocol;
use kafka_protocol::messages::leave_group_request::MemberIdentity;
use kafka_protocol::messages::sync_group_request::SyncGroupRequestAssignment;
use kafka_protocol::messages::{
    DescribeGroupsRequest, GroupId, HeartbeatRequest, JoinGroupRequest, JoinGroupResponse, LeaveGroupRequest,
    LeaveGroupResponse, RequestKind, ResponseKind, SyncGroupRequest, SyncGroupResponse,
};

use crate::core::Core;
use crate::core::call::{Call, Step};
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

    /// A second one, too: the group is in generation 2, and nobody has an assignment yet. The first leads.
    fn two_members_joined(&mut self) -> (String, String) {
        let a = self.first_member();
        let b = self.join(2, joining("")).waits();
        self.join(4, joining(&a)).join();
        let b = self.woken(b).join().member_id;
        (a, b.to_string())
    }

    /// The same in a stable group.
    fn two_members(&mut self) -> (String, String) {
        let (a, b) = self.two_members_joined();
        self.sync(&a, 2, &[(&a, "left"), (&b, "right")]).sync();
        self.sync(&b, 2, &[]).sync();
        (a, b)
    }

    fn describe(&mut self) -> DescribedGroup {
        match self.ask(5, DescribeGroupsRequest::default().with_groups(vec![group()])) {
            Asked::Answer(ResponseKind::DescribeGroups(mut answer)) => answer.groups.remove(0),
            _ => panic!("no answer"),
        }
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

fn protocol(name: &'static str, metadata: &str) -> JoinGroupRequestProtocol {
    JoinGroupRequestProtocol::default().with_name(name.into()).with_metadata(metadata.to_owned().into())
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
