//! `modules/course.toml` and each `exercises/*/exercise.toml`, to data that fits together.

use super::file::{CourseError, File, Tree, id};
use super::path::{PathStep, path};
use super::scenario::{Written, list};
use super::{Course, Exercise, Mistake, Module};
use serde::Deserialize;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    title: String,
    #[serde(default)]
    path: Vec<Spanned<PathStep>>,
    #[serde(rename = "module")]
    modules: Vec<Module>,
}

/// The files of a course as they are, read and not yet understood.
pub struct Texts {
    root: PathBuf,
    manifest: File,
    exercises: Vec<File>,
}

impl Texts {
    /// Reads the files of the course at `root`.
    ///
    /// # Errors
    /// One of them cannot be read, is larger than they may be, or is no text.
    pub fn read(root: &Path) -> Result<Texts, CourseError> {
        let manifest = File::read(root.join("modules/course.toml"))?;
        Ok(Texts { root: root.to_owned(), manifest, exercises: exercises(&root.join("exercises"))? })
    }

    /// A number that is another one as soon as a file, its name or this program is another one.
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        env!("CARGO_PKG_VERSION").hash(&mut hasher);
        for File { path, text } in std::iter::once(&self.manifest).chain(&self.exercises) {
            (path, text).hash(&mut hasher);
        }
        hasher.finish()
    }

    /// The whole course, validated.
    ///
    /// # Errors
    /// With file, line and column, and what is allowed there.
    pub fn course(&self) -> Result<Course, CourseError> {
        course(self, Extent::Whole)
    }

    /// The course without scenarios and mistakes, which are nine tenths of what is written and take most of the time.
    ///
    /// # Errors
    /// As [`Texts::course`]; of what is left out, nothing is validated.
    pub fn outline(&self) -> Result<Course, CourseError> {
        course(self, Extent::Outline)
    }
}

#[derive(Clone, Copy)]
enum Extent {
    Outline,
    Whole,
}

fn course(texts: &Texts, extent: Extent) -> Result<Course, CourseError> {
    let Texts { root, manifest: file, exercises: files } = texts;
    let (manifest, _): (Manifest, _) = file.data()?;
    let sections: HashSet<String> = manifest
        .modules
        .iter()
        .flat_map(|module| module.sections.iter().map(|section| module.section_id(section)))
        .collect();
    let found = files.iter().map(|file| match extent {
        Extent::Outline => outlined(file),
        Extent::Whole => found(file, &sections),
    });
    let ordered = in_order(&manifest, file, found.collect::<Result<_, _>>()?)?;
    for module in &manifest.modules {
        if manifest.modules.iter().filter(|other| other.id == module.id).count() > 1 {
            return Err(file.twice(&module.id));
        }
    }
    let mut announced = HashSet::new();
    for coming in manifest.modules.iter().flat_map(|module| &module.coming) {
        if ordered.iter().any(|found| found.exercise.id == coming.id) {
            let message = format!("{} is in exercises/ and no longer coming: remove this line", coming.id);
            return Err(file.wrong((&id(&coming.id), &coming.id), message));
        }
        if !announced.insert(&coming.id) {
            return Err(file.twice(&coming.id));
        }
    }
    let exercises = ordered.into_iter().map(|found| found.exercise).collect();
    let mut course =
        Course { root: root.clone(), title: manifest.title, modules: manifest.modules, exercises, path: Vec::new() };
    course.path = path(file, manifest.path, &course.modules, |module| course.has_quiz(module))?;
    Ok(course)
}

/// An exercise, and where it is written.
struct Found<'f> {
    exercise: Exercise,
    file: &'f File,
}

/// The exercise in `file`, where the course has these `sections`. The tree of the file is large and is dropped here.
fn found<'f>(file: &'f File, sections: &HashSet<String>) -> Result<Found<'f>, CourseError> {
    let (mut exercise, tree): (Exercise, _) = file.data()?;
    exercise.folder = file.folder();
    validate(&exercise, file, &tree, sections)?;
    Ok(Found { exercise, file })
}

/// The exercise in `file` without scenarios and mistakes. Where what stands before them cannot be read by itself, the
/// whole file says why, or has it in another order.
fn outlined(file: &File) -> Result<Found<'_>, CourseError> {
    let begin = ["\n[[scenario]]", "\n[[mistake]]"].iter().filter_map(|table| file.text.find(table)).min();
    let (mut exercise, _): (Exercise, _) = match begin.map(|begin| file.data_before(begin)) {
        Some(Ok(outline)) => outline,
        Some(Err(_)) | None => file.data()?,
    };
    enough_hints(&exercise, file)?;
    exercise.folder = file.folder();
    (exercise.scenarios, exercise.mistakes) = (Vec::new(), Vec::new());
    Ok(Found { exercise, file })
}

/// The exercises in the order of the manifest, in which each stands once.
fn in_order<'f>(manifest: &Manifest, file: &File, mut all: Vec<Found<'f>>) -> Result<Vec<Found<'f>>, CourseError> {
    let mut ids = HashSet::new();
    if let Some(Found { exercise, file }) = all.iter().find(|found| !ids.insert(found.exercise.id.clone())) {
        let message = format!("another folder in exercises/ has the id “{}”, too", exercise.id);
        return Err(file.wrong(("id", &exercise.id), message));
    }
    let mut ordered = Vec::new();
    for id in manifest.modules.iter().flat_map(|module| &module.exercises) {
        match all.iter().position(|found| &found.exercise.id == id) {
            Some(at) => ordered.push(all.swap_remove(at)),
            None if ids.contains(id) => {
                let at = file.text.rfind(&format!("\"{id}\"")).map_or(0, |at| at + 1);
                return Err(file.wrong_at(at, format!("“{id}” stands here for the second time")));
            }
            None => return Err(file.wrong(("", id), format!("there is no exercise “{id}” in exercises/"))),
        }
    }
    match all.first() {
        Some(Found { exercise: left, file }) => {
            let message = format!("{} stands in no module of modules/course.toml", left.id);
            Err(file.wrong(("id", &left.id), message))
        }
        None => Ok(ordered),
    }
}

/// The `exercise.toml` of every folder below `exercises/` that has one.
fn exercises(folder: &Path) -> Result<Vec<File>, CourseError> {
    let read = |source| CourseError::Read { path: folder.to_owned(), source };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(read)? {
        let path = entry.map_err(read)?.path().join("exercise.toml");
        match std::fs::symlink_metadata(&path) {
            Ok(_) => paths.push(path),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
            // Not to be able to look is not the same as that there is none.
            Err(source) => return Err(CourseError::Read { path, source }),
        }
    }
    paths.sort();
    paths.into_iter().map(File::read).collect()
}

fn enough_hints(exercise: &Exercise, file: &File) -> Result<(), CourseError> {
    if exercise.hints.len() < 3 {
        let message = format!("{} hints; an exercise has at least three, in stages", exercise.hints.len());
        return Err(file.wrong(("", "hints"), message));
    }
    Ok(())
}

/// What the types cannot say.
fn validate(exercise: &Exercise, file: &File, tree: &Tree<'_>, sections: &HashSet<String>) -> Result<(), CourseError> {
    enough_hints(exercise, file)?;
    if exercise.scenarios.is_empty() {
        return Err(file.wrong(("", "id"), format!("{} has no scenario: add a [[scenario]]", exercise.id)));
    }
    // Findings in each way in which a mistake may name them.
    let (mut ids, mut codes) = (HashSet::new(), HashSet::new());
    for (scenario, value) in exercise.scenarios.iter().zip(list(tree, "scenario")) {
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
            codes.insert(check.id.clone());
            codes.extend(
                check.kind.codes().iter().flat_map(|code| [format!("{}/{code}", check.id), format!("*/{code}")]),
            );
        }
    }
    for Mistake { name, read, codes: signs, unless, explains, .. } in &exercise.mistakes {
        let written = signs.iter().chain(unless).chain(explains);
        if let Some(code) = written.flat_map(|code| code.split(" | ")).find(|code| !codes.contains(*code)) {
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
