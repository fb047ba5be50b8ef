//! All transactional ids, with their timers.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use kafka_protocol::ResponseError;

use super::state::{State, Transaction};
use crate::time::Now;

#[derive(Debug, Default)]
pub struct Transactions {
    by_id: BTreeMap<String, Transaction>,
    /// When ongoing transactions are aborted.
    deadlines: BTreeSet<(Duration, String)>,
    /// Those whose markers are not all written yet.
    preparing: BTreeSet<String>,
}

impl Transactions {
    pub fn get(&self, id: &str) -> Option<&Transaction> {
        self.by_id.get(id)
    }

    /// In the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Transaction)> {
        self.by_id.iter()
    }

    pub fn insert(&mut self, id: &str, transaction: Transaction) {
        self.by_id.insert(id.to_owned(), transaction);
    }

    /// Changes what is known of `id`, and its timers with it.
    ///
    /// # Errors
    /// `InvalidProducerIdMapping`: nobody has begun with this transactional id.
    pub fn change<T>(&mut self, id: &str, change: impl FnOnce(&mut Transaction) -> T) -> Result<T, ResponseError> {
        let transaction = self.by_id.get_mut(id).ok_or(ResponseError::InvalidProducerIdMapping)?;
        let before = (transaction.state, transaction.deadline);
        let result = change(transaction);
        let after = (transaction.state, transaction.deadline);
        if before != after {
            self.deadlines.remove(&(before.1, id.to_owned()));
            self.preparing.remove(id);
            match after.0 {
                State::Ongoing => drop(self.deadlines.insert((after.1, id.to_owned()))),
                State::PrepareCommit | State::PrepareAbort => drop(self.preparing.insert(id.to_owned())),
                State::Empty | State::CompleteCommit | State::CompleteAbort => {}
            }
        }
        Ok(result)
    }

    /// When the next timer runs out.
    pub fn next_timer(&self) -> Option<Duration> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }

    /// A transaction whose time is up.
    pub fn overdue(&self, now: Now) -> Option<String> {
        self.deadlines.first().filter(|(deadline, _)| *deadline <= now.elapsed).map(|(_, id)| id.clone())
    }

    /// Those that wait for the leader of a partition.
    pub fn preparing(&self) -> Vec<String> {
        self.preparing.iter().cloned().collect()
    }

    /// Forgets the transactional id that has not been used for the longest time if there are `most` of them. Kafka forgets
    /// them after `transactional.id.expiration.ms`, a week.
    ///
    /// # Errors
    /// `CoordinatorNotAvailable`: all of them have an open transaction.
    pub fn make_room(&mut self, most: usize) -> Result<(), ResponseError> {
        if self.by_id.len() < most {
            return Ok(());
        }
        let is_idle = |state| matches!(state, State::Empty | State::CompleteCommit | State::CompleteAbort);
        let idle = self.by_id.iter().filter(|(_, transaction)| is_idle(transaction.state));
        let oldest = idle.min_by_key(|(_, transaction)| transaction.touched).map(|(id, _)| id.clone());
        self.by_id.remove(&oldest.ok_or(ResponseError::CoordinatorNotAvailable)?);
        Ok(())
    }
}
