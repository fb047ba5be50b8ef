//! Batches of records: written for Produce, and shown as a tree where an answer has them.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use wire::schema::Value;

use crate::script::Term;

/// `batch{values: [x, y], time: now, producer: 5, epoch: 0, sequence: 0, transactional: true, leader: -1, magic: 2,
/// crc: 0, base: 0, codec: 0, last: 1, count: 2}`: all have defaults but the values.
pub fn written(fields: &[(String, Term)], number: impl Fn(&Term) -> i64, text: impl Fn(&Term) -> Bytes) -> Bytes {
    let find = |name: &str| fields.iter().find(|(field, _)| field == name).map(|(_, term)| term);
    let get = |name: &str, default: i64| find(name).map_or(default, &number);
    let values = match find("values") {
        Some(Term::List(values)) => values.iter().map(text).collect(),
        _ => Vec::new(),
    };
    let keys = match find("keys") {
        Some(Term::List(keys)) => keys.clone(),
        _ => Vec::new(),
    };
    let count = values.len() as i64;
    // A record of long ago would make Kafka begin another segment, and an answer ends with its segment.
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_millis() as i64);
    let time = get("time", now);
    let transactional = matches!(find("transactional"), Some(Term::Bool(true)));
    let control = matches!(find("control"), Some(Term::Bool(true)));
    let mut tail = BytesMut::new();
    let attributes = get("codec", 0) as i16
        | i16::from(transactional) << 4
        | i16::from(control) << 5
        | (get("append", 0) as i16) << 3;
    tail.put_i16(attributes);
    tail.put_i32(get("last", count - 1) as i32);
    tail.put_i64(time);
    tail.put_i64(get("newest", time + (count - 1) * get("step", 1)));
    tail.put_i64(get("producer", -1));
    tail.put_i16(get("epoch", -1) as i16);
    tail.put_i32(get("sequence", -1) as i32);
    tail.put_i32(get("count", count) as i32);
    for (n, value) in values.iter().enumerate() {
        let mut record = BytesMut::new();
        record.put_u8(0);
        varint(&mut record, n as i64 * get("step", 1));
        varint(&mut record, n as i64);
        match keys.get(n) {
            Some(Term::Text(key)) => {
                varint(&mut record, key.len() as i64);
                record.put_slice(key.as_bytes());
            }
            _ => varint(&mut record, -1),
        }
        varint(&mut record, value.len() as i64);
        record.put_slice(value);
        varint(&mut record, 0);
        varint(&mut tail, record.len() as i64);
        tail.put(record);
    }
    let mut batch = BytesMut::new();
    batch.put_i64(get("base", 0));
    batch.put_i32(get("length", tail.len() as i64 + 9) as i32);
    batch.put_i32(get("leader", -1) as i32);
    batch.put_i8(get("magic", 2) as i8);
    batch.put_u32(get("crc", crc32c::crc32c(&tail).into()) as u32);
    batch.put(tail);
    batch.freeze()
}

fn varint(out: &mut BytesMut, value: i64) {
    let mut zigzag = ((value << 1) ^ (value >> 63)) as u64;
    while zigzag >= 0x80 {
        out.put_u8(zigzag as u8 | 0x80);
        zigzag >>= 7;
    }
    out.put_u8(zigzag as u8);
}

/// What an answer's batches say. Of a marker, what its time and its coordinator decide is left out.
pub fn shown(mut bytes: Bytes) -> Value {
    let mut batches = Vec::new();
    while bytes.len() >= 61 {
        let mut head = bytes.split_to(12);
        let base = head.get_i64();
        let length = head.get_i32();
        if usize::try_from(length).is_ok_and(|length| length > bytes.len()) || length < 49 {
            batches.push(Value::Text("cut".to_owned()));
            break;
        }
        let mut batch = bytes.split_to(length as usize);
        let leader = batch.get_i32();
        let magic = batch.get_i8();
        let crc = batch.get_u32();
        let right = crc == crc32c::crc32c(&batch);
        let attributes = batch.get_i16();
        let last = batch.get_i32();
        let (first_time, last_time) = (batch.get_i64(), batch.get_i64());
        let (producer, epoch, sequence) = (batch.get_i64(), batch.get_i16(), batch.get_i32());
        let count = batch.get_i32();
        let number = |n: i64| Value::Number(n);
        let mut fields = vec![
            ("BaseOffset", number(base)),
            ("PartitionLeaderEpoch", number(leader.into())),
            ("Magic", number(magic.into())),
            ("ChecksumIsRight", Value::Bool(right)),
            ("Attributes", number(attributes.into())),
            ("LastOffsetDelta", number(last.into())),
            ("ProducerId", number(producer)),
            ("ProducerEpoch", number(epoch.into())),
            ("BaseSequence", number(sequence.into())),
            ("Count", number(count.into())),
        ];
        if attributes & 0x20 == 0 {
            fields.extend([
                ("BaseTimestamp", number(first_time)),
                ("MaxTimestamp", number(last_time)),
                ("Data", Value::Bytes(batch)),
            ]);
        } else {
            // Length, attributes, two deltas, key length 4, version of the key, then the kind of marker.
            let kind = batch.get(7..9).map_or(-1, |kind| i64::from(kind[0]) << 8 | i64::from(kind[1]));
            fields.push(("Marker", number(kind)));
        }
        batches.push(Value::Structure(fields));
    }
    Value::List(batches)
}
