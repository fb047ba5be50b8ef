//! What several views of a course have in common: marks, counts, words.

use super::paper::{Paper, together};
use crate::progress::Progress;
use crate::theory::{Stage, Standing, State, Step};

/// The mark before a step: done, here, left out, or still to come.
pub fn mark(paper: &Paper, stage: &Stage<'_>, here: bool, progress: &Progress) -> String {
    let poor = match stage.step {
        Step::Quiz(module, None) => progress.quiz(&module.id).is_some_and(|best| !best.good()),
        _ => false,
    };
    match (stage.state, stage.step) {
        (State::Done, _) if poor => "○".into(),
        (State::Done, _) => paper.green("✓"),
        _ if here => paper.cyan("▸"),
        (State::Skipped, _) => paper.dim("–"),
        (State::Ahead, Step::Read(..)) => " ".into(),
        (State::Ahead, _) => "○".into(),
    }
}

/// How many of the steps are pages, and their minutes.
pub fn pages<'a>(steps: impl Iterator<Item = &'a Step<'a>>) -> (usize, u32) {
    let pages = steps.filter(|step| matches!(step, Step::Read(..)));
    pages.fold((0, 0), |(pages, minutes), page| (pages + 1, minutes + page.minutes()))
}

/// `15 of 80 points · 2 of 7 exercises passed · 12 of 46 sections read · 1 of 7 quizzes taken`
pub fn standing(standing: &Standing) -> String {
    let read = format!("{} of {} sections read", standing.read, standing.sections);
    let quizzes = (standing.quizzes > 0).then(|| format!("{} of {} quizzes taken", standing.taken, standing.quizzes));
    let (points, passed) = standing.in_words();
    let parts = [points, passed, read].into_iter().chain(quizzes);
    parts.map(|part| together(&part)).collect::<Vec<_>>().join(" · ")
}
