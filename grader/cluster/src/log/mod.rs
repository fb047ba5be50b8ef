//! The log of a partition: batches, one after the other, and the leaders under whom they were written.

pub mod batch;
pub mod config;
pub mod epochs;
pub mod producer_state;
pub mod records;
pub mod validate;

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

use crate::log::batch::Batch;
use crate::log::epochs::Epochs;

/// What a batch costs beside its own bytes: what is known of it, and of its producer.
pub const OVERHEAD_BYTES: usize = 256;

/// The log of a partition.
#[derive(Debug, Default)]
pub struct Log {
    start: i64,
    end: i64,
    batches: VecDeque<Batch>,
    bytes: usize,
    pub epochs: Epochs,
}

impl Log {
    /// The first offset that can be read. It rises when records are deleted.
    pub fn start(&self) -> i64 {
        self.start
    }

    /// The offset that the next record gets.
    pub fn end(&self) -> i64 {
        self.end
    }

    /// Memory that it takes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// In the order of their offsets.
    pub fn batches(&self) -> impl Iterator<Item = &Batch> {
        self.batches.iter()
    }

    /// Appends a batch that was written under this leader, and returns its first offset.
    pub fn append(&mut self, mut batch: Batch, leader_epoch: i32) -> i64 {
        let base = self.end;
        batch.place(base, leader_epoch);
        self.epochs.assign(leader_epoch, base);
        self.end = batch.header.last_offset().saturating_add(1);
        self.bytes += batch.bytes().len() + OVERHEAD_BYTES;
        self.batches.push_back(batch);
        base
    }

    /// Loses everything from `end` on; a batch that reaches beyond it is lost as a whole.
    pub fn truncate(&mut self, end: i64) {
        while let Some(last) = self.batches.pop_back_if(|batch| batch.header.last_offset() >= end) {
            self.bytes -= last.bytes().len() + OVERHEAD_BYTES;
        }
        self.end = self.end.min(end).max(self.start);
        self.epochs.truncate(self.end);
    }

    /// Deletes what lies before `start`. A batch that reaches beyond it is kept whole.
    pub fn delete_before(&mut self, start: i64) {
        self.start = self.start.max(start.min(self.end));
        while let Some(first) = self.batches.pop_front_if(|batch| batch.header.last_offset() < self.start) {
            self.bytes -= first.bytes().len() + OVERHEAD_BYTES;
        }
        self.epochs.delete_before(self.start);
    }

    /// The batches from the one that holds `offset` on, and before `until`.
    pub fn between(&self, offset: i64, until: i64) -> impl Iterator<Item = &Batch> {
        let first = self.batches.partition_point(|batch| batch.header.last_offset() < offset);
        self.batches.range(first..).take_while(move |batch| batch.header.base_offset < until)
    }

    /// Bytes of [`Log::between`], as many whole batches as fit. The first batch is there however long it is, if `first_anyway`: otherwise a
    /// consumer could not go on behind it (KIP-74).
    pub fn size(&self, offset: i64, until: i64, most_bytes: usize, first_anyway: bool) -> usize {
        let mut size = 0;
        for batch in self.between(offset, until) {
            let bytes = batch.bytes().len();
            if size + bytes > most_bytes && !(size == 0 && first_anyway) {
                break;
            }
            size += bytes;
        }
        size
    }

    /// So many bytes of [`Log::between`], and the offset after them.
    pub fn read(&self, offset: i64, until: i64, size: usize) -> (Bytes, i64) {
        let (mut next, mut left) = (offset, size);
        let mut chosen = self.between(offset, until).take_while(|batch| {
            let fits = batch.bytes().len() <= left;
            if fits {
                left -= batch.bytes().len();
                next = batch.header.last_offset().saturating_add(1);
            }
            fits
        });
        let Some(first) = chosen.next() else { return (Bytes::new(), offset) };
        if first.bytes().len() == size {
            let bytes = first.bytes().clone();
            return (bytes, first.header.last_offset().saturating_add(1));
        }
        let mut bytes = BytesMut::with_capacity(size);
        bytes.extend_from_slice(first.bytes());
        chosen.for_each(|batch| bytes.extend_from_slice(batch.bytes()));
        (bytes.freeze(), next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sending::Sending;

    /// A log of five batches of two records each, under two leaders.
    fn log() -> Log {
        let mut log = Log::default();
        for epoch in [0, 0, 3, 3, 3] {
            log.append(Batch::copy(&Sending::plain(2).bytes()).expect("a batch"), epoch);
        }
        log
    }

    fn offsets(log: &Log) -> (i64, Vec<i64>, i64) {
        (log.start(), log.batches().map(|batch| batch.header.base_offset).collect(), log.end())
    }

    #[test]
    fn both_ends_move() {
        let empty = Log::default().bytes();
        for (start, end, expected) in [
            (0, 10, (0, vec![0, 2, 4, 6, 8], 10)),
            (3, 8, (3, vec![2, 4, 6], 8)),
            (4, 4, (4, vec![], 4)),
            (5, 5, (5, vec![], 5)),
            (10, 10, (10, vec![], 10)),
            (99, 99, (10, vec![], 10)),
        ] {
            let mut log = log();
            log.delete_before(start);
            log.truncate(end);
            assert_eq!(offsets(&log), expected, "{start}..{end}");
            let next = log.append(Batch::copy(&Sending::plain(1).bytes()).expect("a batch"), 4);
            assert_eq!(next, expected.2);
            log.truncate(0);
            log.delete_before(99);
            assert_eq!(log.bytes(), empty, "everything is given back");
        }
    }

    #[test]
    fn what_is_read_are_whole_batches() {
        let log = log();
        let size = Sending::plain(2).bytes().len();
        for (offset, until, most, expected) in [
            (0, 10, usize::MAX, (5, 10)),
            (3, 10, 2 * size, (2, 6)),
            (3, 10, 2 * size - 1, (1, 4)),
            (3, 10, 0, (1, 4)),
            (0, 4, usize::MAX, (2, 4)),
            (10, 10, usize::MAX, (0, 10)),
        ] {
            let bytes = log.size(offset, until, most, true);
            let (read, next) = log.read(offset, until, bytes);
            assert_eq!((read.len(), next), (expected.0 * size, expected.1), "from {offset}, {most} bytes");
        }
        assert_eq!(log.size(0, 10, size - 1, false), 0);
    }

    #[test]
    fn a_log_knows_under_whom_it_was_written() {
        let mut log = log();
        let ends = |log: &Log| [-1, 0, 1, 3, 4].map(|epoch| log.epochs.end(epoch, log.end()));
        assert_eq!(ends(&log), [None, Some((0, 4)), Some((0, 4)), Some((3, 10)), None]);
        log.delete_before(6);
        assert_eq!(log.epochs.first(), Some(3));
        assert_eq!(ends(&log), [None, Some((0, 6)), Some((1, 6)), Some((3, 10)), None]);
        log.truncate(6);
        assert_eq!(ends(&log), [None; 5]);
    }
}
