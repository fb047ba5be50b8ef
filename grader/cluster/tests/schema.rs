//! kafka-protocol, which decodes and encodes for the cluster, against Kafka's own definitions of its messages: in every
//! version that is served, both must mean the same by the same bytes.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use cluster::frame::{self, Frame};
use cluster::versions::SERVED;
use kafka_protocol::messages::{ApiKey, RequestKind, ResponseKind};
use proptest::prelude::*;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use wire::schema::{self, Direction, Value};

/// Messages tried for each version.
const SAMPLES: u64 = 30;

/// The versions that are served and exist. Produce 0 to 2 are claimed only, see `versions.rs`.
fn served() -> impl Iterator<Item = (ApiKey, i16)> {
    SERVED
        .iter()
        .flat_map(|(api, oldest, newest)| (*oldest..=*newest).map(|version| (*api, version)))
        .filter(|(api, version)| *api != ApiKey::Produce || *version >= 3)
}

fn sample(api: ApiKey, version: i16, direction: Direction, random: &mut StdRng) -> Value {
    schema::sample(api as i16, version, direction, &mut |below| random.random_range(0..below)).expect("it exists")
}

/// Kafka's definition to bytes, kafka-protocol to its types and back to bytes, Kafka's definition to what they say.
fn there_and_back(api: ApiKey, version: i16, direction: Direction, value: &Value) -> Result<(), String> {
    let bytes = schema::write(api as i16, version, direction, value).map_err(|why| why.to_string())?;
    let mut rest = bytes.clone();
    let mut again = BytesMut::new();
    match direction {
        Direction::Request => RequestKind::decode(api, &mut rest, version)
            .and_then(|request| request.encode(&mut again, version))
            .map_err(|why| format!("{why} in {value:?}"))?,
        Direction::Response => ResponseKind::decode(api, &mut rest, version)
            .and_then(|response| response.encode(&mut again, version))
            .map_err(|why| format!("{why} in {value:?}"))?,
    }
    let back = schema::read(api as i16, version, direction, &again.freeze()).map_err(|why| why.to_string())?;
    match (back, rest.remaining()) {
        ((back, 0), 0) if back == *value => Ok(()),
        ((back, _), _) => Err(format!("{value:?}\nbecame\n{back:?}")),
    }
}

#[test]
fn headers_are_as_flexible_as_kafka_says() {
    for (api, version) in served() {
        for direction in [Direction::Request, Direction::Response] {
            let message = schema::message(api as i16, direction).expect("what is served exists");
            assert!(message.versions.contain(version), "{api:?} v{version}");
            let flexible = match direction {
                Direction::Request => api.request_header_version(version) > 1,
                Direction::Response => {
                    api.response_header_version(version) > 0 || api == ApiKey::ApiVersions && version > 2
                }
            };
            assert_eq!(message.flexible.contain(version), flexible, "{api:?} v{version} {direction}");
        }
    }
}

#[test]
fn every_version_that_is_served_means_what_kafka_means_by_it() {
    let mut wrong = Vec::new();
    for (api, version) in served() {
        for direction in [Direction::Request, Direction::Response] {
            let mut random = StdRng::seed_from_u64(version as u64);
            let fault = (0..SAMPLES).find_map(|_| {
                let value = sample(api, version, direction, &mut random);
                there_and_back(api, version, direction, &value).err()
            });
            wrong.extend(fault.map(|why| format!("{api:?} v{version} {direction}: {why}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// A request as a client sends it.
fn framed(api: ApiKey, version: i16, body: &[u8]) -> Bytes {
    let mut frame = BytesMut::new();
    frame.put_i16(api as i16);
    frame.put_i16(version);
    frame.put_i32(1);
    frame.put_i16(-1);
    if api.request_header_version(version) > 1 {
        frame.put_u8(0);
    }
    frame.put_slice(body);
    frame.freeze()
}

/// Decodes what may have been written by anybody. A count that lies would end the process here.
fn decoded(api: ApiKey, version: i16, body: &Bytes) {
    match frame::read(&framed(api, version, body)) {
        Frame::Request(_) => {
            let walked = schema::read(api as i16, version, Direction::Request, body);
            let (_, rest) = walked.expect("only what has been walked is decoded");
            let mut body = body.clone();
            RequestKind::decode(api, &mut body, version).expect("it was decoded a moment ago");
            assert_eq!(body.remaining(), rest, "both have read the same lists: {api:?} v{version}");
        }
        Frame::Malformed(_) => {}
        other => panic!("{api:?} v{version} is served: {other:?}"),
    }
}

fn body(api: ApiKey, version: i16, random: &mut StdRng) -> Vec<u8> {
    let value = sample(api, version, Direction::Request, random);
    schema::write(api as i16, version, Direction::Request, &value).expect("a sample can be written").to_vec()
}

#[test]
fn what_kafka_would_write_is_read() {
    let mut random = StdRng::seed_from_u64(1);
    for (api, version) in served() {
        let read = frame::read(&framed(api, version, &body(api, version, &mut random)));
        assert!(matches!(read, Frame::Request(_)), "{api:?} v{version}: {read:?}");
    }
}

/// Every place of a request says in turn that two thousand million entries follow.
#[test]
fn huge_counts_everywhere() {
    let mut random = StdRng::seed_from_u64(2);
    for (api, version) in served() {
        let right = body(api, version, &mut random);
        for huge in [b"\x7f\xff\xff\xff".as_slice(), b"\xff\xff\xff\xff\x0f", b"\x7f\xff", b"\xff\xff\xff\x07"] {
            for at in 0..right.len() {
                let mut wrong = right.clone();
                wrong.iter_mut().skip(at).zip(huge).for_each(|(there, new)| *there = *new);
                decoded(api, version, &wrong.into());
            }
        }
    }
}

/// Every byte of a request in turn is one that a marker, a sign or a flag could be, and mostly is not.
#[test]
fn odd_bytes_everywhere() {
    let mut random = StdRng::seed_from_u64(3);
    for (api, version) in served() {
        for _ in 0..8 {
            let right = body(api, version, &mut random);
            for (at, odd) in (0..right.len()).flat_map(|at| [0x00, 0x01, 0x02, 0x7f, 0x80, 0xff].map(|odd| (at, odd))) {
                let mut wrong = right.clone();
                wrong[at] = odd;
                decoded(api, version, &wrong.into());
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nearly_valid_requests(
        which in any::<prop::sample::Index>(),
        seed in any::<u64>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in any::<Option<prop::sample::Index>>(),
    ) {
        let served: Vec<_> = served().collect();
        let (api, version) = *which.get(&served);
        let mut body = body(api, version, &mut StdRng::seed_from_u64(seed));
        for (at, byte) in changes {
            let length = body.len();
            if let Some(there) = (length > 0).then(|| &mut body[at.index(length)]) {
                *there = byte;
            }
        }
        if let Some(cut) = cut {
            body.truncate(cut.index(body.len() + 1));
        }
        decoded(api, version, &body.into());
    }

    #[test]
    fn anything(which in any::<prop::sample::Index>(), body in prop::collection::vec(any::<u8>(), 0..200)) {
        let served: Vec<_> = served().collect();
        let (api, version) = *which.get(&served);
        decoded(api, version, &body.into());
    }
}
