//! Has the machine kept somebody waiting? A thread that wants to run every few milliseconds knows.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

const EVERY: Duration = Duration::from_millis(20);
/// Waits in a scenario have limits of many seconds, and what is shorter than this decides nothing.
const LONG: Duration = Duration::from_millis(400);
/// So much of the time, in percent, may be spent waiting for a processor.
const PERCENT: u32 = 25;
/// Longer than any unit takes.
const KEPT: Duration = Duration::from_secs(600);

/// Beats until it is dropped.
pub(super) struct Pulse {
    missed: Arc<Mutex<VecDeque<(Instant, Duration)>>>,
    stop: Arc<AtomicBool>,
}

impl Pulse {
    /// # Errors
    /// There are no more threads.
    pub fn start() -> std::io::Result<Pulse> {
        let (missed, stop) = (Arc::<Mutex<VecDeque<(Instant, Duration)>>>::default(), Arc::new(AtomicBool::new(false)));
        let (shared, stopped) = (missed.clone(), stop.clone());
        std::thread::Builder::new().name("pulse".into()).spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                let began = Instant::now();
                std::thread::sleep(EVERY);
                let late = began.elapsed().saturating_sub(EVERY);
                if late < EVERY / 4 {
                    continue;
                }
                let mut missed = shared.lock().unwrap_or_else(PoisonError::into_inner);
                missed.push_back((began, late));
                while missed.front().is_some_and(|(at, _)| at.elapsed() > KEPT) {
                    missed.pop_front();
                }
            }
        })?;
        Ok(Pulse { missed, stop })
    }

    /// Was whoever ran between `began` and now kept waiting so long that it may have mattered?
    pub fn starved_since(&self, began: Instant) -> bool {
        let missed = self.missed.lock().unwrap_or_else(PoisonError::into_inner);
        let since = missed.iter().rev().take_while(|(at, _)| *at >= began).map(|(_, late)| *late);
        let (longest, sum) =
            since.fold((Duration::ZERO, Duration::ZERO), |(longest, sum), late| (longest.max(late), sum + late));
        longest >= LONG || sum * 100 > began.elapsed() * PERCENT
    }
}

impl Drop for Pulse {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}
