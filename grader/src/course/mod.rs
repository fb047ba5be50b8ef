//! The course as data: `modules/course.toml` and each `exercises/*/exercise.toml`, validated.
//!
//! Everything random comes later, from the seed; nothing here starts a process or writes a file.

pub mod anchor;
mod demo;
mod enrol;
mod file;
mod find;
mod load;
mod path;
mod quiz;
mod scenario;
mod sensible;
mod spec;

pub use demo::{Demo, Holders, Show, Source};
pub use enrol::enrolled;
pub use file::CourseError;
pub use find::{NotFound, Page, all_pages, find_exercise, find_module, find_page, find_section, nearest, short_name};
pub use load::Texts;
pub use path::PathStep;
pub use quiz::{Choice, Question, Quiz};
pub use spec::{
    CheckSpec, ClusterSpec, Collect, Commit, Count, DeleteRecords, Drill, Ending, Feed, Generator, InputSpec, Label,
    Mistake, Moment, Needs, Observe, Picture, Replace, Scenario, Step, Trickle, Wait, Work,
};

use serde::Deserialize;
use std::path::{Path, PathBuf};

/// A whole course.
#[derive(Debug)]
pub struct Course {
    pub root: PathBuf,
    pub title: String,
    pub modules: Vec<Module>,
    /// In the order of the modules.
    pub exercises: Vec<Exercise>,
    /// Everything that there is to read, to do and to answer, in the order in which it is taken.
    pub path: Vec<PathStep>,
}

/// A part of the theory with its exercises.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Module {
    #[serde(deserialize_with = "sensible::name")]
    pub id: String,
    /// Below `modules/`.
    #[serde(deserialize_with = "sensible::name")]
    pub folder: String,
    pub title: String,
    /// In the order in which they are read; none yet while the module is being written.
    #[serde(default)]
    pub sections: Vec<Section>,
    /// Ids, `ex1`.
    #[serde(default)]
    pub exercises: Vec<String>,
    /// Exercises that are still being built.
    #[serde(default)]
    pub coming: Vec<Coming>,
}

/// The announcement of an exercise.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coming {
    #[serde(deserialize_with = "sensible::name")]
    pub id: String,
    pub title: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    #[serde(deserialize_with = "sensible::name")]
    pub file: String,
    pub title: String,
    #[serde(deserialize_with = "sensible::between::<1, 10_000, _, _>")]
    pub minutes: u32,
}

/// An exercise: what to build, and how it is judged.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exercise {
    /// Stable for ever: `ex1`.
    #[serde(deserialize_with = "sensible::name")]
    pub id: String,
    pub title: String,
    #[serde(deserialize_with = "sensible::between::<1, 10_000, _, _>")]
    pub minutes: u32,
    #[serde(deserialize_with = "sensible::between::<0, 10_000, _, _>")]
    pub points: u32,
    /// What a pass proves, one sentence.
    pub proves: String,
    /// One thing about the solution that is worth a look for whoever has passed.
    #[serde(default)]
    pub compare: Option<String>,
    /// At least three, from a nudge to almost the answer.
    pub hints: Vec<String>,
    /// Topics by name, with their partitions.
    pub topics: Vec<Topic>,
    #[serde(default, deserialize_with = "sensible::names")]
    pub groups: Vec<String>,
    /// At least one; none in an [outline](Texts::outline).
    #[serde(default, rename = "scenario")]
    pub scenarios: Vec<Scenario>,
    /// None in an outline.
    #[serde(default, rename = "mistake")]
    pub mistakes: Vec<Mistake>,
    /// The folder's name, the same in `exercises/` and `solutions/`.
    #[serde(skip)]
    pub folder: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    #[serde(deserialize_with = "sensible::name")]
    pub name: String,
    #[serde(deserialize_with = "sensible::between::<1, 1_000, _, _>")]
    pub partitions: i32,
}

impl Module {
    /// Its number in the course, which its folder's name begins with; the texts call it "Module 3".
    pub fn number(&self) -> &str {
        self.folder.split('-').next().unwrap_or_default().trim_start_matches('0')
    }

    /// Number and title: `3 · Consumers and groups`.
    pub fn heading(&self) -> String {
        format!("{} · {}", self.number(), self.title)
    }

    /// The section that `read` calls so: `producers/03-acks`.
    pub fn section(&self, id: &str) -> Option<&Section> {
        let name = id.strip_prefix(&self.id)?.strip_prefix('/')?;
        self.sections.iter().find(|section| section.name() == name)
    }

    /// What `read` calls the section.
    pub fn section_id(&self, section: &Section) -> String {
        format!("{}/{}", self.id, section.name())
    }
}

impl Section {
    /// Its file without the ending: `03-acks`.
    fn name(&self) -> &str {
        self.file.trim_end_matches(".md")
    }
}

impl Exercise {
    /// The folder's name without its number: `producer-basics`.
    pub fn slug(&self) -> &str {
        self.folder.split_once('-').map_or(&self.folder, |(_, slug)| slug)
    }

    /// Below the course, with forward slashes: what the learner edits.
    pub fn stub(&self) -> String {
        format!("exercises/{}/src/main.rs", self.folder)
    }

    /// The cargo package of the stub.
    pub fn package(&self) -> &str {
        &self.folder
    }

    /// The cargo package of the reference solution and the mistakes.
    pub fn solution_package(&self) -> String {
        format!("{}-solution", self.folder)
    }
}

impl Course {
    /// Reads and validates the course at `root`.
    ///
    /// # Errors
    /// With file, line and column, and what is allowed there.
    pub fn load(root: &Path) -> Result<Course, CourseError> {
        Texts::read(root)?.course()
    }

    /// The exercise with this id.
    pub fn exercise(&self, id: &str) -> Option<&Exercise> {
        self.exercises.iter().find(|exercise| exercise.id == id)
    }

    /// Where the module's quiz is, if it has one.
    pub fn quiz_path(&self, module: &Module) -> PathBuf {
        self.page(module, "quiz.toml")
    }

    pub fn has_quiz(&self, module: &Module) -> bool {
        self.quiz_path(module).symlink_metadata().is_ok()
    }

    /// Reads and validates the module's quiz. Nothing but a quiz needs it, so [`Course::load`] leaves it alone.
    ///
    /// # Errors
    /// With file, line and column; also where there is no quiz.
    pub fn quiz(&self, module: &Module) -> Result<Quiz, CourseError> {
        quiz::load(self, &self.quiz_path(module))
    }

    /// The runs behind the transcripts in the pages. Only authors need them, so [`Course::load`] leaves them alone.
    ///
    /// # Errors
    /// With file, line and column.
    pub fn demos(&self) -> Result<Vec<Demo>, CourseError> {
        demo::load(self)
    }

    /// Is there a section with this id?
    pub fn has_section(&self, id: &str) -> bool {
        self.modules.iter().any(|module| module.section(id).is_some())
    }

    /// The path of a section or of another page below `modules/`.
    pub fn page(&self, module: &Module, file: &str) -> PathBuf {
        self.root.join("modules").join(&module.folder).join(file)
    }
}
