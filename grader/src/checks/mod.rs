//! Pure functions from evidence to an outcome: one file per kind, in a folder per subject, and one line each in the
//! registry below.
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

mod code;
mod consuming;
mod effects;
mod figures;
mod groups;
mod outcome;
mod processes;
mod producing;
#[cfg(test)]
mod testing;
mod values;
mod words;

pub use code::Codes;
use code::codes;
pub use outcome::{Finding, Outcome};
use outcome::{Gathered, Seen};
pub(crate) use values::{field, given, places, same};
pub(crate) use words::{count, only, some};

use crate::evidence::Evidence;
use serde::Deserialize;

/// One way to judge evidence, with its parameters.
pub trait Check {
    /// What its findings can be called; a mistake is recognised by them.
    type Code: Codes;

    /// Judges; never looks at anything but the evidence.
    fn judge(&self, evidence: &Evidence) -> Outcome<Self::Code>;
}

/// The registry: the name of each kind in `exercise.toml`, and its type.
macro_rules! kinds {
    ($($name:literal: $subject:ident::$kind:ident,)*) => {
        /// A kind of check with its parameters, as `exercise.toml` gives them.
        #[derive(Debug, Clone, Deserialize)]
        pub enum Kind { $(#[serde(rename = $name)] $kind($subject::$kind),)* }

        impl Kind {
            /// The name of each kind, and what its findings can be called.
            pub const ALL: &[(&'static str, &'static [&'static str])] =
                &[$(($name, <<$subject::$kind as Check>::Code as Codes>::NAMES),)*];

            /// Judges the evidence.
            pub fn judge(&self, evidence: &Evidence) -> Outcome {
                match self { $(Kind::$kind(check) => check.judge(evidence).named(),)* }
            }

            /// As in [`Kind::ALL`].
            pub fn name(&self) -> &'static str {
                match self { $(Kind::$kind(_) => $name,)* }
            }

            /// What its findings can be called: the names of its [`Check::Code`].
            pub fn codes(&self) -> &'static [&'static str] {
                match self { $(Kind::$kind(_) => <<$subject::$kind as Check>::Code as Codes>::NAMES,)* }
            }
        }
    };
}

kinds! {
    "acks": producing::Acks,
    "affinity": producing::Affinity,
    "delivered": producing::Delivered,
    "flushed": producing::Flushed,
    "idempotent": producing::Idempotent,
    "keyed": producing::Keyed,
    "pipelined": producing::Pipelined,
    "reported": producing::Reported,
    "commit-after-work": consuming::CommitAfterWork,
    "commit-every": consuming::CommitEvery,
    "final-commit": consuming::FinalCommit,
    "processed": consuming::Processed,
    "resumes": consuming::Resumes,
    "agrees": groups::Agrees,
    "handed-over": groups::HandedOver,
    "keeps": groups::Keeps,
    "leaves": groups::Leaves,
    "owned-once": groups::OwnedOnce,
    "shares": groups::Shares,
    "stays-member": groups::StaysMember,
    "works-on-own": groups::WorksOnOwn,
    "applied-once": effects::AppliedOnce,
    "attempts": effects::Attempts,
    "backoff": effects::Backoff,
    "commit-after-letter": effects::CommitAfterLetter,
    "dead-letters": effects::DeadLetters,
    "configured": figures::Configured,
    "counted": figures::Counted,
    "figures": figures::Figures,
    "timed": figures::Timed,
    "crashed": processes::Crashed,
    "exits": processes::Exits,
    "survives": processes::Survives,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn each_kind_has_tests_beside_it_that_find_each_of_its_codes() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/checks");
        let folders = std::fs::read_dir(&folder).expect("the checks").map(|entry| entry.expect("an entry").path());
        let subjects: Vec<_> = folders.filter(|path| path.is_dir()).collect();
        for (kind, codes) in Kind::ALL {
            let file = format!("{}.rs", kind.replace('-', "_"));
            let texts: Vec<String> =
                subjects.iter().filter_map(|subject| std::fs::read_to_string(subject.join(&file)).ok()).collect();
            let [text] = texts.as_slice() else { panic!("{file} stands in {} subjects", texts.len()) };
            let (_, tests) = text.split_once("mod tests {").unwrap_or_else(|| panic!("{file} has no tests"));
            for code in codes.iter().chain(&["passed", "no evidence"]) {
                // With the quotation mark that ends the codes of an outcome, or the space before the next one.
                let found = tests.contains(&format!("{code}\"")) || tests.contains(&format!("\"{code} "));
                assert!(found || *code == "no evidence" && *kind == "shares", "no test in {file} comes to “{code}”");
            }
        }
    }
}
