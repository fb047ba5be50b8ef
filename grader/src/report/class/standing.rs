//! What became of one exercise of one learner, over all seeds, in one word: the same in every format.

use crate::class::marks::ExerciseResult;
use crate::class::record::Outcome;
use crate::verdict::Verdict;

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    Passed,
    Failed,
    NotStarted,
    DidNotBuild,
    TimedOut,
    Crashed,
    /// What was handed in cannot be graded.
    Invalid,
    /// Nothing was handed in.
    Missing,
    /// Our fault: nothing is known of the learner's work.
    Fault,
    /// Grading has not come to it yet.
    Open,
}

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Passed,
    /// It ran or was built, and fell short.
    Fell,
    /// There was nothing to run.
    Nothing,
    /// Nothing is known, which is not the learner's doing.
    Ours,
}

impl Kind {
    pub fn in_words(self) -> &'static str {
        match self {
            Kind::Passed => "passed",
            Kind::Fell => "not passed",
            Kind::Nothing => "nothing to grade",
            Kind::Ours => "no mark yet",
        }
    }
}

impl Standing {
    /// Each of them, in the order in which they are listed.
    pub const ALL: [Standing; 10] = [
        Standing::Passed,
        Standing::Failed,
        Standing::NotStarted,
        Standing::DidNotBuild,
        Standing::TimedOut,
        Standing::Crashed,
        Standing::Invalid,
        Standing::Missing,
        Standing::Fault,
        Standing::Open,
    ];

    /// That of `result`: of the sitting that decides.
    pub fn new(result: &ExerciseResult) -> Standing {
        result.decisive().map_or(Standing::Open, |record| Standing::from(&record.outcome))
    }

    pub fn kind(self) -> Kind {
        match self {
            Standing::Passed => Kind::Passed,
            Standing::Failed
            | Standing::NotStarted
            | Standing::DidNotBuild
            | Standing::TimedOut
            | Standing::Crashed => Kind::Fell,
            Standing::Invalid | Standing::Missing => Kind::Nothing,
            Standing::Fault | Standing::Open => Kind::Ours,
        }
    }

    /// For scripts: stable.
    pub fn code(self) -> &'static str {
        match self {
            Standing::Passed => "passed",
            Standing::Failed => "failed",
            Standing::NotStarted => "not_started",
            Standing::DidNotBuild => "did_not_build",
            Standing::TimedOut => "timed_out",
            Standing::Crashed => "crashed",
            Standing::Invalid => "invalid_submission",
            Standing::Missing => "missing",
            Standing::Fault => "grader_fault",
            Standing::Open => "not_graded_yet",
        }
    }

    pub fn in_words(self) -> &'static str {
        match self {
            Standing::Passed => "passed",
            Standing::Failed => "failed",
            Standing::NotStarted => "not started",
            Standing::DidNotBuild => "does not build",
            Standing::TimedOut => "timed out",
            Standing::Crashed => "crashed",
            Standing::Invalid => "cannot be graded",
            Standing::Missing => "not handed in",
            Standing::Fault => "grader's fault",
            Standing::Open => "not graded yet",
        }
    }
}

impl From<&Outcome> for Standing {
    fn from(outcome: &Outcome) -> Standing {
        match outcome {
            Outcome::Judged { verdict, .. } => match verdict {
                Verdict::Passed => Standing::Passed,
                Verdict::Failed => Standing::Failed,
                Verdict::NotStarted => Standing::NotStarted,
                Verdict::DidNotBuild => Standing::DidNotBuild,
                Verdict::TimedOut => Standing::TimedOut,
                Verdict::Crashed => Standing::Crashed,
                Verdict::GraderFault => Standing::Fault,
            },
            Outcome::Invalid(_) => Standing::Invalid,
            Outcome::Missing => Standing::Missing,
            Outcome::Fault { .. } => Standing::Fault,
        }
    }
}
