//! How late the grader itself is. On a busy machine it sees late what comes, and whoever judges times must know when.

use crate::evidence::What;
use crate::recorder::Recorder;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// How often it looks at the clock.
const BEAT: Duration = Duration::from_millis(20);

/// Being late by less than this is what timers and other tasks always cost.
const LATE: Duration = Duration::from_millis(30);

/// Records each time when the grader comes late to its own appointment.
pub(super) async fn watch(recorder: Arc<Recorder>) {
    loop {
        let due = Instant::now() + BEAT;
        sleep_until(due).await;
        let late = due.elapsed();
        if late > LATE {
            let ms = u64::try_from(late.as_millis()).unwrap_or(u64::MAX);
            recorder.record(None, What::Late { ms });
        }
    }
}
