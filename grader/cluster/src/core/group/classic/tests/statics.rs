//! Static members: `group.instance.id` (KIP-345).

use kafka_protocol::ResponseError;

use super::{Scene, code, joining, protocol, static_member, syncing};

/// Two static members, i and k, of a stable group. i leads.
fn stable() -> (Scene, String, String) {
    let mut scene = Scene::new();
    let i = scene.join(5, static_member("i")).join().member_id.to_string();
    let k = scene.join(5, static_member("k")).waits();
    let i_joined = scene.join(5, static_member("i").with_member_id(i.clone().into())).join();
    assert_eq!(i_joined.members.len(), 2);
    let k = scene.woken(k).join().member_id.to_string();
    scene.sync(&i, 2, &[(&i, "left"), (&k, "right")]).sync();
    scene.sync(&k, 2, &[]).sync();
    (scene, i, k)
}

#[test]
fn a_static_member_needs_no_second_join() {
    let mut scene = Scene::new();
    let joined = scene.join(9, static_member("i")).join();
    assert_eq!((joined.error_code, joined.generation_id), (0, 1));
    assert!(joined.member_id.starts_with("i-"), "{}", &*joined.member_id);
}

#[test]
fn a_follower_that_comes_back_gets_its_old_place_without_a_rebalance() {
    let (mut scene, i, k) = stable();
    let back = scene.join(5, static_member("k")).join();
    assert_eq!((back.error_code, back.generation_id, &*back.leader), (0, 2, i.as_str()));
    assert_ne!(&*back.member_id, k);
    assert_eq!(scene.sync(&back.member_id, 2, &[]).sync().assignment, "right");
    assert_eq!(scene.beat(&i, 2), None, "nobody else has noticed");
    assert_eq!(scene.beat(&k, 2), Some(ResponseError::UnknownMemberId), "the old one is unknown by its id");
    let fenced = syncing(&k, 2, &[]).with_group_instance_id(Some("k".into()));
    assert_eq!(scene.ask(3, fenced).sync().error_code, code(ResponseError::FencedInstanceId));
}

#[test]
fn a_leader_that_comes_back_must_not_assign_again() {
    for (version, leads) in [(5, false), (8, false), (9, true)] {
        let (mut scene, i, _) = stable();
        let back = scene.join(version, static_member("i")).join();
        // Before version 9 it is told that the old one leads, so that it does not assign.
        let leader = if leads { back.member_id.to_string() } else { i };
        assert_eq!((&*back.leader, back.skip_assignment), (leader.as_str(), leads), "v{version}");
        assert_eq!(back.members.len(), if leads { 2 } else { 0 });
        assert_eq!(scene.sync(&back.member_id, 2, &[]).sync().assignment, "left");
    }
}

#[test]
fn an_old_one_that_still_waits_is_fenced() {
    let (mut scene, i, _) = stable();
    let i_joins = scene.join(5, static_member("i").with_member_id(i.into())).waits();
    scene.join(5, static_member("i")).waits();
    assert_eq!(scene.woken(i_joins).join().error_code, code(ResponseError::FencedInstanceId));
}

#[test]
fn one_that_comes_back_with_another_protocol_begins_a_rebalance() {
    let (mut scene, i, k) = stable();
    let k_joins = scene.join(5, static_member("k").with_protocols(vec![protocol("roundrobin", "")])).waits();
    let joined = scene.join(5, static_member("i").with_member_id(i.into())).join();
    assert_eq!((joined.generation_id, joined.protocol_name.as_deref()), (3, Some("roundrobin")));
    assert_ne!(&*scene.woken(k_joins).join().member_id, k);
}

#[test]
fn an_administrator_removes_a_static_member_by_its_instance() {
    let (mut scene, i, _) = stable();
    let left = scene.leave(3, &[("", Some("k")), ("", Some("x")), ("", None), ("wrong", Some("i"))]);
    let unknown = code(ResponseError::UnknownMemberId);
    let fenced = code(ResponseError::FencedInstanceId);
    let errors: Vec<_> = left.members.iter().map(|member| member.error_code).collect();
    assert_eq!(errors, [0, unknown, unknown, fenced]);
    assert_eq!(scene.beat(&i, 2), Some(ResponseError::RebalanceInProgress));
}

#[test]
fn a_static_member_that_is_late_keeps_its_place_until_its_session_ends() {
    let (mut scene, i, _) = stable();
    let long = |request: kafka_protocol::messages::JoinGroupRequest| request.with_rebalance_timeout_ms(2_000);
    let i_joins = scene.join(5, long(joining(&i)).with_group_instance_id(Some("i".into()))).waits();
    // The rebalance timeout of the group is the longest one, and that of k is a minute: its session ends before.
    scene.pass(10_000);
    let joined = scene.woken(i_joins).join();
    assert_eq!((joined.error_code, joined.members.len()), (0, 1));
}
