//! The broker behind the tap: chosen, started, watched and cleaned up. It knows nothing of exercises.
//!
//! | choice | what runs | who starts it |
//! | --- | --- | --- |
//! | `embedded` | a Kafka of our own in this process, a fresh one for each scenario | `embedded` |
//! | `docker` | Apache Kafka in one container that stays warm between runs | `container` |
//! | `HOST:PORT` | any Kafka that the user names | the user |
//!
//! `auto` takes Docker where it has Kafka at hand, the embedded broker otherwise; [`Description`] says which and why.
//! The caller chooses once ([`Brokers::choose`]), then opens a [`Broker`] for each scenario.

mod admin;
mod answer;
mod choice;
pub mod container;
mod coordinator;
mod description;
mod embedded;
mod error;
mod exchange;
mod groups;
mod lease;
mod leftovers;
mod offsets;
mod read;
mod request;
mod shared;
#[cfg(test)]
mod tests;
mod topic;
mod transaction;
mod version;
mod watch;
mod write;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use kafka_protocol::protocol::Request;

pub use choice::Choice;
pub use description::{Description, Kind};
pub use error::BrokerError;
pub use exchange::{Connection, Duplex};
pub use lease::User;
pub use leftovers::finish;
pub use offsets::Bounds;
pub use read::Partition;
pub use transaction::Transaction;
pub use watch::Watch;
pub use write::{Place, Record};

use crate::cluster::{Cluster, Drill};
use crate::wire;
use shared::SharedKafka;

/// The broker that was chosen for this run. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Brokers(Arc<Chosen>);

#[derive(Debug)]
struct Chosen {
    description: Description,
    backend: Backend,
}

#[derive(Debug)]
enum Backend {
    /// One cluster for each [`Brokers::open`].
    Embedded,
    /// One cluster for everybody.
    Shared(Arc<SharedKafka>),
}

impl Brokers {
    /// Decides which broker runs and makes sure that it does. `say` receives a line for everything that takes time.
    pub async fn choose(choice: Choice, say: &(dyn Fn(&str) + Sync)) -> Result<Self, BrokerError> {
        match choice {
            Choice::Embedded => Ok(Self::embedded("You asked for the embedded broker.".to_owned())),
            Choice::Address(address) => {
                let (cluster, version) = SharedKafka::at(&address).await?;
                let why = format!("You asked for the broker at {address}.");
                Ok(Self::shared(cluster, Description { kind: Kind::Address, version, why }))
            }
            Choice::Docker => {
                let running = container::up(say).await?;
                Self::docker(running, "You asked for Kafka in Docker")
            }
            Choice::Auto => match container::at_hand().await {
                Err(why) => Ok(Self::embedded(why)),
                Ok(why) => match container::up(say).await {
                    Ok(running) => Self::docker(running, &why),
                    Err(error) => {
                        say(&format!("Kafka in Docker is not usable, so the embedded broker runs instead. {error}"));
                        let why = "Kafka in Docker was not usable, so the embedded broker ran.";
                        Ok(Self::embedded(why.to_owned()))
                    }
                },
            },
        }
    }

    /// Which broker this is, and why.
    pub fn description(&self) -> &Description {
        &self.0.description
    }

    /// A broker for one scenario. An embedded one is new, so that what happens to it happens to that scenario alone; the
    /// others are shared, and scenarios keep apart by the names of their topics and groups.
    pub fn open(&self) -> Broker {
        Broker(match &self.0.backend {
            Backend::Embedded => Open::Embedded(embedded::open(1, 1)),
            Backend::Shared(cluster) => Open::Shared(Arc::clone(cluster)),
        })
    }

    /// One of so many nodes, all of which have a replica of each topic, and with this `min.insync.replicas`. None where
    /// the broker is what it is.
    pub fn open_cluster(&self, nodes: i32, min_in_sync: i32) -> Option<Broker> {
        match &self.0.backend {
            Backend::Embedded => Some(Broker(Open::Embedded(embedded::open(nodes, min_in_sync)))),
            Backend::Shared(_) => None,
        }
    }

    /// One to which clients of this machine can also connect by its address, past any tap. For measurements.
    ///
    /// # Errors
    /// No port can be had.
    pub fn open_to_everybody(&self) -> io::Result<Broker> {
        Ok(match &self.0.backend {
            Backend::Embedded => Broker(Open::Embedded(embedded::listen()?)),
            Backend::Shared(_) => self.open(),
        })
    }

    /// May a scenario be tried again after its broker has died? An embedded one is new each time; a shared one must
    /// answer.
    pub async fn recovered(&self) -> bool {
        match &self.0.backend {
            Backend::Embedded => true,
            Backend::Shared(cluster) => cluster.answers().await,
        }
    }

    /// The embedded one, and why it is that.
    pub fn embedded(why: String) -> Self {
        Self(Arc::new(Chosen { description: embedded::describe(why), backend: Backend::Embedded }))
    }

    fn docker(running: container::Running, why: &str) -> Result<Self, BrokerError> {
        let cluster = SharedKafka::in_container(&running.address, running.container)?;
        let why = format!("{why}; {}.", running.how);
        Ok(Self::shared(cluster, Description { kind: Kind::Docker, version: running.version, why }))
    }

    fn shared(cluster: SharedKafka, description: Description) -> Self {
        Self(Arc::new(Chosen { description, backend: Backend::Shared(Arc::new(cluster)) }))
    }
}

/// A broker in use. Cheap to clone; an embedded one is gone with its last clone.
#[derive(Clone, Debug)]
pub struct Broker(Open);

#[derive(Clone, Debug)]
enum Open {
    Embedded(Cluster),
    Shared(Arc<SharedKafka>),
}

impl Broker {
    /// The address of its first node, as `HOST:PORT`. In Docker the host is 127.0.0.1. Nobody listens at that of an
    /// embedded one: it is reached by [`Broker::connect`] alone, so that no program gets past its tap.
    pub fn address(&self) -> &str {
        match &self.0 {
            Open::Embedded(cluster) => cluster.address(),
            Open::Shared(cluster) => cluster.address(),
        }
    }

    pub fn is_embedded(&self) -> bool {
        matches!(self.0, Open::Embedded(_))
    }

    /// The address of a node that is there: the first, but for one that a scenario has sent away.
    pub fn live_address(&self) -> String {
        match &self.0 {
            Open::Embedded(cluster) => cluster.live_address(),
            Open::Shared(cluster) => cluster.address().to_owned(),
        }
    }

    /// Changes the cluster as a scenario says. Only one that [`Brokers::open_cluster`] has opened can be changed.
    ///
    /// # Errors
    /// [`BrokerError::Drill`]: it cannot.
    pub fn drill(&self, drill: &Drill) -> Result<(), BrokerError> {
        match &self.0 {
            Open::Embedded(cluster) => embedded::drill(cluster, drill),
            Open::Shared(_) => Err(BrokerError::Drill("only the embedded Kafka can be changed".into())),
        }
    }

    /// Returns when a client can produce to the topic, and with the id by which newer requests name it, as Kafka prints
    /// it. The name is the caller's: unique, unless sharing is meant.
    ///
    /// # Errors
    /// [`BrokerError::Topic`] when it is refused, or has no leaders within half a minute.
    pub async fn create_topic(&self, name: &str, partitions: i32) -> Result<String, BrokerError> {
        match &self.0 {
            Open::Embedded(cluster) => embedded::create_topic(cluster, name, partitions)?,
            Open::Shared(cluster) => cluster.create_topic(name, partitions).await?,
        }
        let refused = |error: io::Error| BrokerError::Topic { topic: name.to_owned(), why: error.to_string() };
        topic::find(self, name).await.map(|topic| wire::topic_id(topic.id)).map_err(refused)
    }

    /// Writes `records` in their order, as one batch in each partition, and returns where each of them lies once all
    /// of them do.
    ///
    /// One batch, because whoever reads them sees the batches, and two runs are to say the same.
    ///
    /// # Errors
    /// [`BrokerError::Write`] when a record was refused, or not accepted within half a minute.
    pub async fn write(&self, topic: &str, records: Vec<Record>) -> Result<Vec<Place>, BrokerError> {
        write::write(self, topic, &records, None).await
    }

    /// The same in a transaction with this `transactional.id`, which stays open, and is returned as well.
    ///
    /// # Errors
    /// As [`Broker::write`].
    pub async fn begin(
        &self,
        topic: &str,
        id: &str,
        records: Vec<Record>,
    ) -> Result<(Transaction, Vec<Place>), BrokerError> {
        transaction::begin(self, topic, id, &records).await
    }

    /// Commits the transaction, or aborts it, and returns when its markers are in the topic.
    ///
    /// # Errors
    /// As [`Broker::write`].
    pub async fn end(&self, topic: &str, transaction: Transaction, commit: bool) -> Result<(), BrokerError> {
        transaction::end(self, topic, transaction, commit).await?;
        self.until_stable(topic).await
    }

    /// As [`Broker::begin`], in a transaction that is then aborted: whoever reads committed records
    /// only sees none of them.
    ///
    /// # Errors
    /// As [`Broker::write`].
    pub async fn write_aborted(&self, topic: &str, id: &str, records: Vec<Record>) -> Result<Vec<Place>, BrokerError> {
        transaction::write_aborted(self, topic, id, &records).await
    }

    /// What each partition of the topic holds for somebody who reads committed records only
    /// (`isolation.level=read_committed`).
    ///
    /// # Errors
    /// [`BrokerError::Read`] when the broker does not answer, or refuses.
    pub async fn read_committed(&self, topic: &str) -> Result<Vec<Partition>, BrokerError> {
        read::read_committed(self, topic).await
    }

    /// A connection to its node at `address`.
    ///
    /// # Errors
    /// No node listens there.
    pub async fn connect(&self, address: &str) -> io::Result<Connection> {
        match &self.0 {
            Open::Embedded(cluster) => Ok(Box::new(embedded::connect(cluster, address)?)),
            Open::Shared(_) => exchange::connect(address).await,
        }
    }

    /// Asks its node at `address`, on a connection of its own, in this version.
    ///
    /// # Errors
    /// No connection, no answer within fifteen seconds, or one that is none.
    pub async fn ask<R: Request>(&self, address: &str, request: &R, version: i16) -> io::Result<R::Response> {
        request::ask_on(self.connect(address), request, version).await
    }

    /// Ends a membership of a classic or a KIP-848 group in its member's name, at the group's `coordinator`.
    ///
    /// # Errors
    /// As [`Broker::ask`].
    pub async fn leave(&self, coordinator: &str, group: &str, member: &str, classic: bool) -> io::Result<()> {
        match classic {
            true => drop(self.ask(coordinator, &groups::leave(group, member), 1).await?),
            false => drop(self.ask(coordinator, &groups::leave_consumer_group(group, member), 1).await?),
        }
        Ok(())
    }

    /// What to add to the names of a scenario's topics and groups. It makes them unique, and lets whatever is left of them
    /// on a shared broker be recognised as ours. Another one for each call.
    pub fn suffix(&self) -> String {
        match &self.0 {
            Open::Embedded(_) => leftovers::suffix(&format!("{:016x}", std::process::id())),
            Open::Shared(cluster) => cluster.suffix(),
        }
    }

    /// Deletes a scenario's topics and groups where the broker outlives it, members that were killed included. Does what
    /// it can within a few seconds; [`finish`] and later runs see to the rest.
    pub async fn clean(&self, topics: &[String], groups: &[String]) {
        match &self.0 {
            Open::Embedded(_) => {} // it is gone with the scenario
            Open::Shared(cluster) => cluster.clean(topics, groups).await,
        }
    }

    /// Why the broker is gone and what to do about it, beginning with its name, or `None` while it is there. If the broker
    /// died, the learner's program is not to blame.
    pub async fn died(&self) -> Option<String> {
        match &self.0 {
            Open::Embedded(_) => None,
            Open::Shared(cluster) => cluster.died().await,
        }
    }

    /// Watches it from now on, so that its death is noticed within ten seconds.
    pub fn watch(&self) -> Watch {
        Watch::over(self.clone())
    }

    async fn death(&self) -> String {
        match &self.0 {
            Open::Embedded(_) => std::future::pending().await,
            Open::Shared(cluster) => cluster.death().await,
        }
    }
}

/// For the files by which runs of this user know of each other: the user's own runtime folder where there is one, else
/// the shared temporary folder.
fn runtime_folder() -> PathBuf {
    let folder = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|folder| folder.is_dir());
    folder.unwrap_or_else(std::env::temp_dir)
}
