//! Recording a run while it goes on: the one place where events get their order, and where the scenario's rules strike.

mod armed;
mod effect;
mod log;
mod names;
mod wait;

pub use armed::Ending;
pub use effect::Effect;
pub use names::Names;

use crate::evidence::{Action, Event, Evidence, Header, Pattern, Rule, What, canonical};
use armed::{Armed, ending};
use log::Log;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};
use std::time::Instant;
use tokio::sync::watch;

/// Why a run cannot be recorded. It is never the learner's doing.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    #[error("{}: cannot write evidence: {source}. Is the disk full, or the folder read-only?", path.display())]
    Write { path: PathBuf, source: std::io::Error },
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
}

struct Inner {
    events: Vec<Event>,
    rules: Vec<Armed>,
    log: Log,
    processes: HashMap<String, Box<dyn Fn(Ending) + Send>>,
    /// Contents of the input's records that have a mark, and the mark.
    marks: HashMap<String, String>,
}

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

    fn keep(&mut self, event: Event) {
        self.log.append(event.clone());
        self.events.push(event);
    }
}

impl Recorder {
    /// Records into the file `path` while it goes, so that even a killed grader leaves what it saw.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn new(header: Header, names: Names, rules: &[Rule], path: &Path) -> Result<Recorder, RecordError> {
        let log = Log::create(path, &header)?;
        let rules = rules.iter().cloned().map(Armed::new).collect();
        let inner = Inner { events: Vec::new(), rules, log, processes: HashMap::new(), marks: HashMap::new() };
        let length = watch::Sender::new(0);
        Ok(Recorder { header, began: Instant::now(), names, inner: Mutex::new(inner), length })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Appends an event and returns its position and what the scenario's rules want done before it goes on.
    /// Killing and stopping a program has been done when this returns.
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
        inner.mark(&mut what);
        let event = Event { at: self.began.elapsed().as_micros() as u64, role: role.map(str::to_owned), what };
        let position = inner.events.len();
        let actions: Vec<Action> = inner.rules.iter_mut().filter_map(|rule| rule.strikes(&event)).collect();
        let (at, role) = (event.at, event.role.clone());
        inner.keep(event);
        for action in &actions {
            let struck = What::Fault { on: position, action: action.told() };
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

    /// One more rule, which counts from now on.
    pub fn arm(&self, rule: Rule) {
        self.lock().rules.push(Armed::new(rule));
    }

    /// The events at which a rule ends `role`.
    pub fn endings(&self, role: &str) -> Vec<Pattern> {
        self.lock().rules.iter().filter(|rule| rule.ends(role)).map(|rule| rule.on().clone()).collect()
    }

    /// Looks at the events so far, without copying them.
    pub fn look<T>(&self, eye: impl FnOnce(&[Event]) -> T) -> T {
        eye(&self.lock().events)
    }

    /// Ends the recording: the file is compressed and complete, and the evidence can be judged.
    ///
    /// # Errors
    /// The file could not be written, a full disk say.
    pub fn close(&self) -> Result<Evidence, RecordError> {
        let mut inner = self.lock();
        inner.processes.clear();
        inner.log.close()?;
        Ok(Evidence { header: self.header.clone(), events: inner.events.clone() })
    }
}
