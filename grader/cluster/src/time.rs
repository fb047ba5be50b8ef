//! The time of a step.

use std::time::Duration;

/// Two clocks, because the one that tells the date may jump.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Since the cluster was opened; it never goes back. All timers run by it.
    pub elapsed: Duration,
    /// Milliseconds since 1970, for timestamps only.
    pub wall_ms: i64,
}

impl Now {
    /// The moment that is so many milliseconds from now on, on the clock of timers. A negative number is now.
    pub fn after_ms(&self, ms: impl Into<i64>) -> Duration {
        self.elapsed + Duration::from_millis(ms.into().max(0).unsigned_abs())
    }
}
