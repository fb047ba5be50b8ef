//! Grades into a table that a learning platform has exported, so that it takes them back: what Canvas and Moodle share.

use super::points::{Sum, figure};
use super::sheet::{NoTable, Row, Sheet};
use crate::class::marks::{ClassResults, LearnerResult};
use crate::foreign::Foreign;
use crate::submission::LearnerId;
use std::collections::HashMap;

/// Which grade goes into a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grade {
    /// The sum of all exercises.
    Total,
    /// Of the exercise with this id.
    Exercise(String),
}

/// A column of an export, and what goes there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// As it stands in the export; of Canvas also the number in parentheses alone, or the title without it.
    pub title: String,
    pub grade: Grade,
}

/// An export with grades in it.
#[derive(Debug, Clone)]
pub struct Filled {
    /// The whole file.
    pub bytes: Vec<u8>,
    /// How many cells are not what they were.
    pub changed: usize,
    /// How many of these held something else.
    pub overwritten: usize,
    /// How many rows are somebody's of the class.
    pub matched: usize,
    /// What was left as it was, and why.
    pub complaints: Vec<Complaint>,
}

/// Why an export cannot be filled in at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    #[error(transparent)]
    NoTable(#[from] NoTable),
    #[error("it is not {0}")]
    Other(&'static str),
    #[error("it has no column “{wanted}”. There are: {there}")]
    NoColumn { wanted: Foreign, there: Foreign },
    #[error("several of its columns are called “{0}”. Name one as it stands in the first line of the file.")]
    SeveralColumns(Foreign),
    #[error("its column “{0}” can only be read")]
    ReadOnly(Foreign),
    #[error("the class has no exercise {0}")]
    NoExercise(Foreign),
}

/// A row or a learner that needs a look.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Complaint {
    #[error("line {line}: nobody of the class is {who}")]
    Unknown { line: usize, who: Foreign },
    #[error("line {line}: {who} may be any of {}; give them in the roster what the platform calls them", ids(.learners))]
    Ambiguous { line: usize, who: Foreign, learners: Vec<LearnerId> },
    #[error("{learner} is on line {first} and on line {line}; the second was left as it was")]
    Twice { learner: LearnerId, first: usize, line: usize },
    #[error("{0} is not in the export")]
    NotThere(LearnerId),
    #[error("line {line}: {} points of {learner} are more than {} in “{column}”; left as it was", figure(*.points), figure(*.most))]
    TooMany { line: usize, learner: LearnerId, column: Foreign, points: f64, most: f64 },
    #[error("line {line}: {learner} has no mark yet: not graded to the end, or a fault of the grader; left as it was")]
    Unmarked { line: usize, learner: LearnerId },
    #[error("line {line}: {learner} stands there as {what} in “{column}”; left as it was")]
    Kept { line: usize, learner: LearnerId, column: Foreign, what: Foreign },
    #[error("line {line}: {learner} has a comment already, which was left as it was")]
    Commented { line: usize, learner: LearnerId },
    #[error("line {0}: it has too few cells")]
    Short(usize),
    #[error("“{column}” goes up to {}, and what goes there up to {}; it was not scaled", figure(*.most), figure(*.of))]
    Scale { column: Foreign, most: f64, of: f64 },
}

fn ids(learners: &[LearnerId]) -> String {
    learners.iter().map(LearnerId::as_str).collect::<Vec<_>>().join(", ")
}

/// What a row says of whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Claim {
    /// What a platform calls them, under this name in [`crate::submission::Learner::elsewhere`].
    Elsewhere(&'static str),
    /// How they log in: their address, or what the class calls them.
    Login,
    Name,
}

/// The class, to find learners in.
pub(super) struct Class<'r> {
    pub results: &'r ClassResults,
    places: HashMap<(Claim, String), Vec<usize>>,
}

/// Whose a row is.
pub(super) enum Whose<'r> {
    Learner(&'r LearnerResult),
    Several(Vec<LearnerId>),
    Nobody,
}

impl<'r> Class<'r> {
    pub fn new(results: &'r ClassResults, platforms: &[&'static str]) -> Class<'r> {
        let mut places: HashMap<(Claim, String), Vec<usize>> = HashMap::new();
        for (LearnerResult { learner, .. }, position) in results.learners.iter().zip(0..) {
            let elsewhere =
                platforms.iter().filter_map(|name| Some((Claim::Elsewhere(name), learner.elsewhere.get(*name)?)));
            let logins = learner.email.iter().map(|email| (Claim::Login, email.clone()));
            let claims = elsewhere
                .map(|(claim, text)| (claim, text.clone()))
                .chain(logins)
                .chain([(Claim::Login, learner.id.to_string())])
                .chain(learner.name.iter().map(|name| (Claim::Name, name.clone())));
            for (claim, text) in claims {
                let there = places.entry((claim, normal(claim, &text))).or_default();
                if !there.contains(&position) {
                    there.push(position);
                }
            }
        }
        Class { results, places }
    }

    /// Whose a row is that makes these claims, the strongest first.
    pub fn find(&self, claims: &[(Claim, String)]) -> Whose<'r> {
        let said = claims.iter().filter(|(_, text)| !text.trim().is_empty());
        let found = said.filter_map(|(claim, text)| self.places.get(&(*claim, normal(*claim, text)))).next();
        match found.map(Vec::as_slice) {
            None => Whose::Nobody,
            Some([one]) => Whose::Learner(&self.results.learners[*one]),
            Some(several) => {
                Whose::Several(several.iter().map(|at| self.results.learners[*at].learner.id.clone()).collect())
            }
        }
    }

    /// Points, and of how many, where there is a mark.
    pub fn points(&self, learner: &LearnerResult, grade: &Grade) -> Option<f64> {
        match grade {
            Grade::Total => Some(Sum::new(learner)).filter(|sum| sum.unmarked == 0).map(|sum| sum.mark.points),
            Grade::Exercise(id) => {
                let result = learner.exercises.iter().find(|result| result.exercise == *id)?;
                result.mark.map(|mark| mark.points)
            }
        }
    }

    /// The most that a grade can be.
    ///
    /// # Errors
    /// There is no such exercise.
    pub fn most(&self, grade: &Grade) -> Result<f64, Unusable> {
        let exercises = &self.results.exercises;
        match grade {
            Grade::Total => Ok(exercises.iter().map(|exercise| exercise.points).sum()),
            Grade::Exercise(id) => match exercises.iter().find(|exercise| exercise.id == *id) {
                Some(exercise) => Ok(exercise.points),
                None => Err(Unusable::NoExercise(id.into())),
            },
        }
    }
}

/// `text` as it is compared: addresses and logins whatever their case, names whatever comes first in them.
fn normal(claim: Claim, text: &str) -> String {
    match claim {
        Claim::Elsewhere(_) => text.trim().to_owned(),
        Claim::Login => text.trim().to_lowercase(),
        Claim::Name => {
            // Canvas keeps a name that would be a formula from being one.
            let text = text.trim().strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
            let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            match text.split_once(',') {
                Some((last, first)) if !first.contains(',') => words(&format!("{first} {last}")),
                _ => words(text),
            }
        }
    }
}

/// A column that was found, and what goes there.
pub(super) struct Target<'a> {
    pub column: usize,
    pub title: Foreign,
    pub grade: &'a Grade,
    /// The most that the platform takes there.
    pub most: f64,
    /// Where the platform says whether a row's grade can be changed.
    pub changeable: Option<usize>,
}

impl Target<'_> {
    /// May this row's grade not be changed?
    pub fn is_locked(&self, row: &Row) -> bool {
        self.changeable.is_some_and(|column| row.cell(column).trim() == "No")
    }
}

/// Fills the rows from `first` on, of which `claims` says whose they are; `also` may do more with a row that is
/// somebody's. A row without any claim is no learner's.
pub(super) fn fill(
    sheet: &mut Sheet<'_>,
    first: usize,
    class: &Class<'_>,
    targets: &[Target<'_>],
    claims: impl Fn(&Row) -> Vec<(Claim, String)>,
    mut also: impl FnMut(&mut Sheet<'_>, usize, &LearnerResult) -> Option<Complaint>,
) -> (usize, Vec<Complaint>) {
    let mut complaints = Vec::new();
    let mut lines: HashMap<&LearnerId, usize> = HashMap::new();
    for position in first..sheet.rows.len() {
        let row = &sheet.rows[position];
        let (line, claims) = (row.line, claims(row));
        let Some(who) = claims.iter().map(|(_, text)| text.trim()).rfind(|text| !text.is_empty()) else { continue };
        let learner = match class.find(&claims) {
            Whose::Learner(learner) => learner,
            Whose::Several(learners) => {
                complaints.push(Complaint::Ambiguous { line, who: who.into(), learners });
                continue;
            }
            Whose::Nobody => {
                complaints.push(Complaint::Unknown { line, who: who.into() });
                continue;
            }
        };
        let id = &learner.learner.id;
        if let Some(first) = lines.get(id) {
            complaints.push(Complaint::Twice { learner: id.clone(), first: *first, line });
            continue;
        }
        lines.insert(id, line);
        for target in targets {
            complaints.extend(put(sheet, position, class, learner, target));
        }
        complaints.extend(also(sheet, position, learner));
    }
    let missing = class.results.learners.iter().map(|learner| &learner.learner.id).filter(|id| !lines.contains_key(id));
    complaints.extend(missing.map(|id| Complaint::NotThere(id.clone())));
    complaints.dedup(); // what holds for several columns
    (lines.len(), complaints)
}

/// Puts a grade into its cell, unless that is there already or may not be touched.
fn put(
    sheet: &mut Sheet<'_>,
    position: usize,
    class: &Class<'_>,
    learner: &LearnerResult,
    target: &Target<'_>,
) -> Option<Complaint> {
    let row = &sheet.rows[position];
    let (line, id) = (row.line, learner.learner.id.clone());
    if !row.has(target.column) {
        return Some(Complaint::Short(line));
    }
    let kept = |what: &str| {
        let (column, what) = (target.title.clone(), what.into());
        Some(Complaint::Kept { line, learner: id.clone(), column, what })
    };
    let there = row.cell(target.column).trim();
    if target.is_locked(row) {
        return kept("locked");
    }
    // `EX` is excused, `N/A` not assigned to this learner: the instructor's word, not ours.
    if !there.is_empty() && there != "-" && number(there).is_none() {
        return kept(there);
    }
    let Some(points) = class.points(learner, target.grade) else {
        return Some(Complaint::Unmarked { line, learner: id });
    };
    if points > target.most {
        let (column, most) = (target.title.clone(), target.most);
        return Some(Complaint::TooMany { line, learner: id, column, points, most });
    }
    let points = figure(points);
    if number(there) != number(&points) {
        sheet.change(position, target.column, &points);
    }
    None
}

/// A number as platforms write it, also `12,50`.
pub(super) fn number(text: &str) -> Option<f64> {
    text.trim().replace(',', ".").parse().ok().filter(|number: &f64| number.is_finite())
}

/// Which of the columns from `first` on is called `wanted`, in any of the ways that `names` tells.
///
/// # Errors
/// None is, or several are.
pub(super) fn column(
    head: &Row,
    first: usize,
    wanted: &str,
    names: impl Fn(&str) -> Vec<String>,
) -> Result<usize, Unusable> {
    let heads: Vec<(usize, &str)> = head.cells().enumerate().skip(first).collect();
    let exact: Vec<usize> = heads.iter().filter(|(_, head)| *head == wanted).map(|(at, _)| *at).collect();
    let named =
        || heads.iter().filter(|(_, head)| names(head).iter().any(|name| name == wanted.trim())).map(|(at, _)| *at);
    let found = if exact.is_empty() { named().collect() } else { exact };
    match found.as_slice() {
        [one] => Ok(*one),
        [] => {
            let there: Vec<&str> = heads.iter().map(|(_, head)| *head).collect();
            Err(Unusable::NoColumn { wanted: wanted.into(), there: there.join(", ").into() })
        }
        _ => Err(Unusable::SeveralColumns(wanted.into())),
    }
}
