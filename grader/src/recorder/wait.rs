//! Waiting for evidence.
//!
//! Whatever looks at the events as they come is shown all of them again and again, so it has to remember how far it has
//! seen: else the work would grow with the square of their number.

use super::Recorder;
use crate::evidence::{Event, Following, Pattern, State, What};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

impl Recorder {
    /// Waits until `done` holds for the events so far; false when for `patience` nothing has moved on, or the program has
    /// reached a limit, so that nothing more of it is recorded.
    ///
    /// What counts as moving on is `progress`: an idle consumer's polling must not keep a wait alive for ever.
    pub async fn until(
        &self,
        patience: Duration,
        mut progress: impl FnMut(&Event) -> bool,
        mut done: impl FnMut(&[Arc<Event>]) -> bool,
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
                if inner.reached.is_some() {
                    return false;
                }
                if inner.events.get(seen..).unwrap_or_default().iter().any(|event| progress(event)) {
                    deadline = Instant::now() + patience;
                }
                seen = inner.events.len();
                // Whoever adds an event tells its length under the same lock, so none is missed from here on.
                length.mark_unchanged();
            }
            match timeout_at(deadline, length.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) | Err(_) => return false,
            }
        }
    }

    /// Keeps a frame or an answer back, as [`Action::Hold`](crate::evidence::Action::Hold) tells.
    pub(super) async fn hold(&self, until: Option<&Pattern>, states: &[State], count: Option<usize>, ms: u64) {
        let takes_up = !states.is_empty();
        let mut states: Vec<Following> = states.iter().map(Following::new).collect();
        let (mut seen, mut fitted) = (if count.is_some() { 0 } else { self.look(<[_]>::len) }, 0);
        let over = |events: &[Arc<Event>]| {
            let Some(until) = until else { return states.iter_mut().all(|state| state.holds(events)) };
            for at in seen..events.len() {
                let fits = until.matches(&events[at]) && states.iter_mut().all(|state| state.holds(&events[..=at]));
                fitted += usize::from(fits);
            }
            seen = events.len();
            fitted >= count.unwrap_or(1)
        };
        // Whoever still takes up records is on the way into a state, however slow the machine.
        let gets_on = |event: &Event| takes_up && matches!(event.what, What::Given { .. });
        self.until(Duration::from_millis(ms), gets_on, over).await;
    }
}

/// Have at least `count` events fitted the pattern, from the position `from` on? To be asked about the events of one
/// recorder as they grow; each event is looked at once.
pub fn have_fitted(pattern: &Pattern, count: usize, from: usize) -> impl FnMut(&[Arc<Event>]) -> bool {
    let (mut seen, mut fitted) = (from, 0);
    move |events| {
        let new = events.get(seen..).unwrap_or_default();
        fitted += new.iter().filter(|event| pattern.matches(event)).count();
        seen = seen.max(events.len());
        fitted >= count
    }
}
