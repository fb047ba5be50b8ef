//! `report.html`: the whole class on one page, for the instructor.
//!
//! One file that loads nothing. Without its script it can be read whole; with it, the table is sorted and filtered. It is
//! written piece by piece, so that a large class takes no more memory than a small one.

mod class;
mod learner;
mod rates;
mod table;

use super::markup;
use super::place::{self, NotWritten};
use crate::class::marks::{ClassResults, ExerciseResult, LearnerResult};
use maud::{Markup, html};
use std::io::Error;
use std::path::Path;

const SCRIPT: &str = include_str!("script.js");

/// Writes `report.html` into the folder `into`.
///
/// # Errors
/// It cannot be written.
pub fn write(results: &ClassResults, into: &Path) -> Result<(), NotWritten> {
    place::put(&into.join("report.html"), |file| {
        pieces(results, &mut |piece: Markup| file.write_all(piece.0.as_bytes()))
    })
}

fn pieces(results: &ClassResults, put: &mut dyn FnMut(Markup) -> Result<(), Error>) -> Result<(), Error> {
    put(markup::head(&results.title, Some(SCRIPT)))?;
    put(class::head(results))?;
    table::pieces(results, put)?;
    put(class::exercises(results))?;
    put(class::mistakes(results))?;
    put(class::ungraded(results))?;
    put(
        html! { (maud::PreEscaped("<section id=\"learners\" aria-labelledby=\"learners-h\">")) h2 #learners-h { "Learners" } },
    )?;
    for learner in &results.learners {
        put(learner::article(results, learner))?;
    }
    put(html! { (maud::PreEscaped("</section></main>")) (class::foot(results)) (markup::foot(Some(SCRIPT))) })
}

/// Where the page speaks of this learner.
fn anchor(learner: &LearnerResult) -> String {
    format!("l-{}", learner.learner.id)
}

/// Where it speaks of this exercise of theirs.
fn exercise_anchor(learner: &LearnerResult, result: &ExerciseResult) -> String {
    format!("l-{}-{}", learner.learner.id, result.exercise)
}

/// The learner's name with a link to where the page speaks of them.
fn link(learner: &LearnerResult) -> Markup {
    html! { a href={ "#" (anchor(learner)) } { (markup::learner(&learner.learner)) } }
}

/// Was only a part of the class graded by the last run? Then what it has graded is marked.
fn marks_fresh(results: &ClassResults) -> bool {
    let mut graded = results.learners.iter().flat_map(|learner| &learner.exercises);
    graded.any(|result| !result.fresh && !result.records.is_empty())
}
