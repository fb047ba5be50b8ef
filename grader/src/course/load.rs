//! Files to data, with every error at its file and line.

use super::{Course, Exercise, Module, Step};
use serde::Deserialize;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum CourseError {
    #[error("{}: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    /// The text is the TOML reader's, with line, column and the line itself.
    #[error("{}:{line}:{column}: {message}", path.display())]
    Toml { path: PathBuf, line: usize, column: usize, message: String },
    #[error("{}:{line}: {message}", path.display())]
    Contradiction { path: PathBuf, line: usize, message: String },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    title: String,
    #[serde(rename = "module")]
    modules: Vec<Module>,
}

pub(super) fn course(root: &Path) -> Result<Course, CourseError> {
    let path = root.join("modules/course.toml");
    let (manifest, text): (Manifest, String) = parse(&path)?;
    let mut found = exercises(&root.join("exercises"))?;
    let mut ordered = Vec::new();
    for id in manifest.modules.iter().flat_map(|module| &module.exercises) {
        match found.iter().position(|(exercise, ..)| &exercise.id == id) {
            Some(at) => ordered.push(found.swap_remove(at)),
            None => return Err(contradiction(&path, &text, id, format!("there is no exercise “{id}” in exercises/"))),
        }
    }
    if let Some((left, path, text)) = found.first() {
        let message = format!("{} stands in no module of modules/course.toml", left.id);
        return Err(contradiction(path, text, &left.id, message));
    }
    let sections: HashSet<String> = manifest
        .modules
        .iter()
        .flat_map(|module| module.sections.iter().map(|section| module.section_id(section)))
        .collect();
    for (exercise, path, text) in &ordered {
        validate(exercise, path, text, &sections)?;
    }
    let exercises = ordered.into_iter().map(|(exercise, ..)| exercise).collect();
    Ok(Course { root: root.to_owned(), title: manifest.title, modules: manifest.modules, exercises })
}

/// Every folder below `exercises/` that holds an `exercise.toml`.
fn exercises(folder: &Path) -> Result<Vec<(Exercise, PathBuf, String)>, CourseError> {
    let read = |source| CourseError::Read { path: folder.to_owned(), source };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(read)? {
        let entry = entry.map_err(read)?;
        let path = entry.path().join("exercise.toml");
        if !path.is_file() {
            continue;
        }
        let (mut exercise, text): (Exercise, String) = parse(&path)?;
        exercise.folder = entry.file_name().to_string_lossy().into_owned();
        found.push((exercise, path, text));
    }
    Ok(found)
}

fn parse<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<(T, String), CourseError> {
    let bytes = std::fs::read(path).map_err(|source| CourseError::Read { path: path.to_owned(), source })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = error.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
        CourseError::Toml { path: path.to_owned(), line, column: 1, message: "this is not UTF-8 text".into() }
    })?;
    match toml::from_str(&text) {
        Ok(value) => Ok((value, text)),
        Err(error) => {
            let before = &text[..error.span().map_or(0, |span| text.floor_char_boundary(span.start))];
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().map_or(0, |rest| rest.chars().count()) + 1;
            let message = error.message().to_owned();
            Err(CourseError::Toml { path: path.to_owned(), line, column, message })
        }
    }
}

/// An error at the first line that holds `word`.
fn contradiction(path: &Path, text: &str, word: &str, message: String) -> CourseError {
    let line = text.lines().position(|line| line.contains(word)).map_or(1, |at| at + 1);
    CourseError::Contradiction { path: path.to_owned(), line, message }
}

/// What the types cannot say.
fn validate(exercise: &Exercise, path: &Path, text: &str, sections: &HashSet<String>) -> Result<(), CourseError> {
    let fail = |word: &str, message: String| Err(contradiction(path, text, word, message));
    if exercise.hints.len() < 3 {
        return fail("hints", format!("{} hints; an exercise has at least three, in stages", exercise.hints.len()));
    }
    let mut ids = HashSet::new();
    let mut codes = HashSet::new();
    for scenario in &exercise.scenarios {
        if !ids.insert(scenario.id.as_str()) {
            return fail(&scenario.id, format!("two things are called “{}”", scenario.id));
        }
        let topic = scenario.input.as_ref().and_then(|input| input.topic.as_ref());
        if let Some(topic) = topic.filter(|topic| !exercise.topics.iter().any(|known| known.name == **topic)) {
            return fail(topic, format!("the topic “{topic}” is not in topics"));
        }
        if let Some(input) = &scenario.input
            && input.count[0] > input.count[1]
        {
            return fail("count", format!("count = {:?} goes down; write [least, most]", input.count));
        }
        for rule in &scenario.rules {
            if let Err(message) = rule.validate() {
                return fail(&rule.on.event, message);
            }
        }
        let mut started = HashSet::new();
        for step in &scenario.steps {
            match step {
                Step::Start(role) if !started.insert(role) => {
                    return fail(role, format!("“{role}” is started twice; the second time is a restart"));
                }
                Step::Stop(role) | Step::Kill(role) | Step::Restart(role) | Step::Ended(role)
                    if !started.contains(role) =>
                {
                    return fail(role, format!("“{role}” has not been started in scenario “{}”", scenario.id));
                }
                Step::Wait(wait) => {
                    if let Err(message) = wait.pattern.validate() {
                        return fail(&wait.pattern.event, message);
                    }
                }
                _ => {}
            }
        }
        for check in &scenario.checks {
            if !ids.insert(check.id.as_str()) {
                return fail(&check.id, format!("two things are called “{}”", check.id));
            }
            if !sections.contains(&check.read) {
                return fail(&check.read, format!("there is no section “{}” in modules/course.toml", check.read));
            }
            codes.extend(check.kind.codes().iter().map(|code| format!("{}/{code}", check.id)));
        }
    }
    for mistake in &exercise.mistakes {
        if let Some(code) = mistake.codes.iter().chain(&mistake.unless).find(|code| !codes.contains(*code)) {
            let message = format!("no check of this exercise finds “{code}”");
            return fail(code, message);
        }
        if !sections.contains(&mistake.read) {
            return fail(&mistake.read, format!("there is no section “{}” in modules/course.toml", mistake.read));
        }
    }
    Ok(())
}
