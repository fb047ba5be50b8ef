//! What there is to say of one sitting, stored: a file beside the journal, of which reports are made later.
//!
//! It holds what `check` would have told its reader, in data. Every text is bounded, so that a report of a large class
//! stays readable, whatever programs have printed.

use super::place::{self, NotWritten};
use crate::files;
use crate::foreign::Foreign;
use crate::report::problem::Problem;
use crate::report::story::{Ending, Judged, Place, Scene, Story, Told, Unfinished};
use crate::report::words::{self, Weight};
use crate::verdict::Verdict;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Version of the file; a newer one is refused.
pub const FORMAT: u32 = 1;

/// The most that is read of a file. What we write is far smaller.
const LARGEST: u64 = 4 << 20;

/// Characters of a text that is told. The middle of a longer one is left out.
const LONGEST: usize = 4_000;

/// Findings of one check, and lines of what a program said.
const MOST: usize = 8;

/// One sitting: an exercise of a learner, with one seed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Detail {
    pub format: u32,
    pub exercise: String,
    pub verdict: Verdict,
    /// Never shown to learners.
    pub seed: u64,
    /// The broker that ran, for people. None where nothing ran.
    pub broker: Option<String>,
    /// The known mistake that it looks like, by its name.
    pub diagnosis: Option<String>,
    /// Why nothing ran: what the compiler said, or what went wrong on our side.
    pub error: Option<Foreign>,
    /// The `todo!()` at which the program stopped.
    pub unfinished: Option<Stop>,
    /// It ended by itself before it had done anything.
    pub at_once: Option<AtOnce>,
    /// In none of several scenarios did it do anything: the first finding stands for all.
    pub did_nothing: bool,
    pub scenarios: Vec<Scenario>,
    /// Errors of the Kafka client among what the program printed.
    pub client_errors: Vec<Saying>,
}

/// A `todo!()`, or a panic.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stop {
    /// `src/main.rs:12`, where it is known.
    pub place: Option<Foreign>,
    pub message: Option<Foreign>,
}

/// An end before there was a beginning.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AtOnce {
    /// `ended with status 1`.
    pub how: String,
    pub place: Option<Foreign>,
    /// Its last words.
    pub said: Vec<Foreign>,
    /// The command that explains it.
    pub read: String,
}

/// A line that the program printed, and the command that explains it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Saying {
    pub line: Foreign,
    pub read: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scenario {
    pub id: String,
    pub title: String,
    pub passed: bool,
    pub panic: Option<Stop>,
    /// The wait that was given up: what for, and why.
    pub gave_up: Option<(Foreign, Foreign)>,
    pub checks: Vec<Check>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Check {
    pub id: String,
    /// What is required, as a short line.
    pub title: String,
    pub finding: Finding,
    /// Why it matters, and the command that explains it.
    pub why: String,
    pub read: String,
}

/// What a check has found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Finding {
    Passed {
        seen: Foreign,
    },
    Failed {
        problems: Vec<Trouble>,
        /// So many more are not told.
        more: usize,
    },
    NoEvidence {
        why: Foreign,
    },
    NotChecked {
        why: Foreign,
    },
}

/// One thing that is not as required.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trouble {
    /// `CHECK/CODE`.
    pub code: String,
    pub required: Foreign,
    pub seen: Foreign,
    /// The positions of the events that show it.
    pub events: Vec<usize>,
    /// A few of them in words, with their answers and faults.
    pub lines: Vec<Line>,
}

/// An event in words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Its position in the evidence.
    pub event: usize,
    /// Since the run began.
    pub ms: f64,
    pub who: Foreign,
    pub arrow: String,
    pub text: Foreign,
    /// The grader caused it, or somebody refused.
    pub fault: bool,
}

/// Why a detail cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("the details of this sitting cannot be read: {0}")]
    File(#[from] std::io::Error),
    #[error("the details of this sitting are damaged: {0}")]
    Damaged(#[from] serde_json::Error),
    #[error(
        "the details of this sitting are of format {0}, which a newer version has written; this one reads {FORMAT}"
    )]
    Newer(u32),
}

/// Stores the detail of `story` at `path`.
///
/// # Errors
/// It cannot be written.
pub fn write(story: &Story, path: &Path) -> Result<(), NotWritten> {
    place::keep(path, |file| Ok(serde_json::to_writer(file, &Detail::new(story))?))
}

/// Reads a detail.
///
/// # Errors
/// It cannot be read, or another version has written it.
pub fn read(path: &Path) -> Result<Detail, Unreadable> {
    #[derive(Deserialize)]
    struct Head {
        format: u32,
    }
    let bytes = files::read(path, LARGEST)?;
    match serde_json::from_slice::<Head>(&bytes)?.format {
        FORMAT => Ok(serde_json::from_slice(&bytes)?),
        newer => Err(Unreadable::Newer(newer)),
    }
}

impl Detail {
    /// What there is to say of `story`.
    pub fn new(story: &Story) -> Detail {
        let (mut unfinished, mut at_once) = (None, None);
        match &story.ending {
            Ending::NotStarted(Unfinished { step, task, place, .. }) => {
                let message = match (step, task) {
                    (Some(step), Some(task)) => Some(format!("{}: {}", step.raw(), task.raw())),
                    (step, task) => task.as_ref().or(step.as_ref()).map(|text| text.raw().to_owned()),
                };
                let message = message.map(|message| bounded(&message.into()));
                unfinished = Some(Stop { place: place.as_ref().map(self::place), message });
            }
            Ending::NeverBegan(never) => {
                let how = words::ending(&never.how);
                at_once = Some(AtOnce {
                    how,
                    place: never.place.as_ref().map(self::place),
                    said: never.said.iter().take(MOST).map(bounded).collect(),
                    read: never.read.clone(),
                });
            }
            _ => {}
        }
        let saying =
            |error: &crate::report::story::ClientError| Saying { line: bounded(&error.line), read: error.read.clone() };
        Detail {
            format: FORMAT,
            exercise: story.exercise.clone(),
            verdict: story.verdict,
            seed: story.facts.seed,
            broker: story.facts.broker.as_ref().map(|broker| broker.version.clone()),
            diagnosis: story.diagnosis.as_ref().map(|mistake| mistake.name.clone()),
            error: story.facts.error.as_ref().map(bounded),
            unfinished,
            at_once,
            did_nothing: matches!(story.ending, Ending::DidNothing),
            scenarios: story.scenes.iter().map(Scenario::new).collect(),
            client_errors: story.client_errors.iter().map(saying).collect(),
        }
    }
}

impl Scenario {
    fn new(scene: &Scene) -> Scenario {
        Scenario {
            id: scene.id.clone(),
            title: scene.title.clone(),
            passed: scene.passed(),
            panic: scene
                .panic
                .as_ref()
                .map(|panic| Stop { place: Some(place(&panic.place)), message: Some(bounded(&panic.message)) }),
            gave_up: scene.gave_up.as_ref().map(|wait| (bounded(&wait.awaited), bounded(&wait.because))),
            checks: scene.checks.iter().map(Check::new).collect(),
        }
    }
}

impl Check {
    fn new(judged: &Judged) -> Check {
        let finding = match &judged.status {
            Told::Proved(seen) => Finding::Passed { seen: bounded(seen) },
            Told::Failed(problems) => Finding::Failed {
                problems: problems.iter().take(MOST).map(Trouble::new).collect(),
                more: problems.len().saturating_sub(MOST),
            },
            Told::NoEvidence(why) => Finding::NoEvidence { why: bounded(why) },
            Told::NotChecked(why) => Finding::NotChecked { why: bounded(why) },
        };
        let Judged { id, title, why, read, .. } = judged;
        Check { id: id.clone(), title: title.clone(), finding, why: why.clone(), read: read.clone() }
    }
}

impl Trouble {
    fn new(problem: &Problem) -> Trouble {
        Trouble {
            code: problem.code.clone(),
            required: bounded(&problem.required),
            seen: bounded(&problem.seen),
            events: problem.events.iter().copied().take(MOST).collect(),
            lines: problem.lines.iter().map(Line::new).collect(),
        }
    }
}

impl Line {
    fn new(line: &words::Line) -> Line {
        Line {
            event: line.event,
            ms: line.ms,
            who: bounded(&line.who),
            arrow: line.arrow.to_owned(),
            text: bounded(&line.text),
            fault: line.weight == Weight::Fault,
        }
    }
}

fn place(place: &Place) -> Foreign {
    bounded(&format!("{}:{}", place.file.raw(), place.line).into())
}

/// The text, or its beginning and its end with a word of what lies between.
fn bounded(text: &Foreign) -> Foreign {
    words::middle_out(text.raw(), LONGEST).into()
}
