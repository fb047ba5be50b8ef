//! What a heartbeat refuses.

use super::*;

#[test]
fn what_has_to_be_said_and_must_not() {
    let mut core = with_topic("t", 1);
    let joining = Consumer::new("a", &["t"]).request(&core);
    let one = vec![TopicPartitions::default()];
    let cases = [
        (joining.clone().with_member_id(text("")), InvalidRequest, "MemberId can't be empty."),
        (joining.clone().with_group_id(GroupId(text(""))), InvalidRequest, "GroupId can't be empty."),
        (joining.clone().with_instance_id(Some(text(""))), InvalidRequest, "InstanceId can't be empty."),
        (joining.clone().with_rack_id(Some(text(""))), InvalidRequest, "RackId can't be empty."),
        (
            joining.clone().with_rebalance_timeout_ms(-1),
            InvalidRequest,
            "RebalanceTimeoutMs must be provided in first request.",
        ),
        (
            joining.clone().with_topic_partitions(None),
            InvalidRequest,
            "TopicPartitions must be empty when (re-)joining.",
        ),
        (
            joining.clone().with_topic_partitions(Some(one)),
            InvalidRequest,
            "TopicPartitions must be empty when (re-)joining.",
        ),
        (
            joining.clone().with_subscribed_topic_names(None),
            InvalidRequest,
            "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.",
        ),
        (joining.clone().with_member_epoch(-2), InvalidRequest, "InstanceId can't be null."),
        (joining.clone().with_member_epoch(-3), InvalidRequest, "MemberEpoch is invalid."),
        (
            joining.clone().with_server_assignor(Some(text("best"))),
            UnsupportedAssignor,
            "ServerAssignor best is not supported. Supported assignors: uniform, range.",
        ),
        (
            joining.clone().with_subscribed_topic_regex(Some(text("a("))),
            InvalidRegularExpression,
            "SubscribedTopicRegex `a(` is not a valid regular expression: missing closing ).",
        ),
        (joining.clone().with_member_epoch(1), GroupIdNotFound, "Consumer group g not found."),
        (joining.clone().with_member_epoch(-1), GroupIdNotFound, "Group g not found."),
    ];
    for (request, error, why) in cases {
        assert_eq!(refusal(&mut core, 0, 1, request), Err((error, why.to_owned())));
    }
    assert_eq!(core.groups.iter().count(), 0, "who is refused makes no group");
    heartbeat(&mut core, 0, 1, joining.clone()).unwrap();
    let other = joining.with_member_id(text("other")).with_member_epoch(1);
    assert_eq!(
        refusal(&mut core, 0, 1, other.clone()),
        Err((UnknownMemberId, "Member other is not a member of group g.".to_owned()))
    );
    assert_eq!(
        refusal(&mut core, 0, 1, other.with_instance_id(Some(text("i")))),
        Err((UnknownMemberId, "Instance id i is unknown.".to_owned()))
    );
}

#[test]
fn a_group_has_its_bound() {
    let settings = Settings { most_group_members: 2, ..Settings::default() };
    let mut core = core(settings);
    assert_eq!(Consumer::new("a", &[]).beat(&mut core, 0), Ok(true));
    assert_eq!(Consumer::new("b", &[]).beat(&mut core, 0), Ok(true));
    assert_eq!(Consumer::new("c", &[]).beat(&mut core, 0), Err(GroupMaxSizeReached));
    assert_eq!(Consumer::new("b", &[]).beat(&mut core, 0), Ok(true), "a member may come back");
}
