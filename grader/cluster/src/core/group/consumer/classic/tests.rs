use kafka_protocol::ResponseError::{self, *};
use kafka_protocol::messages::consumer_group_heartbeat_request::TopicPartitions;
use kafka_protocol::messages::join_group_request::JoinGroupRequestProtocol;
use kafka_protocol::messages::leave_group_request::MemberIdentity;
use kafka_protocol::messages::sync_group_request::SyncGroupRequestAssignment;
use kafka_protocol::messages::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, GroupId, HeartbeatRequest, JoinGroupRequest,
    JoinGroupResponse, LeaveGroupRequest, RequestKind, ResponseKind, SyncGroupRequest, SyncGroupResponse, TopicName,
};

use crate::core::Core;
use crate::core::admin::{NewTopic, create_topic};
use crate::core::call::{Call, Step};
use crate::core::group::Members;
use crate::core::group::embedded::{read_assignment, write_assignment};
use crate::settings::Settings;
use crate::testing::{at, call, core};

/// A group with members of both protocols, on a topic of four partitions.
struct Scene {
    core: Core,
    ms: u64,
    connections: u64,
}

impl Scene {
    fn new() -> Scene {
        let mut core = core(Settings::default());
        create_topic(&mut core, "t", &NewTopic { partitions: Some(4), ..NewTopic::default() }).unwrap();
        Scene { core, ms: 0, connections: 0 }
    }

    fn pass(&mut self, ms: u64) {
        self.ms += ms;
        self.core.tick(at(self.ms));
    }

    fn begin(&mut self, version: i16, request: impl Into<RequestKind>) -> (Call, Step) {
        let mut call = call(version, request);
        self.connections += 1;
        call.caller.connection = self.connections;
        let step = self.core.step(&mut call, at(self.ms));
        (call, step)
    }

    fn ask(&mut self, version: i16, request: impl Into<RequestKind>) -> ResponseKind {
        match self.begin(version, request).1 {
            Step::Answer(answer) => *answer,
            other => panic!("{other:?}"),
        }
    }

    fn join(&mut self, request: JoinGroupRequest) -> Result<JoinGroupResponse, ResponseError> {
        match self.ask(3, request) {
            ResponseKind::JoinGroup(answer) => result(answer.error_code).map(|()| answer),
            other => panic!("{other:?}"),
        }
    }

    fn sync(&mut self, member: &JoinGroupResponse, assigned: &[i32]) -> Result<Vec<i32>, ResponseError> {
        let all = write_assignment(1, &vec![("t".to_owned(), assigned.to_vec())]);
        let all = SyncGroupRequestAssignment::default().with_member_id(member.member_id.clone()).with_assignment(all);
        let request = SyncGroupRequest::default()
            .with_group_id(group())
            .with_member_id(member.member_id.clone())
            .with_generation_id(member.generation_id)
            .with_assignments(if assigned.is_empty() { Vec::new() } else { vec![all] });
        let ResponseKind::SyncGroup(SyncGroupResponse { error_code, assignment, .. }) = self.ask(3, request) else {
            panic!()
        };
        result(error_code)?;
        let topics = read_assignment(&assignment).expect("an assignment");
        Ok(topics.into_iter().flat_map(|(_, partitions)| partitions).collect())
    }

    fn beat(&mut self, member: &JoinGroupResponse) -> Result<(), ResponseError> {
        let request = HeartbeatRequest::default()
            .with_group_id(group())
            .with_member_id(member.member_id.clone())
            .with_generation_id(member.generation_id);
        match self.ask(3, request) {
            ResponseKind::Heartbeat(answer) => result(answer.error_code),
            other => panic!("{other:?}"),
        }
    }

    fn consumer(
        &mut self,
        member: &'static str,
        epoch: i32,
        owned: Option<&[i32]>,
    ) -> Result<ConsumerGroupHeartbeatResponse, ResponseError> {
        self.consumer_as(member, None, epoch, owned)
    }

    fn consumer_as(
        &mut self,
        member: &'static str,
        instance: Option<&'static str>,
        epoch: i32,
        owned: Option<&[i32]>,
    ) -> Result<ConsumerGroupHeartbeatResponse, ResponseError> {
        let id = self.core.topics.get("t").unwrap().id;
        let owned = owned.map(|owned| {
            let topic = TopicPartitions::default().with_topic_id(id).with_partitions(owned.to_vec());
            if owned.is_empty() { Vec::new() } else { vec![topic] }
        });
        let mut request = ConsumerGroupHeartbeatRequest::default()
            .with_group_id(group())
            .with_member_id(member.into())
            .with_instance_id(instance.map(Into::into))
            .with_member_epoch(epoch)
            .with_topic_partitions(owned);
        if epoch == 0 {
            request = request
                .with_rebalance_timeout_ms(60_000)
                .with_topic_partitions(Some(Vec::new()))
                .with_subscribed_topic_names(Some(vec![TopicName("t".into())]));
        }
        match self.ask(1, request) {
            ResponseKind::ConsumerGroupHeartbeat(answer) => result(answer.error_code).map(|()| answer),
            other => panic!("{other:?}"),
        }
    }

    fn is_classic(&self) -> bool {
        matches!(self.core.groups.get("g").unwrap().members, Members::Classic(_))
    }

    /// A classic group with one member, which has all four partitions.
    fn classic_group(&mut self, request: JoinGroupRequest) -> JoinGroupResponse {
        let member = self.join(request).unwrap();
        assert_eq!(self.sync(&member, &[0, 1, 2, 3]).unwrap(), [0, 1, 2, 3]);
        member
    }
}

fn result(code: i16) -> Result<(), ResponseError> {
    ResponseError::try_from_code(code).map_or(Ok(()), Err)
}

fn group() -> GroupId {
    GroupId("g".into())
}

/// A subscription to t in version 1, by a member that owns these partitions.
fn subscription(owned: &[i32]) -> Vec<u8> {
    let mut bytes = b"\0\x01\0\0\0\x01\0\x01t\xff\xff\xff\xff".to_vec();
    bytes.extend(if owned.is_empty() { &b"\0\0\0\0"[..] } else { b"\0\0\0\x01\0\x01t" });
    if !owned.is_empty() {
        bytes.extend(u32::try_from(owned.len()).unwrap().to_be_bytes());
        owned.iter().for_each(|partition| bytes.extend(partition.to_be_bytes()));
    }
    bytes
}

fn joining(member: &str, owned: &[i32]) -> JoinGroupRequest {
    let protocol = JoinGroupRequestProtocol::default().with_name("range".into());
    JoinGroupRequest::default()
        .with_group_id(group())
        .with_member_id(member.to_owned().into())
        .with_session_timeout_ms(10_000)
        .with_rebalance_timeout_ms(60_000)
        .with_protocol_type("consumer".into())
        .with_protocols(vec![protocol.with_metadata(subscription(owned).into())])
}

fn given(answer: &ConsumerGroupHeartbeatResponse) -> Vec<i32> {
    let assignment = answer.assignment.as_ref().expect("an assignment");
    assignment.topic_partitions.iter().flat_map(|topic| topic.partitions.clone()).collect()
}

#[test]
fn a_classic_group_is_taken_along_and_classic_again_when_it_is_left_alone() {
    let mut scene = Scene::new();
    let a = scene.classic_group(joining("", &[]));
    let b = scene.consumer("b", 0, None).unwrap();
    assert!(!scene.is_classic());
    assert_eq!((b.member_epoch, given(&b).len()), (2, 0), "a holds everything");
    assert_eq!(scene.beat(&a), Err(RebalanceInProgress));
    assert_eq!(scene.sync(&a, &[]), Err(RebalanceInProgress));
    // It joins without owning anything any more, as an eager client does.
    let a = scene.join(joining(&a.member_id, &[])).unwrap();
    assert_eq!((a.generation_id, &*a.leader, a.members.len()), (2, "", 0));
    let left = scene.sync(&a, &[]).unwrap();
    assert_eq!(left.len(), 2);
    assert_eq!(scene.beat(&a), Ok(()));
    let b = scene.consumer("b", 2, None).unwrap();
    assert!(given(&b).iter().all(|partition| !left.contains(partition)) && given(&b).len() == 2);

    scene.consumer("b", -1, None).unwrap();
    assert!(scene.is_classic());
    assert_eq!(scene.beat(&a), Err(RebalanceInProgress));
    let a = scene.join(joining(&a.member_id, &left)).unwrap();
    assert_eq!((a.generation_id, &a.leader, a.members.len()), (3, &a.member_id, 1));
    assert_eq!(scene.sync(&a, &[0, 1, 2, 3]).unwrap().len(), 4);
}

#[test]
fn a_cooperative_member_keeps_what_it_has_until_it_gives_it_up() {
    let mut scene = Scene::new();
    let a = scene.classic_group(joining("", &[]));
    scene.consumer("b", 0, None).unwrap();
    let a = scene.join(joining(&a.member_id, &[0, 1, 2, 3])).unwrap();
    assert_eq!(a.generation_id, 1, "it has not reached the target");
    let kept = scene.sync(&a, &[]).unwrap();
    assert_eq!(kept.len(), 2);
    assert!(scene.consumer("b", 2, Some(&[])).unwrap().assignment.is_none(), "there is nothing for b yet");
    assert_eq!(scene.beat(&a), Err(RebalanceInProgress), "it is to say that it has given up the others");
    let a = scene.join(joining(&a.member_id, &kept)).unwrap();
    assert_eq!(a.generation_id, 2);
    assert_eq!(scene.sync(&a, &[]).unwrap(), kept);
    assert_eq!(given(&scene.consumer("b", 2, Some(&[])).unwrap()).len(), 2);
}

#[test]
fn a_classic_member_joins_consumers() {
    let mut scene = Scene::new();
    assert_eq!(given(&scene.consumer("a", 0, None).unwrap()).len(), 4);
    let ResponseKind::JoinGroup(required) = scene.ask(4, joining("", &[])) else { panic!() };
    assert_eq!(result(required.error_code), Err(MemberIdRequired));
    let b = scene.join(joining(&required.member_id, &[])).unwrap();
    assert_eq!((b.generation_id, &*b.leader), (3, ""));
    assert_eq!(scene.sync(&b, &[]).unwrap().len(), 0, "a holds everything");
    assert_eq!(scene.beat(&b), Ok(()), "and as long as it does, there is nothing to join for");
    let kept = given(&scene.consumer("a", 2, None).unwrap());
    assert_eq!(kept.len(), 2);
    assert_eq!(scene.consumer("a", 2, Some(&kept)).unwrap().member_epoch, 3);
    assert_eq!(scene.beat(&b), Err(RebalanceInProgress));
    let b = scene.join(joining(&b.member_id, &[])).unwrap();
    let got = scene.sync(&b, &[]).unwrap();
    assert!(got.len() == 2 && got.iter().all(|partition| !kept.contains(partition)));
    // It leaves, and everything is a's again.
    let identity = MemberIdentity::default().with_member_id(b.member_id.clone());
    let request = LeaveGroupRequest::default().with_group_id(group()).with_members(vec![identity.clone(), identity]);
    let ResponseKind::LeaveGroup(left) = scene.ask(3, request) else { panic!() };
    assert_eq!(left.members.iter().map(|member| member.error_code).collect::<Vec<_>>(), [0, UnknownMemberId.code()]);
    assert_eq!(given(&scene.consumer("a", 3, Some(&kept)).unwrap()).len(), 4);
}

#[test]
fn what_is_refused() {
    let mut scene = Scene::new();
    scene.consumer("a", 0, None).unwrap();
    let other = JoinGroupRequestProtocol::default().with_name("other".into()).with_metadata(subscription(&[]).into());
    let garbage = JoinGroupRequestProtocol::default().with_name("range".into()).with_metadata("zz".into());
    let cases = [
        (joining("", &[]).with_protocol_type("connect".into()), InconsistentGroupProtocol),
        (joining("", &[]).with_protocols(vec![]), InconsistentGroupProtocol),
        (joining("", &[]).with_protocols(vec![garbage]), InconsistentGroupProtocol),
        (joining("x", &[]).with_group_instance_id(Some("i".into())), UnknownMemberId),
    ];
    for (request, error) in cases {
        assert_eq!(scene.join(request).unwrap_err(), error);
    }
    let b = scene.join(joining("", &[])).unwrap();
    assert_eq!(scene.join(joining("", &[]).with_protocols(vec![other])).unwrap_err(), InconsistentGroupProtocol);
    assert_eq!(scene.beat(&b.clone().with_generation_id(7)), Err(IllegalGeneration));
    assert_eq!(scene.sync(&b.clone().with_generation_id(7), &[]), Err(IllegalGeneration));
    let a = b.with_member_id("a".into());
    assert_eq!(scene.beat(&a), Err(UnknownMemberId), "it does not speak this protocol");
}

#[test]
fn a_group_whose_members_cannot_be_understood_stays_classic() {
    let mut scene = Scene::new();
    let garbage = JoinGroupRequestProtocol::default().with_name("range".into()).with_metadata("zz".into());
    let a = scene.join(joining("", &[]).with_protocols(vec![garbage])).unwrap();
    assert_eq!(scene.consumer("b", 0, None).unwrap_err(), GroupIdNotFound);
    assert!(scene.is_classic());
    assert_eq!(scene.beat(&a), Ok(()));
    let mut scene = Scene::new();
    scene.join(joining("", &[]).with_protocol_type("connect".into())).unwrap();
    assert_eq!(scene.consumer("b", 0, None).unwrap_err(), GroupIdNotFound);
}

#[test]
fn those_who_wait_while_the_group_changes_are_sent_back() {
    let mut scene = Scene::new();
    scene.classic_group(joining("", &[]));
    let (mut waiting, step) = scene.begin(3, joining("", &[]));
    assert!(matches!(step, Step::Wait(_)));
    scene.consumer("b", 0, None).unwrap();
    let Step::Answer(answer) = scene.core.step(&mut waiting, at(0)) else { panic!("still waits") };
    let ResponseKind::JoinGroup(answer) = *answer else { panic!() };
    assert_eq!(result(answer.error_code), Err(RebalanceInProgress));
    assert_eq!(scene.core.groups.answers.waiting(), 0);
}

#[test]
fn a_static_member_changes_its_protocol_and_keeps_its_partitions() {
    let mut scene = Scene::new();
    let classic = || joining("", &[]).with_group_instance_id(Some("i".into()));
    let a = scene.classic_group(classic());
    let upgraded = scene.consumer_as("b", Some("i"), 0, None).unwrap();
    assert_eq!(given(&upgraded), [0, 1, 2, 3]);
    assert_eq!(scene.beat(&a), Err(UnknownMemberId));
    assert!(!scene.is_classic());
    let back = scene.join(classic()).unwrap();
    assert!(scene.is_classic(), "it was the last one of KIP-848");
    assert_eq!(scene.sync(&back, &[]).unwrap(), [0, 1, 2, 3]);
    assert_eq!(scene.consumer_as("b", Some("i"), 1, None).unwrap_err(), GroupIdNotFound);
}

#[test]
fn time_runs_out_for_both_kinds() {
    // A classic member is silent for its session.
    let mut scene = Scene::new();
    scene.consumer("a", 0, None).unwrap();
    let b = scene.join(joining("", &[])).unwrap();
    scene.sync(&b, &[]).unwrap();
    scene.pass(10_000);
    assert_eq!(scene.beat(&b), Err(UnknownMemberId));
    // One of KIP-848 is silent, and was the last one.
    let b = scene.join(joining("", &[])).unwrap();
    scene.sync(&b, &[]).unwrap();
    while !scene.is_classic() {
        scene.pass(5_000);
        assert_ne!(scene.beat(&b), Err(UnknownMemberId));
    }
    assert_eq!(scene.beat(&b), Err(RebalanceInProgress));
    // A classic member beats, but does not join when it must.
    let mut scene = Scene::new();
    let a = scene.classic_group(joining("", &[]));
    let mut epoch = scene.consumer("b", 0, None).unwrap().member_epoch;
    for _ in 0..11 {
        scene.pass(5_000);
        assert_eq!(scene.beat(&a), Err(RebalanceInProgress));
        epoch = scene.consumer("b", epoch, None).unwrap().member_epoch;
    }
    scene.pass(5_000);
    scene.consumer("b", epoch, None).unwrap();
    scene.pass(5_000);
    assert_eq!(scene.beat(&a), Err(UnknownMemberId));
}
