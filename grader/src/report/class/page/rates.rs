//! What a class has done as a whole: counted from its records, in one pass.

use super::super::standing::Standing;
use crate::class::marks::{ClassResults, LearnerResult};
use crate::class::record::{CheckStatus, Outcome};
use std::collections::{BTreeMap, HashMap};

/// One exercise over the whole class.
#[derive(Debug, Default)]
pub struct Rates<'r> {
    /// How many learners stand how.
    pub standings: BTreeMap<Standing, usize>,
    /// By scenario and check: passed, and judged. Only programs that ran count.
    pub checks: HashMap<(&'r str, &'r str), (usize, usize)>,
    /// By the name of a known mistake: who made it.
    pub mistakes: BTreeMap<&'r str, Vec<&'r LearnerResult>>,
}

impl Rates<'_> {
    /// Those of the exercise at `position` of the class.
    pub fn new(results: &ClassResults, position: usize) -> Rates<'_> {
        let mut rates = Rates::default();
        for learner in &results.learners {
            let Some(result) = learner.exercises.get(position) else { continue };
            *rates.standings.entry(Standing::new(result)).or_default() += 1;
            let Some(outcome) = result.decisive().map(|record| &record.outcome) else { continue };
            if let Some(name) = outcome.diagnosis() {
                rates.mistakes.entry(name).or_default().push(learner);
            }
            let Outcome::Judged { checks, .. } = outcome else { continue };
            for check in checks.iter().filter(|check| check.status != CheckStatus::NotChecked) {
                let (passed, judged) = rates.checks.entry((&check.scenario, &check.check)).or_default();
                *passed += usize::from(check.status == CheckStatus::Passed);
                *judged += 1;
            }
        }
        rates
    }

    /// How many learners passed, of those whose work was judged.
    pub fn passed(&self) -> (usize, usize) {
        let ours = [Standing::Fault, Standing::Open].map(|standing| self.count(standing)).iter().sum::<usize>();
        (self.count(Standing::Passed), self.standings.values().sum::<usize>() - ours)
    }

    fn count(&self, standing: Standing) -> usize {
        self.standings.get(&standing).copied().unwrap_or(0)
    }
}
