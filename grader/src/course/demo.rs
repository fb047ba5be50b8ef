//! `modules/demos/transcripts/*.toml`: runs of small programs, and what a page of the theory shows of them.

use super::file::{CourseError, File};
use super::scenario::Written;
use super::{ClusterSpec, Course, InputSpec, Scenario, Step, Topic};
use crate::evidence::{Pattern, Rule};
use serde::Deserialize;
use std::path::Path;

/// A run whose transcript stands in a page, in a block ` ```wire NAME `.
#[derive(Debug, Clone)]
pub struct Demo {
    /// The file's name.
    pub name: String,
    /// What it shows.
    pub title: String,
    pub program: Source,
    pub topics: Vec<Topic>,
    pub groups: Vec<String>,
    pub seed: u64,
    /// Without checks.
    pub scenario: Scenario,
    /// The events that are shown.
    pub show: Vec<Show>,
    /// Below the events: who of the group had which partition of the topic.
    pub holders: Option<Holders>,
}

/// A group and a topic that it reads.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holders {
    pub group: String,
    pub topic: String,
}

/// Where a demo's program comes from: a cargo package and a program of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    pub package: String,
    pub binary: String,
}

/// Which events are shown, in the order in which they happened.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Show {
    pub of: Pattern,
    /// Only so many from the beginning; with `last`, a line `…` stands for those in between.
    pub first: Option<usize>,
    /// Only so many from the end.
    pub last: Option<usize>,
    /// Only those after the first event that fits this.
    pub after: Option<Pattern>,
    /// Of a call's arguments, a table's row, or a record of the input, only these; of the records of a Produce request also `key`,
    /// `value` or `headers`.
    #[serde(default)]
    pub fields: Vec<String>,
}

/// What the file holds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Script {
    /// What it shows.
    title: String,
    /// A program of `modules/demos/src/bin/`.
    program: Option<String>,
    /// Or the solution of this exercise; its topics, groups and scenarios can be used too.
    exercise: Option<String>,
    /// Or this mistake of the exercise.
    mistake: Option<String>,
    /// A scenario of the exercise, in place of `input`, `rules` and `steps`.
    scenario: Option<String>,
    topics: Option<Vec<Topic>>,
    groups: Option<Vec<String>>,
    /// Fixed, so that the input is the same in every run.
    #[serde(default = "default_seed")]
    seed: u64,
    cluster: Option<ClusterSpec>,
    input: Option<InputSpec>,
    #[serde(default)]
    rules: Vec<Rule>,
    #[serde(default)]
    steps: Vec<Step>,
    #[serde(default)]
    show: Vec<Show>,
    holders: Option<Holders>,
}

fn default_seed() -> u64 {
    1
}

/// All demos of the course, by name.
///
/// # Errors
/// With file, line and column.
pub(super) fn load(course: &Course) -> Result<Vec<Demo>, CourseError> {
    let folder = course.root.join("modules/demos/transcripts");
    let mut paths: Vec<_> = std::fs::read_dir(&folder)
        .map_err(|source| CourseError::Read { path: folder.clone(), source })?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    paths.sort();
    paths.iter().map(|path| demo(course, path)).collect()
}

fn demo(course: &Course, path: &Path) -> Result<Demo, CourseError> {
    let file = File::read(path.to_owned())?;
    let (script, tree): (Script, _) = file.data()?;
    let fail = |word: &str, message: String| file.wrong(("", word), message);
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let exercise = match &script.exercise {
        None => None,
        Some(id) => {
            Some(course.exercise(id).ok_or_else(|| fail(id, format!("there is no exercise “{id}” in the course")))?)
        }
    };
    let program = match (&script.program, exercise, &script.mistake) {
        (Some(program), None, None) => Source { package: "demos".into(), binary: program.clone() },
        (None, Some(exercise), None) => {
            Source { package: exercise.solution_package(), binary: exercise.solution_package() }
        }
        (None, Some(exercise), Some(name)) => match exercise.mistakes.iter().find(|mistake| mistake.name == *name) {
            Some(mistake) => Source { package: exercise.solution_package(), binary: mistake.program().to_owned() },
            None => return Err(fail(name, format!("{} has no mistake “{name}”", exercise.id))),
        },
        _ => {
            let message = "whose program? Give `program`, or `exercise`, or `exercise` and `mistake`";
            return Err(fail("program", message.into()));
        }
    };
    let borrowed = match (&script.scenario, exercise) {
        (None, _) => None,
        (Some(id), Some(exercise)) => match exercise.scenarios.iter().find(|scenario| scenario.id == *id) {
            Some(_) if !script.steps.is_empty() || script.input.is_some() || !script.rules.is_empty() => {
                return Err(fail(id, "a scenario has its own input, rules and steps: leave them out, or it".into()));
            }
            Some(scenario) => Some(scenario.clone()),
            None => return Err(fail(id, format!("{} has no scenario “{id}”", exercise.id))),
        },
        (Some(id), None) => return Err(fail(id, "`scenario` is one of an `exercise`: name that, too".into())),
    };
    let scenario = borrowed.unwrap_or(Scenario {
        title: script.title.clone(),
        cluster: script.cluster,
        input: script.input,
        rules: script.rules,
        steps: script.steps,
        ..Scenario::by_hand(&name)
    });
    let topics = script.topics.or_else(|| exercise.map(|exercise| exercise.topics.clone())).unwrap_or_default();
    let groups = script.groups.or_else(|| exercise.map(|exercise| exercise.groups.clone())).unwrap_or_default();
    let written = Written { file: &file, begins: "", scenario: &scenario, topics: &topics, groups: &groups };
    written.validate(&tree, &["rules", "show", "holders"])?;
    if script.show.is_empty() && script.holders.is_none() {
        return Err(fail("title", "what does it show? Give it a [[show]], or `holders`".into()));
    }
    let Script { title, seed, show, holders, .. } = script;
    Ok(Demo { name, title, program, topics, groups, seed, scenario, show, holders })
}
