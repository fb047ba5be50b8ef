//! What several machines have graded, put together in one folder: what one machine would have left there.
//!
//! Merging again changes nothing, and merging more adds to it. Of a unit that was graded more than once, a real outcome
//! goes before a fault of ours, and a later one before an earlier one.

use super::finding::Finding;
use super::folder::ClassFolder;
use super::ledger::Ledger;
use super::record::{Outcome, Record};
use super::roll::{Entry, Roll, Work};
use super::seeds::Secret;
use super::shard::Shard;
use super::{ClassError, io};
use crate::files;
use crate::journal::DamagedLine;
use crate::submission::LearnerId;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};

/// The folder of a whole class, and what is to be said of it.
#[derive(Debug)]
pub struct Merged {
    pub folder: ClassFolder,
    pub roll: Roll,
    pub ledger: Ledger,
    pub findings: Vec<Finding>,
    /// Units that came from other folders this time.
    pub added: usize,
    /// Units that were graded more than once, with the same outcome.
    pub twice: usize,
    pub damaged: Vec<DamagedLine>,
}

/// A folder, with what it holds.
struct Part {
    folder: ClassFolder,
    roll: Roll,
    ledger: Ledger,
    /// Where each learner stands in the roll.
    places: BTreeMap<LearnerId, usize>,
}

impl Part {
    fn read(folder: ClassFolder) -> Result<Part, ClassError> {
        let (roll, ledger) = (Roll::read(&folder)?, Ledger::read(folder.journal())?);
        let ids = roll.learners.iter().map(|entry| entry.learner.id.clone());
        Ok(Part { places: ids.zip(0..).collect(), folder, roll, ledger })
    }

    fn entry(&self, learner: &LearnerId) -> Option<&Entry> {
        self.roll.learners.get(*self.places.get(learner)?)
    }

    /// When something of this learner was last graded here.
    fn last_graded(&self, learner: &LearnerId) -> Option<jiff::Timestamp> {
        let units = self.roll.exercises.iter().flat_map(|exercise| sittings(&self.roll).map(move |n| (exercise, n)));
        units.filter_map(|(exercise, sitting)| self.ledger.record(learner, exercise, sitting)).filter_map(time).max()
    }
}

fn sittings(roll: &Roll) -> impl Iterator<Item = u32> + use<> {
    1..=roll.policy.seeds
}

fn time(record: &Record) -> Option<jiff::Timestamp> {
    record.at.parse().ok()
}

/// Puts what is in `folders` together in the folder `into`; what is there already is a part of it.
///
/// # Errors
/// One of the folders is none of a class, or of another class, or a grader is at work there; or `into` cannot be written.
pub fn merge(folders: &[PathBuf], into: &Path) -> Result<Merged, ClassError> {
    let mut parts = Vec::new();
    let mut places = BTreeSet::new();
    let target = into.canonicalize().ok();
    for root in folders {
        let place = root.canonicalize().map_err(io(root))?;
        if Some(&place) == target.as_ref() {
            return Err(ClassError::Itself { path: root.clone() });
        }
        if places.insert(place) {
            parts.push(Part::read(ClassFolder::hold(root)?)?);
        }
    }
    let folder = ClassFolder::open(into)?;
    if folder.roll().is_file() {
        parts.insert(0, Part::read(ClassFolder::look(into)?)?);
    }
    same_class(&parts)?;
    let Some(first) = parts.first() else {
        return Err(ClassError::NotOurs { path: into.to_owned(), what: "there is nothing to merge".into() });
    };
    let roll = Roll { shard: None, learners: Vec::new(), complaints: Vec::new(), ..first.roll.clone() };
    if let Some(part) = parts.iter().find(|part| part.folder.secret().is_file()) {
        Secret::shared(&part.folder.secret(), &folder.secret())?;
    }
    let mut ledger = Ledger::read(folder.journal())?;
    let session = ledger.session() + 1;
    let mut merging =
        Merging { parts: &parts, folder: &folder, roll, records: Vec::new(), findings: mixed(&parts), twice: 0 };
    for learner in everybody(&parts) {
        merging.learner(&learner, &ledger)?;
    }
    let Merging { mut roll, records, mut findings, twice, .. } = merging;
    let added = records.len();
    ledger.take_over(records.into_iter().map(|record| Record { session, ..record }).collect())?;
    let mut complaints: Vec<String> = parts.iter().flat_map(|part| part.roll.complaints.clone()).collect();
    complaints.extend(findings.iter().map(Finding::to_string));
    let mut said = BTreeSet::new();
    complaints.retain(|complaint| said.insert(complaint.clone()));
    roll.complaints = complaints;
    for part in &parts {
        roll.conditions.toolchains.extend(part.roll.conditions.toolchains.clone());
    }
    roll.write(&folder)?;
    findings.extend(gaps(&parts, &roll, &ledger));
    let damaged = parts.into_iter().flat_map(|part| part.ledger.damaged).collect();
    Ok(Merged { folder, roll, ledger, findings, added, twice, damaged })
}

/// Marks are comparable only where the course, its exercises, the rules and the seeds are the same.
fn same_class(parts: &[Part]) -> Result<(), ClassError> {
    let Some((first, others)) = parts.split_first() else { return Ok(()) };
    for other in others {
        let (a, b) = (&first.roll, &other.roll);
        let what = if a.conditions.course != b.conditions.course {
            format!("the courses are “{}” and “{}”", a.conditions.course, b.conditions.course)
        } else if a.exercises != b.exercises {
            format!("the exercises are {} and {}", a.exercises.join(", "), b.exercises.join(", "))
        } else if a.conditions.secret != b.conditions.secret {
            "their secrets differ, and so do their seeds".to_owned()
        } else if a.policy != b.policy {
            "points, seeds or what lateness costs differ (class.toml)".to_owned()
        } else {
            continue;
        };
        let (one, other) = (first.folder.root().to_owned(), other.folder.root().to_owned());
        return Err(ClassError::OtherClass { one, other, what });
    }
    Ok(())
}

/// Everybody who is in any part, in the order of the first.
fn everybody(parts: &[Part]) -> Vec<LearnerId> {
    let ids = parts.iter().flat_map(|part| part.roll.learners.iter().map(|entry| entry.learner.id.clone()));
    let mut known = BTreeSet::new();
    ids.filter(|id| known.insert(id.clone())).collect()
}

/// What was not the same on all machines, and may have made a difference.
fn mixed(parts: &[Part]) -> Vec<Finding> {
    let mut values: BTreeMap<String, BTreeMap<String, BTreeSet<PathBuf>>> = BTreeMap::new();
    for part in parts {
        let mut add = |what: String, value: &str| {
            let found = values.entry(what).or_default().entry(value.to_owned()).or_default();
            found.insert(part.folder.root().to_owned());
        };
        let conditions = &part.roll.conditions;
        add("version of kafkacourse".to_owned(), &conditions.version);
        add("limits".to_owned(), &conditions.limits);
        conditions.toolchains.iter().for_each(|(language, version)| add(format!("{language:?}"), version));
        for record in part.ledger.records() {
            if record.outcome.is_checked() {
                add(format!("scenarios of {}", record.exercise), &record.spec.scenarios);
                add(format!("checks of {}", record.exercise), &record.spec.checks);
            }
            if !record.broker.is_empty() {
                add("broker".to_owned(), &record.broker);
                add("sandbox".to_owned(), &record.sandbox);
            }
        }
    }
    let several = values.into_iter().filter(|(_, found)| found.len() > 1);
    several.map(|(what, found)| Finding::Mixed { what, found }).collect()
}

/// What none of the folders holds.
fn gaps(parts: &[Part], roll: &Roll, ledger: &Ledger) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut open: BTreeMap<&LearnerId, Vec<String>> = BTreeMap::new();
    for learner in roll.learners.iter().map(|entry| &entry.learner.id) {
        for exercise in &roll.exercises {
            let records: Vec<_> = sittings(roll).map(|sitting| ledger.record(learner, exercise, sitting)).collect();
            if records.iter().any(Option::is_none) {
                open.entry(learner).or_default().push(exercise.clone());
            }
            let mut outcomes = records.into_iter().flatten().map(|record| &record.outcome);
            let what = match outcomes.find(|outcome| outcome.is_ours()) {
                Some(Outcome::Fault { what }) => what.clone(),
                Some(_) => "it could not judge".to_owned(),
                None => continue,
            };
            findings.push(Finding::Fault { learner: learner.clone(), exercise: exercise.clone(), what });
        }
    }
    // Where a whole part is missing, its learners need not be named.
    let counts: BTreeSet<u32> = parts.iter().filter_map(|part| Some(part.roll.shard?.count)).collect();
    if let (Some(count), 1) = (counts.first(), counts.len()) {
        for shard in (1..=*count).map(|number| Shard { number, count: *count }) {
            let inside: Vec<&LearnerId> =
                roll.learners.iter().map(|entry| &entry.learner.id).filter(|learner| shard.holds(learner)).collect();
            let nothing = |learner: &&LearnerId| {
                open.get(learner).is_some_and(|exercises| exercises.len() == roll.exercises.len())
            };
            if !inside.is_empty() && inside.iter().all(nothing) {
                inside.iter().for_each(|learner| drop(open.remove(*learner)));
                findings.push(Finding::NoPart { shard, learners: inside.len() });
            }
        }
    }
    let open = open.into_iter();
    findings.extend(open.map(|(learner, exercises)| Finding::NotGraded { learner: learner.clone(), exercises }));
    findings
}

/// What is put together, while it is.
struct Merging<'a> {
    parts: &'a [Part],
    folder: &'a ClassFolder,
    roll: Roll,
    records: Vec<Record>,
    findings: Vec<Finding>,
    twice: usize,
}

impl Merging<'_> {
    fn learner(&mut self, learner: &LearnerId, known: &Ledger) -> Result<(), ClassError> {
        let mut holders: Vec<(&Part, &Entry)> =
            self.parts.iter().filter_map(|part| Some((part, part.entry(learner)?))).collect();
        // Of those that agree, the first; else the one that was graded last.
        if holders.iter().any(|(_, entry)| entry.work != holders[0].1.work) {
            self.findings.push(Finding::OtherWork { learner: learner.clone() });
            holders.sort_by_key(|(part, _)| std::cmp::Reverse(part.last_graded(learner)));
        }
        let Some((holder, entry)) = holders.first().copied() else { return Ok(()) };
        for work in entry.work.values() {
            if let Work::Sources { fingerprint, .. } = work {
                let (from, to) = (holder.folder.sources(fingerprint), self.folder.sources(fingerprint));
                if !to.is_dir() {
                    carry(&from, &to).map_err(io(&from))?;
                }
            }
        }
        for exercise in self.roll.exercises.clone() {
            let same = holders.iter().filter(|(_, other)| other.work.get(&exercise) == entry.work.get(&exercise));
            let same: Vec<&Part> = same.map(|(part, _)| *part).collect();
            for sitting in sittings(&self.roll) {
                self.unit(learner, &exercise, sitting, &same, known)?;
            }
        }
        self.roll.learners.push(entry.clone());
        Ok(())
    }

    fn unit(
        &mut self,
        learner: &LearnerId,
        exercise: &str,
        sitting: u32,
        parts: &[&Part],
        known: &Ledger,
    ) -> Result<(), ClassError> {
        let found = parts.iter().filter_map(|part| Some((*part, part.ledger.record(learner, exercise, sitting)?)));
        let found: Vec<(&Part, &Record)> = found.collect();
        let Some((part, best)) =
            found.iter().copied().max_by_key(|(_, record)| (!record.outcome.is_ours(), time(record)))
        else {
            return Ok(());
        };
        let others: Vec<&Record> =
            found.iter().map(|(_, record)| *record).filter(|record| !is_same(record, best)).collect();
        let real = |record: &&&Record| !record.outcome.is_ours();
        if others.iter().filter(real).any(|other| other.outcome != best.outcome) {
            let (learner, exercise) = (learner.clone(), exercise.to_owned());
            self.findings.push(Finding::TwoOutcomes { learner, exercise, seed: best.seed });
        } else if others.iter().any(|other| real(&other)) {
            self.twice += 1;
        }
        if known.record(learner, exercise, sitting).is_some_and(|known| is_same(known, best)) {
            return Ok(());
        }
        let pairs = [
            (part.folder.evidence(learner, exercise, sitting), self.folder.evidence(learner, exercise, sitting)),
            (part.folder.details(learner, exercise, sitting), self.folder.details(learner, exercise, sitting)),
        ];
        for (from, to) in pairs {
            carry(&from, &to).map_err(io(&from))?;
        }
        self.records.push(best.clone());
        Ok(())
    }
}

/// The same record, in another folder: only the number of the run may differ.
fn is_same(one: &Record, other: &Record) -> bool {
    *one == Record { session: one.session, ..other.clone() }
}

/// Makes `to` what `from` is, a file or a folder of files; nothing where that is not there.
fn carry(from: &Path, to: &Path) -> std::io::Result<()> {
    let remove = if to.is_dir() { std::fs::remove_dir_all(to) } else { std::fs::remove_file(to) };
    match remove {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    match std::fs::symlink_metadata(from) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(found) if found.is_dir() => {
            std::fs::create_dir_all(to)?;
            for entry in std::fs::read_dir(from)? {
                let entry = entry?;
                carry(&entry.path(), &to.join(entry.file_name()))?;
            }
            Ok(())
        }
        Ok(_) => {
            if let Some(above) = to.parent() {
                std::fs::create_dir_all(above)?;
            }
            let mut file = files::open_as(OpenOptions::new().write(true).create_new(true), to)?;
            std::io::copy(&mut files::open(from)?, &mut file).map(drop)
        }
    }
}
