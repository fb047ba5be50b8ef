//! The log of a partition: batches, one after the other, and the leaders under whom they were written.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

use crate::batch::Batch;
use crate::epochs::Epochs;

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

    /// Loses everything from `end` on.
    pub fn truncate(&mut self, end: i64) {
        while let Some(last) = self.batches.pop_back_if(|batch| batch.header.base_offset >= end) {
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
