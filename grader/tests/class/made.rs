//! A class of any size, made from a seed: who hands in what, and what must become of it.

use super::programs::{Expected, Program, Programs};
use grader::course::Course;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// What a class is made from.
#[derive(Debug, Clone)]
pub struct Recipe {
    pub learners: usize,
    /// Ids (`ex1`).
    pub exercises: Vec<String>,
    pub seed: u64,
}

/// Somebody in the class.
#[derive(Debug, Clone)]
pub struct Learner {
    pub id: String,
    pub name: String,
    /// The number that Canvas gives them.
    pub number: u32,
    pub late: bool,
    pub work: Work,
}

#[derive(Debug, Clone)]
pub enum Work {
    /// By exercise; what is not there was not handed in.
    Programs(BTreeMap<String, Program>),
    /// Something that is no submission.
    Unusable(Unusable),
}

/// What makes a submission unusable as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unusable {
    /// No file at all.
    Empty,
    /// An archive that breaks off.
    Cut,
    /// An archive with a path that leaves it.
    Escapes,
    /// A program of which nobody can tell for which exercise it is.
    Unnamed,
}

/// A class, and where the exercises' folders are.
pub struct Made {
    pub learners: Vec<Learner>,
    /// By exercise: `ex01-producer-basics`.
    pub folders: BTreeMap<String, String>,
}

/// One line of `expected.jsonl`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expectation {
    pub learner: String,
    pub exercise: String,
    /// What was handed in, in a word or two.
    pub program: String,
    #[serde(flatten)]
    pub expected: Expected,
}

impl Recipe {
    /// Makes the class from the programs of the course at `root`.
    ///
    /// # Panics
    /// The course has no such exercise, or cannot be read.
    pub fn make(&self, root: &Path) -> Made {
        let course = Course::load(root).expect("the course");
        let exercise = |id: &String| course.exercise(id).unwrap_or_else(|| panic!("there is no {id}"));
        let programs: BTreeMap<&str, Programs> =
            self.exercises.iter().map(|id| (id.as_str(), Programs::of_exercise(root, exercise(id)))).collect();
        let folders = self.exercises.iter().map(|id| (id.clone(), exercise(id).folder.clone())).collect();
        let mut random = StdRng::seed_from_u64(self.seed);
        let mut learners: Vec<Learner> = Vec::new();
        for position in 0..self.learners {
            let work = work(position, &learners, &programs, &mut random);
            learners.push(Learner {
                id: format!("l{:04}", position + 1),
                name: name(position),
                number: 70_000 + u32::try_from(position).expect("a class"),
                late: position % 10 == 3,
                work,
            });
        }
        Made { learners, folders }
    }
}

/// What a learner hands in. Some places of each twenty-five are given away, so that also a small class has everything.
fn work(position: usize, before: &[Learner], programs: &BTreeMap<&str, Programs>, random: &mut StdRng) -> Work {
    let draw = |programs: &Programs, random: &mut StdRng| match random.random_range(0..100) {
        0..40 => Some(programs.solution.clone()),
        40..60 => programs.examples.choose(random).cloned(),
        60..86 => programs.mistakes.choose(random).cloned(),
        86..91 => Some(programs.stub.clone()),
        91..96 => programs.broken.choose(random).cloned(),
        _ => None,
    };
    let hostile = |programs: &Programs, random: &mut StdRng| programs.hostile.choose(random).cloned();
    let unusable = [Unusable::Empty, Unusable::Cut, Unusable::Escapes, Unusable::Unnamed];
    match (position % 25, before.last().map(|learner| &learner.work)) {
        (7, _) => Work::Unusable(unusable[position / 25 % unusable.len()]),
        (11, _) => individual(position, programs, |programs| hostile(programs, random)),
        // A copy, to the last byte.
        (17 | 23, Some(copied)) => copied.clone(),
        _ => individual(position, programs, |programs| draw(programs, random)),
    }
}

/// A program of one's own for each exercise. A word in each makes it so: what is identical is built once, and a class
/// in which it was would be quicker than any that exists.
fn individual(
    position: usize,
    programs: &BTreeMap<&str, Programs>,
    mut draw: impl FnMut(&Programs) -> Option<Program>,
) -> Work {
    let drawn = programs.iter().filter_map(|(exercise, programs)| {
        let mut program = draw(programs)?;
        program.files.get_mut("src/main.rs")?.push_str(&format!("\n// my own work, number {}\n", position + 1));
        Some(((*exercise).to_owned(), program))
    });
    Work::Programs(drawn.collect())
}

/// Names as classes have them, with what is hard on tables.
fn name(position: usize) -> String {
    const FIRST: [&str; 11] =
        ["Ada", "Grace", "Zoë", "José María", "Nguyễn", "Ольга", "Jean-Luc", "Mary \"May\"", "李", "Åse", "=Sum"];
    const LAST: [&str; 9] =
        ["Lovelace", "Hopper", "O'Brien", "Ångström", "van der Berg", "Müller, Jr.", "Петрова", "王", "<b>Bold</b>"];
    format!("{} {}", FIRST[position % FIRST.len()], LAST[position / FIRST.len() % LAST.len()])
}

impl Made {
    /// What must become of each exercise of each learner.
    pub fn expectations(&self) -> Vec<Expectation> {
        let lines = self.learners.iter().flat_map(|learner| {
            self.folders.keys().map(|exercise| {
                let (program, expected) = match &learner.work {
                    // Where there is one exercise only, the program is for that.
                    Work::Unusable(Unusable::Unnamed) if self.folders.len() == 1 => {
                        ("unnamed".into(), Expected::NotPassed)
                    }
                    Work::Unusable(unusable) => (format!("{unusable:?}").to_lowercase(), Expected::Invalid),
                    Work::Programs(programs) => match programs.get(exercise) {
                        Some(program) => (program.name.clone(), program.expected.clone()),
                        // A submission without any program is none.
                        None if programs.is_empty() => ("nothing".into(), Expected::Invalid),
                        None => ("nothing".into(), Expected::Missing),
                    },
                };
                Expectation { learner: learner.id.clone(), exercise: exercise.clone(), program, expected }
            })
        });
        lines.collect()
    }
}
