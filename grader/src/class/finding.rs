//! What does not fit when the parts of a class are put together, or is missing.

use super::shard::Shard;
use crate::checks::count;
use crate::submission::LearnerId;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// One thing that an instructor must know about merged results.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    #[error("part {shard} is missing: nothing is graded of its {}", count(*learners, "learner"))]
    NoPart { shard: Shard, learners: usize },
    #[error("{learner}: not graded: {}", exercises.join(", "))]
    NotGraded { learner: LearnerId, exercises: Vec<String> },
    #[error("{learner} {exercise}: not graded for a fault of the grader: {what}")]
    Fault { learner: LearnerId, exercise: String, what: String },
    #[error("not everybody was graded under the same conditions, {what}: {}", values(found))]
    Mixed { what: String, found: BTreeMap<String, BTreeSet<PathBuf>> },
    #[error("{learner} has handed in differently in two folders; what was graded last counts")]
    OtherWork { learner: LearnerId },
    #[error("{learner} {exercise} (seed {seed}): graded twice, with different outcomes; the later one counts")]
    TwoOutcomes { learner: LearnerId, exercise: String, seed: u64 },
}

fn values(found: &BTreeMap<String, BTreeSet<PathBuf>>) -> String {
    found.keys().map(|value| if value.is_empty() { "none" } else { value }).collect::<Vec<_>>().join("; ")
}

impl Finding {
    /// Does it end as soon as what is missing is graded?
    pub fn is_gap(&self) -> bool {
        matches!(self, Finding::NoPart { .. } | Finding::NotGraded { .. } | Finding::Fault { .. })
    }
}
