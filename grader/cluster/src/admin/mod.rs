//! What administrators ask: topics and settings.

mod create;

use kafka_protocol::messages::RequestKind;

use crate::call::{Caller, Step};
use crate::core::Core;
use crate::time::Now;

pub use create::NewTopic;
pub(crate) use create::{create_topic, is_topic_name};

pub(crate) fn step(_core: &mut Core, _request: &RequestKind, _caller: &Caller, _now: Now) -> Step {
    Step::HangUp
}
