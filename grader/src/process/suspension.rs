//! Whether this process was stopped for a while: by Ctrl-Z, or by a machine that slept. The programs went on meanwhile,
//! or their time did, and nothing that they did or did not do then says anything about them.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::watch;

/// How often a thread looks at the clock.
const BEAT: Duration = Duration::from_millis(100);

/// Who does not come to look for so long has not only been waiting for a processor.
const STOPPED: Duration = Duration::from_secs(1);

/// How often this process has been stopped.
struct Suspensions {
    count: watch::Sender<u64>,
    last: Mutex<Now>,
}

/// The clocks: the one stands still where the machine sleeps, the other may be set back.
#[derive(Clone, Copy)]
struct Now(Instant, SystemTime);

impl Now {
    fn read() -> Now {
        Now(Instant::now(), SystemTime::now())
    }

    fn was_long_before(self, now: Now) -> bool {
        let passed = now.0.saturating_duration_since(self.0);
        passed.max(now.1.duration_since(self.1).unwrap_or_default()) > STOPPED
    }
}

fn suspensions() -> &'static Suspensions {
    static SUSPENSIONS: OnceLock<&Suspensions> = OnceLock::new();
    SUSPENSIONS.get_or_init(|| {
        let suspensions = Suspensions { count: watch::Sender::new(0), last: Mutex::new(Now::read()) };
        let suspensions: &Suspensions = Box::leak(Box::new(suspensions)); // there is one, for as long as the process lives
        // Where no thread is to be had, nothing is noticed, and that is as good as it gets.
        std::thread::Builder::new().name("suspension".into()).spawn(|| beat(suspensions)).ok();
        suspensions
    })
}

fn beat(suspensions: &Suspensions) {
    loop {
        std::thread::sleep(BEAT);
        let now = Now::read();
        let mut last = suspensions.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.was_long_before(now) {
            suspensions.count.send_modify(|count| *count += 1);
        }
        *last = now;
    }
}

/// A stretch of time that begins now, in which this process may be stopped.
pub struct Stretch(u64);

impl Stretch {
    /// Begins one.
    pub fn begin() -> Stretch {
        Stretch(suspensions().count())
    }

    /// Was this process stopped since it began?
    pub fn was_interrupted(&self) -> bool {
        suspensions().count() != self.0
    }

    /// Returns when this process has been stopped since it began, and goes on.
    pub async fn interrupted(&self) {
        let mut count = suspensions().count.subscribe();
        if count.wait_for(|count| *count != self.0).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Suspensions {
    /// So far, with the one of which the thread has not come to know yet.
    fn count(&self) -> u64 {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        *self.count.borrow() + u64::from(last.was_long_before(Now::read()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_on_either_clock_is_a_suspension() {
        let then = Now::read();
        let later = |monotonic: u64, wall: i64| {
            let wall = match wall.is_negative() {
                true => then.1 - Duration::from_millis(wall.unsigned_abs()),
                false => then.1 + Duration::from_millis(wall.unsigned_abs()),
            };
            Now(then.0 + Duration::from_millis(monotonic), wall)
        };
        assert!(!then.was_long_before(later(100, 100)));
        assert!(!then.was_long_before(later(900, 900)), "a busy machine");
        assert!(then.was_long_before(later(1_200, 1_200)), "Ctrl-Z");
        assert!(then.was_long_before(later(100, 3_600_000)), "a machine that slept");
        assert!(!then.was_long_before(later(100, -3_600_000)), "a clock that was set back");
        assert!(then.was_long_before(later(1_200, -3_600_000)));
    }
}
