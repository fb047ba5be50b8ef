//! The journal of a class, and what it holds.

use super::record::{FORMAT, Record};
use super::unit::Unit;
use crate::journal::{DamagedLine, Journal, JournalError};
use crate::submission::LearnerId;
use std::collections::HashMap;
use std::path::PathBuf;

/// A record has a few KiB.
const MOST_BYTES: u64 = 2 << 30;

/// What has been graded, on disk and by unit.
#[derive(Debug)]
pub struct Ledger {
    journal: Journal,
    /// The newest record of each unit that was no fault of ours, or else the newest.
    latest: HashMap<(LearnerId, String, u32), Record>,
    /// The last call of `grader run`, counted from 1; 0 before the first.
    session: u32,
    pub damaged: Vec<DamagedLine>,
}

impl Ledger {
    /// Reads the journal at `path`, which need not be there yet.
    ///
    /// # Errors
    /// It cannot be read, or comes from a newer version.
    pub fn read(path: PathBuf) -> Result<Ledger, JournalError> {
        let journal = Journal::new(path, FORMAT).up_to(MOST_BYTES);
        let contents = journal.read::<Record>()?;
        let mut ledger = Ledger { journal, latest: HashMap::new(), session: 0, damaged: contents.damaged };
        contents.records.into_iter().for_each(|record| ledger.take(record));
        Ok(ledger)
    }

    fn take(&mut self, record: Record) {
        self.session = self.session.max(record.session);
        let place = (record.learner.clone(), record.exercise.clone(), record.sitting);
        let same_key = |known: &Record| known.key == record.key;
        match self.latest.get(&place) {
            // A fault of ours does not take away what is known of the same work.
            Some(known) if record.outcome.is_ours() && same_key(known) => {}
            _ => drop(self.latest.insert(place, record)),
        }
    }

    /// The last call of `grader run` that has graded anything; 0 before the first.
    pub fn session(&self) -> u32 {
        self.session
    }

    /// Is it known what becomes of this unit, by today's checks?
    pub fn is_graded(&self, unit: &Unit) -> bool {
        self.record(&unit.learner, &unit.exercise, unit.sitting).is_some_and(|record| {
            let judged_alike = record.spec.checks == unit.spec.checks || !record.outcome.is_checked();
            record.key == unit.key && judged_alike && !record.outcome.is_ours()
        })
    }

    /// What is known of one unit.
    pub fn record(&self, learner: &LearnerId, exercise: &str, sitting: u32) -> Option<&Record> {
        self.latest.get(&(learner.clone(), exercise.to_owned(), sitting))
    }

    /// What is known, in no order: for each unit the record that counts.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        self.latest.values()
    }

    /// Keeps records of another journal, on disk before this returns.
    ///
    /// # Errors
    /// The file cannot be written; then it has some of them.
    pub fn take_over(&mut self, records: Vec<Record>) -> Result<(), JournalError> {
        let last = records.len();
        for (position, record) in (1..).zip(records) {
            match position == last {
                true => self.journal.append_synced(&record)?, // and all before it
                false => self.journal.append(&record)?,
            }
            self.take(record);
        }
        Ok(())
    }

    /// Every record of an exercise of a learner, oldest first: those, too, that count no more.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn history(&self, learner: &LearnerId, exercise: &str) -> Result<Vec<Record>, JournalError> {
        let mut records = self.journal.read::<Record>()?.records;
        records.retain(|record| record.learner == *learner && record.exercise == exercise);
        Ok(records)
    }

    /// Takes a record into account without keeping it: what would be, if it were so.
    pub fn suppose(&mut self, record: Record) {
        self.take(record);
    }

    /// Keeps a record, on disk before this returns.
    ///
    /// # Errors
    /// The file cannot be written; then it is as it was.
    pub fn add(&mut self, record: Record) -> Result<(), JournalError> {
        self.journal.append_synced(&record)?;
        self.take(record);
        Ok(())
    }
}
