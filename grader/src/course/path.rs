//! `path` in `modules/course.toml`: the steps of the course, in the order in which they are taken.
//!
//! What the path does not name follows behind it, module by module. So a section or an exercise that is new is on the way
//! before anybody has found the best place for it.

use super::Module;
use super::file::{CourseError, File};
use serde::Deserialize;
use std::collections::HashSet;
use toml::Spanned;

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PathStep {
    /// A section, by its id: `{ read = "producers/03-acks" }`.
    Read(String),
    /// An exercise: `{ do = "ex1" }`.
    Do(String),
    /// A question of a module's quiz, `{ quiz = "log/idle-fetches" }`, or what is left of it: `{ quiz = "log" }`.
    Quiz(String),
}

impl PathStep {
    /// The module of a quiz, and the question where it is one alone.
    pub fn question(name: &str) -> (&str, Option<&str>) {
        name.split_once('/').map_or((name, None), |(module, question)| (module, Some(question)))
    }
}

/// The whole path of a course: what the manifest says, and behind it what it leaves out.
///
/// # Errors
/// A step names what is not there, or stands there twice; with file, line and column.
pub(super) fn path(
    file: &File,
    written: Vec<Spanned<PathStep>>,
    modules: &[Module],
    has_quiz: impl Fn(&Module) -> bool,
) -> Result<Vec<PathStep>, CourseError> {
    let mut path = Vec::new();
    let mut known = HashSet::new();
    for step in written {
        let at = step.span().start;
        let step = step.into_inner();
        if !modules.iter().any(|module| has(module, &step)) {
            return Err(file.wrong_at(at, nothing(&step)));
        }
        if !known.insert(step.clone()) {
            return Err(file.wrong_at(at, "this step stands on the path for the second time".into()));
        }
        path.push(step);
    }
    for module in modules {
        let sections = module.sections.iter().map(|section| PathStep::Read(module.section_id(section)));
        let exercises = module.exercises.iter().cloned().map(PathStep::Do);
        let quiz = Some(PathStep::Quiz(module.id.clone())).filter(|quiz| !known.contains(quiz) && has_quiz(module));
        path.extend(sections.chain(exercises).filter(|step| !known.contains(step)).chain(quiz));
    }
    Ok(path)
}

/// Has the module what the step names?
fn has(module: &Module, step: &PathStep) -> bool {
    match step {
        PathStep::Read(id) => module.section(id).is_some(),
        PathStep::Do(id) => module.exercises.contains(id),
        PathStep::Quiz(name) => PathStep::question(name).0 == module.id,
    }
}

fn nothing(step: &PathStep) -> String {
    match step {
        PathStep::Read(id) => format!("no module below has a section “{id}”"),
        PathStep::Do(id) => format!("no module below has an exercise “{id}”"),
        PathStep::Quiz(name) => format!("there is no module “{}” below", PathStep::question(name).0),
    }
}
