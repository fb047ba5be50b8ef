//! What is graded at a time.

use super::spec::Spec;
use crate::submission::{Language, LearnerId};

/// One exercise of one learner with one seed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    pub learner: LearnerId,
    pub exercise: String,
    /// Which of the seeds, counted from 1.
    pub sitting: u32,
    pub seed: u64,
    /// See [`super::key::Key`].
    pub key: String,
    /// What was handed in, as [`super::roll::Entry::identity`] tells it.
    pub sources: String,
    pub spec: Spec,
    pub language: Language,
}
