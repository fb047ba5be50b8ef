//! Groups of KIP-848, asked by requests.

mod converges;
mod refusals;
mod rules;

use std::collections::{BTreeMap, BTreeSet};

use kafka_protocol::ResponseError::{self, *};
use kafka_protocol::messages::consumer_group_describe_response::DescribedGroup;
use kafka_protocol::messages::consumer_group_heartbeat_request::TopicPartitions;
use kafka_protocol::messages::{
    ConsumerGroupDescribeRequest, ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, GroupId, ResponseKind,
    TopicName,
};
use kafka_protocol::protocol::StrBytes;

use crate::core::Core;
use crate::core::admin::{NewTopic, create_topic};
use crate::core::group::{GroupSettings, MemberClaim, Members};
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
