//! Judges stored evidence again with today's checks. Nothing is built or run, and no broker is needed.

use super::folder::ClassFolder;
use super::queue::outcome;
use super::record::{CheckResult, Outcome, Record};
use super::spec::Spec;
use crate::broker::{Description, Kind};
use crate::course::{Course, Exercise};
use crate::evidence::{self, Evidence, EvidenceError, Header};
use crate::grade::{Graded, Seconds};
use crate::verdict::{self, Played};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Everything that judging again needs.
pub struct Regrade<'a> {
    pub course: &'a Course,
    pub folder: &'a ClassFolder,
    /// Today's, by exercise.
    pub specs: &'a BTreeMap<String, Spec>,
    /// Under which the new records are kept.
    pub session: u32,
}

/// Why a record stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum Stays {
    /// It did not build, is invalid or missing: no check had a part in it.
    #[error("nothing ran")]
    NothingRan,
    #[error("a fault of the grader; `grader run` tries it again")]
    Fault,
    #[error("the course has no such exercise any more")]
    NoExercise,
    #[error("what is played has changed since it was run: `grader run` runs it again")]
    OtherScenarios,
    /// Nobody waited for this long scenario, as something else was wrong; today nothing is.
    #[error("today's checks find nothing wrong, and “{0}” was not played to its end then: `grader run` runs it again")]
    LongNotPlayed(String),
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
    #[error("{}: this is {what}", path.display())]
    OfAnotherRun { path: PathBuf, what: String },
    #[error("{}: a check panicked over it, which is our fault", path.display())]
    Panicked { path: PathBuf },
}

impl Stays {
    /// Is there evidence that should have been judged, and could not be?
    pub fn is_trouble(&self) -> bool {
        use Stays::{Evidence, LongNotPlayed, OfAnotherRun, Panicked};
        matches!(self, Evidence(_) | LongNotPlayed(_) | OfAnotherRun { .. } | Panicked { .. })
    }
}

/// A check that says something else than before. None where there was, or is, no such check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub scenario: String,
    pub check: String,
    pub before: Option<CheckResult>,
    pub after: Option<CheckResult>,
}

/// What the checks say differently of the same run, in the order of the scenarios.
pub fn changes(before: &Outcome, after: &Outcome) -> Vec<Change> {
    let checks = |outcome: &Outcome| match outcome {
        Outcome::Judged { checks, .. } => checks.clone(),
        _ => Vec::new(),
    };
    let (before, after) = (checks(before), checks(after));
    let same = |a: &CheckResult, b: &CheckResult| (&a.scenario, &a.check) == (&b.scenario, &b.check);
    let gone = before.iter().filter(|old| !after.iter().any(|new| same(old, new))).map(|old| (Some(old), None));
    let there = after.iter().map(|new| (before.iter().find(|old| same(old, new)), Some(new)));
    let differ = there.chain(gone).filter(|(old, new)| old != new);
    differ
        .filter_map(|(old, new)| {
            let CheckResult { scenario, check, .. } = new.or(old)?;
            let (scenario, check) = (scenario.clone(), check.clone());
            Some(Change { scenario, check, before: old.cloned(), after: new.cloned() })
        })
        .collect()
}

impl<'a> Regrade<'a> {
    /// Judges the evidence of `record` again: what it came to, and the record that says so.
    ///
    /// # Errors
    /// It stays as it is.
    pub fn judge(&self, record: &Record) -> Result<(Graded<'a>, Record), Stays> {
        if record.outcome.is_ours() {
            return Err(Stays::Fault);
        }
        if !record.outcome.is_checked() {
            return Err(Stays::NothingRan);
        }
        let exercise = self.course.exercise(&record.exercise).ok_or(Stays::NoExercise)?;
        let spec = self.specs.get(&record.exercise).ok_or(Stays::NoExercise)?;
        if record.spec.scenarios != spec.scenarios {
            return Err(Stays::OtherScenarios);
        }
        let graded = self.graded(exercise, record)?;
        let outcome = outcome(&graded);
        let judged = Record {
            at: jiff::Timestamp::now().to_string(),
            spec: spec.clone(),
            session: self.session,
            outcome,
            regrade_of: Some(record.regrade_of.unwrap_or(record.session)),
            ..record.clone()
        };
        Ok((graded, judged))
    }

    fn graded(&self, exercise: &'a Exercise, record: &Record) -> Result<Graded<'a>, Stays> {
        let folder = self.folder.evidence(&record.learner, &record.exercise, record.sitting);
        let mut played: Vec<Played<'a>> = Vec::new();
        let (mut broker, mut not_played) = (None, None);
        for scenario in &exercise.scenarios {
            let path = evidence::file_in(&folder, &scenario.id);
            if scenario.long && !record.outcome.judged(&scenario.id) && !path.exists() {
                not_played = Some(scenario);
                continue;
            }
            let evidence = evidence::load(&path)?;
            belongs(&evidence, record, &scenario.id, &path)?;
            broker.get_or_insert_with(|| description(&evidence.header));
            let judge = || verdict::judge(scenario, evidence, path.clone());
            played.push(catch_unwind(AssertUnwindSafe(judge)).map_err(|_| Stays::Panicked { path: path.clone() })?);
        }
        if let Some(scenario) = not_played.filter(|_| played.iter().all(Played::passed)) {
            return Err(Stays::LongNotPlayed(scenario.id.clone()));
        }
        let (verdict, diagnosis) = verdict::sum_up(exercise, &played);
        Ok(Graded {
            exercise,
            verdict,
            diagnosis,
            played,
            broker: broker.ok_or(Stays::NothingRan)?,
            seed: record.seed,
            seconds: Seconds { build: record.seconds.0, broker: 0.0, run: record.seconds.1 },
        })
    }

    /// Judges each of `records` on all cores, and gives what `tell` makes of it, in their order. Each core holds the
    /// evidence of one record at a time.
    pub fn judge_each<T: Send>(
        &self,
        records: &[&Record],
        tell: impl Fn(&Record, Result<(Graded<'a>, Record), Stays>) -> T + Sync,
    ) -> Vec<T> {
        let next = AtomicUsize::new(0);
        let work = || {
            let mut told = Vec::new();
            while let Some((position, record)) =
                Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, records.get(at)?)))
            {
                told.push((position, tell(record, self.judge(record))));
            }
            told
        };
        let cores = std::thread::available_parallelism().map_or(2, usize::from).min(records.len().max(1));
        let mut told: Vec<(usize, T)> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
            threads
                .into_iter()
                .flat_map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect()
        });
        told.sort_by_key(|(position, _)| *position);
        told.into_iter().map(|(_, told)| told).collect()
    }
}

/// Makes sure that it is the evidence of this record. A run that was interrupted leaves some that is newer.
fn belongs(evidence: &Evidence, record: &Record, scenario: &str, path: &Path) -> Result<(), Stays> {
    let Header { exercise, scenario: of, seed, began, .. } = &evidence.header;
    let other = |what: String| Err(Stays::OfAnotherRun { path: path.to_owned(), what });
    let time = |text: &str| text.parse::<jiff::Timestamp>().ok();
    match time(began).zip(time(&record.at)) {
        _ if (exercise.as_str(), of.as_str()) != (&record.exercise, scenario) => {
            other("evidence of another scenario".to_owned())
        }
        _ if *seed != record.seed => other(format!("evidence of another run, with seed {seed}")),
        Some((began, at)) if began > at => other("evidence of a later run, which was interrupted".to_owned()),
        _ => Ok(()),
    }
}

/// The broker that a run was recorded on.
fn description(header: &Header) -> Description {
    let kind = Kind::named(&header.broker_kind).unwrap_or(Kind::Embedded);
    Description { kind, version: header.broker_version.clone(), why: "it ran when this was recorded".into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::class::record::CheckStatus::{self, Failed, Passed};
    use crate::verdict::Verdict;

    fn judged(checks: &[(&str, CheckStatus)]) -> Outcome {
        let check = |(check, status): &(&str, CheckStatus)| CheckResult {
            scenario: "steady".into(),
            check: (*check).into(),
            status: *status,
            codes: Vec::new(),
        };
        let checks = checks.iter().map(check).collect();
        Outcome::Judged { verdict: Verdict::Failed, diagnosis: None, limit: None, checks }
    }

    #[test]
    fn what_differs_is_told_whether_new_gone_or_changed() {
        let before = judged(&[("same", Passed), ("changed", Failed), ("gone", Failed)]);
        let after = judged(&[("same", Passed), ("new", Passed), ("changed", Passed)]);
        let told: Vec<_> = changes(&before, &after)
            .into_iter()
            .map(|change| (change.check, change.before.map(|old| old.status), change.after.map(|new| new.status)))
            .collect();
        let wanted = [
            ("new".to_owned(), None, Some(Passed)),
            ("changed".to_owned(), Some(Failed), Some(Passed)),
            ("gone".to_owned(), Some(Failed), None),
        ];
        assert_eq!(told, wanted);
        assert!(changes(&before, &before).is_empty());
    }
}
