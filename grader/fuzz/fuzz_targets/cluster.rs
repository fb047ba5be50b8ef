//! Any bytes, as what clients send to the embedded Kafka, one request after the other.
#![no_main]

use std::time::Duration;

use bytes::Bytes;
use cluster::core::Core;
use cluster::core::call::{Call, Caller, Step};
use cluster::frame::{self, Asked, Frame};
use cluster::time::Now;
use cluster::{NewTopic, Settings};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let settings = Settings { auto_create: true, ..Settings::default() };
    let mut core = Core::new(settings, &[("127.0.0.1".to_owned(), 9092)], 1);
    core.create_topic("t", &NewTopic::default()).expect("a topic");
    let mut waiting: Vec<Call> = Vec::new();
    let mut rest = bytes;
    for connection in 0_u64.. {
        // Each request has its length in front, in two bytes, so that mutations move whole requests around.
        let Some((length, after)) = rest.split_first_chunk::<2>() else { break };
        let (request, after) = after.split_at(usize::from(u16::from_be_bytes(*length)).min(after.len()));
        rest = after;
        let now = Now { elapsed: Duration::from_secs(connection), wall_ms: 1_750_000_000_000 };
        if let Frame::Request(asked) = frame::read(&Bytes::copy_from_slice(request)) {
            let Asked { api, version, client_id, request, .. } = *asked;
            let caller = Caller { connection, node: 1, version, client_id, host: "/127.0.0.1".to_owned() };
            let mut call = Call::new(caller, request);
            match core.step(&mut call, now) {
                Step::Answer(answer) => drop(frame::write(api, version, 1, &answer).expect("an answer")),
                Step::Wait(_) => waiting.push(call),
                Step::Silence | Step::HangUp => {}
            }
        }
        let woken = core.take_woken();
        waiting.retain_mut(|call| {
            !woken.contains(&call.caller.connection) || matches!(core.step(call, now), Step::Wait(_))
        });
    }
    core.tick(Now { elapsed: Duration::from_secs(1 << 32), wall_ms: 0 });
});
