//! Where everything stands, as the events tell it.

use super::news::{Given, News};
use super::{CONSUMERS, GROUP, PARTITIONS, PROCESS, PRODUCER, TOPIC};
use crate::evidence::{End, Event, Held, Ownership, What};
use crate::wire::{Request, Response};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One of the clients.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Client {
    pub role: String,
    /// Its process is there.
    pub runs: bool,
    /// SIGKILL has ended its process, at this time in microseconds.
    pub killed: Option<u64>,
    /// Records that the producer has sent, or that a consumer has processed.
    pub records: u64,
    /// Those of a consumer's that its group had processed before.
    pub again: u64,
    /// Records of the producer's that were acknowledged.
    pub acknowledged: u64,
    /// The size of a consumer's last batch.
    pub batch: u64,
    /// The group that it last worked for.
    pub group: String,
}

/// What a group has done of each partition.
#[derive(Debug)]
pub struct Group {
    ownership: Ownership,
    /// Of what was ever held, how much was told.
    told: usize,
    /// Indices of what still lasts.
    open: BTreeSet<usize>,
    pub owners: [Option<String>; PARTITIONS],
    /// The offset that was committed last.
    pub committed: [Option<i64>; PARTITIONS],
    /// The offset behind the last record that was processed.
    pub processed: [i64; PARTITIONS],
}

impl Group {
    fn new(name: &str) -> Group {
        Group {
            ownership: Ownership::new(name),
            told: 0,
            open: BTreeSet::new(),
            owners: Default::default(),
            committed: [None; PARTITIONS],
            processed: [0; PARTITIONS],
        }
    }

    /// What is processed of the partition, and not committed.
    pub fn uncommitted(&self, partition: usize) -> i64 {
        (self.processed[partition] - self.committed[partition].unwrap_or(0)).max(0)
    }
}

/// Everything that there is to be seen. It follows the events from the first one on.
#[derive(Debug)]
pub struct Scene {
    seen: usize,
    /// The time of the last event, in microseconds.
    pub now: u64,
    /// How many records each partition has, as the acknowledgements say.
    pub ends: [i64; PARTITIONS],
    /// Records that are no JSON: partition and offset.
    pub poison: BTreeSet<(usize, i64)>,
    pub clients: Vec<Client>,
    pub groups: BTreeMap<String, Group>,
    /// The last sequence number of each partition, and of which producer.
    sequences: [(i64, i32); PARTITIONS],
}

impl Default for Scene {
    fn default() -> Scene {
        let client = |role: &str| Client { role: role.to_owned(), ..Client::default() };
        let groups = [GROUP].iter().chain(&CONSUMERS).map(|name| ((*name).to_owned(), Group::new(name)));
        Scene {
            seen: 0,
            now: 0,
            ends: [0; PARTITIONS],
            poison: BTreeSet::new(),
            clients: [PRODUCER].iter().chain(&CONSUMERS).map(|role| client(role)).collect(),
            groups: groups.collect(),
            sequences: [(-1, -1); PARTITIONS],
        }
    }
}

/// What a consumer says that it has done.
#[derive(Deserialize)]
struct Processed {
    group: String,
    count: u64,
    /// Partition, first and last offset.
    records: Vec<(i64, i64, i64)>,
    poison: Vec<(i64, i64)>,
}

impl Scene {
    /// The client of this role.
    pub fn client(&self, role: &str) -> Option<&Client> {
        self.clients.iter().find(|client| client.role == role)
    }

    /// Takes in what has been added to `events` since the last time, and says what of it is worth a line.
    pub fn follow(&mut self, events: &[Arc<Event>]) -> Vec<News> {
        let mut news = Vec::new();
        for at in self.seen..events.len() {
            self.event(at, &events[..=at], &mut news);
        }
        self.seen = events.len();
        news
    }

    fn event(&mut self, at: usize, events: &[Arc<Event>], news: &mut Vec<News>) {
        let event = &events[at];
        self.now = event.at;
        let role = event.role.as_deref().unwrap_or_default();
        match &event.what {
            What::Started { run, .. } => {
                self.change(role, |client| (client.runs, client.killed) = (true, None));
                news.push(News::started(event.at, role, *run));
            }
            What::Killed => {
                self.change(role, |client| client.killed = Some(event.at));
                news.push(News::killed(event.at, role));
            }
            What::Exited { .. } => self.change(role, |client| client.runs = false),
            What::Call { op, args, .. } if op == PROCESS => {
                if let Ok(processed) = Processed::deserialize(args) {
                    self.processed(event.at, role, &processed, news);
                }
            }
            What::Request { body: Request::Produce { batches, .. }, .. } => {
                for batch in batches.iter() {
                    let Some(last) = self.sequences.get_mut(batch.partition as usize) else { continue };
                    let this = (batch.producer_id, batch.base_sequence);
                    if this.0 == last.0 && this.1 <= last.1 {
                        news.push(News::sent_again(event.at, batch.partition, batch.base_sequence));
                    } else {
                        *last = this;
                        let sent = batch.records.len() as u64;
                        self.change(role, |client| client.records += sent);
                    }
                }
            }
            What::Response { to, body, .. } => {
                if let Some(What::Request { body: asked, .. }) = events.get(*to).map(|event| &event.what) {
                    self.answer(role, asked, body);
                }
            }
            What::Fault { on, .. } if matches!(&events[*on].what, What::Response { .. }) => {
                news.push(News::lost(event.at));
            }
            _ => {}
        }
        // Nothing else can change who holds what.
        if !matches!(event.what, What::Request { .. } | What::Response { .. } | What::Exited { .. }) {
            return;
        }
        for group in self.groups.values_mut() {
            let clients = &self.clients;
            let killed = |role: &str| clients.iter().find(|client| client.role == role).and_then(|c| c.killed);
            group.follow(events, event.at, killed, news);
        }
    }

    fn change(&mut self, role: &str, change: impl FnOnce(&mut Client)) {
        if let Some(client) = self.clients.iter_mut().find(|client| client.role == role) {
            change(client);
        }
    }

    fn processed(&mut self, at: u64, role: &str, said: &Processed, news: &mut Vec<News>) {
        let Some(group) = self.groups.get_mut(&said.group) else { return };
        let mut again = 0;
        for (partition, first, last) in &said.records {
            let Some(processed) = group.processed.get_mut(*partition as usize) else { continue };
            again += ((*processed).min(last + 1) - first).max(0) as u64;
            *processed = (*processed).max(last + 1);
        }
        self.change(role, |client| {
            client.records += said.count;
            client.again += again;
            client.batch = said.count;
            client.group.clone_from(&said.group);
        });
        news.push(News::batch(at, role, said.count, &said.records));
        news.extend(said.poison.iter().map(|place| News::poison(at, role, *place)));
    }

    fn answer(&mut self, role: &str, asked: &Request, answer: &Response) {
        match (asked, answer) {
            (Request::Produce { batches, .. }, Response::Produce { partitions }) => {
                for stored in partitions.iter().filter(|stored| stored.error == 0 && stored.topic == TOPIC) {
                    let Some(end) = self.ends.get_mut(stored.partition as usize) else { continue };
                    let records = batches.iter().filter(|batch| batch.partition == stored.partition);
                    for (offset, record) in (stored.base_offset..).zip(records.flat_map(|batch| &batch.records)) {
                        *end = (*end).max(offset + 1);
                        let value = record.value.as_ref().map(|value| value.as_bytes()).unwrap_or_default();
                        if serde_json::from_slice::<serde::de::IgnoredAny>(value).is_err() {
                            self.poison.insert((stored.partition as usize, offset));
                        }
                        self.clients.iter_mut().filter(|c| c.role == role).for_each(|c| c.acknowledged += 1);
                    }
                }
            }
            (Request::OffsetCommit { group, offsets, .. }, Response::OffsetCommit { partitions }) => {
                let Some(group) = self.groups.get_mut(group) else { return };
                for offset in offsets {
                    let accepted = partitions.iter().any(|p| p.partition == offset.partition && p.error == 0);
                    if let Some(committed) = group.committed.get_mut(offset.partition as usize).filter(|_| accepted) {
                        *committed = Some(offset.offset);
                    }
                }
            }
            _ => {}
        }
    }
}

impl Group {
    fn follow(&mut self, events: &[Arc<Event>], at: u64, killed: impl Fn(&str) -> Option<u64>, news: &mut Vec<News>) {
        self.ownership.follow(events);
        let held: Vec<&Held> = self.ownership.held(TOPIC).collect();
        let ended: Vec<usize> = self.open.iter().copied().filter(|index| held[*index].to.is_some()).collect();
        let mut left: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
        for index in ended {
            let was = held[index];
            self.open.remove(&index);
            self.owners[was.partition as usize] = None;
            if was.end == End::Left {
                left.entry(&was.role).or_default().push(was.partition);
            }
        }
        for (role, mut partitions) in left {
            partitions.sort_unstable();
            news.push(News::left(at, role, &partitions));
        }
        let mut given: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, new) in held.iter().enumerate().skip(self.told) {
            given.entry(&new.role).or_default().push(index);
        }
        let mut owners = Vec::new();
        for (role, indices) in given {
            for given in self.given(&held, &indices, at, &killed) {
                news.push(News::given(at, role, &given));
            }
            owners.extend(indices.iter().map(|index| (held[*index].partition, role.to_owned(), *index)));
        }
        self.told = held.len();
        for (partition, role, index) in owners {
            self.owners[partition as usize] = Some(role);
            self.open.insert(index);
        }
    }

    /// What one member got at one moment, by how it came to be free.
    fn given(&self, held: &[&Held], indices: &[usize], at: u64, killed: &impl Fn(&str) -> Option<u64>) -> Vec<Given> {
        let (mut first, mut handed, mut taken) = (Vec::new(), Vec::new(), BTreeMap::<&str, Vec<i32>>::new());
        for index in indices {
            let partition = held[*index].partition;
            match held[..*index].iter().rfind(|before| before.partition == partition) {
                None => first.push(partition),
                Some(before) if before.was_planned() || before.role == held[*index].role => handed.push(partition),
                Some(before) => taken.entry(before.role.as_str()).or_default().push(partition),
            }
        }
        let again = |partitions: &[i32]| partitions.iter().map(|p| self.uncommitted(*p as usize)).sum();
        let mut all = Vec::new();
        for partitions in [&mut first, &mut handed].into_iter().chain(taken.values_mut()) {
            partitions.sort_unstable();
        }
        if !first.is_empty() {
            all.push(Given::First(first));
        }
        if !handed.is_empty() {
            let again = again(&handed);
            all.push(Given::Handed { partitions: handed, again });
        }
        for (from, partitions) in taken {
            let offsets = partitions.iter().map(|p| self.committed[*p as usize].unwrap_or(0)).collect();
            let seconds = killed(from).map(|killed| at.saturating_sub(killed) as f64 / 1e6);
            let again = again(&partitions);
            all.push(Given::TakenOver { from: from.to_owned(), seconds, offsets, again, partitions });
        }
        all
    }
}
