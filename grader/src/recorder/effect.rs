//! What the scenario's rules do to an event, carried out.

use super::Recorder;
use crate::cluster::Drill;
use crate::evidence::{Action, What};
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;

/// Changes the cluster as a rule says, in the scenario's names.
pub type Changer = Arc<dyn Fn(&Drill) -> Result<(), String> + Send + Sync>;

/// Takes a writer's lock on a file of the program's for so long, and is done when it has it, or cannot have it.
pub type Locker = Arc<dyn Fn(String, Duration) -> BoxFuture<'static, ()> + Send + Sync>;

/// What becomes of a frame, a call or an answer that has been recorded, now that the rules have acted on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Nothing: it goes on.
    GoesOn,
    /// It does not go on, and the connection is cut.
    Cut,
    /// This Kafka error code is the answer to the request, which the broker never sees.
    Refused(i16),
    /// The outside world refuses the call with this text.
    Failed(String),
}

impl Recorder {
    /// From now on, rules that change the cluster call `change`, which says why where it cannot.
    pub fn changes_by(&self, change: Changer) {
        *self.changer.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(change);
    }

    /// From now on, rules that lock a database call `lock`.
    pub fn locks_by(&self, lock: Locker) {
        *self.locker.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(lock);
    }

    async fn lock_database(&self, file: String, time: Duration) {
        let locker = self.locker.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone();
        if let Some(lock) = locker {
            lock(file, time).await;
        }
    }

    fn change(&self, drill: &Drill) {
        let changer = self.changer.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone();
        if let Some(Err(what)) = changer.map(|change| change(drill)) {
            self.record(None, What::GraderFault { what });
        }
    }

    /// Carries out what [`Recorder::record`] said is to be done to an event of `role`, and says what becomes of it. Takes
    /// as long as the event is to be held back.
    pub async fn apply(&self, role: &str, actions: Vec<Action>) -> Effect {
        let mut effect = Effect::GoesOn;
        for action in actions {
            match action {
                Action::Hold { until, states, count, ms } => {
                    self.hold(until.as_deref(), &states, count, ms).await;
                }
                Action::Delay(ms) => tokio::time::sleep(Duration::from_millis(ms)).await,
                Action::Lose | Action::Cut => return Effect::Cut,
                Action::Refuse(code) => effect = Effect::Refused(code),
                Action::Fail(text) => effect = Effect::Failed(text),
                // The signal was sent as the event was recorded; nothing of a dead program goes on.
                Action::Kill(killed) if killed == role => return Effect::Cut,
                Action::Kill(_) | Action::Stop(_) => {}
                Action::Change(drill) => self.change(&drill),
                Action::Lock { file, ms } => self.lock_database(file, Duration::from_millis(ms)).await,
            }
        }
        effect
    }
}
