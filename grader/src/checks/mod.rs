//! Pure functions from evidence to an outcome; one file per kind, one line each in the list below.
//!
//! A parameter of this name means the same in every kind; what else there is, the kind's own type says.
//!
//! | parameter | what it names |
//! | --- | --- |
//! | `role` | whose processes are judged, as a step `start` calls it |
//! | `topic`, `group` | one of the exercise's `topics` or `groups` |
//! | `from` | the topic that records come from, where `topic` is the one that they go to |
//! | `op` | a call of the outside world, by its `op` |
//! | `id` | the field that tells one record from another, in its value and in the arguments of a call about it |
//! | `by` | the field whose value decides where a record belongs |
//! | `file` | what a step `collect` took, by its name |
//! | `except` | marks of records that are left out, as in `marks` of the input |

use crate::evidence::Evidence;
use serde::Deserialize;

/// One way to judge evidence, with its parameters.
pub trait Check {
    /// What its findings can be called; a mistake is recognised by them.
    const CODES: &'static [&'static str];
    /// Judges; never looks at anything but the evidence.
    fn judge(&self, evidence: &Evidence) -> Outcome;
}

/// What a check has to say.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The evidence proves what was required; the sentence says how.
    Passed(String),
    Failed(Vec<Finding>),
    /// There was no occasion to judge: nothing is proved either way, and that is not a pass.
    NoEvidence(String),
}

/// One thing that is not as required.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// One of the kind's [`Check::CODES`].
    pub code: &'static str,
    pub required: String,
    pub seen: String,
    /// Positions of the events that show it.
    pub events: Vec<usize>,
}

impl Finding {
    pub(crate) fn new(
        code: &'static str,
        required: impl Into<String>,
        seen: impl Into<String>,
        events: Vec<usize>,
    ) -> Finding {
        let mut seen: String = seen.into();
        if let Some((end, _)) = seen.char_indices().nth(LONGEST) {
            seen.replace_range(end.., "…");
        }
        Finding { code, required: required.into(), seen, events }
    }

    pub(crate) fn outcome(self) -> Outcome {
        Outcome::Failed(vec![self])
    }
}

/// Characters. A program's data may be of any length, and who reads a finding needs to recognise it only.
const LONGEST: usize = 600;

/// The registry: name in `exercise.toml` (in kebab-case), module, type.
macro_rules! kinds {
    ($($variant:ident = $module:ident,)*) => {
        $(mod $module;)*

        /// A kind of check with its parameters, as `exercise.toml` gives them.
        #[derive(Debug, Clone, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Kind { $($variant($module::$variant),)* }

        impl Kind {
            /// The name of each kind, and what its findings can be called.
            pub const ALL: &[(&'static str, &'static [&'static str])] =
                &[$((stringify!($module), <$module::$variant as Check>::CODES),)*];

            /// Judges the evidence.
            pub fn judge(&self, evidence: &Evidence) -> Outcome {
                match self { $(Kind::$variant(check) => check.judge(evidence),)* }
            }

            /// As in [`Kind::ALL`].
            pub fn name(&self) -> &'static str {
                match self { $(Kind::$variant(_) => stringify!($module),)* }
            }

            /// What its findings can be called.
            pub fn codes(&self) -> &'static [&'static str] {
                match self { $(Kind::$variant(_) => <$module::$variant as Check>::CODES,)* }
            }
        }
    };
}

kinds! {
    Delivered = delivered,
    Keyed = keyed,
    Affinity = affinity,
    Acks = acks,
    Idempotent = idempotent,
    Pipelined = pipelined,
    Flushed = flushed,
    Reported = reported,
    Exits = exits,
    Processed = processed,
    CommitEvery = commit_every,
    CommitAfterWork = commit_after_work,
    FinalCommit = final_commit,
    Leaves = leaves,
    Resumes = resumes,
    Survives = survives,
    Shares = shares,
    Keeps = keeps,
    OwnedOnce = owned_once,
    WorksOnOwn = works_on_own,
    HandedOver = handed_over,
    StaysMember = stays_member,
    Agrees = agrees,
    AppliedOnce = applied_once,
    Crashed = crashed,
    Attempts = attempts,
    Backoff = backoff,
    DeadLetters = dead_letters,
    CommitAfterLetter = commit_after_letter,
    Configured = configured,
    Figures = figures,
    Counted = counted,
    Timed = timed,
}

/// `1 order`, `3 orders`.
pub(crate) fn count(n: usize, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}

/// Too few: `only 3 records`, `no records`.
fn only(n: usize, one: &str) -> String {
    if n == 0 { format!("no {one}s") } else { format!("only {}", count(n, one)) }
}

/// A few of many, for a sentence.
pub(crate) fn some<T: std::fmt::Display>(all: &[T]) -> String {
    let few: Vec<String> = all.iter().take(3).map(T::to_string).collect();
    let more = all.len().saturating_sub(few.len());
    if more == 0 { few.join(", ") } else { format!("{} and {more} more", few.join(", ")) }
}

/// The field `name` of a JSON object as text, whatever its type.
pub(crate) fn field(value: &serde_json::Value, name: &str) -> Option<String> {
    match value.get(name)? {
        serde_json::Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
