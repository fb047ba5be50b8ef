//! What a check has to say of the evidence.

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
