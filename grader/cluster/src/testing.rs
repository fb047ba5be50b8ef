//! For tests: a core that is asked without a socket, at times that the test chooses.

use std::time::Duration;

use kafka_protocol::messages::{RequestKind, ResponseKind};

use crate::call::{Call, Caller, Step};
use crate::core::Core;
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

/// The answer to a request that is answered at once.
pub fn ask(core: &mut Core, now: Now, version: i16, request: impl Into<RequestKind>) -> ResponseKind {
    match core.step(&mut call(version, request), now) {
        Step::Answer(answer) => *answer,
        other => panic!("{other:?}"),
    }
}
