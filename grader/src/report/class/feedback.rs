//! `feedback/LEARNER.html`: what a learner is given back. One page that needs no network, and a comment for a platform.
//!
//! It tells what `check` would have told, the diagnosis first; no seed, and of our own faults only that they are ours.

use super::account::{Account, Reader, Sort};
use super::markup::{self, Room};
use super::place::{self, NotWritten};
use super::points;
use crate::class::marks::{ClassResults, ExerciseInfo, ExerciseResult, LearnerResult};
use maud::{Markup, html};
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Everything that was stored.
const ROOM: Room = Room { entries: 60, characters: 5_000 };

/// With this each comment begins, so that a later one may take its place.
pub(super) const COMMENT_BEGINS: &str = "<p>Graded by kafkacourse: ";

/// Writes `feedback/LEARNER.html` of each learner below the folder `into`. Nobody else's page stays there: the folder may be
/// handed out as it is.
///
/// # Errors
/// The first file that cannot be written.
pub fn write(results: &ClassResults, into: &Path) -> Result<(), NotWritten> {
    let folder = into.join("feedback");
    let path = |learner: &LearnerResult| folder.join(format!("{}.html", learner.learner.id));
    let wanted: HashSet<PathBuf> = results.learners.iter().map(path).collect();
    let there = std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let page_of_nobody = |path: &PathBuf| path.extension().is_some_and(|end| end == "html") && !wanted.contains(path);
    there.filter(page_of_nobody).for_each(|path| drop(std::fs::remove_file(path)));
    results
        .learners
        .iter()
        .try_for_each(|learner| place::put(&path(learner), |file| file.write_all(page(results, learner).0.as_bytes())))
}

fn page(results: &ClassResults, learner: &LearnerResult) -> Markup {
    let sum = points::Sum::new(learner);
    let exercises = || results.exercises.iter().zip(&learner.exercises);
    html! {
        (markup::head("Feedback", None))
        header.top {
            p.kicker { (markup::name(&results.title)) }
            h1 { (markup::learner(&learner.learner)) }
            p.lead {
                (points::in_words(&sum.mark))
                @if sum.unmarked > 0 { ". " (sum.unmarked) " of " (learner.exercises.len()) " have no mark yet" }
                "."
            }
        }
        main {
            @for (info, result) in exercises() { (exercise(info, result)) }
            @if !learner.notes.is_empty() {
                section {
                    h2 { "What was seen in your submission and has no effect" }
                    ul { @for note in &learner.notes {
                        li {
                            (markup::name(&note.what))
                            @if let Some(place) = &note.place { ": " code { (markup::name(place)) } }
                        }
                    } }
                }
            }
        }
        footer { p { "Graded on " (markup::moment(&results.facts.at)) " by what your programs said to Kafka." } }
        (markup::foot(None))
    }
}

fn exercise(info: &ExerciseInfo, result: &ExerciseResult) -> Markup {
    let account = Account::new(info, result, Reader::Learner);
    html! {
        section.exercise {
            h2 { (info.id) " · " (info.title) }
            p.standing { (markup::badge(account.standing)) " " span.points { (account.points) } }
            (markup::account(&account, ROOM))
        }
    }
}

/// A comment for a platform that takes HTML: points, and what each exercise looks like, in a few lines.
pub(super) fn comment(results: &ClassResults, learner: &LearnerResult) -> String {
    let sum = points::Sum::new(learner);
    let line = |info: &ExerciseInfo, result: &ExerciseResult| {
        let account = Account::new(info, result, Reader::Learner);
        let told = account.entries.iter().filter(|entry| entry.sort != Sort::Open).take(4);
        html! {
            p { b { (info.id) " · " (info.title) ": " (account.standing.in_words()) } " " (account.points) }
            @if !account.entries.is_empty() { ul { @for entry in told { li { (markup::name(&entry.title)) } } } }
        }
    };
    let lines = html! {
        @for (info, result) in results.exercises.iter().zip(&learner.exercises) { (line(info, result)) }
    };
    format!("{COMMENT_BEGINS}{}</p>{}", points::in_words(&sum.mark), lines.0)
}
