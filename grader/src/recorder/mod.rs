//! Recording a run while it goes on: the one place where events get their order, and where the scenario's rules strike.

mod armed;
mod budget;
mod effect;
mod log;
mod names;
mod wait;

#[cfg(test)]
mod tests;

pub use armed::Ending;
pub use effect::{Changer, Effect, Locker};
pub use names::Names;
pub use wait::have_fitted;

use crate::evidence::{Action, Because, Event, Evidence, Header, Limit, Pattern, Rule, What, canonical};
use armed::{Armed, ending};
use budget::{Budget, is_of_program};
use log::Log;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;
use tokio::sync::watch;

/// Why a run cannot be recorded. It is never the learner's doing.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    #[error("{}: cannot write evidence: {source}. Is the disk full, or the folder read-only?", path.display())]
    Write { path: PathBuf, source: std::io::Error },
    #[error(
        "{}: cannot write evidence: no thread can be started for it: {source}. End some processes, or raise the limit \
         with `ulimit -u`, then run the command again.",
        path.display()
    )]
    Thread { path: PathBuf, source: std::io::Error },
}

/// An event that has been recorded.
#[derive(Debug)]
pub struct Recorded {
    /// Its position, which is its name in the evidence.
    pub position: usize,
    /// What the scenario's rules want done before it goes on, for [`Recorder::apply`].
    pub actions: Vec<Action>,
}

/// Appends events, applies the scenario's rules, wakes whoever waits.
pub struct Recorder {
    header: Header,
    began: Instant,
    pub names: Names,
    inner: Mutex<Inner>,
    length: watch::Sender<usize>,
    /// How many connections there have been.
    connections: AtomicU32,
    /// What carries out changes of the cluster.
    changer: Mutex<Option<Changer>>,
    /// What locks the program's databases.
    locker: Mutex<Option<Locker>>,
}

struct Inner {
    events: Vec<Arc<Event>>,
    rules: Vec<Armed>,
    log: Log,
    processes: HashMap<String, Box<dyn Fn(Ending) + Send>>,
    /// Contents of the input's records that have a mark, and the mark.
    marks: HashMap<String, String>,
    budget: Budget,
    /// The limit that a program has reached. What programs do from then on is not recorded, and does not go on.
    reached: Option<Limit>,
}

/// Longer than any scenario takes, in milliseconds.
const FOR_GOOD: u64 = 24 * 60 * 60 * 1000;

impl Inner {
    /// What the scenario calls the record that this call or answer is about.
    fn mark(&mut self, what: &mut What) {
        match what {
            What::Input { value: Some(value), mark: Some(mark), .. } => {
                let contents = value.json().map_or_else(|| value.to_string(), |value| canonical(&value));
                self.marks.insert(contents, mark.clone());
            }
            What::Call { args, mark, .. } if !self.marks.is_empty() => {
                *mark = self.marks.get(&canonical(args)).cloned();
            }
            What::Answer { to, mark, .. } => {
                if let Some(What::Call { mark: of, .. }) = self.events.get(*to).map(|event| &event.what) {
                    mark.clone_from(of);
                }
            }
            _ => {}
        }
    }

    /// May the program do this as well? When it reaches a limit, that is the last that is recorded of it.
    fn takes(&mut self, what: &What, at: u64) -> bool {
        if self.reached.is_some() {
            return false;
        }
        let Some(limit) = self.budget.exceeded_by(what) else { return true };
        self.reach(limit, at);
        false
    }

    /// A program has reached a limit, and the scenario ends.
    fn reach(&mut self, limit: Limit, at: u64) {
        self.reached = Some(limit);
        let (waited_for, because) = ("the end of the scenario".to_owned(), Because::Limit(limit));
        self.keep(Event { at, role: None, what: What::GaveUp { waited_for, because } });
    }

    fn keep(&mut self, event: Event) {
        let event = Arc::new(event);
        self.log.append(event.clone(), self.budget.bytes());
        self.events.push(event);
    }
}

impl Recorder {
    /// Records into the file `path` while it goes, so that even a killed grader leaves what it saw.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn new(header: Header, names: Names, rules: &[Rule], path: &Path) -> Result<Recorder, RecordError> {
        // The two clocks begin together, so that the time of day of each event is known.
        let began = Instant::now();
        let header = Header { began: jiff::Timestamp::now().to_string(), ..header };
        let log = Log::create(path, &header)?;
        let rules = rules.iter().cloned().map(Armed::new).collect();
        let inner = Inner {
            events: Vec::new(),
            rules,
            log,
            processes: HashMap::new(),
            marks: HashMap::new(),
            budget: Budget::of_scenario(),
            reached: None,
        };
        let length = watch::Sender::new(0);
        let (inner, connections) = (Mutex::new(inner), AtomicU32::new(0));
        Ok(Recorder {
            header,
            began,
            names,
            inner,
            length,
            connections,
            changer: Mutex::default(),
            locker: Mutex::default(),
        })
    }

    /// Records however much there is, for measurements.
    pub fn without_limits(self) -> Recorder {
        self.lift_limits();
        self
    }

    /// From now on, however much there is.
    pub fn lift_limits(&self) {
        self.lock().budget = Budget::without_limits();
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Appends an event and returns its position and what the scenario's rules want done before it goes on.
    /// Killing and stopping a program has been done when this returns.
    ///
    /// What programs do beyond the limits is not recorded. It does not go on either, until the grader ends them: a
    /// connection that is cut would make them end by themselves. The position is that of the last event then.
    pub fn record(&self, role: Option<&str>, what: What) -> Recorded {
        self.add(&mut self.lock(), role, what)
    }

    /// Starts a process of `role` and records that it has started, before anything that it does can be recorded. From
    /// then on, rules that kill or stop the role call `signal`.
    ///
    /// # Errors
    /// What `start` returns: then there is no process, and no event.
    pub fn starting<T>(
        &self,
        (role, run): (&str, u32),
        start: impl FnOnce() -> std::io::Result<(T, u32)>,
        signal: impl FnOnce(&T) -> Box<dyn Fn(Ending) + Send>,
    ) -> std::io::Result<T> {
        let mut inner = self.lock();
        let (process, pid) = start()?;
        inner.processes.insert(role.to_owned(), signal(&process));
        self.add(&mut inner, Some(role), What::Started { run, pid });
        Ok(process)
    }

    fn add(&self, inner: &mut Inner, role: Option<&str>, mut what: What) -> Recorded {
        let at = self.began.elapsed().as_micros() as u64;
        if is_of_program(&what) && !inner.takes(&what, at) {
            self.length.send_replace(inner.events.len());
            return Recorded { position: inner.events.len().saturating_sub(1), actions: vec![Action::Delay(FOR_GOOD)] };
        }
        inner.mark(&mut what);
        let event = Event { at, role: role.map(str::to_owned), what };
        let position = inner.events.len();
        let role = event.role.clone();
        inner.keep(event);
        let Inner { events, rules, .. } = inner;
        let actions: Vec<Action> = rules.iter_mut().filter_map(|rule| rule.strikes(events)).collect();
        for action in &actions {
            let struck = What::Fault {
                on: position,
                action: action.told(),
                lost: matches!(action, Action::Lose),
                locked: matches!(action, Action::Lock { .. }),
            };
            inner.keep(Event { at, role: role.clone(), what: struck });
            if let Some((role, ending)) = ending(action) {
                let what = match ending {
                    Ending::Asked => What::Stopping,
                    Ending::Killed => What::Killed,
                };
                inner.keep(Event { at, role: Some(role.to_owned()), what });
            }
        }
        for (role, ending) in actions.iter().filter_map(ending) {
            if let Some(signal) = inner.processes.get(role) {
                signal(ending);
            }
        }
        self.length.send_replace(inner.events.len());
        Recorded { position, actions }
    }

    /// Ends the role's process at this very moment, as a rule would, and records it.
    pub fn end(&self, role: &str, ending: Ending) {
        let mut inner = self.lock();
        if let Some(signal) = inner.processes.get(role) {
            signal(ending);
        }
        let what = match ending {
            Ending::Asked => What::Stopping,
            Ending::Killed => What::Killed,
        };
        self.add(&mut inner, Some(role), what);
    }

    /// The number of a connection that begins: they are counted from 1 in each scenario.
    pub fn next_connection(&self) -> u32 {
        self.connections.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// A program has reached a limit of what is not recorded: the room that it takes up, say. The scenario ends.
    pub fn reach(&self, limit: Limit) {
        let mut inner = self.lock();
        if inner.reached.is_none() {
            inner.reach(limit, self.began.elapsed().as_micros() as u64);
            self.length.send_replace(inner.events.len());
        }
    }

    /// The limit that a program has reached, if one has.
    pub fn reached(&self) -> Option<Limit> {
        self.lock().reached
    }

    /// One more rule, which counts from now on.
    pub fn arm(&self, rule: Rule) {
        self.lock().rules.push(Armed::new(rule));
    }

    /// The events at which a rule ends `role`.
    pub fn endings(&self, role: &str) -> Vec<Pattern> {
        self.lock().rules.iter().filter(|rule| rule.ends(role)).map(|rule| rule.on().clone()).collect()
    }

    /// Looks at the events so far, without copying them.
    pub fn look<T>(&self, eye: impl FnOnce(&[Arc<Event>]) -> T) -> T {
        eye(&self.lock().events)
    }

    /// Ends the recording: the file is compressed and complete, and the evidence can be judged. Afterwards there are no
    /// events to be looked at here.
    ///
    /// # Errors
    /// The file could not be written, a full disk say.
    pub fn close(&self) -> Result<Evidence, RecordError> {
        let mut inner = self.lock();
        inner.processes.clear();
        inner.log.close()?;
        let owned = |event: Arc<Event>| Arc::try_unwrap(event).unwrap_or_else(|shared| (*shared).clone());
        Ok(Evidence { header: self.header.clone(), events: inner.events.drain(..).map(owned).collect() })
    }
}
