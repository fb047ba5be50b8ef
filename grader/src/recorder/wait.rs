//! Waiting for evidence.

use super::Recorder;
use crate::evidence::{Event, Pattern};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

impl Recorder {
    /// Waits until `done` holds for the events so far; false when for `patience` nothing has moved on.
    ///
    /// What counts as moving on is `progress`: an idle consumer's polling must not keep a wait alive for ever.
    pub async fn until(
        &self,
        patience: Duration,
        mut progress: impl FnMut(&Event) -> bool,
        mut done: impl FnMut(&[Event]) -> bool,
    ) -> bool {
        let mut length = self.length.subscribe();
        let mut seen = 0;
        let mut deadline = Instant::now() + patience;
        loop {
            {
                let inner = self.lock();
                if done(&inner.events) {
                    return true;
                }
                if inner.events.get(seen..).unwrap_or_default().iter().any(&mut progress) {
                    deadline = Instant::now() + patience;
                }
                seen = inner.events.len();
                length.mark_unchanged();
            }
            if self.length.borrow().gt(&seen) {
                continue;
            }
            match timeout_at(deadline, length.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) | Err(_) => return false,
            }
        }
    }

    /// Keeps a frame or an answer back, as [`Action::Hold`](crate::evidence::Action::Hold) tells.
    pub(super) async fn hold(&self, until: &Pattern, count: Option<usize>, ms: u64) {
        let from = if count.is_some() { 0 } else { self.look(<[_]>::len) };
        let enough = count.unwrap_or(1);
        let seen = |events: &[Event]| {
            let since = events.get(from..).unwrap_or_default();
            since.iter().filter(|event| until.matches(event)).take(enough).count() == enough
        };
        self.until(Duration::from_millis(ms), |_| false, seen).await;
    }
}
