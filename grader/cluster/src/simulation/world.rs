//! The cluster, its clients, the network between them, and time.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use kafka_protocol::messages::ResponseKind;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use uuid::Uuid;

use super::truth::Truth;
use super::{admin, classic, modern, producer, reader, transactional};
use crate::core::Core;
use crate::core::admin::NewTopic;
use crate::core::call::Call;
use crate::settings::Settings;
use crate::time::Now;
use crate::watch::Connection;

/// Topics, and how many partitions and replicas they have.
pub const TOPICS: [(&str, i32, i16); 2] = [("three", 2, 3), ("two", 2, 2)];

/// How long everything has been well when a run ends, in milliseconds: more than any session, transaction or request may
/// take.
const REST_MS: u64 = 45_000;

/// A client has one request on its way, or rests.
pub trait Client {
    /// Sends a request, or rests.
    fn act(&mut self, me: usize, world: &mut World);
    /// Its request is over. Without an answer the connection is broken, and the request may have been carried out. The
    /// next one is sent in [`Client::act`].
    fn hear(&mut self, me: usize, heard: Option<ResponseKind>, world: &mut World);
    /// When all is well and has been for long: has it come to an end?
    fn is_done(&self) -> bool;
}

/// What the network knows of a client.
pub(super) struct Slot {
    pub connection: Connection,
    /// A request is on its way.
    pub busy: bool,
    rests_until: Duration,
}

pub(super) struct Waiting {
    pub client: usize,
    pub call: Call,
    pub until: Option<Duration>,
}

pub struct World {
    pub core: Core,
    pub truth: Truth,
    random: StdRng,
    pub(super) elapsed: Duration,
    /// How far the clock that tells the date is off.
    wall_off_ms: i64,
    clients: Vec<Option<Box<dyn Client>>>,
    pub(super) slots: Vec<Slot>,
    pub(super) waiting: BTreeMap<Connection, Waiting>,
    pub(super) mail: VecDeque<(usize, Option<Box<ResponseKind>>)>,
    pub(super) connections: Connection,
    /// Since when all has been well.
    healed: Option<Duration>,
    loud: bool,
}

impl World {
    pub fn new(seed: u64, loud: bool) -> World {
        let mut random = StdRng::seed_from_u64(seed);
        let min_in_sync = random.random_range(1..=2);
        let settings = Settings {
            nodes: 3,
            min_in_sync,
            consumer_session_ms: 10_000,
            consumer_heartbeat_ms: 1_000,
            consumer_assignment_interval_ms: 0,
            ..Settings::default()
        };
        let addresses: Vec<_> = (0..3).map(|node| ("127.0.0.1".to_owned(), 9_092 + node)).collect();
        let mut core = Core::new(settings, &addresses, seed);
        for (name, partitions, replication) in TOPICS {
            let wanted =
                NewTopic { partitions: Some(partitions), replication: Some(replication), ..NewTopic::default() };
            core.create_topic(name, &wanted).expect("a topic");
        }
        let mut world = World {
            core,
            truth: Truth::default(),
            random,
            elapsed: Duration::ZERO,
            wall_off_ms: 0,
            clients: Vec::new(),
            slots: Vec::new(),
            waiting: BTreeMap::new(),
            mail: VecDeque::new(),
            connections: 0,
            healed: None,
            loud,
        };
        world.populate();
        world
    }

    fn populate(&mut self) {
        for _ in 0..self.below(3) {
            let idempotent = self.chance(60);
            self.add(Box::new(producer::Producer::new(idempotent)));
        }
        for id in ["a", "a", "b"].iter().take(self.below(4) as usize) {
            let version = if self.chance(50) { 2 } else { 1 };
            self.add(Box::new(transactional::Transactional::new(id, version)));
        }
        for _ in 0..self.below(4) {
            self.add(Box::new(classic::Member::new("classic")));
        }
        for _ in 0..self.below(4) {
            self.add(Box::new(modern::Member::new("modern")));
        }
        for committed in [false, true] {
            self.add(Box::new(reader::Reader::new(committed)));
        }
        self.add(Box::new(admin::Admin));
    }

    fn add(&mut self, client: Box<dyn Client>) {
        self.clients.push(Some(client));
        self.connections += 1;
        self.slots.push(Slot { connection: self.connections, busy: false, rests_until: self.elapsed });
    }

    pub fn now(&self) -> Now {
        let ms = self.elapsed.as_millis() as i64;
        Now { elapsed: self.elapsed, wall_ms: 1_750_000_000_000 + ms + self.wall_off_ms }
    }

    /// The date is another one from now on.
    pub fn jump(&mut self, ms: i64) {
        self.wall_off_ms += ms;
    }

    pub fn is_calm(&self) -> bool {
        self.healed.is_some()
    }

    /// Has all been well for so long that everything that takes time is over?
    pub fn is_at_rest(&self) -> bool {
        self.healed.is_some_and(|since| self.elapsed >= since + Duration::from_millis(REST_MS))
    }

    pub fn below(&mut self, end: u32) -> u32 {
        self.random.random_range(0..end)
    }

    pub fn chance(&mut self, in_a_hundred: u32) -> bool {
        self.below(100) < in_a_hundred
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.random.random_range(0..from.len())]
    }

    /// One of the partitions of [`TOPICS`].
    pub fn pick_partition(&mut self) -> (&'static str, i32) {
        let (topic, partitions, _) = self.pick(&TOPICS);
        (topic, self.below(partitions as u32) as i32)
    }

    pub fn topic_id(&self, topic: &str) -> Uuid {
        self.core.topics.get(topic).expect("the topic").id
    }

    /// The node that leads a partition. A client may know an older one.
    pub fn leader(&mut self, (topic, index): (&str, i32)) -> i32 {
        let leader =
            self.core.topics.get(topic).and_then(|topic| topic.partition(index)).and_then(|found| found.leader);
        self.maybe_stale(leader)
    }

    /// The node that looks after a group or a transactional id. A client may know an older one.
    pub fn coordinator(&mut self, key: &str) -> i32 {
        let coordinator = self.core.coordinator(key);
        self.maybe_stale(coordinator)
    }

    fn maybe_stale(&mut self, node: Option<i32>) -> i32 {
        match node {
            Some(node) if self.is_calm() || !self.chance(5) => node,
            _ => 1 + self.below(3) as i32,
        }
    }

    pub fn say(&self, what: impl FnOnce() -> String) {
        if self.loud {
            println!("{:>9.3} {}", self.elapsed.as_secs_f64(), what());
        }
    }

    /// A client does nothing for so long.
    pub fn rest(&mut self, me: usize, ms: u32) {
        let ms = self.below(ms) + 1;
        self.slots[me].rests_until = self.elapsed + Duration::from_millis(ms.into());
    }

    /// One thing happens.
    pub fn go_on(&mut self) {
        if let Some((me, heard)) = self.mail.pop_front() {
            self.slots[me].busy = false;
            match &heard {
                Some(answer) => self.say(|| format!("{me} gets {answer:?}")),
                None => self.say(|| format!("{me} has lost its connection")),
            }
            return self.with(me, |client, world| client.hear(me, heard.map(|answer| *answer), world));
        }
        for connection in self.core.take_woken() {
            self.look_again(connection);
        }
        if !self.mail.is_empty() {
            return;
        }
        if !self.is_calm() && self.chance(6) {
            return self.chaos();
        }
        let ready = self.slots.iter().enumerate().filter(|(_, slot)| !slot.busy && slot.rests_until <= self.elapsed);
        let ready: Vec<usize> = ready.map(|(me, _)| me).collect();
        match ready.is_empty() {
            true => self.pass_time(),
            false => {
                let me = self.pick(&ready);
                match self.is_at_rest() && self.clients[me].as_ref().is_some_and(|client| client.is_done()) {
                    true => self.rest(me, 1_000),
                    false => self.with(me, |client, world| client.act(me, world)),
                }
            }
        }
    }

    fn with(&mut self, me: usize, act: impl FnOnce(&mut dyn Client, &mut World)) {
        let mut client = self.clients[me].take().expect("nobody else has it");
        act(&mut *client, self);
        self.clients[me] = Some(client);
    }

    /// Nobody has anything to do before the next timer.
    fn pass_time(&mut self) {
        let resting = self.slots.iter().filter(|slot| !slot.busy).map(|slot| slot.rests_until);
        let waiting = self.waiting.values().filter_map(|waiting| waiting.until);
        let next = resting.chain(waiting).chain(self.core.next_timer()).min().expect("something is going to happen");
        self.elapsed = self.elapsed.max(next);
        let now = self.now();
        self.core.tick(now);
        self.truth.check(&self.core);
        let due = self.waiting.iter().filter(|(_, waiting)| waiting.until.is_some_and(|until| until <= self.elapsed));
        let due: Vec<Connection> = due.map(|(connection, _)| *connection).collect();
        due.into_iter().for_each(|connection| self.look_again(connection));
    }

    /// From now on all is well.
    pub fn heal(&mut self) {
        self.repair();
        self.say(|| "all is well".to_owned());
        self.healed = Some(self.elapsed);
    }

    /// Lets everybody come to an end.
    pub fn come_to_rest(&mut self) {
        for _ in 0..20_000 {
            let done = self.clients.iter().flatten().all(|client| client.is_done());
            if done && self.is_at_rest() && self.mail.is_empty() && self.waiting.is_empty() {
                return;
            }
            self.go_on();
        }
        panic!("a client or a request never comes to an end: {:?}", self.waiting_clients());
    }

    /// Is everything as it has to be at the end?
    pub fn audit(&self) {
        self.truth.audit(&self.core);
    }
}
