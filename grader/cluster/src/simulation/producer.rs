//! A producer without transactions: sends, retries what it has no answer for, gives up now and then.

use bytes::Bytes;
use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
use kafka_protocol::messages::{InitProducerIdRequest, ProduceRequest, ResponseKind};

use super::offsets::topic_name;
use super::payload::{self, As};
use super::world::{Client, World};
use crate::producers;

/// A batch that is to be appended.
#[derive(Clone)]
pub struct Sending {
    pub partition: (&'static str, i32),
    pub numbers: Vec<u64>,
    pub records: Bytes,
}

/// The request that sends it, in this version.
pub fn produce(world: &World, version: i16, acks: i16, sending: &Sending) -> ProduceRequest {
    let (topic, index) = sending.partition;
    let partition = PartitionProduceData::default().with_index(index).with_records(Some(sending.records.clone()));
    let data = TopicProduceData::default().with_partition_data(vec![partition]);
    let data = match version >= 13 {
        true => data.with_topic_id(world.topic_id(topic)),
        false => data.with_name(topic_name(topic)),
    };
    ProduceRequest::default().with_acks(acks).with_timeout_ms(2_000).with_topic_data(vec![data])
}

/// The code of the only partition that was answered for.
pub fn produced(answer: &ResponseKind) -> i16 {
    match answer {
        ResponseKind::Produce(answer) => answer.responses[0].partition_responses[0].error_code,
        other => panic!("{other:?}"),
    }
}

/// May the same be sent again after this error, in the hope of better luck? UNKNOWN_TOPIC_OR_PARTITION is one where a
/// node does not know the partition yet, LEADER_NOT_AVAILABLE, NOT_LEADER_OR_FOLLOWER, REQUEST_TIMED_OUT,
/// NOT_ENOUGH_REPLICAS, NOT_ENOUGH_REPLICAS_AFTER_APPEND, UNKNOWN_TOPIC_ID, CONCURRENT_TRANSACTIONS.
pub fn is_retriable(code: i16) -> bool {
    matches!(code, 3 | 5 | 6 | 7 | 19 | 20 | 51 | 100)
}

pub struct Producer {
    idempotent: bool,
    producer: Option<producers::Producer>,
    /// The next sequence number of each partition that it has written to.
    sequences: Vec<((&'static str, i32), i32)>,
    sending: Option<Sending>,
}

impl Producer {
    pub fn new(idempotent: bool) -> Producer {
        Producer { idempotent, producer: None, sequences: Vec::new(), sending: None }
    }

    fn sequence(&mut self, partition: (&'static str, i32)) -> &mut i32 {
        let known = self.sequences.iter().position(|(other, _)| *other == partition);
        let index = known.unwrap_or_else(|| {
            self.sequences.push((partition, 0));
            self.sequences.len() - 1
        });
        &mut self.sequences[index].1
    }

    fn prepare(&mut self, me: usize, world: &mut World) -> Sending {
        let partition = world.pick_partition();
        let count = 1 + world.below(3);
        let once = self.idempotent;
        let numbers: Vec<u64> = (0..count).map(|_| world.truth.records.send(me, once, None)).collect();
        let sequence = *self.sequence(partition);
        let sender = self.producer.map(|producer| As { producer, sequence, transactional: false });
        let records = payload::batch(&numbers, sender, world.now().wall_ms);
        Sending { partition, numbers, records }
    }
}

impl Client for Producer {
    fn act(&mut self, me: usize, world: &mut World) {
        if self.idempotent && self.producer.is_none() {
            let node = 1 + world.below(3) as i32;
            let version = world.pick(&[0, 2, 3, 4, 5]);
            return world.send(me, node, version, InitProducerIdRequest::default().with_transactional_id(None));
        }
        if world.is_calm() && self.sending.is_none() {
            return world.rest(me, 1_000);
        }
        let sending = match self.sending.take() {
            Some(sending) => sending,
            None => self.prepare(me, world),
        };
        let version = world.pick(&[3, 7, 9, 11, 12, 13]);
        let acks = if self.idempotent || world.chance(60) { -1 } else { 1 };
        let request = produce(world, version, acks, &sending);
        let node = world.leader(sending.partition);
        self.sending = Some(sending);
        world.send(me, node, version, request);
    }

    fn hear(&mut self, me: usize, heard: Option<ResponseKind>, world: &mut World) {
        world.rest(me, 800);
        let answer = match heard {
            None => return,
            Some(ResponseKind::InitProducerId(answer)) => {
                let (id, epoch) = (answer.producer_id.0, answer.producer_epoch);
                self.producer = Some(producers::Producer { id, epoch });
                self.sequences.clear();
                return;
            }
            Some(answer) => answer,
        };
        match produced(&answer) {
            0 => {
                let sending = self.sending.take().expect("what was answered for");
                *self.sequence(sending.partition) += sending.numbers.len() as i32;
            }
            code if is_retriable(code) => {}
            // OUT_OF_ORDER_SEQUENCE_NUMBER: something was lost, so it begins anew.
            45 if self.sending.as_ref().is_some_and(|sending| world.truth.records.is_unclean(sending.partition)) => {
                *self = Producer::new(self.idempotent);
            }
            other => panic!("a producer gets {other}"),
        }
    }

    fn is_done(&self) -> bool {
        self.sending.is_none()
    }
}
