//! What happens by time alone.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::JoinGroupRequest;

use super::{Scene, code, joining};
use crate::settings::Settings;

fn quick(request: JoinGroupRequest) -> JoinGroupRequest {
    request.with_session_timeout_ms(6_000).with_rebalance_timeout_ms(5_000)
}

#[test]
fn a_session_ends_without_heartbeats() {
    let mut scene = Scene::new();
    let (a, b) = scene.two_members();
    for _ in 0..3 {
        scene.pass(5_000);
        assert_ne!(scene.beat(&a, 2), Some(ResponseError::UnknownMemberId));
    }
    assert_eq!(scene.beat(&b, 2), Some(ResponseError::UnknownMemberId));
    assert_eq!(scene.beat(&a, 2), Some(ResponseError::RebalanceInProgress));
    assert_eq!(scene.join(4, joining(&a)).join().members.len(), 1);
    scene.pass(10_000);
    assert_eq!(&*scene.describe().group_state, "Empty");
    assert_eq!(scene.core.next_timer(), None);
}

#[test]
fn a_rebalance_ends_without_those_who_do_not_come() {
    let mut scene = Scene::new();
    let (a, b) = scene.two_members();
    let c_joins = scene.join(2, quick(joining(""))).waits();
    let a_joins = scene.join(4, quick(joining(&a))).waits();
    // b beats, but does not join: it has a minute, which is the longest of all rebalance timeouts.
    for _ in 0..11 {
        scene.pass(5_000);
        assert_eq!(scene.beat(&b, 2), Some(ResponseError::RebalanceInProgress));
    }
    scene.pass(5_000);
    assert_eq!(scene.woken(a_joins).join().members.len(), 2);
    assert_eq!(scene.woken(c_joins).join().generation_id, 3);
    assert_eq!(scene.beat(&b, 2), Some(ResponseError::UnknownMemberId));
}

#[test]
fn another_one_leads_if_the_leader_does_not_come() {
    let mut scene = Scene::new();
    let (a, b) = scene.two_members();
    let c_joins = scene.join(2, joining("")).waits();
    let b_joins = scene.join(4, joining(&b)).waits();
    scene.pass(10_000);
    let (b, c) = (scene.woken(b_joins).join(), scene.woken(c_joins).join());
    assert_ne!(&*b.leader, a);
    assert_eq!(b.leader, c.leader);
    assert_eq!(b.members.len() + c.members.len(), 2);
}

#[test]
fn an_id_that_nobody_joins_with_is_forgotten() {
    let mut scene = Scene::new();
    let id = scene.join(4, quick(joining(""))).join().member_id;
    scene.pass(5_999);
    assert_eq!(scene.core.next_timer(), Some(std::time::Duration::from_secs(6)));
    scene.pass(1);
    assert_eq!(scene.join(4, quick(joining(&id))).join().error_code, code(ResponseError::UnknownMemberId));
}

#[test]
fn a_group_waits_for_an_id_that_was_given_out() {
    let mut scene = Scene::new();
    let a = scene.first_member();
    scene.join(4, quick(joining(""))).join();
    let a_joins = scene.join(4, quick(joining(&a)).with_rebalance_timeout_ms(300_000)).waits();
    scene.pass(5_999);
    scene.pass(1);
    assert_eq!(scene.woken(a_joins).join().members.len(), 1, "a member that never came holds nobody up for longer");
}

#[test]
fn a_member_that_does_not_ask_for_its_assignment_is_removed() {
    let mut scene = Scene::new();
    let (a, b) = scene.two_members_joined();
    scene.sync(&a, 2, &[]).sync();
    for _ in 0..11 {
        scene.pass(5_000);
        assert_eq!((scene.beat(&a, 2), scene.beat(&b, 2)), (None, None));
    }
    scene.pass(5_000);
    assert_eq!(scene.beat(&a, 2), Some(ResponseError::RebalanceInProgress));
    assert_eq!(scene.beat(&b, 2), Some(ResponseError::UnknownMemberId));
}

#[test]
fn a_new_member_that_has_gone_is_forgotten_after_five_minutes() {
    let mut scene = Scene::new();
    let a = scene.first_member();
    let gone = scene.join(2, joining("").with_rebalance_timeout_ms(600_000)).waits();
    for _ in 0..60 {
        assert_eq!(scene.beat(&a, 1), Some(ResponseError::RebalanceInProgress));
        scene.pass(5_000);
    }
    assert_eq!(scene.woken(gone).join().error_code, code(ResponseError::UnknownMemberId));
}

#[test]
fn the_first_rebalance_waits_for_more_members_but_not_for_ever() {
    let settings = || Settings { initial_rebalance_delay_ms: 3_000, ..Settings::default() };
    let mut scene = Scene::with(settings());
    let a_joins = scene.join(2, quick(joining(""))).waits();
    scene.pass(2_999);
    let b_joins = scene.join(2, quick(joining(""))).waits();
    scene.pass(1);
    // Somebody has come, so there is a second delay: the two seconds that are left of the rebalance timeout.
    let c_joins = scene.join(2, quick(joining(""))).waits();
    scene.pass(2_000);
    for call in [a_joins, b_joins, c_joins] {
        assert_eq!(scene.woken(call).join().generation_id, 1);
    }
    let mut scene = Scene::with(settings());
    let alone = scene.join(2, quick(joining(""))).waits();
    scene.pass(3_000);
    assert_eq!(scene.woken(alone).join().generation_id, 1);
}
