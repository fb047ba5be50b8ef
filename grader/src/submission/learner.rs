//! Who handed in.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// A learner's name in files and tables: letters, digits, `.`, `_` and `-`, at most [`LearnerId::LONGEST`] of them, and
/// unique in a class also where a file system does not tell small letters from large ones.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct LearnerId(String);

impl LearnerId {
    pub const LONGEST: usize = 100;

    /// `text` as an id; none where it cannot be one.
    pub fn new(text: &str) -> Option<LearnerId> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let fits = !text.is_empty() && text.len() <= LearnerId::LONGEST && !text.starts_with(['.', '-']);
        (fits && text.chars().all(allowed)).then(|| LearnerId(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for LearnerId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<LearnerId, &'static str> {
        LearnerId::new(&text).ok_or("no learner's id: letters, digits, '.', '_' and '-' are allowed")
    }
}

impl fmt::Display for LearnerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One learner, as the roster or the export names them. All but the id is foreign text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Learner {
    pub id: LearnerId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// What a platform calls them: `canvas` (its ID), `sis_user`, `sis_login`, `moodle` (the participant's number),
    /// `gradescope` (the submission's number).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub elsewhere: BTreeMap<String, String>,
}
