//! Record batches in every compression, and the bombs that they may be.

use std::io::Write as _;

use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::records::{
    Compression, Record as KafkaRecord, RecordBatchEncoder, RecordEncodeOptions, TimestampType,
};

use crate::batch::span;
use crate::limits::BATCH_INFLATED_BYTES;
use crate::*;

fn varint(out: &mut Vec<u8>, value: i64) {
    let mut value = ((value << 1) ^ (value >> 63)) as u64;
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn field(out: &mut Vec<u8>, bytes: Option<&[u8]>) {
    varint(out, bytes.map_or(-1, |bytes| bytes.len() as i64));
    out.extend_from_slice(bytes.unwrap_or_default());
}

type Header<'a> = (&'a [u8], Option<&'a [u8]>);

/// A record as a producer writes it, one millisecond after its batch.
fn encoded(key: Option<&[u8]>, value: Option<&[u8]>, headers: &[Header]) -> Vec<u8> {
    let mut body = vec![0];
    varint(&mut body, 1);
    varint(&mut body, 0);
    field(&mut body, key);
    field(&mut body, value);
    varint(&mut body, headers.len() as i64);
    for (key, value) in headers {
        field(&mut body, Some(key));
        field(&mut body, *value);
    }
    let mut out = Vec::new();
    varint(&mut out, body.len() as i64);
    out.extend(body);
    out
}

pub fn record(key: &[u8], value: &[u8], headers: &[Header]) -> Vec<u8> {
    encoded(Some(key), Some(value), headers)
}

/// A batch with these attributes around records (or their compressed block) that are already there.
fn around(attributes: i16, count: i32, records: &[u8]) -> Bytes {
    let mut out = BytesMut::new();
    out.put_i64(40);
    out.put_i32(49 + records.len() as i32);
    out.put_i32(-1);
    out.put_i8(2);
    out.put_u32(0);
    out.put_i16(attributes);
    out.put_i32(count - 1);
    out.put_i64(1000);
    out.put_i64(1001);
    out.put_i64(77);
    out.put_i16(3);
    out.put_i32(12);
    out.put_i32(count);
    out.put_slice(records);
    out.freeze()
}

pub fn batch(attributes: i16, records: &[Vec<u8>]) -> Bytes {
    around(attributes, records.len() as i32, &records.concat())
}

#[test]
fn repeated_headers_nulls_and_binary() {
    let headers: &[Header] = &[(b"h", Some(b"1")), (b"other", None), (b"h", Some(b"2"))];
    let bytes = batch(0x10, &[record(b"k", b"\xff\xfe", headers), encoded(None, None, &[])]);
    let found = batches("orders", 2, &bytes);
    let header = |key: &str, value: Option<&str>| (key.to_owned(), value.map(Data::from));
    let expected = Batch {
        topic: "orders".into(),
        partition: 2,
        producer_id: 77,
        epoch: 3,
        base_sequence: 12,
        codec: Codec::None,
        transactional: true,
        bytes: bytes.len(),
        records: vec![
            Record {
                key: Some("k".into()),
                value: Some(vec![0xff, 0xfe].into()),
                headers: vec![header("h", Some("1")), header("other", None), header("h", Some("2"))],
                timestamp: 1001,
            },
            Record { timestamp: 1001, ..Record::default() },
        ],
        error: None,
    };
    assert_eq!(found, [expected]);
    let json = serde_json::to_string(&found).unwrap();
    assert!(json.contains(r#""value":{"base64":"//4="}"#), "{json}");
    assert!(json.contains(r#""headers":[["h","1"],["other",null],["h","2"]]"#), "{json}");
    assert_eq!(serde_json::from_str::<Vec<Batch>>(&json).unwrap(), found);
}

#[test]
fn data_is_text_or_base64() {
    let text = Data::from(r#"{"total": 3}"#);
    assert_eq!(text.json().unwrap()["total"], 3);
    assert_eq!(text.text(), Some(r#"{"total": 3}"#));
    let binary = Data::from(vec![0, 0xff]);
    assert_eq!((binary.text(), binary.json(), binary.as_bytes()), (None, None, &[0, 0xff][..]));
    for wrong in [r#"{}"#, r#"{"base64":"?"}"#, r#"{"hex":"00"}"#, "3"] {
        assert!(serde_json::from_str::<Data>(wrong).is_err(), "{wrong}");
    }
}

fn by_kafka_protocol(compression: Compression, count: i64) -> Bytes {
    let records: Vec<KafkaRecord> = (0..count)
        .map(|i| KafkaRecord {
            transactional: false,
            control: false,
            delete_horizon: false,
            partition_leader_epoch: 0,
            producer_id: 5,
            producer_epoch: 1,
            timestamp_type: TimestampType::Creation,
            offset: i,
            sequence: i as i32,
            timestamp: 1000 + i,
            key: Some(Bytes::from(format!("key {i}"))),
            value: Some(Bytes::from(vec![b'v'; 1000])),
            headers: Default::default(),
        })
        .collect();
    let mut out = BytesMut::new();
    let options = RecordEncodeOptions { version: 2, compression };
    RecordBatchEncoder::encode(&mut out, &records, &options).unwrap();
    out.freeze()
}

#[test]
fn every_codec() {
    for (compression, codec) in [
        (Compression::None, Codec::None),
        (Compression::Gzip, Codec::Gzip),
        (Compression::Snappy, Codec::Snappy),
        (Compression::Lz4, Codec::Lz4),
        (Compression::Zstd, Codec::Zstd),
    ] {
        let bytes = by_kafka_protocol(compression, 100);
        let [batch] = &batches("t", 0, &bytes)[..] else { panic!("{codec:?}: not one batch") };
        assert_eq!((batch.codec, &batch.error), (codec, &None));
        assert_eq!((batch.producer_id, batch.epoch, batch.base_sequence), (5, 1, 0));
        assert_eq!(batch.records.len(), 100, "{codec:?}");
        assert_eq!(batch.records[99].key, Some("key 99".into()));
        assert_eq!(batch.records[99].timestamp, 1099);
        assert_eq!(span(&bytes), (Some((0, 99)), 100));
    }
}

#[test]
fn only_a_reader_has_batches_decoded() {
    let plain = by_kafka_protocol(Compression::None, 100);
    let mut asked = Batches::default();
    asked.add("its name in this run", 3, plain.clone());
    asked.each_topic(|name| *name = "orders".into());
    assert_eq!(asked.undecoded_size(), Some((100, plain.len())));
    assert_eq!(asked.clone(), Batches::from(batches("orders", 3, &plain)));
    assert_eq!(asked[0].records.len(), 100);
    assert_eq!(asked.undecoded_size(), None, "they are decoded");
    asked.change(|batch| batch.producer_id = 1);
    asked.each_topic(|name| name.push('!'));
    assert_eq!((asked[0].topic.as_str(), asked[0].producer_id), ("orders!", 1));
    // To what it inflates, and whether it can be read at all, only decoding tells.
    for bytes in [by_kafka_protocol(Compression::Zstd, 100), plain.slice(..plain.len() - 1), batch(7, &[])] {
        let mut asked = Batches::default();
        asked.add("orders", 0, bytes);
        assert_eq!(asked.undecoded_size(), None);
    }
    // What a batch claims may be more than it has.
    let mut asked = Batches::default();
    asked.add("orders", 0, around(0, i32::MAX, &record(b"k", b"v", &[])));
    assert!(asked.undecoded_size().is_some_and(|(records, _)| records < 100));
}

/// librdkafka compresses with snappy without snappy-java's frame.
#[test]
fn bare_snappy() {
    let packed = snap::raw::Encoder::new().compress_vec(&record(b"k", b"v", &[])).unwrap();
    let [batch] = &batches("t", 0, &around(2, 1, &packed))[..] else { panic!("not one batch") };
    assert_eq!((batch.codec, &batch.error, batch.records.len()), (Codec::Snappy, &None, 1));
}

#[test]
fn several_batches_and_a_broken_one_between() {
    let whole = batch(0, &[record(b"k", b"v", &[])]);
    let broken = around(0, 5, &record(b"k", b"v", &[]));
    let found = batches("t", 0, &[whole.clone(), broken, whole].concat().into());
    let counts: Vec<_> = found.iter().map(|b| (b.records.len(), b.error.is_some())).collect();
    assert_eq!(counts, [(1, false), (1, true), (1, false)]);
}

#[test]
fn old_formats_and_unknown_codecs_say_so() {
    let mut old = batch(0, &[record(b"k", b"v", &[])]).to_vec();
    old[16] = 1;
    let why = batches("t", 0, &old.into())[0].error.clone().unwrap();
    assert!(why.contains("message format v1, from before Kafka 0.11"), "{why}");
    let why = batches("t", 0, &batch(5, &[]))[0].error.clone().unwrap();
    assert!(why.contains("compression 5"), "{why}");
}

#[test]
fn a_fetch_answer_may_end_within_a_batch_and_hold_markers() {
    let data = batch(0, &[record(b"k", b"v", &[]), record(b"k", b"v", &[])]);
    let mut marker = batch(0x30, &[record(b"c", b"c", &[])]).to_vec();
    marker[7] = 42; // base offset
    let all: Bytes = [&data[..], &marker, &data[..70]].concat().into();
    assert_eq!(span(&all), (Some((40, 42)), 2));
    assert_eq!(span(&data.slice(..70)), (None, 0));
    assert_eq!(span(&Bytes::new()), (None, 0));
}

fn bomb(codec: i16) -> Bytes {
    let zeros = vec![0; BATCH_INFLATED_BYTES + 1];
    let packed = match codec {
        1 => {
            let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            out.write_all(&zeros).unwrap();
            out.finish().unwrap()
        }
        2 => snap::raw::Encoder::new().compress_vec(&zeros).unwrap(),
        3 => {
            let mut out = lz4::EncoderBuilder::new().build(Vec::new()).unwrap();
            out.write_all(&zeros).unwrap();
            out.finish().0
        }
        _ => zstd::encode_all(&zeros[..], 1).unwrap(),
    };
    around(codec, 1, &packed)
}

#[test]
fn bombs_are_refused() {
    for codec in 1..=4 {
        let [batch] = &batches("t", 0, &bomb(codec))[..] else { panic!("not one batch") };
        let why = batch.error.clone().unwrap();
        assert!(why.contains("more than 67108864 bytes when decompressed"), "{why}");
    }
}

#[test]
fn sizes_that_are_only_claimed_are_not_allocated() {
    // Four bytes of snappy that claim four gigabytes, and 16 that claim 60 megabytes.
    for packed in [&b"\xff\xff\xff\xff\x0f"[..], b"\x80\x80\x80\x1c\0\0\0\0\0\0\0\0\0\0\0\0"] {
        assert!(batches("t", 0, &around(2, 1, packed))[0].error.is_some());
    }
    // As many records as an i32 can say, in a batch of one.
    let found = batches("t", 0, &around(0, i32::MAX, &record(b"k", b"v", &[])));
    assert_eq!(found[0].records.len(), 1);
    assert!(found[0].error.is_some());
}
