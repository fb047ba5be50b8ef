//! What a class was graded under, as far as two machines may differ in it.

use crate::submission::Language;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the outcomes of a class depend on besides what was handed in and what was asked of it. Kept, so that results of
/// several machines can be held against each other.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Conditions {
    /// Of kafkacourse.
    pub version: String,
    /// The course's title.
    pub course: String,
    /// Tells one secret from another, and nothing else about it.
    pub secret: String,
    /// By language: compiler or interpreter, with its version.
    pub toolchains: BTreeMap<Language, String>,
    pub limits: String,
}
