//! A record batch of the grader's own: uncompressed, and of no idempotent producer unless it is part of a transaction.
//!
//! Written here because kafka-protocol keeps headers in a map, and a record may have several headers of one key.

use bytes::{BufMut, Bytes, BytesMut};

use crate::header::TRANSACTIONAL;

/// A record to be written.
#[derive(Debug, Clone, Copy)]
pub struct NewRecord<'a> {
    /// Without one it is null, which is not the same as empty.
    pub key: Option<&'a [u8]>,
    pub value: &'a [u8],
    /// In their order, repeated keys included.
    pub headers: &'a [(String, Vec<u8>)],
}

/// A producer that writes in a transaction, and the sequence number of the first record that it writes.
#[derive(Debug, Clone, Copy)]
pub struct InTransaction {
    pub producer_id: i64,
    pub epoch: i16,
    pub first_sequence: i32,
}

/// One batch of all `records`, stamped with the milliseconds since 1970 in `timestamp` (magic 2, KIP-98).
pub fn new_batch(records: &[NewRecord<'_>], timestamp: i64, transaction: Option<InTransaction>) -> Bytes {
    let attributes = if transaction.is_some() { TRANSACTIONAL } else { 0 }; // not compressed, stamped by its creator
    let nobody = InTransaction { producer_id: -1, epoch: -1, first_sequence: -1 };
    let InTransaction { producer_id, epoch, first_sequence } = transaction.unwrap_or(nobody);
    let count = i32::try_from(records.len()).unwrap_or(i32::MAX);
    let mut covered = BytesMut::new(); // by the checksum
    covered.put_i16(attributes);
    covered.put_i32(count - 1); // last_offset_delta
    covered.put_i64(timestamp); // base_timestamp
    covered.put_i64(timestamp); // max_timestamp
    covered.put_i64(producer_id);
    covered.put_i16(epoch);
    covered.put_i32(first_sequence);
    covered.put_i32(count);
    for (offset_delta, record) in records.iter().enumerate() {
        put_bytes(&mut covered, &body(offset_delta as i64, record));
    }
    let mut batch = BytesMut::new();
    batch.put_i64(0); // base_offset: the broker's to give
    batch.put_i32(covered.len() as i32 + 9); // what follows: leader epoch, magic, checksum
    batch.put_i32(-1); // partition_leader_epoch
    batch.put_i8(2); // magic
    batch.put_u32(crc32c::crc32c(&covered));
    batch.put(covered);
    batch.freeze()
}

fn body(offset_delta: i64, record: &NewRecord<'_>) -> BytesMut {
    let mut body = BytesMut::new();
    body.put_i8(0); // attributes
    put_varint(&mut body, 0); // timestamp_delta
    put_varint(&mut body, offset_delta);
    match record.key {
        Some(key) => put_bytes(&mut body, key),
        None => put_varint(&mut body, -1),
    }
    put_bytes(&mut body, record.value);
    put_varint(&mut body, record.headers.len() as i64);
    for (key, value) in record.headers {
        put_bytes(&mut body, key.as_bytes());
        put_bytes(&mut body, value);
    }
    body
}

fn put_bytes(out: &mut BytesMut, bytes: &[u8]) {
    put_varint(out, bytes.len() as i64);
    out.put_slice(bytes);
}

/// Zigzag, then seven bits to a byte, lowest first.
fn put_varint(out: &mut BytesMut, number: i64) {
    let mut rest = (number << 1 ^ number >> 63) as u64;
    while rest >= 0x80 {
        out.put_u8(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.put_u8(rest as u8);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Data, batches};
    use kafka_protocol::records::RecordBatchDecoder;

    #[test]
    fn what_is_written_is_read_by_everybody() {
        let headers = [("via".to_owned(), b"a".to_vec()), ("via".to_owned(), b"b".to_vec())];
        let long = [b'x'; 300];
        let records = [
            NewRecord { key: Some(b"k"), value: b"v", headers: &headers },
            NewRecord { key: Some(b""), value: &long, headers: &[] },
            NewRecord { key: None, value: b"v", headers: &[] },
        ];
        let bytes = new_batch(&records, 1_750_000_000_000, None);
        let read = batches("orders", 0, &bytes);
        let [batch] = &read[..] else { panic!("{read:?}") };
        assert_eq!((batch.error.as_ref(), batch.producer_id, batch.records.len()), (None, -1, 3));
        assert_eq!(batch.records[0].value, Some(Data::from("v")));
        assert_eq!([1, 2].map(|at: usize| batch.records[at].key.clone()), [Some(Data::from("")), None]);
        let via = |value: &str| ("via".to_owned(), Some(Data::from(value)));
        assert_eq!(batch.records[0].headers, [via("a"), via("b")]);
        // It verifies the checksum.
        let theirs = RecordBatchDecoder::decode(&mut bytes.clone()).expect("a batch").records;
        assert_eq!(theirs.iter().map(|record| record.offset).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(theirs[1].value.as_deref(), Some(&long[..]));
    }

    #[test]
    fn one_of_a_transaction_says_whose_it_is() {
        let record = NewRecord { key: Some(b"k"), value: b"v", headers: &[] };
        let transaction = InTransaction { producer_id: 7, epoch: 2, first_sequence: 4 };
        let bytes = new_batch(&[record], 0, Some(transaction));
        let read = batches("orders", 0, &bytes);
        let [batch] = &read[..] else { panic!("{read:?}") };
        assert!(batch.transactional);
        assert_eq!((batch.producer_id, batch.epoch, batch.base_sequence), (7, 2, 4));
    }
}
