//! What a partition remembers of the producers that have written to it: what makes a repeated batch known, and which
//! transactions are open there. (`ProducerStateManager`, `ProducerStateEntry`, `ProducerAppendInfo` in Kafka)

use std::collections::{BTreeMap, HashMap, VecDeque};

use kafka_protocol::ResponseError;

use wire::header::Header;

/// As many of its last batches are remembered of a producer, which is why `max.in.flight.requests.per.connection` of an
/// idempotent producer is 5 at most.
const REMEMBERED: usize = 5;

/// Producers that a partition remembers: a bound of ours, where Kafka forgets them after a day
/// (`producer.id.expiration.ms`). Of one that is forgotten any sequence number is accepted.
const MOST_PRODUCERS: usize = 10_000;

/// Producers whose first batch of a transaction may be awaited at a time: a bound of ours, because anybody may send a batch
/// under any producer id. What is beyond is not noticed to be missing.
const MOST_AWAITED: usize = 1_000;

/// A batch that a producer has written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    pub first_sequence: i32,
    pub last_sequence: i32,
    pub base_offset: i64,
    pub last_offset: i64,
    /// The newest timestamp in it.
    pub timestamp: i64,
}

/// One producer, as one partition knows it.
#[derive(Clone, Debug)]
pub struct ProducerState {
    pub epoch: i16,
    /// Of the coordinator that has written its last marker; -1 before the first.
    pub coordinator_epoch: i32,
    /// Of its last batch or marker, milliseconds since 1970.
    pub last_timestamp: i64,
    /// Where its open transaction begins in this partition.
    pub transaction_start: Option<i64>,
    /// Its last batches in this epoch, oldest first.
    batches: VecDeque<Written>,
}

impl ProducerState {
    /// The last sequence number that it has used in its epoch; -1 before the first.
    pub fn last_sequence(&self) -> i32 {
        self.batches.back().map_or(-1, |batch| batch.last_sequence)
    }

    fn enter(&mut self, epoch: i16) {
        if self.epoch != epoch {
            self.batches.clear();
            self.epoch = epoch;
        }
    }
}

/// A transaction that has ended in this partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    pub producer_id: i64,
    /// Where it began.
    pub first: i64,
    /// Where its marker stands.
    pub marker: i64,
    pub aborted: bool,
}

#[derive(Debug, Default)]
pub struct ProducerStates {
    by_id: HashMap<i64, ProducerState>,
    /// Producers that have sent records of a transaction that is not open here: their epoch, and the lowest sequence number
    /// that they have sent. Where that batch was refused, those behind it in flight must not take its place.
    /// (`VerificationStateEntry` in Kafka)
    awaited: HashMap<i64, (i16, i32)>,
    /// The producers of open transactions, by where these begin.
    open: BTreeMap<i64, i64>,
    /// By their markers. The aborted ones, and those whose marker has not been replicated.
    ended: Vec<Ended>,
}

impl ProducerStates {
    pub fn get(&self, producer_id: i64) -> Option<&ProducerState> {
        self.by_id.get(&producer_id)
    }

    /// Every producer that is remembered, with its id.
    pub fn iter(&self) -> impl Iterator<Item = (i64, &ProducerState)> {
        self.by_id.iter().map(|(id, state)| (*id, state))
    }

    /// Is a transaction of this producer, in this epoch, open here?
    pub fn has_open_transaction(&self, producer_id: i64, epoch: i16) -> bool {
        self.get(producer_id).is_some_and(|state| state.transaction_start.is_some() && state.epoch == epoch)
    }

    /// Takes note of the first batch of a transaction, before anybody knows whether it may be written.
    pub fn awaits(&mut self, batch: &Header) {
        let sent = (batch.producer_epoch, batch.base_sequence);
        if self.awaited.len() >= MOST_AWAITED && !self.awaited.contains_key(&batch.producer_id) {
            return;
        }
        let (epoch, lowest) = self.awaited.entry(batch.producer_id).or_insert(sent);
        if batch.producer_epoch > *epoch || batch.producer_epoch == *epoch && batch.base_sequence < *lowest {
            (*epoch, *lowest) = sent;
        }
    }

    /// The batch that was written already, if this is the same one once more.
    pub fn repeated(&self, batch: &Header) -> Option<Written> {
        let state = self.get(batch.producer_id).filter(|state| state.epoch == batch.producer_epoch)?;
        let range = (batch.base_sequence, batch.last_sequence());
        state.batches.iter().find(|known| (known.first_sequence, known.last_sequence) == range).copied()
    }

    /// May this batch of a producer be appended?
    ///
    /// # Errors
    /// - `InvalidProducerEpoch`: the producer was fenced by a newer one.
    /// - `OutOfOrderSequenceNumber`: a batch before it is missing.
    /// - `InvalidTxnState`: it is not part of the producer's open transaction.
    pub fn check(&self, batch: &Header) -> Result<(), ResponseError> {
        let state = self.get(batch.producer_id);
        if state.is_some_and(|state| batch.producer_epoch < state.epoch) {
            return Err(ResponseError::InvalidProducerEpoch);
        }
        if self.awaited.get(&batch.producer_id).is_some_and(|(_, lowest)| batch.base_sequence > *lowest) {
            return Err(ResponseError::OutOfOrderSequenceNumber);
        }
        // Of a producer that nothing is known of any more, perhaps because its records were deleted, any sequence number
        // is accepted. (KIP-360)
        let Some(state) = state else { return Ok(()) };
        let next = match batch.producer_epoch == state.epoch {
            true => state.last_sequence().checked_add(1).unwrap_or(0),
            false => 0,
        };
        if batch.base_sequence != next {
            return Err(ResponseError::OutOfOrderSequenceNumber);
        }
        if state.transaction_start.is_some() && !batch.is_transactional() {
            return Err(ResponseError::InvalidTxnState);
        }
        Ok(())
    }

    /// May this producer's transaction be ended here?
    ///
    /// # Errors
    /// - `InvalidProducerEpoch`: a newer producer of this id has been here.
    /// - `TransactionCoordinatorFenced`: a newer coordinator has been here.
    pub fn check_marker(&self, producer_id: i64, epoch: i16, coordinator_epoch: i32) -> Result<(), ResponseError> {
        match self.get(producer_id) {
            Some(state) if epoch < state.epoch => Err(ResponseError::InvalidProducerEpoch),
            Some(state) if coordinator_epoch < state.coordinator_epoch => {
                Err(ResponseError::TransactionCoordinatorFenced)
            }
            _ => Ok(()),
        }
    }

    /// The producer of a batch, in the batch's epoch. Instead of one too many, the one that has been silent for the longest
    /// time is forgotten, unless it has an open transaction.
    fn remember(&mut self, batch: &Header) -> &mut ProducerState {
        if self.by_id.len() >= MOST_PRODUCERS && !self.by_id.contains_key(&batch.producer_id) {
            let idle = self.by_id.iter().filter(|(_, state)| state.transaction_start.is_none());
            let oldest = idle.min_by_key(|(id, state)| (state.last_timestamp, **id)).map(|(id, _)| *id);
            oldest.map(|id| self.by_id.remove(&id));
        }
        let state = self.by_id.entry(batch.producer_id).or_insert_with(|| new_state(batch.producer_epoch));
        state.enter(batch.producer_epoch);
        state
    }

    /// Takes note of a batch that was appended.
    pub fn appended(&mut self, batch: &Header) {
        if !batch.has_producer() {
            return;
        }
        if batch.is_transactional() {
            self.awaited.remove(&batch.producer_id);
        }
        let state = self.remember(batch);
        if state.batches.len() == REMEMBERED {
            state.batches.pop_front();
        }
        state.batches.push_back(Written {
            first_sequence: batch.base_sequence,
            last_sequence: batch.last_sequence(),
            base_offset: batch.base_offset,
            last_offset: batch.last_offset(),
            timestamp: batch.max_timestamp,
        });
        state.last_timestamp = batch.max_timestamp;
        if batch.is_transactional() && state.transaction_start.is_none() {
            state.transaction_start = Some(batch.base_offset);
            self.open.insert(batch.base_offset, batch.producer_id);
        }
    }

    /// Takes note of a marker that was appended.
    pub fn marked(&mut self, batch: &Header, commit: bool, coordinator_epoch: i32) {
        self.awaited.remove(&batch.producer_id);
        let state = self.remember(batch);
        state.coordinator_epoch = coordinator_epoch;
        state.last_timestamp = batch.max_timestamp;
        // A marker without records of its transaction ends nothing that a consumer could see.
        if let Some(first) = state.transaction_start.take() {
            self.open.remove(&first);
            let (producer_id, marker) = (batch.producer_id, batch.base_offset);
            self.ended.push(Ended { producer_id, first, marker, aborted: !commit });
        }
    }

    /// Everything below the high watermark is replicated: what was committed there needs not be remembered.
    pub fn replicated(&mut self, high_watermark: i64) {
        // Almost always there is nothing to forget, and the newest marker tells.
        if self.ended.last().is_some_and(|ended| !ended.aborted || ended.marker >= high_watermark) {
            self.ended.retain(|ended| ended.aborted || ended.marker >= high_watermark);
        }
    }

    /// The first offset whose transaction has not been decided, or whose marker could still be lost: consumers that read
    /// committed records only stop there.
    pub fn first_unstable(&self, high_watermark: i64) -> Option<i64> {
        let open = self.open.keys().next().copied();
        let undecided = self.ended.iter().rev().take_while(|ended| ended.marker >= high_watermark);
        undecided.map(|ended| ended.first).chain(open).min()
    }

    /// The aborted transactions that reach into the offsets `from..until`, by their markers.
    pub fn aborted(&self, from: i64, until: i64) -> impl Iterator<Item = &Ended> {
        let first = self.ended.partition_point(|ended| ended.marker < from);
        self.ended[first..].iter().filter(move |ended| ended.aborted && ended.first < until)
    }

    /// What was deleted at the beginning of the log is no longer known.
    pub fn forget_before(&mut self, log_start: i64) {
        self.ended.retain(|ended| ended.marker >= log_start);
    }
}

fn new_state(epoch: i16) -> ProducerState {
    ProducerState {
        epoch,
        coordinator_epoch: -1,
        last_timestamp: -1,
        transaction_start: None,
        batches: VecDeque::new(),
    }
}
