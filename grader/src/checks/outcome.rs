//! What a check has to say of the evidence.

use super::{Codes, Harm};

/// What a check has to say. A kind says it with its own codes, everybody else reads their names.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome<C = &'static str> {
    /// The evidence proves what was required; the sentence says how.
    Passed(String),
    Failed(Vec<Finding<C>>),
    /// There was no occasion to judge: nothing is proved either way, and that is not a pass.
    NoEvidence(String),
}

/// One thing that is not as required.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding<C = &'static str> {
    /// One of the kind's [`Check::Code`](super::Check::Code).
    pub code: C,
    pub harm: Harm,
    pub required: String,
    pub seen: String,
    /// Positions of the events that show it.
    pub events: Vec<usize>,
}

impl<C: Codes> Outcome<C> {
    /// Failed with what was found; passed with this sentence where nothing was.
    pub(super) fn unless_found(findings: Vec<Finding<C>>, passed: impl FnOnce() -> String) -> Outcome<C> {
        if findings.is_empty() { Outcome::Passed(passed()) } else { Outcome::Failed(findings) }
    }

    /// The same, with the names of the codes.
    pub(super) fn named(self) -> Outcome {
        match self {
            Outcome::Passed(seen) => Outcome::Passed(seen),
            Outcome::Failed(findings) => Outcome::Failed(findings.into_iter().map(Finding::named).collect()),
            Outcome::NoEvidence(why) => Outcome::NoEvidence(why),
        }
    }
}

impl<C: Codes> Finding<C> {
    pub(super) fn new(code: C, required: impl Into<String>, seen: impl Into<String>, events: Vec<usize>) -> Finding<C> {
        let mut seen: String = seen.into();
        if let Some((end, _)) = seen.char_indices().nth(LONGEST) {
            seen.replace_range(end.., "…");
        }
        Finding { code, harm: code.harm(), required: required.into(), seen, events }
    }

    /// The outcome of a check that found this and nothing else.
    pub(super) fn outcome(self) -> Outcome<C> {
        Outcome::Failed(vec![self])
    }

    fn named(self) -> Finding {
        let Finding { code, harm, required, seen, events } = self;
        Finding { code: code.name(), harm, required, seen, events }
    }
}

/// What was seen, gathered by code, for kinds that look at many things.
#[derive(Debug)]
pub(super) struct Gathered<C> {
    /// In the order in which the codes came up.
    by_code: Vec<(C, Seen)>,
}

/// What was seen of one code: in words, and the positions of events that show it.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub words: Vec<String>,
    pub events: Vec<usize>,
}

impl<C> Default for Gathered<C> {
    fn default() -> Gathered<C> {
        Gathered { by_code: Vec::new() }
    }
}

impl<C: Codes + PartialEq> Gathered<C> {
    /// Adds what was seen, with an event that shows it if there is one.
    pub(super) fn add(&mut self, code: C, words: String, event: Option<usize>) {
        let place = self.by_code.iter().position(|(known, _)| *known == code).unwrap_or_else(|| {
            self.by_code.push((code, Seen::default()));
            self.by_code.len() - 1
        });
        let (_, seen) = &mut self.by_code[place];
        seen.words.push(words);
        seen.events.extend(event);
    }

    pub(super) fn has(&self, code: C) -> bool {
        self.by_code.iter().any(|(known, _)| *known == code)
    }

    /// One finding for each code.
    pub(super) fn findings(self, finding: impl Fn(C, Seen) -> Finding<C>) -> Vec<Finding<C>> {
        self.by_code.into_iter().map(|(code, seen)| finding(code, seen)).collect()
    }
}

/// Characters. A program's data may be of any length, and who reads a finding needs to recognise it only.
const LONGEST: usize = 600;
