//! Who waits for what: requests that cannot be answered yet are looked at again when something of theirs has changed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use uuid::Uuid;

/// Something that requests wait for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Watched {
    /// Data, the high watermark, the leader of a partition.
    Partition(Uuid, i32),
    /// Anything about a consumer group.
    Group(String),
}

/// Names a connection, which has one request at a time.
pub type Connection = u64;

/// Which connections watch what, and which of them are to look again.
#[derive(Debug, Default)]
pub struct Watches {
    watching: HashMap<Watched, BTreeSet<Connection>>,
    /// In order, as above: who is woken first is no matter of chance, so that a simulation can be repeated.
    of: BTreeMap<Connection, Vec<Watched>>,
    woken: Vec<Connection>,
}

impl Watches {
    /// From now on `connection` watches this, too, until it is woken or withdrawn.
    pub fn add(&mut self, connection: Connection, what: Watched) {
        if self.watching.entry(what.clone()).or_default().insert(connection) {
            self.of.entry(connection).or_default().push(what);
        }
    }

    /// Something has changed: whoever watches it is woken, and watches nothing any more.
    pub fn wake(&mut self, what: &Watched) {
        for connection in self.watching.remove(what).into_iter().flatten() {
            self.withdraw(connection);
            self.woken.push(connection);
        }
    }

    /// Wakes everybody: the shape of the cluster has changed.
    pub fn wake_everybody(&mut self) {
        self.watching.clear();
        self.woken.extend(std::mem::take(&mut self.of).into_keys());
    }

    /// The answer for `connection` is there.
    pub fn wake_connection(&mut self, connection: Connection) {
        self.withdraw(connection);
        self.woken.push(connection);
    }

    /// `connection` waits no more.
    pub fn withdraw(&mut self, connection: Connection) {
        for what in self.of.remove(&connection).into_iter().flatten() {
            if let Some(watching) = self.watching.get_mut(&what) {
                watching.remove(&connection);
                if watching.is_empty() {
                    self.watching.remove(&what);
                }
            }
        }
    }

    /// The connections that were woken since the last time.
    pub fn take_woken(&mut self) -> Vec<Connection> {
        std::mem::take(&mut self.woken)
    }
}
