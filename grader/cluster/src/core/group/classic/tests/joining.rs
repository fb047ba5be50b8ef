//! Members come, change their minds, and go.

use kafka_protocol::ResponseError;

use super::{Scene, code, joining, protocol, syncing};
use crate::settings::Settings;

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

#[test]
fn a_member_that_leaves_makes_the_other_join_again() {
    for version in [1, 5] {
        let mut scene = Scene::new();
        let (a, b) = scene.two_members();
        let left = scene.leave(version, &[(&a, None)]);
        assert_eq!((left.error_code, left.members.len()), (0, if version < 3 { 0 } else { 1 }));
        assert_eq!(scene.beat(&b, 2), Some(ResponseError::RebalanceInProgress));
        let joined = scene.join(4, joining(&b)).join();
        assert_eq!((joined.generation_id, &*joined.leader, joined.members.len()), (3, b.as_str(), 1));
        assert_eq!(scene.beat(&a, 2), Some(ResponseError::UnknownMemberId));
    }
}

#[test]
fn the_last_member_leaves_an_empty_group() {
    let mut scene = Scene::new();
    let a = scene.first_member();
    let left = scene.leave(5, &[(&a, None), ("nobody", None)]);
    assert_eq!(left.members.iter().map(|member| member.error_code).collect::<Vec<_>>(), [0, 25]);
    assert_eq!(&*scene.describe().group_state, "Empty");
    assert_eq!(scene.join(4, joining(&a)).join().error_code, code(ResponseError::UnknownMemberId));
    // The next generation does not begin at one again.
    assert_eq!(scene.join(2, joining("")).join().generation_id, 3);
}

#[test]
fn members_need_a_protocol_that_all_know() {
    let mut scene = Scene::new();
    let a = scene.join(2, joining("").with_protocols(vec![protocol("x", ""), protocol("y", "")])).join();
    assert_eq!(a.protocol_name.as_deref(), Some("x"), "the first one is preferred");
    let refused = scene.join(2, joining("").with_protocols(vec![protocol("z", "")])).join();
    assert_eq!(refused.error_code, code(ResponseError::InconsistentGroupProtocol));
    let refused = scene.join(2, joining("").with_protocol_type("connect".into())).join();
    assert_eq!(refused.error_code, code(ResponseError::InconsistentGroupProtocol));
    let b = scene.join(2, joining("").with_protocols(vec![protocol("y", "b")])).waits();
    let a = scene.join(2, joining(&a.member_id).with_protocols(vec![protocol("x", ""), protocol("y", "a")])).join();
    assert_eq!(a.protocol_name.as_deref(), Some("y"), "both know only this one");
    assert_eq!(scene.woken(b).join().protocol_name.as_deref(), Some("y"));
    assert!(a.members.iter().any(|member| member.metadata == "b"));
}

#[test]
fn who_was_given_an_id_can_join_when_all_others_have_left() {
    let mut scene = Scene::new();
    let a = scene.first_member();
    let b = scene.join(4, joining("")).join().member_id;
    let a_joins = scene.join(4, joining(&a)).waits();
    scene.leave(3, &[(&a, None)]);
    assert_eq!(scene.woken(a_joins).join().error_code, code(ResponseError::UnknownMemberId));
    let joined = scene.join(4, joining(&b).with_protocols(vec![protocol("other", "")])).join();
    assert_eq!((joined.error_code, joined.protocol_name.as_deref()), (0, Some("other")));
}

#[test]
fn a_session_must_be_neither_too_short_nor_too_long() {
    let mut scene = Scene::with(Settings { min_session_ms: 1_000, ..Settings::default() });
    for ms in [-1, 0, 999, 1_800_001, i32::MAX] {
        let refused = scene.join(5, joining("").with_session_timeout_ms(ms)).join();
        assert_eq!(refused.error_code, code(ResponseError::InvalidSessionTimeout), "{ms}");
    }
    assert_eq!(scene.core.groups.iter().count(), 0);
}

#[test]
fn a_group_has_a_limit() {
    let mut scene = Scene::with(Settings { most_group_members: 1, ..Settings::default() });
    let a = scene.first_member();
    assert_eq!(scene.join(4, joining("")).join().error_code, code(ResponseError::GroupMaxSizeReached));
    assert_eq!(scene.join(4, joining(&a)).join().error_code, 0, "who is there may stay");

    let mut scene = Scene::with(Settings { most_group_members: 2, ..Settings::default() });
    for _ in 0..2 {
        assert_eq!(scene.join(4, joining("")).join().error_code, code(ResponseError::MemberIdRequired));
    }
    let refused = scene.join(4, joining("")).join();
    assert_eq!(refused.error_code, code(ResponseError::GroupMaxSizeReached), "ids are given out within bounds");
}

#[test]
fn nobody_joins_when_members_keep_too_much() {
    let mut scene = Scene::with(Settings { group_bytes: 2_000, ..Settings::default() });
    scene.first_member();
    let fat = vec![protocol("range", &"x".repeat(4_000))];
    scene.join(2, joining("").with_protocols(fat)).waits();
    assert_eq!(scene.join(2, joining("")).join().error_code, code(ResponseError::GroupMaxSizeReached));
}

#[test]
fn who_joins_again_with_nothing_new_hears_what_is_known() {
    let mut scene = Scene::new();
    let (a, b) = scene.two_members();
    let same = scene.join(4, joining(&b)).join();
    assert_eq!((same.generation_id, &*same.leader, same.members.len()), (2, a.as_str(), 0));
    // The leader has a reason: partitions may have been added.
    let a_joins = scene.join(4, joining(&a)).waits();
    assert_eq!(scene.join(4, joining(&b)).join().generation_id, 3);
    assert_eq!(scene.woken(a_joins).join().members.len(), 2);
    // While the leader assigns, a lost answer is repeated, to the leader with all members.
    let again = scene.join(4, joining(&a)).join();
    assert_eq!((again.generation_id, again.members.len()), (3, 2));
    // A changed subscription is news.
    let b_joins = scene.join(4, joining(&b).with_protocols(vec![protocol("range", "new")])).waits();
    let joined = scene.join(4, joining(&a)).join();
    assert_eq!(joined.generation_id, 4);
    assert!(joined.members.iter().any(|member| member.metadata == "new"));
    scene.woken(b_joins).join();
}

#[test]
fn a_rebalance_sends_those_back_that_wait_for_their_assignment() {
    let mut scene = Scene::new();
    let (a, b) = scene.two_members_joined();
    let b_syncs = scene.sync(&b, 2, &[]).waits();
    let c_joins = scene.join(2, joining("")).waits();
    assert_eq!(scene.woken(b_syncs).sync().error_code, code(ResponseError::RebalanceInProgress));
    assert_eq!(scene.sync(&a, 2, &[]).sync().error_code, code(ResponseError::RebalanceInProgress));
    scene.join(4, joining(&a)).waits();
    assert_eq!(scene.join(4, joining(&b)).join().generation_id, 3);
    scene.woken(c_joins).join();
}

#[test]
fn an_assignment_is_for_its_generation_and_protocol() {
    let mut scene = Scene::new();
    let (a, b) = scene.two_members_joined();
    let cases = [
        (4, syncing("nobody", 2, &[]), ResponseError::UnknownMemberId),
        (4, syncing(&a, 1, &[]), ResponseError::IllegalGeneration),
        (5, syncing(&a, 2, &[]), ResponseError::InconsistentGroupProtocol),
        (5, named(&a, "consumer", "roundrobin"), ResponseError::InconsistentGroupProtocol),
        (5, named(&a, "connect", "range"), ResponseError::InconsistentGroupProtocol),
    ];
    for (version, request, error) in cases {
        assert_eq!(scene.ask(version, request).sync().error_code, code(error), "{error}");
    }
    let synced = scene.ask(5, named(&a, "consumer", "range")).sync();
    assert_eq!(synced.protocol_name.as_deref(), Some("range"));
    // The leader has left b out: it gets nothing, and no error.
    assert_eq!(scene.sync(&b, 2, &[]).sync().assignment, "");
}

fn named(member: &str, kind: &'static str, name: &'static str) -> kafka_protocol::messages::SyncGroupRequest {
    syncing(member, 2, &[]).with_protocol_type(Some(kind.into())).with_protocol_name(Some(name.into()))
}

#[test]
fn a_connection_that_closes_takes_no_member_along() {
    let mut scene = Scene::new();
    let a = scene.first_member();
    let b_joins = scene.join(2, joining("")).waits();
    scene.core.disconnected(b_joins.caller.connection);
    // The coordinator does not notice: b is in the next generation, and its answer goes nowhere.
    let joined = scene.join(4, joining(&a)).join();
    assert_eq!(joined.members.len(), 2);
    assert_eq!(scene.core.groups.answers.waiting(), 0);
}

#[test]
fn a_thousand_members_share_a_group() {
    let mut scene = Scene::with(Settings { initial_rebalance_delay_ms: 1_000, ..Settings::default() });
    let waiting: Vec<_> = (0..1_000).map(|_| scene.join(2, joining("")).waits()).collect();
    scene.pass(1_000);
    scene.pass(1_000);
    let joined: Vec<_> = waiting.into_iter().map(|call| scene.look(call).join()).collect();
    assert!(joined.iter().all(|joined| joined.generation_id == 1));
    assert_eq!(joined.iter().filter(|joined| joined.members.len() == 1_000).count(), 1);
    let leader = joined[0].leader.to_string();
    let followers = joined.iter().filter(|joined| *joined.member_id != leader);
    let waiting: Vec<_> = followers.map(|joined| scene.sync(&joined.member_id, 1, &[]).waits()).collect();
    scene.sync(&leader, 1, &[]).sync();
    assert_eq!(waiting.len(), 999);
    waiting.into_iter().for_each(|call| assert_eq!(scene.look(call).sync().error_code, 0));
    assert!(joined.iter().all(|joined| scene.beat(&joined.member_id, 1).is_none()));
}
