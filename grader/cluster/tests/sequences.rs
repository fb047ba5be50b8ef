//! Sequences of requests that fit together just well enough to get far: nothing panics, every answer can be written, and
//! whatever waits ends when its time has come.
//!
//! Requests are samples of Kafka's own definitions, with names, ids and numbers that mean something put into some of their
//! fields; some are damaged afterwards. They go the whole way: bytes, frame, core, answer, bytes.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use cluster::core::Core;
use cluster::core::call::{Call, Caller, Step};
use cluster::frame::{self, Asked, Frame};
use cluster::time::Now;
use cluster::versions::SERVED;
use cluster::{Drill, NewTopic, Settings};
use kafka_protocol::messages::{ApiKey, ResponseKind};
use proptest::prelude::*;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use wire::schema::{self, Direction, Value};

/// Requests in a sequence.
const REQUESTS: usize = 120;

/// As many requests wait at most; then the connection of the oldest breaks.
const MOST_WAITING: usize = 40;

/// Longer than anything may take: `group.max.session.timeout.ms`, `transaction.max.timeout.ms`, or the longest wait that a
/// request of a client asks for.
const LONG: Duration = Duration::from_millis(i32::MAX as u64 * 2);

struct Sequence {
    core: Core,
    random: StdRng,
    elapsed: Duration,
    wall_ms: i64,
    topics: Vec<[u8; 16]>,
    members: Vec<String>,
    producers: Vec<(i64, i16)>,
    waiting: BTreeMap<u64, (ApiKey, Call, Option<Duration>)>,
    connections: u64,
}

impl Sequence {
    fn new(seed: u64) -> Sequence {
        let settings = Settings { nodes: 2, auto_create: true, ..Settings::default() };
        let mut core = Core::new(settings, &[("a".to_owned(), 1), ("b".to_owned(), 2)], seed);
        let wanted = NewTopic { partitions: Some(2), replication: Some(2), ..NewTopic::default() };
        let topics = ["t", "u"].map(|name| core.create_topic(name, &wanted).expect("a topic").into_bytes());
        Sequence {
            core,
            random: StdRng::seed_from_u64(seed),
            elapsed: Duration::ZERO,
            wall_ms: 1_750_000_000_000,
            topics: topics.to_vec(),
            members: vec![String::new(), "member".to_owned()],
            producers: vec![(-1, -1)],
            waiting: BTreeMap::new(),
            connections: 0,
        }
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.random.random_range(0..from.len())].clone()
    }

    fn chance(&mut self, in_a_hundred: u32) -> bool {
        self.random.random_range(0..100) < in_a_hundred
    }

    fn now(&self) -> Now {
        Now { elapsed: self.elapsed, wall_ms: self.wall_ms }
    }

    /// Something that means something, for a field of this name.
    fn meant(&mut self, name: &str) -> Option<Value> {
        let text = |text: &str| Value::Text(text.to_owned());
        Some(match name {
            "Name" | "Topic" | "TopicName" | "ResourceName" => {
                text(self.pick(&["t", "u", "new", "", "__consumer_offsets"]))
            }
            "GroupId" | "Key" => text(self.pick(&["g", "h", ""])),
            "TransactionalId" | "V3AndBelowTransactionalId" => text(self.pick(&["x", "y", ""])),
            "MemberId" => Value::Text(self.pick(&self.members.clone())),
            "ProtocolType" => text("consumer"),
            "TopicId" => Value::Uuid(self.pick(&self.topics.clone())),
            "ProducerId" | "V3AndBelowProducerId" => Value::Number(self.pick(&self.producers.clone()).0),
            "ProducerEpoch" | "V3AndBelowProducerEpoch" => Value::Number(self.pick(&self.producers.clone()).1.into()),
            "Partition" | "PartitionIndex" | "Index" => Value::Number(self.pick(&[0, 1, -1, 7])),
            "Acks" => Value::Number(self.pick(&[-1, 0, 1, 2])),
            "GenerationId" | "GenerationIdOrMemberEpoch" | "MemberEpoch" => {
                Value::Number(self.pick(&[-2, -1, 0, 1, 2]))
            }
            "TransactionTimeoutMs" | "SessionTimeoutMs" | "RebalanceTimeoutMs" | "MaxWaitMs" | "TimeoutMs" => {
                Value::Number(self.pick(&[-1, 0, 1_000, 60_000, i32::MAX.into()]))
            }
            "FetchOffset" | "CommittedOffset" | "Timestamp" | "Offset" => {
                Value::Number(self.pick(&[-3, -2, -1, 0, 1, 5, i64::MAX, i64::MIN]))
            }
            "NumPartitions" | "Count" => Value::Number(self.pick(&[-1, 0, 1, 3, i32::MAX.into()])),
            "Records" => Value::Bytes(self.records()),
            _ => return None,
        })
    }

    /// A batch of a producer, perhaps a damaged one.
    fn records(&mut self) -> Bytes {
        let value = [b'v'; 8];
        let record = wire::NewRecord { key: Some(b"key"), value: &value, headers: &[] };
        let mut batch = wire::new_batch(&[record, record], self.wall_ms, None).to_vec();
        let (id, epoch) = self.pick(&self.producers.clone());
        batch[43..51].copy_from_slice(&id.to_be_bytes());
        batch[51..53].copy_from_slice(&epoch.to_be_bytes());
        let sequence: i32 = if id < 0 { -1 } else { self.pick(&[0, 2, 4, i32::MAX]) };
        batch[53..57].copy_from_slice(&sequence.to_be_bytes());
        batch[22] = if id >= 0 && self.chance(50) { 0x10 } else { 0 };
        if self.chance(10) {
            let at = self.random.random_range(0..batch.len());
            batch[at] = self.random.random();
        }
        let checksum = crc32c::crc32c(&batch[21..]);
        if !self.chance(5) {
            batch[17..21].copy_from_slice(&checksum.to_be_bytes());
        }
        batch.into()
    }

    /// Puts meaning into most of the fields that can have some.
    fn make_meant(&mut self, value: &mut Value) {
        match value {
            Value::Structure(fields) => {
                for (name, value) in fields {
                    match value {
                        Value::List(_) | Value::Structure(_) => self.make_meant(value),
                        _ if self.chance(85) => *value = self.meant(name).unwrap_or(value.clone()),
                        _ => {}
                    }
                }
            }
            Value::List(entries) => entries.iter_mut().for_each(|entry| match entry {
                Value::Number(number) => *number = self.pick(&[0, 1, -1, *number]),
                Value::Text(text) => *text = self.pick(&["t".to_owned(), "g".to_owned(), "x".to_owned(), text.clone()]),
                Value::Uuid(id) => *id = self.pick(&self.topics.clone()),
                other => self.make_meant(other),
            }),
            _ => {}
        }
    }

    fn request(&mut self) -> Bytes {
        let served: Vec<_> = SERVED.iter().map(|(api, oldest, newest)| (*api, *oldest, *newest)).collect();
        let (api, oldest, newest) = self.pick(&served);
        let oldest = if api == ApiKey::Produce { 3 } else { oldest };
        let version = self.random.random_range(oldest..=newest);
        let random = &mut self.random;
        let sample =
            schema::sample(api as i16, version, Direction::Request, &mut |below| random.random_range(0..below));
        let mut value = sample.expect("what is served exists");
        self.make_meant(&mut value);
        let body = schema::write(api as i16, version, Direction::Request, &value);
        let mut frame = BytesMut::new();
        frame.put_i16(api as i16);
        frame.put_i16(version);
        frame.put_i32(1);
        frame.put_i16(-1);
        if api.request_header_version(version) > 1 {
            frame.put_u8(0);
        }
        // Null where a version has no null cannot be written.
        frame.put_slice(&body.unwrap_or_default());
        if self.chance(5) {
            let at = self.random.random_range(0..frame.len());
            frame[at] = self.random.random();
        }
        frame.freeze()
    }

    fn send(&mut self, bytes: &Bytes) {
        let Frame::Request(asked) = frame::read(bytes) else { return };
        let Asked { api, version, client_id, request, .. } = *asked;
        self.connections += 1;
        let node = 1 + self.random.random_range(0..2);
        let connection = self.connections;
        let caller = Caller { connection, node, version, client_id, host: "/127.0.0.1".to_owned() };
        self.step(api, Call::new(caller, request));
        if self.waiting.len() > MOST_WAITING
            && let Some((oldest, _)) = self.waiting.pop_first()
        {
            self.core.disconnected(oldest);
        }
    }

    fn step(&mut self, api: ApiKey, mut call: Call) {
        let now = self.now();
        match self.core.step(&mut call, now) {
            Step::Answer(answer) => {
                self.learn(&answer);
                let written = frame::write(api, call.caller.version, 1, &answer);
                assert!(written.is_ok(), "{api:?} v{}: {written:?}: {answer:?}", call.caller.version);
            }
            Step::Wait(until) => drop(self.waiting.insert(call.caller.connection, (api, call, until))),
            Step::Silence | Step::HangUp => {}
        }
        for connection in self.core.take_woken() {
            self.look_again(connection);
        }
    }

    fn look_again(&mut self, connection: u64) {
        if let Some((api, call, _)) = self.waiting.remove(&connection) {
            self.step(api, call);
        }
    }

    fn learn(&mut self, answer: &ResponseKind) {
        match answer {
            ResponseKind::JoinGroup(answer) => self.members.push(answer.member_id.to_string()),
            ResponseKind::ConsumerGroupHeartbeat(answer) => {
                self.members.extend(answer.member_id.as_ref().map(|id| id.to_string()));
            }
            ResponseKind::InitProducerId(answer) if answer.error_code == 0 => {
                self.producers.push((answer.producer_id.0, answer.producer_epoch));
            }
            _ => {}
        }
        let most = self.members.len().saturating_sub(5);
        self.members.drain(..most);
        let most = self.producers.len().saturating_sub(5);
        self.producers.drain(..most);
    }

    fn pass_time(&mut self, time: Duration) {
        self.elapsed += time;
        let now = self.now();
        self.core.tick(now);
        let due = self.waiting.iter().filter(|(_, (.., until))| until.is_some_and(|until| until <= self.elapsed));
        let mut due: Vec<u64> = due.map(|(connection, _)| *connection).collect();
        due.extend(self.core.take_woken());
        due.into_iter().for_each(|connection| self.look_again(connection));
    }

    /// A change of the cluster, or of the clock that tells the date.
    fn disturb(&mut self) {
        let (topic, partition, node) = ("t".to_owned(), self.pick(&[0, 1]), self.pick(&[1, 2]));
        let drill = match self.random.random_range(0..8) {
            0 => Drill::LeaderMoves { topic, partition, to: node },
            1 => Drill::UncleanElection { topic, partition, to: node },
            2 => Drill::ReplicaStops { topic, partition, node },
            3 => Drill::ReplicaFallsOut { topic, partition, node },
            4 => Drill::ReplicaResumes { topic, partition, node },
            5 => Drill::NodeLeaves { node },
            6 => Drill::NodeReturns { node },
            _ => {
                self.wall_ms = self.pick(&[0, 1_750_000_000_000, i64::MAX, i64::MIN, -1]);
                Drill::CoordinatorMoves { group: "g".to_owned(), to: node }
            }
        };
        self.core.drill(&drill).ok();
    }

    fn run(&mut self) {
        for _ in 0..REQUESTS {
            let bytes = self.request();
            self.send(&bytes);
            if self.chance(10) {
                let ms = self.pick(&[1, 500, 20_000]);
                self.pass_time(Duration::from_millis(ms));
            }
            if self.chance(5) {
                self.disturb();
            }
        }
        for node in [1, 2] {
            self.core.drill(&Drill::NodeReturns { node }).ok();
        }
        for _ in 0..10 {
            self.pass_time(LONG);
        }
        let left: Vec<_> = self.waiting.values().map(|(api, call, until)| (api, &call.request, until)).collect();
        assert!(left.is_empty(), "these wait for ever: {left:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, max_shrink_iters: 0, ..ProptestConfig::default() })]

    #[test]
    fn requests_that_nearly_fit_together(seed in any::<u64>()) {
        Sequence::new(seed).run();
    }
}
