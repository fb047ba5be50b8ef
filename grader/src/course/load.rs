//! Files to data, with every error at its file and line.

use super::{Course, Exercise, InputSpec, Module, Moment, Step, Wait};
use serde::Deserialize;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

#[derive(Debug, thiserror::Error)]
pub enum CourseError {
    #[error("{}: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    /// The text is the TOML reader's, with line, column and the line itself.
    #[error("{}:{line}:{column}: {message}", path.display())]
    Toml { path: PathBuf, line: usize, column: usize, message: String },
    #[error("{}:{line}:{column}: {message}", path.display())]
    Contradiction { path: PathBuf, line: usize, column: usize, message: String },
}

/// What a word that we do not know may also mean, after `git pull` say.
const OLDER: &str = "\nIf you did not write this: your kafkacourse may be older than the course.\n\
                     In the course's folder: cargo install --path grader";

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
    let mut ids = HashSet::new();
    if let Some((exercise, path, text)) = found.iter().find(|(exercise, ..)| !ids.insert(exercise.id.clone())) {
        let message = format!("another folder in exercises/ has the id “{}”, too", exercise.id);
        return Err(contradiction(path, text, ("id", &exercise.id), message));
    }
    let mut ordered = Vec::new();
    for id in manifest.modules.iter().flat_map(|module| &module.exercises) {
        match found.iter().position(|(exercise, ..)| &exercise.id == id) {
            Some(at) => ordered.push(found.swap_remove(at)),
            None if ids.contains(id) => {
                let (line, column) = place(&text, text.rfind(&format!("\"{id}\"")).map_or(0, |at| at + 1));
                let message = format!("“{id}” stands here for the second time");
                return Err(CourseError::Contradiction { path, line, column, message });
            }
            None => {
                let message = format!("there is no exercise “{id}” in exercises/");
                return Err(contradiction(&path, &text, ("", id), message));
            }
        }
    }
    if let Some((left, path, text)) = found.first() {
        let message = format!("{} stands in no module of modules/course.toml", left.id);
        return Err(contradiction(path, text, ("id", &left.id), message));
    }
    for module in &manifest.modules {
        let found = manifest.modules.iter().filter(|other| other.id == module.id).count();
        if found > 1 {
            return Err(twice(&path, &text, &module.id));
        }
    }
    let mut announced = HashSet::new();
    for coming in manifest.modules.iter().flat_map(|module| &module.coming) {
        if ids.contains(&coming.id) {
            let message = format!("{} is in exercises/ and no longer coming: remove this line", coming.id);
            return Err(contradiction(&path, &text, (&id(&coming.id), &coming.id), message));
        }
        if !announced.insert(&coming.id) {
            return Err(twice(&path, &text, &coming.id));
        }
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
    found.sort_by(|(_, a, _), (_, b, _)| a.cmp(b));
    Ok(found)
}

pub(super) fn parse<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<(T, String), CourseError> {
    let bytes = std::fs::read(path).map_err(|source| CourseError::Read { path: path.to_owned(), source })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let (line, column) = place(&String::from_utf8_lossy(error.as_bytes()), at);
        CourseError::Toml { path: path.to_owned(), line, column, message: "this is not UTF-8 text".into() }
    })?;
    match toml::from_str(&text) {
        Ok(value) => Ok((value, text)),
        Err(error) => {
            let (line, column) = place(&text, error.span().map_or(0, |span| span.start));
            let mut message = error.message().to_owned();
            if message.starts_with("unknown ") {
                message.push_str(OLDER);
            }
            Err(CourseError::Toml { path: path.to_owned(), line, column, message })
        }
    }
}

/// Line and column, from 1, of the byte `at`.
pub(super) fn place(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(at)];
    let column = before.rsplit('\n').next().map_or(0, |rest| rest.chars().count()) + 1;
    (before.matches('\n').count() + 1, column)
}

/// An error at `word`, the first behind `behind` where that is somewhere: in quotes, else bare.
pub(super) fn contradiction(path: &Path, text: &str, (behind, word): (&str, &str), message: String) -> CourseError {
    let from = text.find(behind).unwrap_or(0);
    let rest = &text[from..];
    let quoted = rest.find(&format!("\"{word}\"")).map(|at| at + 1);
    let at = quoted.or_else(|| rest.find(word)).map_or(from, |at| from + at);
    let (line, column) = place(text, at);
    CourseError::Contradiction { path: path.to_owned(), line, column, message }
}

/// An error at the second of two things with this id.
fn twice(path: &Path, text: &str, id: &str) -> CourseError {
    let (line, column) = place(text, text.rfind(&self::id(id)).unwrap_or(0));
    CourseError::Contradiction {
        path: path.to_owned(), line, column, message: format!("two things are called “{id}”")
    }
}

/// How the thing with this id begins in the file.
fn id(id: &str) -> String {
    format!("id = \"{id}\"")
}

/// A name in an exercise, and at which byte it stands.
type Named<'v> = (&'v str, usize);

/// The first name in `value` that `known` does not know, after its kind: a topic, a group, a role or a mark.
fn stranger<'v>(
    value: &'v Spanned<DeValue<'_>>,
    known: &impl Fn(&str, &str) -> bool,
) -> Option<(&'static str, Named<'v>)> {
    match value.get_ref() {
        DeValue::Table(table) => table.iter().find_map(|(key, value)| {
            let (kind, names) = match key.get_ref().as_ref() {
                "topic" | "from" => ("topic", texts(value)),
                "group" | "reset" => ("group", texts(value)),
                "role" | "kill" | "stop" | "restart" | "expire" | "ended" => ("role", texts(value)),
                "by" | "stages" => ("role", keys(value)),
                "mark" | "except" => ("mark", texts(value)),
                _ => return stranger(value, known),
            };
            names.into_iter().find(|(name, _)| !known(kind, name)).map(|named| (kind, named))
        }),
        DeValue::Array(values) => values.iter().find_map(|value| stranger(value, known)),
        _ => None,
    }
}

/// A text, or those of a list.
fn texts<'v>(value: &'v Spanned<DeValue<'_>>) -> Vec<Named<'v>> {
    match value.get_ref() {
        DeValue::String(text) => vec![(text, value.span().start + 1)],
        DeValue::Array(values) => values.iter().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// The keys of a table, or of a list of them.
fn keys<'v>(value: &'v Spanned<DeValue<'_>>) -> Vec<Named<'v>> {
    match value.get_ref() {
        DeValue::Table(table) => table.keys().map(|key| (key.get_ref().as_ref(), key.span().start)).collect(),
        DeValue::Array(values) => values.iter().flat_map(keys).collect(),
        _ => Vec::new(),
    }
}

/// What the types cannot say.
fn validate(exercise: &Exercise, path: &Path, text: &str, sections: &HashSet<String>) -> Result<(), CourseError> {
    let fail = |behind: &str, word: &str, message: String| Err(contradiction(path, text, (behind, word), message));
    let raw = DeTable::parse(text).map(Spanned::into_inner).map(DeValue::Table).unwrap_or(DeValue::Boolean(false));
    let raw = raw.get("scenario").and_then(|raw| raw.get_ref().as_array()).into_iter().flat_map(|raw| raw.iter());
    if exercise.hints.len() < 3 {
        return fail("", "hints", format!("{} hints; an exercise has at least three, in stages", exercise.hints.len()));
    }
    let mut ids = HashSet::new();
    let mut codes = HashSet::new();
    for (scenario, raw) in exercise.scenarios.iter().zip(raw) {
        let here = id(&scenario.id);
        if !ids.insert(scenario.id.as_str()) {
            return Err(twice(path, text, &scenario.id));
        }
        let later = scenario.steps.iter().filter_map(|step| match step {
            Step::Produce(input) => Some(input),
            Step::Drill(drill) => Some(&drill.input),
            _ => None,
        });
        let inputs: Vec<&InputSpec> = scenario.input.iter().chain(later).collect();
        for (at, input) in inputs.iter().enumerate() {
            if let Some(topic) = &input.topic
                && !exercise.topics.iter().any(|known| known.name == *topic)
            {
                return fail(&here, topic, format!("the topic “{topic}” is not in topics"));
            }
            if input.topic.is_none() && (at > 0 || scenario.input.is_none()) {
                return fail(&here, "generator", "input that comes later needs a topic".into());
            }
            if input.count[0] > input.count[1] {
                return fail(&here, "count", format!("count = {:?} goes down; write [least, most]", input.count));
            }
            let marked: u32 = input.marks.values().sum();
            if marked > input.count[0] {
                return fail(&here, "marks", format!("{marked} marks, and perhaps only {} records", input.count[0]));
            }
        }
        for rule in &scenario.rules {
            if let Err(message) = rule.validate() {
                return fail(&here, &rule.on.event, message);
            }
        }
        // Everything that bears a name, where `started` have been started.
        let strangers = |raw: &Spanned<DeValue>, started: &HashSet<&String>| {
            let known = |kind: &str, name: &str| match kind {
                "topic" => exercise.topics.iter().any(|topic| topic.name == name),
                "group" => exercise.groups.iter().any(|group| group == name),
                "role" => started.iter().any(|role| *role == name),
                _ => inputs.iter().any(|input| input.marks.contains_key(name)),
            };
            let Some((kind, (name, at))) = stranger(raw, &known) else { return Ok(()) };
            let message = match kind {
                "mark" => format!("no input of scenario “{}” marks records as “{name}”", scenario.id),
                "role" => format!("“{name}” has not been started in scenario “{}”", scenario.id),
                kind => format!("the {kind} “{name}” is not in {kind}s"),
            };
            let (line, column) = place(text, at);
            Err(CourseError::Contradiction { path: path.to_owned(), line, column, message })
        };
        let mut started = HashSet::new();
        let steps = raw.get_ref().get("steps").and_then(|steps| steps.get_ref().as_array());
        for (step, raw) in scenario.steps.iter().zip(steps.into_iter().flat_map(|steps| steps.iter())) {
            match step {
                Step::Start(role) if !started.insert(role) => {
                    return fail(&here, role, format!("“{role}” is started twice; the second time is a restart"));
                }
                Step::Wait(Wait { pattern, .. }) => {
                    if let Err(message) = pattern.validate() {
                        return fail(&here, &pattern.event, message);
                    }
                }
                Step::Drill(drill) => {
                    if drill.moments.is_empty() {
                        return fail(&here, "moments", "a drill needs moments".into());
                    }
                    for Moment { on, .. } in &drill.moments {
                        if let Err(message) = on.validate() {
                            return fail(&here, &on.event, message);
                        }
                    }
                }
                _ => {}
            }
            strangers(raw, &started)?;
        }
        for part in ["rules", "check", "picture"].iter().filter_map(|part| raw.get_ref().get(*part)) {
            strangers(part, &started)?;
        }
        for check in &scenario.checks {
            if !ids.insert(check.id.as_str()) {
                return Err(twice(path, text, &check.id));
            }
            if !sections.contains(&check.read) {
                return fail(
                    &id(&check.id),
                    &check.read,
                    format!("there is no section “{}” in modules/course.toml", check.read),
                );
            }
            codes.extend(check.kind.codes().iter().map(|code| format!("{}/{code}", check.id)));
        }
    }
    for mistake in &exercise.mistakes {
        if let Some(code) = mistake.codes.iter().chain(&mistake.unless).find(|code| !codes.contains(*code)) {
            let message = format!("no check of this exercise finds “{code}”");
            return fail("[[mistake]]", code, message);
        }
        if !sections.contains(&mistake.read) {
            return fail(
                &format!("name = \"{}\"", mistake.name),
                &mistake.read,
                format!("there is no section “{}” in modules/course.toml", mistake.read),
            );
        }
    }
    Ok(())
}
