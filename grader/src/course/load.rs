//! `modules/course.toml` and each `exercises/*/exercise.toml`, to data that fits together.

use super::file::{CourseError, File, id};
use super::scenario::{Written, list, tree};
use super::{Course, Exercise, Mistake, Module};
use serde::Deserialize;
use std::collections::HashSet;
use std::path::Path;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    title: String,
    #[serde(rename = "module")]
    modules: Vec<Module>,
}

pub(super) fn course(root: &Path) -> Result<Course, CourseError> {
    let (manifest, file): (Manifest, File) = File::parse(&root.join("modules/course.toml"))?;
    let ordered = in_order(&manifest, &file, exercises(&root.join("exercises"))?)?;
    for module in &manifest.modules {
        if manifest.modules.iter().filter(|other| other.id == module.id).count() > 1 {
            return Err(file.twice(&module.id));
        }
    }
    let mut announced = HashSet::new();
    for coming in manifest.modules.iter().flat_map(|module| &module.coming) {
        if ordered.iter().any(|(exercise, _)| exercise.id == coming.id) {
            let message = format!("{} is in exercises/ and no longer coming: remove this line", coming.id);
            return Err(file.wrong((&id(&coming.id), &coming.id), message));
        }
        if !announced.insert(&coming.id) {
            return Err(file.twice(&coming.id));
        }
    }
    let sections: HashSet<String> = manifest
        .modules
        .iter()
        .flat_map(|module| module.sections.iter().map(|section| module.section_id(section)))
        .collect();
    for (exercise, file) in &ordered {
        validate(exercise, file, &sections)?;
    }
    let exercises = ordered.into_iter().map(|(exercise, _)| exercise).collect();
    Ok(Course { root: root.to_owned(), title: manifest.title, modules: manifest.modules, exercises })
}

/// The exercises in the order of the manifest, in which each stands once.
fn in_order(
    manifest: &Manifest,
    file: &File,
    mut found: Vec<(Exercise, File)>,
) -> Result<Vec<(Exercise, File)>, CourseError> {
    let mut ids = HashSet::new();
    if let Some((exercise, file)) = found.iter().find(|(exercise, _)| !ids.insert(exercise.id.clone())) {
        let message = format!("another folder in exercises/ has the id “{}”, too", exercise.id);
        return Err(file.wrong(("id", &exercise.id), message));
    }
    let mut ordered = Vec::new();
    for id in manifest.modules.iter().flat_map(|module| &module.exercises) {
        match found.iter().position(|(exercise, _)| &exercise.id == id) {
            Some(at) => ordered.push(found.swap_remove(at)),
            None if ids.contains(id) => {
                let at = file.text.rfind(&format!("\"{id}\"")).map_or(0, |at| at + 1);
                return Err(file.wrong_at(at, format!("“{id}” stands here for the second time")));
            }
            None => return Err(file.wrong(("", id), format!("there is no exercise “{id}” in exercises/"))),
        }
    }
    match found.first() {
        Some((left, file)) => {
            let message = format!("{} stands in no module of modules/course.toml", left.id);
            Err(file.wrong(("id", &left.id), message))
        }
        None => Ok(ordered),
    }
}

/// Every folder below `exercises/` that holds an `exercise.toml`.
fn exercises(folder: &Path) -> Result<Vec<(Exercise, File)>, CourseError> {
    let read = |source| CourseError::Read { path: folder.to_owned(), source };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(read)? {
        let entry = entry.map_err(read)?;
        let path = entry.path().join("exercise.toml");
        if !path.is_file() {
            continue;
        }
        let (mut exercise, file): (Exercise, File) = File::parse(&path)?;
        exercise.folder = entry.file_name().to_string_lossy().into_owned();
        found.push((exercise, file));
    }
    found.sort_by(|(_, a), (_, b)| a.path.cmp(&b.path));
    Ok(found)
}

/// What the types cannot say.
fn validate(exercise: &Exercise, file: &File, sections: &HashSet<String>) -> Result<(), CourseError> {
    if exercise.hints.len() < 3 {
        let message = format!("{} hints; an exercise has at least three, in stages", exercise.hints.len());
        return Err(file.wrong(("", "hints"), message));
    }
    let tree = tree(file);
    let (mut ids, mut codes) = (HashSet::new(), HashSet::new());
    for (scenario, value) in exercise.scenarios.iter().zip(list(&tree, "scenario")) {
        if !ids.insert(scenario.id.as_str()) {
            return Err(file.twice(&scenario.id));
        }
        let (topics, groups) = (&exercise.topics, &exercise.groups);
        let written = Written { file, begins: &id(&scenario.id), scenario, topics, groups };
        written.validate(value, &["rules", "check", "picture"])?;
        for check in &scenario.checks {
            if !ids.insert(check.id.as_str()) {
                return Err(file.twice(&check.id));
            }
            if !sections.contains(&check.read) {
                return Err(file.wrong((&id(&check.id), &check.read), no_section(&check.read)));
            }
            codes.extend(check.kind.codes().iter().map(|code| format!("{}/{code}", check.id)));
        }
    }
    for Mistake { name, read, codes: signs, unless, .. } in &exercise.mistakes {
        let known = |code: &&String| codes.iter().any(|finding| super::spec::names(code, finding));
        if let Some(code) = signs.iter().chain(unless).find(|code| !known(code)) {
            return Err(file.wrong(("[[mistake]]", code), format!("no check of this exercise finds “{code}”")));
        }
        if !sections.contains(read) {
            return Err(file.wrong((&format!("name = \"{name}\""), read), no_section(read)));
        }
    }
    Ok(())
}

fn no_section(id: &str) -> String {
    format!("there is no section “{id}” in modules/course.toml")
}
