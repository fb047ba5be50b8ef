//! What a reader with `isolation.level=read_committed` gets out of a Fetch answer.
//!
//! The broker serves whole batches, and names the transactions among them that were aborted; it is the reader who leaves
//! those out (KIP-98).

use std::collections::HashSet;

use bytes::Bytes;

use super::batch::{Batch, Budget, PREFIX, Record, fill, header, next_batch};
use super::reader::{Reader, Result};

/// A transaction that was aborted, as a Fetch answer names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aborted {
    pub producer_id: i64,
    /// The offset of its first record in this partition.
    pub first_offset: i64,
}

/// A record, and its offset.
#[derive(Debug, Clone, PartialEq)]
pub struct At {
    pub offset: i64,
    pub record: Record,
}

/// The records of the batches in `bytes` from offset `from` on, those of `aborted` transactions left out, and the offset
/// behind the last batch; `from` where there is none. A batch that is cut off at the end is left for the next answer.
///
/// # Errors
/// A batch cannot be read.
pub fn committed(bytes: &Bytes, aborted: &[Aborted], from: i64) -> Result<(Vec<At>, i64)> {
    let mut waiting: Vec<Aborted> = aborted.to_vec();
    waiting.sort_by_key(|aborted| std::cmp::Reverse(aborted.first_offset));
    let mut open: HashSet<i64> = HashSet::new();
    let (mut budget, mut found, mut next) = (Budget::default(), Vec::new(), from);
    let mut frame = Reader::new(bytes, 0, false);
    while frame.remaining() >= PREFIX {
        let Ok(bytes) = next_batch(&mut frame) else { break };
        let header = header(&bytes)?;
        while let Some(aborted) = waiting.pop_if(|aborted| aborted.first_offset <= header.last_offset()) {
            open.insert(aborted.producer_id);
        }
        next = next.max(header.last_offset().saturating_add(1));
        if header.is_control() {
            // A marker, commit or abort: whatever this producer writes next belongs to another transaction.
            open.remove(&header.producer_id);
            continue;
        }
        if header.is_transactional() && open.contains(&header.producer_id) {
            continue;
        }
        let mut batch = Batch::default();
        fill(&mut batch, &bytes, &mut budget)?;
        let at = (header.base_offset..).zip(batch.records).filter(|(offset, _)| *offset >= from);
        found.extend(at.map(|(offset, record)| At { offset, record }));
    }
    Ok((found, next))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::header::CONTROL;
    use crate::{Data, InTransaction, NewRecord, new_batch};
    use bytes::BytesMut;

    /// A batch as a broker serves it: of this producer, with its first record at this offset.
    fn stored(offset: i64, producer_id: i64, values: &[&str], marker: bool) -> Vec<u8> {
        let record = |value: &'static str| NewRecord { key: Some(b"k"), value: value.as_bytes(), headers: &[] };
        let values: Vec<&'static str> = values.iter().map(|value| &*value.to_string().leak()).collect();
        let records: Vec<NewRecord<'_>> = values.into_iter().map(record).collect();
        let transaction = InTransaction { producer_id, epoch: 0, first_sequence: 0 };
        let mut batch = BytesMut::from(&new_batch(&records, 0, Some(transaction))[..]);
        batch[..8].copy_from_slice(&offset.to_be_bytes());
        if marker {
            batch[22] |= CONTROL as u8;
        }
        batch.to_vec()
    }

    fn values(found: &[At]) -> Vec<(i64, &str)> {
        let value = |at: &At| at.record.value.clone().map(|value| value.to_string()).unwrap_or_default();
        found.iter().map(|at| (at.offset, &*value(at).leak())).collect()
    }

    #[test]
    fn what_was_aborted_is_left_out_and_what_the_same_producer_wrote_later_is_not() {
        let log = [
            stored(0, 7, &["gone", "gone too"], false),
            stored(2, 8, &["kept"], false),
            stored(3, 7, &["abort"], true),
            stored(4, 7, &["kept, too"], false),
            stored(5, 7, &["commit"], true),
        ]
        .concat();
        let aborted = [Aborted { producer_id: 7, first_offset: 0 }];
        let (found, next) = committed(&Bytes::from(log.clone()), &aborted, 0).expect("batches");
        assert_eq!((values(&found), next), (vec![(2, "kept"), (4, "kept, too")], 6));
        let (found, _) = committed(&Bytes::from(log.clone()), &[], 1).expect("batches");
        assert_eq!(values(&found)[0], (1, "gone too"), "the first batch began before what was asked for");
        let cut = Bytes::from(log[..log.len() - 3].to_vec());
        assert_eq!(committed(&cut, &aborted, 0).expect("batches").1, 5, "the last one was cut off");
        assert_eq!(committed(&Bytes::new(), &[], 3).expect("nothing"), (Vec::new(), 3));
        assert_eq!(found[0].record.value, Some(Data::from("gone too")));
    }
}
