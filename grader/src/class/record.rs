//! What became of one graded unit: a line of the class's journal.

use super::spec::Spec;
use crate::submission::{Invalid, Language, LearnerId};
use crate::verdict::Verdict;
use serde::{Deserialize, Serialize};

/// Version of the lines; a newer one is refused.
pub const FORMAT: u32 = 1;

/// What became of one exercise of one learner with one seed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    pub format: u32,
    /// UTC, RFC 3339.
    pub at: String,
    /// Of everything that the run depends on: see `class::key`. In hexadecimal.
    pub key: String,
    /// What was handed in, as [`super::roll::Entry::identity`] tells it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sources: String,
    /// What was played, and what was asked of it.
    #[serde(default)]
    pub spec: Spec,
    /// Which of the calls of `grader run` or `regrade --apply` on this folder has made it, counted from 1.
    pub session: u32,
    pub learner: LearnerId,
    pub exercise: String,
    /// Which of the seeds, counted from 1.
    pub sitting: u32,
    pub seed: u64,
    pub language: Language,
    pub outcome: Outcome,
    /// The broker that ran: "embedded", "Apache Kafka 4.4.0". Empty where nothing ran.
    pub broker: String,
    /// The layers of the sandbox that held: "namespaces+seccomp+landlock7+cgroup1", or "none".
    pub sandbox: String,
    /// Seconds of building and of running, as far as this unit has caused them.
    pub seconds: (f64, f64),
    /// It was starved of processors, and this is what it came to with nothing beside it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub repeated: bool,
    /// Nothing ran: what this session had recorded was judged again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regrade_of: Option<u32>,
}

/// How a unit ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It was judged, or did not build.
    Judged {
        verdict: Verdict,
        /// The known mistake that it looks like.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        diagnosis: Option<String>,
        /// The bound that the program ran into: "memory", "output", "processes".
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<String>,
        /// In the order of the exercise's scenarios and their checks. Empty where it did not build.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        checks: Vec<CheckResult>,
    },
    /// Nothing that could be graded was handed in.
    Invalid(Invalid),
    /// Nothing at all was handed in.
    Missing,
    /// Our own fault; never scored, and tried again by the next `grader run`.
    Fault { what: String },
}

/// What one check of one scenario came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckResult {
    pub scenario: String,
    pub check: String,
    pub status: CheckStatus,
    /// Codes of what was found, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckStatus {
    Passed,
    Failed,
    NoEvidence,
    /// The broker that ran cannot show it; counts neither way.
    NotChecked,
}

impl Outcome {
    /// Is it a fault of ours, so that nothing is known of the learner's work?
    pub fn is_ours(&self) -> bool {
        matches!(self, Outcome::Fault { .. } | Outcome::Judged { verdict: Verdict::GraderFault, .. })
    }

    /// Did checks decide it? They had no part where there was nothing to run.
    pub fn is_checked(&self) -> bool {
        matches!(self, Outcome::Judged { verdict, .. } if *verdict != Verdict::DidNotBuild)
    }

    pub fn passed(&self) -> bool {
        matches!(self, Outcome::Judged { verdict: Verdict::Passed, .. })
    }

    /// Has this scenario been judged? Nobody waits for a long one where something else is wrong.
    pub fn judged(&self, scenario: &str) -> bool {
        matches!(self, Outcome::Judged { checks, .. } if checks.iter().any(|check| check.scenario == scenario))
    }

    /// The name of the known mistake that it looks like.
    pub fn diagnosis(&self) -> Option<&str> {
        match self {
            Outcome::Judged { diagnosis, .. } => diagnosis.as_deref(),
            _ => None,
        }
    }
}
