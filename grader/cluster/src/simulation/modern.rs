//! A consumer of KIP-848: heartbeats, gives up what it has to before it takes anything, commits, and leaves or crashes.

use std::collections::BTreeSet;

use kafka_protocol::messages::consumer_group_heartbeat_request::TopicPartitions;
use kafka_protocol::messages::{ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, GroupId, ResponseKind};
use uuid::Uuid;

use super::offsets::{Committer, commit_or_fetch, text};
use super::world::{Client, TOPICS, World};

pub struct Member {
    group: &'static str,
    id: String,
    epoch: i32,
    has: BTreeSet<(Uuid, i32)>,
    /// What it was given last.
    assigned: BTreeSet<(Uuid, i32)>,
    /// It has to say what it has.
    tells: bool,
}

impl Member {
    pub fn new(group: &'static str) -> Member {
        Member { group, id: String::new(), epoch: 0, has: BTreeSet::new(), assigned: BTreeSet::new(), tells: true }
    }

    fn heartbeat(&mut self, me: usize, world: &mut World) {
        let node = world.coordinator(self.group);
        if self.id.is_empty() {
            // From version 1 on members make up their ids.
            self.id = format!("member-{}-{}", me, world.below(1_000_000));
        }
        let topics: BTreeSet<Uuid> = self.has.iter().map(|(topic, _)| *topic).collect();
        let owned = topics.into_iter().map(|topic| {
            let indexes = self.has.iter().filter(|(has, _)| *has == topic).map(|(_, index)| *index);
            TopicPartitions::default().with_topic_id(topic).with_partitions(indexes.collect())
        });
        let mut request = ConsumerGroupHeartbeatRequest::default()
            .with_group_id(GroupId(text(self.group)))
            .with_member_id(text(&self.id))
            .with_member_epoch(self.epoch);
        if self.tells || world.chance(10) {
            let names = TOPICS.iter().map(|(name, ..)| super::offsets::topic_name(name));
            request = request
                .with_rebalance_timeout_ms(30_000)
                .with_subscribed_topic_names(Some(names.collect()))
                .with_topic_partitions(Some(owned.collect()));
        }
        world.send(me, node, 1, request);
    }

    fn leave(&mut self, me: usize, world: &mut World) {
        let node = world.coordinator(self.group);
        let request = ConsumerGroupHeartbeatRequest::default()
            .with_group_id(GroupId(text(self.group)))
            .with_member_id(text(&self.id))
            .with_member_epoch(-1);
        world.send(me, node, 1, request);
        *self = Member::new(self.group);
    }

    fn heartbeat_answered(&mut self, answer: ConsumerGroupHeartbeatResponse) {
        match answer.error_code {
            0 if answer.member_epoch >= 0 => {
                self.epoch = answer.member_epoch;
                self.tells = false;
                if let Some(assignment) = answer.assignment {
                    let named = assignment.topic_partitions.iter();
                    let named = named.flat_map(|topic| topic.partitions.iter().map(|index| (topic.topic_id, *index)));
                    self.assigned = named.collect();
                }
                // What it has given up, it says before it has anything new; and then that it has it.
                let keeps: BTreeSet<_> = self.has.intersection(&self.assigned).copied().collect();
                let next = if keeps == self.has { self.assigned.clone() } else { keeps };
                self.tells = next != self.has;
                self.has = next;
            }
            // FENCED_MEMBER_EPOCH, UNKNOWN_MEMBER_ID
            110 | 25 => *self = Member::new(self.group),
            // It has left, or the coordinator is elsewhere.
            0 | 15 | 16 => {}
            other => panic!("a member of KIP-848 gets {other}: {:?}", answer.error_message),
        }
    }
}

impl Client for Member {
    fn act(&mut self, me: usize, world: &mut World) {
        if !world.is_calm() && world.chance(2) {
            world.say(|| format!("{me} crashes"));
            *self = Member::new(self.group);
            return world.rest(me, 3_000);
        }
        let has: Vec<_> = self.has.iter().copied().collect();
        match world.below(100) {
            0..2 if !world.is_calm() && self.epoch > 0 => self.leave(me, world),
            2..40 if !has.is_empty() => {
                let (topic, index) = world.pick(&has);
                let topic = world.core.topics.by_id(topic).expect("the topic").name.clone();
                let who = Committer { oldest: 9, group: self.group, member: &self.id, epoch: self.epoch };
                let offset = world.below(1_000).into();
                commit_or_fetch(me, world, &who, (&topic, index), offset);
            }
            _ => self.heartbeat(me, world),
        }
    }

    fn hear(&mut self, me: usize, heard: Option<ResponseKind>, world: &mut World) {
        world.rest(me, 1_500);
        match heard {
            // It does not know whether it was heard, so it says everything again.
            None => self.tells = true,
            Some(ResponseKind::ConsumerGroupHeartbeat(answer)) => self.heartbeat_answered(answer),
            Some(_) => {}
        }
    }

    fn is_done(&self) -> bool {
        self.epoch > 0 && self.has == self.assigned && !self.tells
    }
}
