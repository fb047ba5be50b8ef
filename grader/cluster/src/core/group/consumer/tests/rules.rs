//! What becomes of groups, step by step.

use super::*;

#[test]
fn the_first_member_gets_everything_at_epoch_2() {
    let mut core = with_topic("t", 3);
    let mut a = Consumer::new("a", &["t"]);
    assert_eq!(a.beat(&mut core, 0), Ok(true));
    assert_eq!((a.epoch, a.owns().as_str()), (2, "t.0 t.1 t.2"));
    assert_eq!(state(&mut core, 0), "Stable");
    assert_eq!(a.beat(&mut core, 100), Ok(false), "nothing has changed");
}

#[test]
fn in_version_0_the_coordinator_draws_the_id() {
    let mut core = with_topic("t", 1);
    let request = Consumer::new("", &["t"]).request(&core);
    let answer = heartbeat(&mut core, 0, 0, request).unwrap();
    assert_eq!(answer.member_id.unwrap().len(), 36);
}

#[test]
fn a_partition_goes_to_its_new_owner_when_the_old_one_has_given_it_up() {
    let mut core = with_topic("t", 2);
    let (mut a, mut b) = (Consumer::new("a", &["t"]), Consumer::new("b", &["t"]));
    a.beat(&mut core, 0).unwrap();
    assert_eq!(b.beat(&mut core, 10), Ok(true));
    assert_eq!((b.epoch, b.owns().as_str()), (3, ""));
    assert_eq!(state(&mut core, 10), "Reconciling");
    assert_eq!(a.beat(&mut core, 20), Ok(true), "asked to give one up");
    assert_eq!((a.epoch, a.owns().as_str()), (2, "t.0"));
    assert_eq!(b.beat(&mut core, 30), Ok(false), "not released yet");
    assert_eq!(a.beat(&mut core, 40), Ok(false), "says that it has given it up");
    assert_eq!(a.epoch, 3);
    assert_eq!(b.beat(&mut core, 50), Ok(true));
    assert_eq!((b.epoch, b.owns().as_str()), (3, "t.1"));
    assert_eq!(state(&mut core, 50), "Stable");
}

#[test]
fn who_leaves_makes_room() {
    let mut core = with_topic("t", 2);
    let (mut a, mut b) = (Consumer::new("a", &["t"]), Consumer::new("b", &["t"]));
    settle(&mut core, &mut [&mut a, &mut b]);
    let answer = a.leave(&mut core, -1).unwrap();
    assert_eq!((answer.member_epoch, answer.member_id.unwrap().as_str()), (-1, "a"));
    assert_eq!(state(&mut core, 0), "Assigning");
    b.beat(&mut core, 0).unwrap();
    assert_eq!(b.owns(), "t.0 t.1");
    b.leave(&mut core, -1).unwrap();
    let group = described(&mut core, 0, "g");
    assert_eq!((group.group_state.as_str(), group.members.len()), ("Empty", 0));
    assert_eq!(group.group_epoch, group.assignment_epoch);
}

#[test]
fn who_is_silent_or_keeps_what_it_must_give_up_is_put_out() {
    let mut core = with_topic("t", 2);
    let (mut a, mut b) = (Consumer::new("a", &["t"]), Consumer::new("b", &["t"]));
    a.rebalance_timeout_ms = 5_000;
    a.beat(&mut core, 0).unwrap();
    b.beat(&mut core, 0).unwrap();
    let stubborn = a.clone();
    a.beat(&mut core, 1_000).unwrap();
    // It goes on to say that it owns both.
    for ms in [2_000, 4_000, 5_999] {
        assert_eq!(stubborn.clone().beat(&mut core, ms), Ok(false), "{ms}");
    }
    assert_eq!(core.next_timer(), Some(at(6_000).elapsed));
    assert_eq!(stubborn.clone().beat(&mut core, 6_000), Err(UnknownMemberId));
    b.beat(&mut core, 6_001).unwrap();
    assert_eq!(b.owns(), "t.0 t.1");
    core.tick(at(6_001 + 45_000));
    assert_eq!(described(&mut core, 60_000, "g").group_state.as_str(), "Empty");
    assert_eq!(core.next_timer(), None);
}

#[test]
fn a_static_member_that_comes_back_gets_what_it_had() {
    let mut core = with_topic("t", 2);
    let (mut a, mut b) = (Consumer::new("a", &["t"]), Consumer::new("b", &["t"]));
    a.instance = Some("i".to_owned());
    settle(&mut core, &mut [&mut a, &mut b]);
    let (had, epoch) = (a.owns(), a.epoch);

    let mut rival = Consumer { id: "rival".to_owned(), epoch: 0, owned: Owned::new(), ..a.clone() };
    let (error, why) = rival.try_to(&mut core).unwrap_err();
    assert_eq!(error, UnreleasedInstanceId);
    assert_eq!(
        why,
        "Static member rival with instance id i cannot join the group because the instance id is owned by a member."
    );
    let fenced = Consumer { epoch: a.epoch, ..rival.clone() }.request(&core);
    assert_eq!(heartbeat(&mut core, 0, 1, fenced), Err(FencedInstanceId));

    assert_eq!(a.leave(&mut core, -2).unwrap().member_epoch, -2);
    assert_eq!(b.beat(&mut core, 0), Ok(false), "nothing is taken from it, or given to others");
    assert_eq!(rival.beat(&mut core, 0), Ok(true));
    assert_eq!((rival.owns(), rival.epoch), (had, epoch));
    assert_eq!(described(&mut core, 0, "g").members.len(), 2);
    assert_eq!(rival.leave(&mut core, -2).map(|answer| answer.member_epoch), Ok(-2));
    core.tick(at(45_000));
    assert_eq!(described(&mut core, 45_000, "g").members.len(), 0, "it did not come back in time");
}

#[test]
fn epochs_that_do_not_fit() {
    let mut core = with_topic("t", 2);
    let (mut a, mut b) = (Consumer::new("a", &["t"]), Consumer::new("b", &["t"]));
    settle(&mut core, &mut [&mut a, &mut b]);
    assert_eq!(a.epoch, 3);
    let mut lost = Consumer { epoch: 2, ..a.clone() };
    assert_eq!(lost.beat(&mut core, 0), Ok(false), "the answer with the newer epoch may have been lost");
    assert_eq!(lost.epoch, 3);
    let owned = Owned::from([("t".to_owned(), BTreeSet::from([0, 1]))]);
    let wrong = [
        Consumer { epoch: 2, owned, ..a.clone() },
        Consumer { epoch: 1, ..a.clone() },
        Consumer { epoch: 4, ..a.clone() },
    ];
    for consumer in wrong {
        assert_eq!(consumer.try_to(&mut core).unwrap_err().0, FencedMemberEpoch, "{consumer:?}");
    }
    let (_, why) = Consumer { epoch: 9, ..a.clone() }.try_to(&mut core).unwrap_err();
    assert_eq!(
        why,
        "The consumer group member has a greater member epoch (9) than the one known by the group coordinator (3). The \
         member must abandon all its partitions and rejoin."
    );
    let mut rejoins = Consumer { epoch: 0, owned: Owned::new(), ..a.clone() };
    assert_eq!(rejoins.beat(&mut core, 0), Ok(true));
    assert_eq!((rejoins.epoch, rejoins.owns()), (3, a.owns()));
}

#[test]
fn topics_that_come_grow_and_go_are_noticed() {
    let mut core = core(Settings::default());
    let mut a = Consumer::new("a", &["late", "other"]);
    a.beat(&mut core, 0).unwrap();
    assert_eq!((a.epoch, a.owns().as_str()), (2, ""));
    add_topic(&mut core, "late", 1);
    a.beat(&mut core, 1).unwrap();
    assert_eq!((a.epoch, a.owns().as_str()), (3, "late.0"));
    add_topic(&mut core, "unrelated", 1);
    assert_eq!(a.beat(&mut core, 2), Ok(false));
    assert_eq!(a.epoch, 3);
    add_partitions(&mut core, "late", 1..3);
    a.beat(&mut core, 3).unwrap();
    assert_eq!((a.epoch, a.owns().as_str()), (4, "late.0 late.1 late.2"));
    core.topics.remove("late");
    a.beat(&mut core, 4).unwrap();
    a.beat(&mut core, 5).unwrap();
    assert_eq!((a.epoch, a.owns().as_str()), (5, ""));
}

#[test]
fn a_pattern_is_looked_for_after_the_answer_that_accepts_it() {
    let mut core = with_topic("orders.eu", 1);
    add_topic(&mut core, "my-orders.eu", 1);
    let mut a = Consumer::new("a", &[]);
    a.regex = Some("orders\\..*".to_owned());
    assert_eq!(a.beat(&mut core, 0), Ok(true));
    assert_eq!((a.epoch, a.owns().as_str()), (1, ""));
    assert_eq!(a.beat(&mut core, 1), Ok(true));
    assert_eq!((a.epoch, a.owns().as_str()), (2, "orders.eu.0"));
    add_topic(&mut core, "orders.us", 1);
    a.beat(&mut core, 2).unwrap();
    a.beat(&mut core, 3).unwrap();
    assert_eq!((a.epoch, a.owns().as_str()), (3, "orders.eu.0 orders.us.0"));
    // Without the pattern, what it brought is given up at once, and not with the next target only.
    let request = a.request(&core).with_subscribed_topic_regex(Some(text("")));
    let answer = heartbeat(&mut core, 4, 1, request).unwrap();
    assert!(answer.assignment.unwrap().topic_partitions.is_empty());
}

#[test]
fn the_assignor_is_the_one_that_most_ask_for() {
    let mut core = with_topic("t", 4);
    let mut consumers: Vec<Consumer> = ["a", "b"].iter().map(|id| Consumer::new(id, &["t"])).collect();
    assert_eq!(consumers[0].beat(&mut core, 0), Ok(true));
    assert_eq!(described(&mut core, 0, "g").assignor_name.as_str(), "uniform");
    let before = described(&mut core, 0, "g").group_epoch;
    let request = consumers[0].request(&core).with_server_assignor(Some(text("range")));
    heartbeat(&mut core, 0, 1, request).unwrap();
    let group = described(&mut core, 0, "g");
    assert_eq!((group.assignor_name.as_str(), group.group_epoch), ("range", before + 1));
}

#[test]
fn commits_of_members() {
    let mut core = with_topic("t", 2);
    let (mut a, mut b) = (Consumer::new("a", &["t"]), Consumer::new("b", &["t"]));
    settle(&mut core, &mut [&mut a, &mut b]);
    assert_eq!((a.epoch, a.owns().as_str()), (3, "t.0"));
    let topic = core.topics.get("t").unwrap().id;
    let Some(Members::Consumer(group)) = core.groups.get("g").map(|group| &group.members) else { panic!() };
    let claim = |member: &'static str, generation| MemberClaim { member, instance: None, generation };
    let cases = [
        (claim("a", 3), 9, Ok(())),
        (claim("a", 2), 9, Ok(())), // the partition decides
        (claim("a", 4), 9, Err(StaleMemberEpoch)),
        (claim("a", 3), 8, Err(UnsupportedVersion)),
        (claim("x", 3), 9, Err(UnknownMemberId)),
        (claim("", -1), 9, Err(UnknownMemberId)),
    ];
    for (claim, version, expected) in cases {
        assert_eq!(group.check_commit(&claim, version), expected, "{claim:?}");
    }
    assert_eq!(group.check_commit_of(&claim("a", 3), topic, 1), Ok(()));
    assert_eq!(group.check_commit_of(&claim("a", 2), topic, 0), Ok(()), "it has had it since epoch 2");
    assert_eq!(group.check_commit_of(&claim("a", 2), topic, 1), Err(StaleMemberEpoch), "it has it no more");
    assert_eq!(group.check_commit_of(&claim("b", 2), topic, 1), Err(StaleMemberEpoch), "it got it at epoch 3");
    assert_eq!(group.check_fetch(None, -1), Ok(()));
    assert_eq!(group.check_fetch(Some("a"), 3), Ok(()));
    assert_eq!(group.check_fetch(Some("a"), 2), Err(StaleMemberEpoch));
    assert_eq!(group.check_fetch(Some("x"), 2), Err(UnknownMemberId));
    assert!(group.subscribes("t") && !group.subscribes("u"));
}

#[test]
fn describe_says_what_there_is() {
    let mut core = with_topic("t", 2);
    let mut a = Consumer::new("a", &["t"]);
    a.beat(&mut core, 0).unwrap();
    Consumer::new("b", &["t"]).beat(&mut core, 0).unwrap();
    a.beat(&mut core, 0).unwrap();
    let group = described(&mut core, 0, "g");
    assert_eq!((group.group_epoch, group.assignment_epoch, group.error_code), (3, 3, 0));
    let member = &group.members[0];
    assert_eq!((member.client_id.as_str(), member.client_host.as_str()), ("test", "/127.0.0.1"));
    assert_eq!(member.assignment.topic_partitions[0].partitions, [0, 1], "what it has to give up is still its");
    assert_eq!(member.target_assignment.topic_partitions[0].partitions, [0]);
    let unknown = described(&mut core, 0, "x");
    assert_eq!(unknown.error_code, GroupIdNotFound.code());
    assert_eq!(unknown.error_message.unwrap().as_str(), "Group x not found.");
    assert_eq!(described(&mut core, 0, "").error_code, InvalidGroupId.code());
}

/// (`GroupMetadataManager.consumerGroupSessionTimeoutMs` and `…HeartbeatIntervalMs`: from the next heartbeat on)
#[test]
fn a_group_may_have_a_pace_of_its_own() {
    let mut core = with_topic("t", 1);
    let own = GroupSettings { heartbeat_ms: Some(700), session_ms: Some(2_000), ..GroupSettings::default() };
    let mut a = Consumer::new("a", &["t"]);
    a.beat(&mut core, 0).unwrap();
    assert!(core.groups.set_settings("g", own, &Settings::default()));
    let request = a.request(&core);
    let answer = heartbeat(&mut core, 10_000, 1, request).unwrap();
    assert_eq!(answer.heartbeat_interval_ms, 700);
    assert_eq!(state(&mut core, 11_999), "Stable");
    assert_eq!(state(&mut core, 12_000), "Empty");
}
