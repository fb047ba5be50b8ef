//! The playground: real clients in child processes of this program, and what their events come to.
//!
//! `clients` are the children; they do what `controls` say, a file that the keys write. `scene` follows the events and
//! says where everything stands, and `news` puts what just happened into a sentence.

mod clients;
mod controls;
mod news;
mod scene;

pub use clients::{CLIENT, serve as serve_client};
pub use controls::{Batch, Controls};
pub use news::{News, name};
pub use scene::{Client, Scene};

/// The topic that everybody plays with.
pub const TOPIC: &str = "play";

/// How many partitions it has.
pub const PARTITIONS: usize = 4;

/// Who sends.
pub const PRODUCER: &str = "producer";

/// Who reads, in the order in which they join. Each has a group of its own, which is called like it.
pub const CONSUMERS: [&str; 4] = ["bravo", "zulu", "alpha", "delta"];

/// The group that the consumers share.
pub const GROUP: &str = "play";

/// Seconds until the group gives up a consumer of which it hears nothing.
pub const SESSION_SECONDS: u64 = 6;

/// The call by which a consumer says what it has done.
pub const PROCESS: &str = "process";

/// The file by which the clients are told what to do.
pub const CONTROLS: &str = "controls.json";
