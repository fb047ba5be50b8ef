//! The requests of one connection that have no answer yet, in their order.

use crate::{limits, wire};
use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};
use tokio::sync::Notify;

/// A request that has not been answered yet.
pub(super) struct Pending {
    pub correlation: i32,
    pub api: i16,
    pub version: i16,
    /// Its position in the evidence.
    pub event: usize,
    /// Our own answer, which waits for its turn.
    pub ours: Option<Bytes>,
}

#[derive(Default)]
pub(super) struct Queue {
    pending: Mutex<VecDeque<Pending>>,
    /// A request has been answered.
    answered: Notify,
}

impl Queue {
    /// Waits until one more request may be on its way.
    pub(super) async fn room(&self) {
        while self.lock().len() >= limits::REQUESTS_IN_FLIGHT {
            self.answered.notified().await;
        }
    }

    pub(super) fn push(&self, pending: Pending) {
        self.lock().push_back(pending);
    }

    /// Takes out the request to which the broker's answer with this correlation id belongs.
    pub(super) fn take(&self, correlation: i32) -> Option<Pending> {
        let mut queue = self.lock();
        let at = queue.iter().position(|pending| pending.correlation == correlation)?;
        self.answered.notify_one();
        queue.remove(at)
    }

    /// Takes out the first request and our answer to it, where we are the ones to answer it.
    pub(super) fn take_ours(&self) -> Option<(Pending, Bytes)> {
        let mut queue = self.lock();
        let ours = queue.front_mut()?.ours.take()?;
        self.answered.notify_one();
        queue.pop_front().map(|pending| (pending, ours))
    }

    /// Has the broker answered each request that changes something in it?
    pub(super) fn effects_known(&self) -> bool {
        let has_effect = |api: i16| matches!(api, wire::PRODUCE | wire::OFFSET_COMMIT | wire::LEAVE_GROUP);
        !self.lock().iter().any(|pending| has_effect(pending.api))
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Pending>> {
        self.pending.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}
