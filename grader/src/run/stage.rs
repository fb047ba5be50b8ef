//! Everything that one scenario needs around the program: broker, names, input, recorder, taps, processes.

use super::groups::coordinator;
use super::input::{self, Made};
use super::writer::Writer;
use super::{Job, RunError, derived_seed};
use crate::broker::{Broker, BrokerError, Description, Place, Record, Transaction};
use crate::cluster::Drill as Change;
use crate::course::{InputSpec, Scenario, Step};
use crate::downstream::{Downstream, Source};
use crate::evidence::{Evidence, Found, Header, What};
use crate::gate::{Peers, Ports};
use crate::process::{self, Prepared, Process, Program, Reaper};
use crate::recorder::{Names, Recorder};
use crate::sandbox::{Confinement, FIRST_PORT};
use crate::tap::{Tap, Upstream};
use crate::wire::{At, Data};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// How long a process that is gone may keep its connections: a grandchild of it may hold them.
const DRAIN: Duration = Duration::from_secs(2);

/// Listeners of a confined program: for the outside world, for Kafka's address, and for brokers that are elsewhere.
const LISTENERS: u16 = 2 + 8;

/// A running process with its own way to the broker and to the outside world.
struct Actor {
    process: Process,
    tap: Tap,
    _downstream: Downstream,
}

/// Where a scenario's folder has the files of the program.
const FILES: &str = "files";

pub(super) struct Stage {
    pub recorder: Arc<Recorder>,
    broker: Broker,
    upstream: Arc<Upstream>,
    program: Program,
    work: PathBuf,
    confinement: Option<Confinement>,
    reaper: Arc<Reaper>,
    environment: BTreeMap<String, OsString>,
    /// What the exercise calls it, and its name in this run.
    topics: BTreeMap<String, String>,
    groups: BTreeMap<String, String>,
    partitions: BTreeMap<String, i32>,
    /// What the program asks the outside world for, where its input comes so.
    source: Option<Arc<Source>>,
    actors: HashMap<String, Actor>,
    runs: HashMap<String, u32>,
    /// How many groups have been reset.
    resets: usize,
    /// This scenario's own. The input draws from it; every other purpose from a seed that is derived by its name.
    pub seed: u64,
    /// How many parts of the input have been made.
    parts: u32,
    /// How many numbers have been drawn for its steps.
    draws: u32,
    /// A transaction of the grader's that is open, and the topic that it writes to.
    open: Option<(Transaction, String)>,
    folder: TempDir,
}

impl Stage {
    pub(super) async fn set(
        job: &Job<'_>,
        scenario: &Scenario,
        file: &Path,
        (description, broker): (&Description, Broker),
        reaper: &Arc<Reaper>,
    ) -> Result<Stage, RunError> {
        let suffix = broker.suffix();
        let real = |name: &str| format!("{name}-{suffix}");
        let topics: BTreeMap<String, String> =
            job.topics.iter().map(|topic| (topic.name.clone(), real(&topic.name))).collect();
        let groups: BTreeMap<String, String> = job.groups.iter().map(|group| (group.clone(), real(group))).collect();
        let mut names = Names::default();
        topics.iter().chain(&groups).for_each(|(name, real)| names.insert(real.clone(), name.clone()));
        let resets = scenario.steps.iter().filter(|step| matches!(step, Step::Reset(_))).count();
        for (group, real) in &groups {
            (1..=resets).for_each(|again| names.insert(renewed(real, again), group.clone()));
        }
        for topic in job.topics {
            let id = broker.create_topic(&real(&topic.name), topic.partitions).await?;
            names.insert(id, topic.name.clone());
        }
        let probe = Upstream::probe(broker.clone()).await;
        let upstream = probe.map_err(RunError::io(format!("the broker at {}", broker.address())))?;
        // The embedded broker is this scenario's alone.
        let shared = job.confinement.is_some() && !broker.is_embedded();
        let upstream = if shared { upstream.fenced(topics.values().cloned().collect()) } else { upstream };
        let upstream = Arc::new(upstream);
        let header = Header {
            format: crate::evidence::FORMAT,
            recorded_by: env!("CARGO_PKG_VERSION").to_owned(),
            exercise: job.what.to_owned(),
            scenario: scenario.id.clone(),
            program: job.whose.to_owned(),
            seed: job.seed,
            broker_kind: description.kind.to_string(),
            broker_version: description.version.clone(),
            began: String::new(), // the recorder's word
        };
        let recorder = Arc::new(Recorder::new(header, names, &scenario.rules, file)?);
        let change = changer(&broker, &topics, &groups);
        recorder.changes_by(Arc::new(move |drill| change(drill).map_err(|error| error.to_string())));
        let folder = tempfile::Builder::new()
            .prefix(process::PREFIX)
            .tempdir()
            .map_err(RunError::io("no temporary folder can be made"))?;
        reaper.folder(folder.path());
        recorder.locks_by(Writer::beside(folder.path().join(FILES)));
        let mut environment = BTreeMap::new();
        let files = folder.path().join(FILES);
        std::fs::create_dir(&files).map_err(RunError::io(format!("{}", files.display())))?;
        environment.insert("KAFKACOURSE_FOLDER".into(), files.clone().into_os_string());
        topics.iter().for_each(|(name, real)| drop(environment.insert(variable("TOPIC", name), real.into())));
        groups.iter().for_each(|(name, real)| drop(environment.insert(variable("GROUP", name), real.into())));
        environment.extend(scenario.mode.iter().map(|mode| ("KAFKACOURSE_MODE".to_owned(), mode.into())));
        let mut stage = Stage {
            recorder,
            broker,
            upstream,
            program: job.program.clone(),
            work: job.folder.to_owned(),
            confinement: job.confinement.map(|confinement| confinement.clone().writing(&files)),
            reaper: reaper.clone(),
            environment,
            topics,
            groups,
            partitions: job.topics.iter().map(|topic| (topic.name.clone(), topic.partitions)).collect(),
            source: None,
            actors: HashMap::new(),
            runs: HashMap::new(),
            resets: 0,
            seed: derived_seed(job.seed, &scenario.id),
            parts: 0,
            draws: 0,
            open: None,
            folder,
        };
        if let Some(spec) = &scenario.input {
            stage.produce(spec).await?;
        }
        Ok(stage)
    }

    /// One more part of the input: into its topic, or for the program to ask for, or as the file that it reads.
    pub(super) async fn produce(&mut self, spec: &InputSpec) -> Result<(), RunError> {
        let part = self.parts;
        let made = self.make(spec);
        match (&spec.topic, &spec.op) {
            (Some(topic), _) => {
                if spec.aborted > 0 {
                    self.put_aborted(topic, &input::make_aborted(spec, self.seed, part), &self.lanes(spec)).await?;
                }
                self.put(topic, made, &self.lanes(spec)).await
            }
            (None, Some(op)) => {
                let values = made.iter().map(|made| serde_json::from_slice(&made.value).unwrap_or_default());
                self.source = Some(Arc::new(Source::new(op, values)));
                Ok(())
            }
            (None, None) => self.give(&made),
        }
    }

    /// The records of one more part of the input.
    pub(super) fn make(&mut self, spec: &InputSpec) -> Vec<Made> {
        let made = input::make(spec, self.seed, self.parts);
        self.parts += 1;
        made
    }

    /// The input as a file that the program reads.
    fn give(&mut self, made: &[Made]) -> Result<(), RunError> {
        let path = self.folder.path().join("input.jsonl");
        let mut text = Vec::new();
        for made in made {
            text.extend_from_slice(&made.value);
            text.push(b'\n');
            let value = serde_json::from_slice(&made.value).unwrap_or_default();
            self.recorder.record(None, What::Given { value });
        }
        std::fs::write(&path, text).map_err(RunError::io(format!("{}", path.display())))?;
        if let Some(confinement) = &mut self.confinement {
            confinement.readable.push(path.clone());
        }
        self.environment.insert("KAFKACOURSE_INPUT".into(), path.into_os_string());
        Ok(())
    }

    /// The partitions that get records of this input in turn; none where the keys decide.
    pub(super) fn lanes(&self, spec: &InputSpec) -> Vec<i32> {
        let all = spec.topic.as_ref().and_then(|topic| self.partitions.get(topic)).copied().unwrap_or(1);
        if spec.spread && spec.partitions.is_empty() { (0..all).collect() } else { spec.partitions.clone() }
    }

    /// The partition whose turn it is to get a record of this input, from turn 0 on.
    pub(super) fn lane(&self, spec: &InputSpec, turn: usize) -> Option<i32> {
        let lanes = self.lanes(spec);
        turn.checked_rem(lanes.len()).map(|at| lanes[at])
    }

    /// The input as records in a topic: one for each of the partitions in turn, or where their keys belong.
    pub(super) async fn put(&self, topic: &str, made: Vec<Made>, lanes: &[i32]) -> Result<(), RunError> {
        let places = self.broker.write(self.real(topic), records(&made, lanes)).await?;
        self.told(topic, made, places);
        Ok(())
    }

    /// The same in a transaction, which stays open until [`Stage::end`].
    pub(super) async fn begin(&mut self, topic: &str, made: Vec<Made>, lanes: &[i32]) -> Result<(), RunError> {
        let real = self.real(topic);
        // Its id is as much this run's own as the topic's name is.
        let (open, places) =
            self.broker.begin(real, &format!("{real}-open-{}", self.parts), records(&made, lanes)).await?;
        self.told(topic, made, places);
        self.open = Some((open, topic.to_owned()));
        Ok(())
    }

    /// Commits the transaction that is open, or aborts it; returns the topic that it has written to.
    pub(super) async fn end(&mut self, commit: bool) -> Result<Option<String>, RunError> {
        let Some((open, topic)) = self.open.take() else { return Ok(None) };
        self.broker.end(self.real(&topic), open, commit).await?;
        Ok(Some(topic))
    }

    /// Records what lies in the topic now, and where.
    fn told(&self, topic: &str, made: Vec<Made>, places: Vec<Place>) {
        for (made, place) in made.into_iter().zip(places) {
            let what = What::Input {
                topic: topic.to_owned(),
                partition: place.partition,
                offset: place.offset,
                key: (!made.keyless).then(|| Data::from(made.key.as_str())),
                value: Some(Data::from(made.value.clone())),
                poison: made.poison,
                mark: made.mark,
                headers: made.headers.into_iter().map(|(key, value)| (key, Some(Data::from(value)))).collect(),
            };
            self.recorder.record(None, what);
        }
    }

    /// Records in a topic of which no reader of committed records sees anything.
    async fn put_aborted(&mut self, topic: &str, made: &[Made], lanes: &[i32]) -> Result<(), RunError> {
        let real = self.real(topic);
        let id = format!("{real}-aborted-{}", self.parts);
        let places = self.broker.write_aborted(real, &id, records(made, lanes)).await?;
        for (made, place) in made.iter().zip(places) {
            let (key, value) = (Some(Data::from(made.key.as_str())), Some(Data::from(made.value.clone())));
            let (topic, partition, offset) = (topic.to_owned(), place.partition, place.offset);
            self.recorder.record(None, What::Aborted { topic, partition, offset, key, value });
        }
        Ok(())
    }

    /// The name of a topic on the broker.
    pub(super) fn real<'n>(&'n self, topic: &'n str) -> &'n str {
        self.topics.get(topic).map_or(topic, String::as_str)
    }

    /// The name of a group on the broker.
    pub(super) fn group<'n>(&'n self, group: &'n str) -> &'n str {
        self.groups.get(group).map_or(group, String::as_str)
    }

    pub(super) fn broker(&self) -> &Broker {
        &self.broker
    }

    /// A number that the seed draws from this range, both ends included; another one for each call.
    pub(super) fn draw(&mut self, [least, most]: [i64; 2]) -> i64 {
        self.draws += 1;
        let seed = derived_seed(self.seed, &format!("draw {}", self.draws));
        StdRng::seed_from_u64(seed).random_range(least..=most)
    }

    /// Takes what a topic holds for a reader of committed records into the evidence.
    pub(super) async fn read(&self, topic: &str) -> Result<(), RunError> {
        // What an ended program has sent, and a fault has held back, may still be on its way to the broker.
        self.drained().await;
        for read in self.broker.read_committed(self.real(topic)).await? {
            let found = |at: At| Found { offset: at.offset, key: at.record.key, value: at.record.value };
            let (topic, records) = (topic.to_owned(), read.records.into_iter().map(found).collect());
            let (partition, stable, end) = (read.partition, read.stable, read.end);
            self.recorder.record(None, What::Read { topic, partition, stable, end, records });
        }
        Ok(())
    }

    /// Starts a process of `role`, with a tap and an outside world of its own.
    pub(super) async fn start(&mut self, role: &str) -> Result<(), RunError> {
        self.start_as(role, role).await
    }

    /// Starts a process of `role` that is told that it is `told`.
    pub(super) async fn start_as(&mut self, role: &str, told_role: &str) -> Result<(), RunError> {
        let not_started = || RunError::io("the program cannot be started");
        let mut environment = self.environment.clone();
        environment.insert("KAFKACOURSE_ROLE".into(), told_role.into());
        let told = |environment: &mut BTreeMap<String, OsString>, [downstream, kafka]: [String; 2]| {
            environment.insert("KAFKACOURSE_DOWNSTREAM".into(), downstream.into());
            environment.insert("KAFKA_BOOTSTRAP_SERVERS".into(), kafka.into());
        };
        let mut confined = match &self.confinement {
            Some(confinement) => {
                told(&mut environment, [FIRST_PORT, FIRST_PORT + 1].map(|port| format!("127.0.0.1:{port}")));
                let prepared =
                    Prepared::confined(&self.program, &self.work, &environment, confinement, LISTENERS).await;
                Some(prepared.map_err(not_started())?)
            }
            None => None,
        };
        let (peers, mut ports) = match &mut confined {
            // Nobody else can reach these.
            Some(prepared) => (Peers::anyone(), Ports::Cell(std::mem::take(&mut prepared.listeners).into())),
            None => (Peers::of_a_program(), Ports::Machine),
        };
        let downstream = Downstream::open(self.recorder.clone(), role, self.source.clone(), peers.clone(), &mut ports)
            .map_err(RunError::io("no port for the outside world"))?;
        let tap = Tap::open(self.recorder.clone(), role, self.upstream.clone(), (peers.clone(), ports))
            .map_err(RunError::io("no port for the tap"))?;
        let prepared = match confined {
            Some(prepared) => prepared,
            None => {
                told(&mut environment, [downstream.address(), tap.address()]);
                Prepared::free(&self.program, &self.work, &environment).await.map_err(not_started())?
            }
        };
        let run = self.runs.entry(role.to_owned()).and_modify(|run| *run += 1).or_insert(1);
        let process =
            Process::start(prepared, &self.recorder, (role, *run), &self.reaper).await.map_err(not_started())?;
        if self.confinement.is_none() {
            peers.descend_from(process.ancestor());
        }
        self.actors.insert(role.to_owned(), Actor { process, tap, _downstream: downstream });
        Ok(())
    }

    pub(super) fn process(&self, role: &str) -> Option<&Process> {
        self.actors.get(role).map(|actor| &actor.process)
    }

    /// The scenario's temporary folder.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The path of a file of the program's.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(FILES).join(name)
    }

    /// Changes the cluster.
    pub(super) fn change(&self, change: &Change) -> Result<(), RunError> {
        self.recorder.record(None, What::Changed { change: change.told() });
        Ok(changer(&self.broker, &self.topics, &self.groups)(change)?)
    }

    /// Nothing is committed for `group` any more. Not by deleting its offsets, but
    /// by a fresh name in the environment of the programs that start from now on, which comes to the same.
    pub(super) fn reset(&mut self, group: &str) {
        self.resets += 1;
        if let Some(real) = self.groups.get_mut(group) {
            let first = real.split('~').next().unwrap_or(real).to_owned();
            *real = renewed(&first, self.resets);
            self.environment.insert(variable("GROUP", group), real.as_str().into());
        }
        self.recorder.record(None, What::Reset { group: group.to_owned() });
    }

    /// For how long the programs could have run and got no processor, all threads together.
    pub(super) fn waited_for_processors(&self) -> Duration {
        self.actors.values().map(|actor| actor.process.waited_for_processors()).sum()
    }

    /// Waits until every process has ended.
    pub(super) async fn ended(&self) {
        for actor in self.actors.values() {
            actor.process.ended().await;
        }
    }

    /// Waits until what ended processes had sent has been seen.
    pub(super) async fn drained(&self) {
        for actor in self.actors.values().filter(|actor| actor.process.has_ended()) {
            actor.tap.drained(DRAIN).await;
        }
    }

    /// Tells the broker that the memberships of `role`'s dead process are over, which it would else find out when
    /// their session times out. To everybody else in the group it is the same.
    pub(super) async fn expire(&self, role: &str) {
        for membership in self.upstream.memberships(role) {
            let Some(group) = self.recorder.names.known(&membership.group) else { continue };
            let address = self.recorder.look(coordinator).unwrap_or_else(|| self.broker.address().to_owned());
            if self.upstream.leave(&membership, &address).await.is_ok() {
                let (group, member) = (group.to_owned(), membership.member);
                self.recorder.record(Some(role), What::Expired { group, member });
            }
        }
    }

    /// Every name that a group has had, for its resets give it new ones.
    fn group_names(&self) -> Vec<String> {
        let names = |real: &String| {
            let first = real.split('~').next().unwrap_or(real).to_owned();
            (1..=self.resets).map(|again| renewed(&first, again)).chain([first.clone()]).collect::<Vec<_>>()
        };
        self.groups.values().flat_map(names).collect()
    }

    /// Ends what still runs, the recording, and what the broker keeps of this run.
    pub(super) async fn close(self) -> Result<Evidence, RunError> {
        for actor in self.actors.values() {
            if !actor.process.has_ended() {
                actor.process.kill();
                actor.process.ended().await;
            }
        }
        self.drained().await;
        let fault = self.recorder.look(|events| {
            events.iter().find_map(|event| match &event.what {
                What::GraderFault { what } => Some(what.clone()),
                _ => None,
            })
        });
        let died = self.broker.died().await;
        let evidence = self.recorder.close()?;
        let topics: Vec<String> = self.topics.values().cloned().collect();
        self.broker.clean(&topics, &self.group_names()).await;
        match died.or(fault) {
            Some(what) => Err(RunError::BrokerDied(what)),
            None => Ok(evidence),
        }
    }
}

/// What is to be written into a topic: as [`Stage::put`] says.
fn records(made: &[Made], lanes: &[i32]) -> Vec<Record> {
    let mut turns = lanes.iter().copied().cycle();
    let record = |made: &Made| Record {
        key: made.key.clone(),
        keyless: made.keyless,
        value: made.value.clone(),
        headers: made.headers.clone(),
        partition: turns.next(),
    };
    made.iter().map(record).collect()
}

/// Changes the cluster, by the names that the exercise gives to topics and groups.
fn changer(
    broker: &Broker,
    topics: &BTreeMap<String, String>,
    groups: &BTreeMap<String, String>,
) -> impl Fn(&Change) -> Result<(), BrokerError> + use<> {
    let (broker, topics, groups) = (broker.clone(), topics.clone(), groups.clone());
    let real =
        |names: &BTreeMap<String, String>, name: &str| names.get(name).cloned().unwrap_or_else(|| name.to_owned());
    move |change| broker.drill(&change.clone().renamed(|name| real(&topics, name), |name| real(&groups, name)))
}

/// The environment variable that holds the real name of a topic or a group.
fn variable(kind: &str, name: &str) -> String {
    let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    format!("KAFKA_{kind}_{}", name.to_ascii_uppercase())
}

/// The name of a group that has been reset so many times.
fn renewed(real: &str, again: usize) -> String {
    format!("{real}~{again}")
}
