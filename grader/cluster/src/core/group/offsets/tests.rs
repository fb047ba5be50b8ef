use kafka_protocol::ResponseError;
use kafka_protocol::messages::offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic};
use kafka_protocol::messages::offset_delete_request::{OffsetDeleteRequestPartition, OffsetDeleteRequestTopic};
use kafka_protocol::messages::offset_fetch_request::{
    OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics,
};
use kafka_protocol::messages::{
    DeleteGroupsRequest, GroupId, JoinGroupRequest, ListGroupsRequest, OffsetCommitRequest, OffsetDeleteRequest,
    OffsetFetchRequest, ResponseKind, TopicName,
};

use super::{Committed, MemberClaim, end_transaction, forget_topic, stage_offsets};
use crate::core::Core;
use crate::core::admin;
use crate::core::call::Caller;
use crate::settings::Settings;
use crate::testing::{ask, at, call, core};

const NOBODY: MemberClaim<'_> = MemberClaim { member: "", instance: None, generation: -1 };

/// A cluster with the topics t and u, of two partitions each.
fn opened() -> Core {
    opened_with(Settings::default())
}

fn opened_with(settings: Settings) -> Core {
    let mut core = core(Settings { partitions: 2, ..settings });
    for topic in ["t", "u"] {
        admin::create_topic(&mut core, topic, &admin::NewTopic::default()).unwrap();
    }
    core
}

fn group(id: &str) -> GroupId {
    GroupId(id.to_owned().into())
}

fn topic(name: &str) -> TopicName {
    TopicName(name.to_owned().into())
}

/// Commits one offset, and says what was answered.
fn commit(
    core: &mut Core,
    version: i16,
    claim: MemberClaim<'_>,
    (name, index): (&str, i32),
    offset: i64,
) -> Option<ResponseError> {
    commit_with(core, version, claim, (name, index), offset, "")
}

fn commit_with(
    core: &mut Core,
    version: i16,
    claim: MemberClaim<'_>,
    (name, index): (&str, i32),
    offset: i64,
    metadata: &str,
) -> Option<ResponseError> {
    let partition = OffsetCommitRequestPartition::default()
        .with_partition_index(index)
        .with_committed_offset(offset)
        .with_committed_metadata(Some(metadata.to_owned().into()));
    let topic = OffsetCommitRequestTopic::default().with_name(topic(name)).with_partitions(vec![partition]);
    let request = OffsetCommitRequest::default()
        .with_group_id(group("g"))
        .with_member_id(claim.member.to_owned().into())
        .with_group_instance_id(claim.instance.map(|instance| instance.to_owned().into()))
        .with_generation_id_or_member_epoch(claim.generation)
        .with_topics(vec![topic]);
    match ask(core, at(0), version, request) {
        ResponseKind::OffsetCommit(answer) => ResponseError::try_from_code(answer.topics[0].partitions[0].error_code),
        other => panic!("{other:?}"),
    }
}

/// What the group has committed, all of it: topic, partition, offset, error.
fn fetch(core: &mut Core, require_stable: bool) -> Vec<(String, i32, i64, i16)> {
    let request =
        OffsetFetchRequest::default().with_group_id(group("g")).with_topics(None).with_require_stable(require_stable);
    let ResponseKind::OffsetFetch(answer) = ask(core, at(0), 7, request) else { panic!() };
    let topics = answer.topics.iter().flat_map(|topic| {
        let partitions = topic.partitions.iter();
        partitions.map(|p| (topic.name.to_string(), p.partition_index, p.committed_offset, p.error_code))
    });
    topics.collect()
}

fn stage(core: &mut Core, producer: i64, offset: i64) -> Option<ResponseError> {
    let committed = Committed { offset, leader_epoch: -1, metadata: String::new() };
    let caller = caller();
    let results = stage_offsets(core, "g", producer, &NOBODY, vec![((topic("t"), 0), committed)], &caller);
    results[0].err()
}

fn caller() -> Caller {
    call(9, OffsetCommitRequest::default()).caller
}

#[test]
fn what_is_committed_is_fetched() {
    let mut core = opened();
    assert_eq!(fetch(&mut core, false), []);
    for version in 2..=9 {
        assert_eq!(commit(&mut core, version, NOBODY, ("t", 1), version.into()), None);
    }
    assert_eq!(commit(&mut core, 9, NOBODY, ("u", 0), 7), None);
    assert_eq!(fetch(&mut core, true), [("t".into(), 1, 9, 0), ("u".into(), 0, 7, 0)]);
}

#[test]
fn each_version_of_fetch_says_the_same() {
    let mut core = opened();
    commit_with(&mut core, 9, NOBODY, ("t", 1), 5, "note");
    for version in 1..=7 {
        let asked = OffsetFetchRequestTopic::default().with_name(topic("t")).with_partition_indexes(vec![0, 1]);
        let request = OffsetFetchRequest::default().with_group_id(group("g")).with_topics(Some(vec![asked]));
        let ResponseKind::OffsetFetch(answer) = ask(&mut core, at(0), version, request) else { panic!() };
        let [missing, there] = answer.topics[0].partitions.as_slice() else { panic!() };
        assert_eq!((missing.committed_offset, missing.metadata.as_deref()), (-1, Some("")), "v{version}");
        assert_eq!((there.committed_offset, there.metadata.as_deref()), (5, Some("note")), "v{version}");
    }
    for version in 8..=9 {
        let asked = OffsetFetchRequestTopics::default().with_name(topic("t")).with_partition_indexes(vec![0, 1]);
        let known = OffsetFetchRequestGroup::default().with_group_id(group("g")).with_topics(Some(vec![asked]));
        let unknown = OffsetFetchRequestGroup::default().with_group_id(group("x")).with_topics(None);
        let request = OffsetFetchRequest::default().with_groups(vec![known, unknown]);
        let ResponseKind::OffsetFetch(answer) = ask(&mut core, at(0), version, request) else { panic!() };
        let [known, unknown] = answer.groups.as_slice() else { panic!() };
        let offsets: Vec<_> = known.topics[0].partitions.iter().map(|p| p.committed_offset).collect();
        assert_eq!(offsets, [-1, 5], "v{version}");
        assert_eq!((unknown.error_code, unknown.topics.len()), (0, 0), "v{version}");
    }
}

#[test]
fn commits_are_refused_as_kafka_does() {
    let member = |member, generation| MemberClaim { member, instance: None, generation };
    // Without a group, and then with an empty one.
    let cases = [
        (9, member("m", 0), ("t", 0), Some(ResponseError::GroupIdNotFound)),
        (8, member("m", 0), ("t", 0), Some(ResponseError::IllegalGeneration)),
        (9, member("m", 0), ("x", 0), Some(ResponseError::UnknownTopicOrPartition)),
        (9, member("m", 0), ("t", 2), Some(ResponseError::UnknownTopicOrPartition)),
        (9, member("m", 0), ("t", -1), Some(ResponseError::UnknownTopicOrPartition)),
        (9, member("m", -1), ("t", 0), None),
        (9, member("m", 0), ("t", 0), Some(ResponseError::UnknownMemberId)),
        (9, member("", -1), ("t", 0), None),
    ];
    let mut core = opened();
    for (version, claim, partition, error) in cases {
        assert_eq!(commit(&mut core, version, claim, partition, 1), error, "v{version} {claim:?} {partition:?}");
    }
}

#[test]
fn members_and_strangers_are_told_apart() {
    let mut core = opened();
    let join = JoinGroupRequest::default()
        .with_group_id(group("g"))
        .with_session_timeout_ms(10_000)
        .with_rebalance_timeout_ms(10_000)
        .with_protocol_type("consumer".into())
        .with_protocols(vec![
            kafka_protocol::messages::join_group_request::JoinGroupRequestProtocol::default().with_name("range".into()),
        ]);
    let ResponseKind::JoinGroup(joined) = ask(&mut core, at(0), 2, join) else { panic!() };
    let member = |id, generation| MemberClaim { member: id, instance: None, generation };
    let id = &*joined.member_id;
    let rebalancing = Some(ResponseError::RebalanceInProgress);
    assert_eq!(commit(&mut core, 9, member(id, 1), ("t", 0), 1), rebalancing, "it has no assignment yet");
    let sync = kafka_protocol::messages::SyncGroupRequest::default()
        .with_group_id(group("g"))
        .with_member_id(joined.member_id.clone())
        .with_generation_id(1);
    ask(&mut core, at(0), 3, sync);
    assert_eq!(commit(&mut core, 9, member(id, 1), ("t", 0), 1), None);
    assert_eq!(commit(&mut core, 9, member(id, 0), ("t", 0), 2), Some(ResponseError::IllegalGeneration));
    assert_eq!(commit(&mut core, 9, member("x", 1), ("t", 0), 2), Some(ResponseError::UnknownMemberId));
    assert_eq!(commit(&mut core, 9, NOBODY, ("t", 0), 2), Some(ResponseError::UnknownMemberId));
    let instance = MemberClaim { instance: Some("i"), ..member(id, 1) };
    assert_eq!(commit(&mut core, 9, instance, ("t", 0), 2), Some(ResponseError::UnknownMemberId));
    assert_eq!(fetch(&mut core, false), [("t".into(), 0, 1, 0)]);
}

#[test]
fn metadata_has_a_limit() {
    let mut core = opened();
    let too_large = Some(ResponseError::OffsetMetadataTooLarge);
    assert_eq!(commit_with(&mut core, 9, NOBODY, ("t", 0), 1, &"x".repeat(4_096)), None);
    assert_eq!(commit_with(&mut core, 9, NOBODY, ("t", 0), 2, &"x".repeat(4_097)), too_large);
    // Kafka counts as Java does.
    assert_eq!(commit_with(&mut core, 9, NOBODY, ("t", 0), 3, &"é".repeat(4_096)), None);
    assert_eq!(commit_with(&mut core, 9, NOBODY, ("t", 0), 4, &"𝄞".repeat(2_049)), too_large);
    assert_eq!(fetch(&mut core, false), [("t".into(), 0, 3, 0)]);
}

#[test]
fn what_a_transaction_commits_counts_when_it_is_committed() {
    let mut core = opened();
    commit(&mut core, 9, NOBODY, ("t", 0), 1);
    assert_eq!(stage(&mut core, 7, 5), None);
    assert_eq!(fetch(&mut core, false), [("t".into(), 0, 1, 0)]);
    assert_eq!(fetch(&mut core, true), [("t".into(), 0, -1, ResponseError::UnstableOffsetCommit.code())]);
    end_transaction(&mut core, "g", 7, true);
    assert_eq!(fetch(&mut core, true), [("t".into(), 0, 5, 0)]);
    stage(&mut core, 7, 9);
    end_transaction(&mut core, "g", 8, true); // another one's
    end_transaction(&mut core, "g", 7, false);
    end_transaction(&mut core, "x", 7, true); // no such group
    assert_eq!(fetch(&mut core, true), [("t".into(), 0, 5, 0)]);
}

#[test]
fn a_later_commit_is_not_overtaken_by_a_transaction_that_ends_after_it() {
    let mut core = opened();
    stage(&mut core, 7, 5);
    commit(&mut core, 9, NOBODY, ("t", 0), 9);
    end_transaction(&mut core, "g", 7, true);
    assert_eq!(fetch(&mut core, true), [("t".into(), 0, 9, 0)]);
}

#[test]
fn staging_sorts_out_what_is_not_there() {
    let mut core = opened();
    let committed = Committed { offset: 1, leader_epoch: -1, metadata: String::new() };
    let long = Committed { metadata: "x".repeat(5_000), ..committed.clone() };
    let offsets =
        vec![((topic("t"), 0), committed.clone()), ((topic("x"), 0), committed.clone()), ((topic("t"), 1), long)];
    let claim = MemberClaim { generation: 3, ..NOBODY };
    let refused = stage_offsets(&mut core, "g", 7, &claim, offsets.clone(), &caller());
    let unknown = Err(ResponseError::UnknownTopicOrPartition);
    assert_eq!(refused[..2], [Err(ResponseError::IllegalGeneration), unknown]);
    let staged = stage_offsets(&mut core, "g", 7, &NOBODY, offsets, &caller());
    assert_eq!(staged, [Ok(()), unknown, Err(ResponseError::OffsetMetadataTooLarge)]);
}

#[test]
fn offsets_are_deleted_one_by_one_with_their_group_or_with_their_topic() {
    let mut core = opened();
    for partition in [("t", 0), ("t", 1), ("u", 0)] {
        commit(&mut core, 9, NOBODY, partition, 1);
    }
    stage(&mut core, 7, 5);
    let index = |index| OffsetDeleteRequestPartition::default().with_partition_index(index);
    let deleted = OffsetDeleteRequestTopic::default().with_name(topic("t")).with_partitions(vec![index(0), index(2)]);
    let request = OffsetDeleteRequest::default().with_group_id(group("g")).with_topics(vec![deleted]);
    let ResponseKind::OffsetDelete(answer) = ask(&mut core, at(0), 0, request) else { panic!() };
    let errors: Vec<_> = answer.topics[0].partitions.iter().map(|partition| partition.error_code).collect();
    assert_eq!(errors, [0, ResponseError::UnknownTopicOrPartition.code()]);
    end_transaction(&mut core, "g", 7, true); // what was staged is gone, too
    assert_eq!(fetch(&mut core, true), [("t".into(), 1, 1, 0), ("u".into(), 0, 1, 0)]);
    forget_topic(&mut core, "u");
    assert_eq!(fetch(&mut core, true), [("t".into(), 1, 1, 0)]);
    let request = DeleteGroupsRequest::default().with_groups_names(vec![group("g"), group("x"), group("g")]);
    let ResponseKind::DeleteGroups(answer) = ask(&mut core, at(0), 2, request) else { panic!() };
    let errors: Vec<_> = answer.results.iter().map(|result| result.error_code).collect();
    assert_eq!(errors, [0, ResponseError::GroupIdNotFound.code()]);
    assert_eq!(fetch(&mut core, true), []);
    assert_eq!(core.groups.bytes(), 0, "what is kept is counted right");
}

#[test]
fn groups_and_offsets_are_bounded() {
    let mut core = opened_with(Settings { most_groups: 1, group_bytes: 9_000, ..Settings::default() });
    assert_eq!(commit(&mut core, 9, NOBODY, ("t", 0), 1), None);
    let staged = Committed { offset: 1, leader_epoch: -1, metadata: String::new() };
    let refused = stage_offsets(&mut core, "other", 7, &NOBODY, vec![((topic("t"), 0), staged)], &caller());
    assert_eq!(refused, [Err(ResponseError::CoordinatorNotAvailable)]);
    for (name, index) in [("t", 0), ("t", 1), ("u", 0)] {
        commit_with(&mut core, 9, NOBODY, (name, index), 1, &"x".repeat(4_000));
    }
    assert_eq!(commit(&mut core, 9, NOBODY, ("u", 1), 1), Some(ResponseError::InvalidCommitOffsetSize));
    assert_eq!(fetch(&mut core, true).len(), 3);
}

#[test]
fn groups_are_listed_by_state_and_type() {
    let mut core = opened();
    commit(&mut core, 9, NOBODY, ("t", 0), 1);
    let mut listed = |version, states: &[&'static str], types: &[&'static str]| {
        let strings = |texts: &[&'static str]| texts.iter().map(|text| (*text).into()).collect();
        let request =
            ListGroupsRequest::default().with_states_filter(strings(states)).with_types_filter(strings(types));
        match ask(&mut core, at(0), version, request) {
            ResponseKind::ListGroups(answer) => answer.groups.len(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(listed(0, &[], &[]), 1);
    assert_eq!(listed(5, &[" EMPTY "], &["Classic"]), 1);
    assert_eq!(listed(5, &["Stable"], &[]), 0);
    assert_eq!(listed(5, &[], &["consumer"]), 0);
    assert_eq!(listed(5, &[], &["nonsense"]), 0);
}
