//! Whose program is graded, and how it comes to be.

use crate::build::{self, BuildError, Said};
use crate::course::{Exercise, Mistake};
use crate::process::Program;
use std::path::{Path, PathBuf};

/// A program that can be graded.
#[derive(Debug, Clone)]
pub enum Candidate<'a> {
    /// The learner's crate, built by cargo.
    Exercise,
    /// The reference solution.
    Solution,
    /// One of the exercise's known mistakes, by name.
    Mistake(&'a str),
    /// A command line, given to `sh -c` in `folder`.
    Command { line: &'a str, folder: &'a Path },
    /// A program that has been built, called `name` in the evidence.
    Built { path: &'a Path, name: &'a str },
}

impl Candidate<'_> {
    /// What evidence calls it.
    pub fn name(&self) -> String {
        match self {
            Candidate::Exercise => "exercise".into(),
            Candidate::Solution => "solution".into(),
            Candidate::Mistake(name) => format!("mistake {name}"),
            Candidate::Command { line, .. } => (*line).to_owned(),
            Candidate::Built { name, .. } => (*name).to_owned(),
        }
    }

    /// Is it what the learner wrote?
    pub fn is_learners(&self) -> bool {
        matches!(self, Candidate::Exercise | Candidate::Command { .. })
    }

    /// The program, built where it has to be, and the folder where it runs.
    pub(super) async fn program(
        &self,
        root: &Path,
        exercise: &Exercise,
        colour: bool,
        says: impl Fn(Said<'_>),
    ) -> Result<(Program, PathBuf), BuildError> {
        let folder = root.join("exercises").join(&exercise.folder);
        let solution = exercise.solution_package();
        let (package, binary) = match self {
            Candidate::Command { line, folder } => {
                return Ok((Program::Command((*line).to_owned()), (*folder).to_owned()));
            }
            Candidate::Built { path, .. } => return Ok((Program::Built((*path).to_owned()), folder)),
            Candidate::Exercise => (exercise.package(), exercise.package()),
            Candidate::Solution => (solution.as_str(), solution.as_str()),
            Candidate::Mistake(name) => {
                let mistake = exercise.mistakes.iter().find(|mistake| mistake.name == *name);
                (solution.as_str(), mistake.map_or(*name, Mistake::program))
            }
        };
        let path = build::program(root, package, binary, colour, says).await?;
        Ok((Program::Built(path), folder))
    }
}
