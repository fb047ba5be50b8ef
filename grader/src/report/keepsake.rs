//! What somebody has done in a course, to keep: a page of Markdown, and the same as JSON.

use super::steps::{self, pages};
use crate::course::Exercise;
use crate::theory::{Leg, Standing, State, Step, Way};
use serde_json::{Value, json};

/// A page of Markdown that says what was built, what that proved, and what is left.
pub fn markdown(way: Way<'_>) -> String {
    let standing = Standing::new(way);
    let mut page = format!("# {}\n\n{}\n", way.course.title, steps::standing(&standing));
    let passed: Vec<&Exercise> = exercises(way).filter(|exercise| way.progress.passed(&exercise.id)).collect();
    if !passed.is_empty() {
        page.push_str("\n## What I built, and what a broker saw it do\n");
    }
    for exercise in passed {
        let day = way.progress.passed_at(&exercise.id).and_then(|at| at.get(..10)).unwrap_or_default();
        let attempts = way.progress.attempts(&exercise.id);
        let attempts = if attempts == 1 { "at the first attempt".into() } else { format!("in {attempts} attempts") };
        page.push_str(&format!(
            "\n### {} · {}\n\nPassed on {day}, {attempts}; {} points.\nProved from the wire: {}\n",
            exercise.id, exercise.title, exercise.points, exercise.proves
        ));
    }
    let results = way.course.modules.iter().filter_map(|module| Some((module, way.progress.quiz(&module.id)?)));
    let results: Vec<String> =
        results.map(|(module, best)| format!("- {}: {} of {} right\n", module.title, best.right, best.of)).collect();
    if !results.is_empty() {
        page.push_str(&format!("\n## Quizzes\n\n{}", results.concat()));
    }
    let left = way.stages().into_iter().filter(|stage| stage.state != State::Done);
    let left = left.filter(|stage| !matches!(stage.step, Step::Quiz(_, Some(_))));
    let left: Vec<String> =
        left.map(|stage| format!("- {}: `kafkacourse {}`\n", stage.step.title(), stage.step.name())).collect();
    if !left.is_empty() {
        page.push_str(&format!("\n## Left for another day\n\n{}", left.concat()));
    }
    page
}

/// The object of `progress --json`: `modules/reference/json.md` is the schema. `stale`: exercises that have passed and
/// were changed since; `command`: what stands for the crate of an exercise.
pub fn object(way: Way<'_>, stale: &[&str], command: impl Fn(&str) -> Option<String>) -> Value {
    let standing = Standing::new(way);
    let legs = way.legs();
    let exercise = |leg: &Leg<'_>| {
        let exercise = leg.exercise?;
        let progress = way.progress;
        let (_, minutes) = pages(leg.stages.iter().map(|stage| &stage.step));
        Some(json!({
            "id": exercise.id,
            "title": exercise.title,
            "points": exercise.points,
            "minutes": exercise.minutes,
            "reading_minutes": minutes,
            "passed": progress.passed(&exercise.id),
            "passed_at": progress.passed_at(&exercise.id),
            "changed": stale.contains(&exercise.id.as_str()),
            "attempts": progress.attempts(&exercise.id),
            "hints": progress.hints(&exercise.id),
            "solution_seen": progress.gave_up(&exercise.id),
            "command": command(&exercise.id),
        }))
    };
    let quizzes = way.course.modules.iter().filter(|module| way.course.has_quiz(module)).map(|module| {
        let (best, open) = (way.progress.quiz(&module.id), way.progress.open_round(&module.id));
        json!({
            "module": module.id,
            "right": best.map(|best| best.right),
            "of": best.map(|best| best.of),
            "rounds": best.map_or(0, |best| best.rounds),
            "answered": open.map_or(0, |round| round.answers.len()),
        })
    });
    let stages = way.stages();
    let path = stages.iter().map(|stage| {
        let kind = match stage.step {
            Step::Read(..) => "read",
            Step::Do(..) => "do",
            Step::Quiz(..) => "quiz",
        };
        let state = match stage.state {
            State::Done => "done",
            State::Skipped => "skipped",
            State::Ahead => "ahead",
        };
        json!({
            "step": kind,
            "title": stage.step.title(),
            "minutes": stage.step.minutes(),
            "state": state,
            "command": format!("kafkacourse {}", stage.step.name()),
        })
    });
    json!({
        "course": way.course.title,
        "points": standing.points,
        "of_points": standing.of_points,
        "passed": standing.passed,
        "of_exercises": standing.exercises,
        "read": standing.read,
        "of_sections": standing.sections,
        "minutes_left": standing.minutes_left,
        "exercises": legs.iter().filter_map(exercise).collect::<Vec<Value>>(),
        "quizzes": quizzes.collect::<Vec<Value>>(),
        "path": path.collect::<Vec<Value>>(),
        "next": way.step().map(|step| way.command(&step)),
    })
}

fn exercises(way: Way<'_>) -> impl Iterator<Item = &'_ Exercise> {
    way.stages().into_iter().filter_map(|stage| match stage.step {
        Step::Do(_, exercise) => Some(exercise),
        _ => None,
    })
}
