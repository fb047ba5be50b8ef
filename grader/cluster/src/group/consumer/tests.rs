//! Groups of KIP-848, asked by requests.

use std::collections::{BTreeMap, BTreeSet};

use kafka_protocol::ResponseError::{self, *};
use kafka_protocol::messages::consumer_group_describe_response::DescribedGroup;
use kafka_protocol::messages::consumer_group_heartbeat_request::TopicPartitions;
use kafka_protocol::messages::{
    ConsumerGroupDescribeRequest, ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, GroupId, ResponseKind,
    TopicName,
};
use kafka_protocol::protocol::StrBytes;
use proptest::prelude::*;

use crate::admin::{NewTopic, create_topic};
use crate::core::Core;
use crate::group::{MemberClaim, Members};
use crate::partition::Partition;
use crate::settings::Settings;
use crate::testing::{ask, at, core};

fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

fn with_topic(name: &str, partitions: i32) -> Core {
    let mut core = core(Settings::default());
    add_topic(&mut core, name, partitions);
    core
}

fn add_topic(core: &mut Core, name: &str, partitions: i32) {
    create_topic(core, name, &NewTopic { partitions: Some(partitions), ..NewTopic::default() }).unwrap();
}

fn add_partitions(core: &mut Core, name: &str, partitions: std::ops::Range<i32>) {
    core.topics.add_partitions(name, partitions.map(|index| Partition::new(index, &[1])).collect());
}

/// What a member owns, as `topic` names and partitions.
type Owned = BTreeMap<String, BTreeSet<i32>>;

/// A consumer that does what it is told.
#[derive(Clone, Debug, Default)]
struct Consumer {
    id: String,
    instance: Option<String>,
    topics: Vec<String>,
    regex: Option<String>,
    assignor: Option<String>,
    rebalance_timeout_ms: i32,
    epoch: i32,
    owned: Owned,
    /// It has missed an answer, and so tells everything again.
    unsure: bool,
}

impl Consumer {
    fn new(id: &str, topics: &[&str]) -> Consumer {
        let topics = topics.iter().map(|name| (*name).to_owned()).collect();
        Consumer { id: id.to_owned(), topics, rebalance_timeout_ms: 60_000, ..Consumer::default() }
    }

    fn request(&self, core: &Core) -> ConsumerGroupHeartbeatRequest {
        let request = ConsumerGroupHeartbeatRequest::default()
            .with_group_id(GroupId(text("g")))
            .with_member_id(text(&self.id))
            .with_member_epoch(self.epoch)
            .with_instance_id(self.instance.as_deref().map(text))
            .with_topic_partitions(Some(self.reported(core)));
        if self.epoch != 0 && !self.unsure {
            return request;
        }
        request
            .with_rebalance_timeout_ms(self.rebalance_timeout_ms)
            .with_server_assignor(self.assignor.as_deref().map(text))
            .with_subscribed_topic_regex(self.regex.as_deref().map(text))
            .with_subscribed_topic_names(Some(self.topics.iter().map(|name| TopicName(text(name))).collect()))
    }

    fn reported(&self, core: &Core) -> Vec<TopicPartitions> {
        let topics = self.owned.iter().filter_map(|(name, indexes)| Some((core.topics.get(name)?, indexes)));
        let reported = topics.map(|(topic, indexes)| {
            TopicPartitions::default().with_topic_id(topic.id).with_partitions(indexes.iter().copied().collect())
        });
        reported.collect()
    }

    /// Sends a heartbeat and takes over nothing.
    fn try_to(&self, core: &mut Core) -> Result<ConsumerGroupHeartbeatResponse, (ResponseError, String)> {
        let request = self.request(core);
        refusal(core, 0, 1, request)
    }

    /// Sends a heartbeat and takes over what the answer says. True if the answer brought an assignment.
    fn beat(&mut self, core: &mut Core, ms: u64) -> Result<bool, ResponseError> {
        let answer = heartbeat(core, ms, 1, self.request(core))?;
        self.epoch = answer.member_epoch;
        self.unsure = false;
        let Some(assignment) = answer.assignment else { return Ok(false) };
        self.owned.clear();
        for topic in assignment.topic_partitions {
            let name = core.topics.by_id(topic.topic_id).unwrap().name.clone();
            self.owned.insert(name, topic.partitions.into_iter().collect());
        }
        Ok(true)
    }

    fn leave(&mut self, core: &mut Core, epoch: i32) -> Result<ConsumerGroupHeartbeatResponse, ResponseError> {
        let request = Consumer { epoch, ..self.clone() }.request(core);
        *self = Consumer { epoch: 0, owned: Owned::new(), ..self.clone() };
        heartbeat(core, 0, 1, request)
    }

    fn owns(&self) -> String {
        let each =
            self.owned.iter().flat_map(|(name, indexes)| indexes.iter().map(move |index| format!("{name}.{index}")));
        each.collect::<Vec<_>>().join(" ")
    }
}

fn refusal(
    core: &mut Core,
    ms: u64,
    version: i16,
    request: ConsumerGroupHeartbeatRequest,
) -> Result<ConsumerGroupHeartbeatResponse, (ResponseError, String)> {
    match ask(core, at(ms), version, request) {
        ResponseKind::ConsumerGroupHeartbeat(answer) => match ResponseError::try_from_code(answer.error_code) {
            Some(error) => Err((error, answer.error_message.map(|text| text.to_string()).unwrap_or_default())),
            None => Ok(answer),
        },
        other => panic!("{other:?}"),
    }
}

fn heartbeat(
    core: &mut Core,
    ms: u64,
    version: i16,
    request: ConsumerGroupHeartbeatRequest,
) -> Result<ConsumerGroupHeartbeatResponse, ResponseError> {
    refusal(core, ms, version, request).map_err(|(error, _)| error)
}

fn described(core: &mut Core, ms: u64, group: &str) -> DescribedGroup {
    let request = ConsumerGroupDescribeRequest::default().with_group_ids(vec![GroupId(text(group))]);
    match ask(core, at(ms), 1, request) {
        ResponseKind::ConsumerGroupDescribe(mut answer) => answer.groups.remove(0),
        other => panic!("{other:?}"),
    }
}

fn state(core: &mut Core, ms: u64) -> String {
    described(core, ms, "g").group_state.to_string()
}

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

/// Lets everybody send heartbeats until nothing changes any more.
fn settle(core: &mut Core, consumers: &mut [&mut Consumer]) {
    for _ in 0..20 {
        let before = format!("{consumers:?}");
        for consumer in consumers.iter_mut() {
            consumer.beat(core, 0).unwrap();
        }
        if format!("{consumers:?}") == before {
            return;
        }
    }
    panic!("no end: {consumers:?}");
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

#[derive(Clone, Debug)]
enum Action {
    Beat(usize),
    /// The answer is lost on its way.
    LoseAnswer(usize),
    Leave(usize),
    Subscribe(usize, bool),
    Vanish(usize),
    Wait(u64),
    AddPartition,
}

fn any_action() -> impl Strategy<Value = Action> {
    prop_oneof![
        20 => (0..4_usize).prop_map(Action::Beat),
        3 => (0..4_usize).prop_map(Action::LoseAnswer),
        2 => (0..4_usize).prop_map(Action::Leave),
        2 => (0..4_usize, any::<bool>()).prop_map(|(who, both)| Action::Subscribe(who, both)),
        1 => (0..4_usize).prop_map(Action::Vanish),
        1 => (1..50_000_u64).prop_map(Action::Wait),
        1 => Just(Action::AddPartition),
    ]
}

/// A heartbeat as a client sends it, with what a client does about refusals: it gives everything up and joins again.
fn client_beat(core: &mut Core, consumer: &mut Consumer, ms: u64) {
    match consumer.beat(core, ms) {
        Ok(_) => {}
        Err(FencedMemberEpoch | UnknownMemberId | GroupIdNotFound) => {
            consumer.epoch = 0;
            consumer.owned.clear();
        }
        Err(error) => panic!("{error:?}"),
    }
}

fn check_owners(core: &Core) {
    let Some(Members::Consumer(group)) = core.groups.get("g").map(|group| &group.members) else { return };
    let mut owners = BTreeSet::new();
    for member in group.members.values() {
        for owned in [&member.assigned, &member.pending_revocation] {
            for (topic, index, _) in super::partitions::each_owned(owned) {
                assert!(owners.insert((topic, index)), "two members own {topic} {index}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]
    #[test]
    fn never_two_owners_and_always_an_end(actions in prop::collection::vec(any_action(), 1..80)) {
        let mut core = with_topic("t", 3);
        add_topic(&mut core, "u", 2);
        let mut consumers: Vec<Consumer> = (0..4).map(|n| Consumer::new(&format!("m{n}"), &["t"])).collect();
        let (mut ms, mut partitions, mut epoch) = (0, 3, 0);
        for action in actions {
            match action {
                Action::Beat(who) => client_beat(&mut core, &mut consumers[who], ms),
                Action::LoseAnswer(who) => {
                    let _ = consumers[who].clone().beat(&mut core, ms);
                    consumers[who].unsure = true;
                }
                Action::Leave(who) => drop(consumers[who].leave(&mut core, -1)),
                Action::Subscribe(who, both) => {
                    let consumer = &mut consumers[who];
                    consumer.topics = if both { vec!["t".to_owned(), "u".to_owned()] } else { vec!["u".to_owned()] };
                    consumer.unsure = true;
                    client_beat(&mut core, consumer, ms);
                }
                Action::Vanish(who) => consumers[who] = Consumer::new(&format!("m{who}.{ms}"), &["t"]),
                Action::Wait(some) => ms += some,
                Action::AddPartition => {
                    add_partitions(&mut core, "t", partitions..partitions + 1);
                    partitions += 1;
                }
            }
            check_owners(&core);
            let described = described(&mut core, ms, "g");
            prop_assert!(described.error_code != 0 || described.group_epoch >= epoch, "epochs only rise");
            epoch = described.group_epoch;
        }
        // Those that have vanished time out; the others go on, and then everybody has what it shall have.
        for round in 0..60 {
            ms += if round < 6 { 10_000 } else { 100 };
            for consumer in &mut consumers {
                client_beat(&mut core, consumer, ms);
                check_owners(&core);
            }
        }
        let group = described(&mut core, ms, "g");
        prop_assert_eq!(group.group_state.as_str(), "Stable");
        prop_assert_eq!(group.members.len(), 4);
        let owned: usize = consumers.iter().flat_map(|consumer| consumer.owned.values()).map(BTreeSet::len).sum();
        let wants = |topic: &str| consumers.iter().any(|consumer| consumer.topics.iter().any(|name| name == topic));
        let all = if wants("t") { partitions as usize } else { 0 } + if wants("u") { 2 } else { 0 };
        prop_assert_eq!(owned, all, "{:?}", consumers);
    }
}

#[test]
#[ignore = "measures"]
fn a_group_of_many() {
    for (members, partitions) in [(100, 100), (1_000, 1_000), (1_000, 10_000)] {
        let mut core = with_topic("t", partitions);
        let mut consumers: Vec<Consumer> = (0..members).map(|n| Consumer::new(&format!("m{n}"), &["t"])).collect();
        let started = std::time::Instant::now();
        for consumer in &mut consumers {
            consumer.beat(&mut core, 0).unwrap();
        }
        let joined = started.elapsed();
        let mut beats = 0;
        while state(&mut core, 0) != "Stable" {
            for consumer in &mut consumers {
                consumer.beat(&mut core, 0).unwrap();
                beats += 1;
            }
        }
        let settled = started.elapsed() - joined;
        let again = std::time::Instant::now();
        for consumer in &mut consumers {
            consumer.beat(&mut core, 0).unwrap();
        }
        println!(
            "{members} members, {partitions} partitions: joined in {joined:?}, {beats} beats in {settled:?}, a quiet round in {:?}",
            again.elapsed()
        );
    }
}
