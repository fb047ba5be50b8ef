//! The classic protocol: members join, the leader assigns, all begin a generation together.

use std::time::Duration;

use crate::core::Core;
use crate::time::Now;

/// A group of the classic protocol; or a simple one, which only keeps offsets.
#[derive(Debug, Default)]
pub struct ClassicGroup {}

impl ClassicGroup {
    /// When the group has something to do by time alone.
    pub fn next_timer(&self) -> Option<Duration> {
        None
    }
}

/// Lets happen what is due in this group.
pub(super) fn tick(_core: &mut Core, _group: &str, _now: Now) {}
