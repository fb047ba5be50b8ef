//! A producer with transactions: writes, commits offsets, ends; is fenced by a successor, crashes, runs out of time.

use kafka_protocol::messages::add_partitions_to_txn_request::AddPartitionsToTxnTopic;
use kafka_protocol::messages::txn_offset_commit_request::{
    TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic,
};
use kafka_protocol::messages::{
    AddOffsetsToTxnRequest, AddPartitionsToTxnRequest, EndTxnRequest, GroupId, InitProducerIdRequest, ProducerId,
    ResponseKind, TransactionalId, TxnOffsetCommitRequest,
};

use super::offsets::{text, topic_name};
use super::payload::{self, As};
use super::producer::{Sending, is_retriable, produce, produced};
use super::truth::Fate;
use super::world::{Client, World};
use crate::producers::{NO_PRODUCER, Producer};

/// The group that transactions commit offsets for. It has no members.
pub const GROUP: &str = "offsets";

/// What is to be done next in a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Task {
    Init,
    AddPartition((&'static str, i32)),
    Produce((&'static str, i32)),
    AddOffsets,
    CommitOffsets((&'static str, i32), i64),
    End { commit: bool },
}

pub struct Transactional {
    id: &'static str,
    /// Version 2 of transactions adds partitions and offsets by itself, and has an epoch for each transaction.
    version: i16,
    producer: Producer,
    sequences: Vec<((&'static str, i32), i32)>,
    /// What is left to do, the next one last.
    tasks: Vec<Task>,
    transaction: Option<usize>,
    /// What is to be appended, and has not been acknowledged.
    sending: Option<Sending>,
    /// The end was asked for, and the answer was not heard.
    asked_to_commit: bool,
}

impl Transactional {
    pub fn new(id: &'static str, version: i16) -> Transactional {
        Transactional {
            id,
            version,
            producer: NO_PRODUCER,
            sequences: Vec::new(),
            tasks: vec![Task::Init],
            transaction: None,
            sending: None,
            asked_to_commit: false,
        }
    }

    fn transactional_id(&self) -> TransactionalId {
        TransactionalId(text(self.id))
    }

    fn begin(&mut self, world: &mut World) {
        self.transaction = Some(world.truth.records.begin());
        let commit = world.chance(70);
        self.tasks.push(Task::End { commit });
        if world.chance(30) {
            // The offset says whose it is.
            let offset = self.transaction.map_or(0, |transaction| transaction as i64);
            self.tasks.push(Task::CommitOffsets(world.pick_partition(), offset));
            if self.version == 1 {
                self.tasks.push(Task::AddOffsets);
            }
        }
        for _ in 0..1 + world.below(3) {
            let partition = world.pick_partition();
            self.tasks.push(Task::Produce(partition));
            if self.version == 1 {
                self.tasks.push(Task::AddPartition(partition));
            }
        }
    }

    /// This instance is no more. What has become of its transaction is for the coordinator to say.
    fn die(&mut self, world: &mut World) {
        if let Some(transaction) = self.transaction {
            let fate = if self.asked_to_commit { Fate::InDoubt } else { Fate::Open };
            world.truth.records.decide(transaction, fate);
        }
        let version = if world.chance(50) { 2 } else { 1 };
        *self = Transactional::new(self.id, version);
    }

    /// Something went wrong that only an abort can repair.
    fn abort(&mut self) {
        self.sending = None;
        self.tasks = vec![Task::End { commit: false }];
    }

    fn perform(&mut self, me: usize, world: &mut World, task: &Task) {
        let Producer { id, epoch } = self.producer;
        match task {
            Task::Init => {
                let node = world.coordinator(self.id);
                let request = InitProducerIdRequest::default()
                    .with_transactional_id(Some(self.transactional_id()))
                    .with_transaction_timeout_ms(5_000 + world.below(10_000) as i32);
                let version = world.pick(&[0, 2, 4, 5]);
                world.send(me, node, version, request);
            }
            Task::AddPartition((topic, index)) => {
                let node = world.coordinator(self.id);
                let topic =
                    AddPartitionsToTxnTopic::default().with_name(topic_name(topic)).with_partitions(vec![*index]);
                let request = AddPartitionsToTxnRequest::default()
                    .with_v3_and_below_transactional_id(self.transactional_id())
                    .with_v3_and_below_producer_id(ProducerId(id))
                    .with_v3_and_below_producer_epoch(epoch)
                    .with_v3_and_below_topics(vec![topic]);
                let version = world.pick(&[0, 2, 3]);
                world.send(me, node, version, request);
            }
            Task::Produce(partition) => self.produce(me, world, *partition),
            Task::AddOffsets => {
                let node = world.coordinator(self.id);
                let request = AddOffsetsToTxnRequest::default()
                    .with_transactional_id(self.transactional_id())
                    .with_producer_id(ProducerId(id))
                    .with_producer_epoch(epoch)
                    .with_group_id(GroupId(text(GROUP)));
                let version = world.pick(&[0, 2, 4]);
                world.send(me, node, version, request);
            }
            Task::CommitOffsets((topic, index), offset) => {
                let node = world.coordinator(GROUP);
                let partition = TxnOffsetCommitRequestPartition::default()
                    .with_partition_index(*index)
                    .with_committed_offset(*offset);
                let topic = TxnOffsetCommitRequestTopic::default()
                    .with_name(topic_name(topic))
                    .with_partitions(vec![partition]);
                let request = TxnOffsetCommitRequest::default()
                    .with_transactional_id(self.transactional_id())
                    .with_group_id(GroupId(text(GROUP)))
                    .with_producer_id(ProducerId(id))
                    .with_producer_epoch(epoch)
                    .with_topics(vec![topic]);
                let version = if self.version == 2 { 5 } else { world.pick(&[0, 2, 3, 4]) };
                world.send(me, node, version, request);
            }
            Task::End { commit } => {
                self.asked_to_commit |= commit;
                let node = world.coordinator(self.id);
                let request = EndTxnRequest::default()
                    .with_transactional_id(self.transactional_id())
                    .with_producer_id(ProducerId(id))
                    .with_producer_epoch(epoch)
                    .with_committed(*commit);
                let version = if self.version == 2 { 5 } else { world.pick(&[0, 2, 3, 4]) };
                world.send(me, node, version, request);
            }
        }
    }

    fn produce(&mut self, me: usize, world: &mut World, partition: (&'static str, i32)) {
        let sending = match self.sending.take() {
            Some(sending) => sending,
            None => {
                let known = self.sequences.iter().find(|(other, _)| *other == partition);
                let sequence = known.map_or(0, |(_, next)| *next);
                let count = 1 + world.below(3);
                let transaction = self.transaction;
                let send = |_| world.truth.records.send(me, true, transaction);
                let numbers: Vec<u64> = (0..count).map(send).collect();
                let sender = As { producer: self.producer, sequence, transactional: true };
                let records = payload::batch(&numbers, Some(sender), world.now().wall_ms);
                Sending { partition, numbers, records }
            }
        };
        let version = if self.version == 2 { world.pick(&[12, 13]) } else { world.pick(&[3, 7, 9, 10, 11]) };
        let request = produce(world, version, -1, &sending).with_transactional_id(Some(self.transactional_id()));
        let node = world.leader(partition);
        self.sending = Some(sending);
        world.send(me, node, version, request);
    }

    /// The task is done.
    fn succeeded(&mut self, world: &mut World, answer: &ResponseKind) {
        let task = self.tasks.pop().expect("the task that was done");
        match (task, answer) {
            (Task::Init, ResponseKind::InitProducerId(answer)) => {
                self.producer = Producer { id: answer.producer_id.0, epoch: answer.producer_epoch };
                self.sequences.clear();
            }
            (Task::Produce(partition), _) => {
                let sent = self.sending.take().map_or(0, |sending| sending.numbers.len() as i32);
                let before = self.sequences.iter().find(|(other, _)| *other == partition).map_or(0, |(_, next)| *next);
                self.sequences.retain(|(other, _)| *other != partition);
                self.sequences.push((partition, before + sent));
            }
            (Task::End { commit }, ResponseKind::EndTxn(answer)) => {
                let fate = if commit { Fate::Committed } else { Fate::Aborted };
                if let Some(transaction) = self.transaction.take() {
                    world.truth.records.decide(transaction, fate);
                }
                self.asked_to_commit = false;
                if self.version == 2 {
                    self.producer = Producer { id: answer.producer_id.0, epoch: answer.producer_epoch };
                    self.sequences.clear();
                }
            }
            _ => {}
        }
    }
}

impl Client for Transactional {
    fn act(&mut self, me: usize, world: &mut World) {
        if !world.is_calm() && world.chance(3) {
            world.say(|| format!("{me} crashes"));
            self.die(world);
            return world.rest(me, 3_000);
        }
        if self.tasks.is_empty() {
            if world.is_calm() {
                return world.rest(me, 1_000);
            }
            self.begin(world);
        }
        let task = self.tasks.last().expect("something to do").clone();
        self.perform(me, world, &task);
    }

    fn hear(&mut self, me: usize, heard: Option<ResponseKind>, world: &mut World) {
        world.rest(me, 800);
        let Some(answer) = heard else { return };
        let code = match &answer {
            ResponseKind::InitProducerId(answer) => answer.error_code,
            ResponseKind::AddPartitionsToTxn(answer) => {
                answer.results_by_topic_v3_and_below[0].results_by_partition[0].partition_error_code
            }
            ResponseKind::AddOffsetsToTxn(answer) => answer.error_code,
            ResponseKind::TxnOffsetCommit(answer) => answer.topics[0].partitions[0].error_code,
            ResponseKind::EndTxn(answer) => answer.error_code,
            answer => produced(answer),
        };
        if let Some(sending) = self.sending.as_ref().filter(|_| code == 45) {
            let unclean = world.truth.records.is_unclean(sending.partition);
            assert!(unclean, "a batch is missing before this one, and nothing was lost: {answer:?}");
        }
        match code {
            0 => self.succeeded(world, &answer),
            // COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR
            15 | 16 => {}
            code if is_retriable(code) => {}
            // OUT_OF_ORDER_SEQUENCE_NUMBER, TRANSACTION_ABORTABLE
            45 | 120 if !self.asked_to_commit => self.abort(),
            // INVALID_TXN_STATE, INVALID_PRODUCER_EPOCH, INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED, and what cannot be
            // aborted any more: somebody or something has ended it.
            45 | 47 | 48 | 49 | 59 | 90 | 120 => self.die(world),
            other => panic!("a producer of transactions gets {other}: {answer:?}"),
        }
    }

    fn is_done(&self) -> bool {
        self.tasks.is_empty()
    }
}
