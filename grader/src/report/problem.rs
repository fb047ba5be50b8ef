//! What a check found, in words.

use super::words::{self, Line};
use crate::checks::Finding;
use crate::evidence::Evidence;
use crate::foreign::Foreign;

/// One thing that is not as required.
#[derive(Debug, Clone)]
pub struct Problem {
    /// `CHECK/CODE`, stable.
    pub code: String,
    pub required: Foreign,
    pub seen: Foreign,
    /// The positions of the events that show it.
    pub events: Vec<usize>,
    /// The first few of these events in words, with their answers and faults.
    pub lines: Vec<Line>,
}

impl Problem {
    /// What `check` found.
    pub fn new(check: &str, finding: &Finding, evidence: &Evidence) -> Problem {
        Problem {
            code: format!("{check}/{}", finding.code),
            required: finding.required.as_str().into(),
            seen: finding.seen.as_str().into(),
            events: finding.events.clone(),
            lines: words::slice(evidence, &finding.events),
        }
    }
}
