//! For tests: a core that is asked without a socket, at times that the test chooses.

use std::time::Duration;

use bytes::BytesMut;
use kafka_protocol::messages::{RequestKind, ResponseKind};

use wire::schema::{self, Direction};

use crate::core::Core;
use crate::core::call::{Call, Caller, Step};
use crate::settings::Settings;
use crate::time::Now;

/// A cluster of `nodes`, with whatever else the settings say.
pub fn core(settings: Settings) -> Core {
    let addresses: Vec<_> = (0..settings.nodes).map(|node| ("127.0.0.1".to_owned(), 9_092 + node as u16)).collect();
    Core::new(settings, &addresses, 1)
}

/// So many milliseconds after the cluster was opened.
pub fn at(ms: u64) -> Now {
    Now { elapsed: Duration::from_millis(ms), wall_ms: 1_750_000_000_000 + ms as i64 }
}

/// A request in this version to the first node.
pub fn call(version: i16, request: impl Into<RequestKind>) -> Call {
    let host = "/127.0.0.1".to_owned();
    let caller = Caller { connection: 1, node: 1, version, client_id: "test".to_owned(), host };
    Call::new(caller, request.into())
}

/// The answer to a request that is answered at once. It can be said in that version, as Kafka defines it.
pub fn ask(core: &mut Core, now: Now, version: i16, request: impl Into<RequestKind>) -> ResponseKind {
    match core.step(&mut call(version, request), now) {
        Step::Answer(answer) => {
            assert_sayable(&answer, version);
            *answer
        }
        other => panic!("{other:?}"),
    }
}

/// This version can say the answer, and Kafka would read it: kafka-protocol writes null where Kafka forbids it.
pub fn assert_sayable(answer: &ResponseKind, version: i16) {
    let debug = format!("{answer:?}");
    let name = debug.split('(').next().unwrap_or_default();
    let message = schema::messages().iter().find(|message| message.name == name).expect("a message of Kafka's");
    let mut bytes = BytesMut::new();
    answer.encode(&mut bytes, version).unwrap_or_else(|why| panic!("v{version} cannot say it: {why}: {debug}"));
    let read = schema::read(message.api, version, Direction::Response, &bytes.freeze());
    let (_, rest) = read.unwrap_or_else(|why| panic!("{why}: {debug}"));
    assert_eq!(rest, 0, "{name} v{version}: bytes too many");
}
