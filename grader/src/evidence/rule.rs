//! Scripted faults: which event is struck, and what happens to it.

use super::kind::Kind;
use super::{Pattern, State};
use crate::cluster::Drill;
use serde::Deserialize;

/// A scripted fault: what strikes, when. It acts after the event is recorded and before it goes on, so the moment
/// is the same on every broker.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub on: Pattern,
    /// What must hold as well, each of them, so that an event counts as one that fits.
    #[serde(default, rename = "while")]
    pub states: Vec<State>,
    /// Which of the events that fit.
    #[serde(default)]
    pub when: Occurrence,
    /// Count apart for each value of this field.
    pub per: Option<Per>,
    #[serde(rename = "do")]
    pub action: Action,
}

/// Which of the events that fit a rule's pattern are struck: `"every"`, `{ nth = 3 }`, `{ first = 6 }`, `{ from = 6 }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Occurrence {
    /// Each time.
    #[default]
    Every,
    /// The nth time, from 1.
    Nth(u32),
    /// The first n times.
    First(u32),
    /// The nth time and each time after it.
    From(u32),
}

impl Occurrence {
    /// Is the `count`th event that fits, from 1, one of them?
    pub fn includes(self, count: u32) -> bool {
        match self {
            Occurrence::Every => true,
            Occurrence::Nth(n) => count == n,
            Occurrence::First(n) => count <= n,
            Occurrence::From(n) => count >= n,
        }
    }
}

/// For which field's values a rule counts apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Per {
    /// Of batches with sequence numbers, only the tries of a partition's first batch count.
    Partition,
    /// The same of the one partition that is the first to fit; no other counts.
    FirstPartition,
    /// Whose process it is.
    Role,
    /// Calls of the same op with the same arguments: `first = 2` fails each order twice.
    Args,
}

/// What a rule does to the event that it strikes; [`Rule::validate`] says to which events each can be done.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Action {
    /// Drop a response or an answer and cut the connection: it was done, and the program does not know.
    Lose,
    /// Cut the connection before the event goes on.
    Cut,
    /// Answer this Kafka error code in the broker's place, which never sees the request.
    Refuse(i16),
    /// Keep the frame back until an event fits `until` (any, where it is left out) at which all the states hold: from now
    /// on, or with `count`, until so many have since the beginning. At most `ms` milliseconds; where
    /// there are states, they begin anew whenever the program is given a record. What the wait is for is in the scenario; the
    /// limit only keeps a right program from waiting for what it will rightly never do.
    Hold {
        until: Option<Box<Pattern>>,
        #[serde(default, rename = "while")]
        states: Vec<State>,
        count: Option<usize>,
        ms: u64,
    },
    /// Everything that fits takes so many milliseconds longer: a slow network, a slow outside world.
    Delay(u64),
    /// The outside world refuses with this text.
    Fail(String),
    /// SIGKILL the role before the event goes on.
    Kill(String),
    /// SIGTERM the role before the event goes on.
    Stop(String),
    /// Change the cluster before the event goes on.
    Change(Drill),
    /// Take a writer's lock on this SQLite file of the program's before the event goes on, as another process would that is
    /// about to write, and give it back after so many milliseconds. Where it cannot be had, the event goes on without.
    Lock { file: String, ms: u64 },
}

impl Rule {
    /// Can this action be taken on this event?
    ///
    /// # Errors
    /// What is wrong.
    pub fn validate(&self) -> Result<(), String> {
        self.on.validate()?;
        let event = self.on.event.as_str();
        if event == "fault" {
            return Err("a fault is what rules do: none can strike it".into());
        }
        if let Occurrence::Nth(0) | Occurrence::First(0) = self.when {
            return Err("events are counted from 1, so this would never strike".into());
        }
        self.validate_per()?;
        self.states.iter().try_for_each(State::validate)?;
        let (request, response) = (event.ends_with(".request"), event.ends_with(".response"));
        let passes = request || response || event == "call" || event == "answer";
        let anything = "a request, a response, a call or an answer";
        let (fits, allowed) = match &self.action {
            Action::Lose => (response || event == "answer", "a response or an answer"),
            Action::Refuse(_) if event == "api_versions.request" => {
                return Err("the grader itself answers ApiVersions, so it cannot be refused".into());
            }
            Action::Refuse(_) => (request, "a request"),
            Action::Cut => (request || response, "a request or a response"),
            Action::Fail(_) => (event == "call", "a call"),
            Action::Change(_) => (passes, anything),
            Action::Hold { until, states, count, .. } => {
                if until.is_none() && (states.is_empty() || count.is_some()) {
                    return Err("a hold needs `until`, a pattern, or `while`, states".into());
                }
                until.as_ref().map_or(Ok(()), |until| until.validate())?;
                states.iter().try_for_each(State::validate)?;
                (passes, anything)
            }
            Action::Delay(_) => (passes, anything),
            Action::Lock { file, .. } if file.contains('/') => {
                return Err(format!("“{file}” is no name of a file in the program's folder"));
            }
            Action::Lock { .. } => (passes, anything),
            Action::Kill(_) | Action::Stop(_) => (true, "any event"),
        };
        if fits { Ok(()) } else { Err(format!("this action needs {allowed}, and “{event}” is none")) }
    }

    /// Has the event the field for whose values the rule counts apart?
    fn validate_per(&self) -> Result<(), String> {
        let kind = Kind::named(&self.on.event);
        let (name, has, needed) = match self.per {
            None => return Ok(()),
            Some(Per::Partition | Per::FirstPartition) => {
                ("partition", kind.is_some_and(|kind| kind.says("place")), "an event with partitions")
            }
            Some(Per::Role) => ("role", kind.is_some_and(|kind| kind.of_program), "an event of a program"),
            Some(Per::Args) => ("args", self.on.event == "call", "a call"),
        };
        if has { Ok(()) } else { Err(format!("per = \"{name}\" needs {needed}, and “{}” is none", self.on.event)) }
    }
}

impl Action {
    /// In words, for the timeline.
    pub fn told(&self) -> String {
        match self {
            Action::Lose => "this answer was lost on its way, and the connection cut".into(),
            Action::Cut => "the connection was cut here".into(),
            Action::Refuse(code) => format!("refused with {}", crate::wire::error_name(*code)),
            Action::Hold { .. } => "held back for a moment".into(),
            Action::Delay(ms) => format!("made to take {ms} ms longer"),
            Action::Fail(text) => format!("the outside world failed: {text}"),
            Action::Kill(role) => format!("{role} was killed at this very moment"),
            Action::Change(drill) => drill.told(),
            Action::Lock { file, ms } => format!("somebody else writes to {file} for the next {ms} ms"),
            Action::Stop(role) => format!("{role} was asked to stop at this very moment"),
        }
    }
}
