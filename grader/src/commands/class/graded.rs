//! A class that was graded: its folder, read again, with its course.

use super::super::cli::Everywhere;
use super::super::context::workspace;
use crate::class::folder::ClassFolder;
use crate::class::ledger::Ledger;
use crate::class::marks::{self, ClassResults};
use crate::class::record::Record;
use crate::class::roll::{Entry, Roll};
use crate::course::{Course, Exercise, find_exercise, nearest};
use crate::foreign::Foreign;
use crate::report::out::errln;
use crate::submission::{Learner, LearnerId};
use std::collections::BTreeSet;
use std::path::Path;

pub(super) struct GradedClass {
    pub course: Course,
    pub folder: ClassFolder,
    pub roll: Roll,
    pub ledger: Ledger,
}

impl GradedClass {
    /// The class that was graded into `folder`, to be read.
    pub fn look(everywhere: &Everywhere, folder: &Path) -> anyhow::Result<GradedClass> {
        GradedClass::of_folder(everywhere, ClassFolder::look(folder)?)
    }

    /// The same, with nobody else at work there.
    pub fn open(everywhere: &Everywhere, folder: &Path) -> anyhow::Result<GradedClass> {
        ClassFolder::look(folder)?; // opening would make it
        GradedClass::of_folder(everywhere, ClassFolder::open(folder)?)
    }

    fn of_folder(everywhere: &Everywhere, folder: ClassFolder) -> anyhow::Result<GradedClass> {
        let course = Course::load(&workspace(everywhere)?.0.root)?;
        let roll = Roll::read(&folder)?;
        let ledger = Ledger::read(folder.journal())?;
        ledger.damaged.iter().for_each(|damaged| errln!("{}", Foreign::from(damaged.to_string()).lines()));
        Ok(GradedClass { course, folder, roll, ledger })
    }

    pub fn results(&self) -> ClassResults {
        marks::results(&self.course, &self.folder, &self.roll, &self.ledger)
    }

    /// What was graded, in the course's order: all of it, or what `words` name.
    pub fn exercises(&self, words: &[String]) -> anyhow::Result<Vec<&Exercise>> {
        let named: Vec<&str> = words
            .iter()
            .map(|word| Ok(find_exercise(&self.course, word)?.id.as_str()))
            .collect::<anyhow::Result<_>>()?;
        if let Some(id) = named.iter().find(|id| !self.roll.exercises.iter().any(|graded| graded == *id)) {
            anyhow::bail!("{id} was not graded in this class; {} was", self.roll.exercises.join(", "));
        }
        let graded = self.course.exercises.iter().filter(|exercise| self.roll.exercises.contains(&exercise.id));
        Ok(graded.filter(|exercise| named.is_empty() || named.contains(&exercise.id.as_str())).collect())
    }

    /// Everybody, or those that `words` name.
    pub fn learners(&self, words: &[String]) -> anyhow::Result<Vec<&Entry>> {
        let named: BTreeSet<&LearnerId> =
            words.iter().map(|word| Ok(&self.learner(word)?.learner.id)).collect::<anyhow::Result<_>>()?;
        Ok(self.roll.learners.iter().filter(|entry| words.is_empty() || named.contains(&entry.learner.id)).collect())
    }

    /// The learner whom `word` names: an id, or a name, an address, what a platform calls them, or a part of one of these
    /// that nobody else has.
    pub fn learner(&self, word: &str) -> anyhow::Result<&Entry> {
        let sought = word.trim().to_lowercase();
        let all = || self.roll.learners.iter();
        if let Some(entry) = all().find(|entry| entry.learner.id.as_str().to_lowercase() == sought) {
            return Ok(entry);
        }
        let is = |entry: &&Entry| names(&entry.learner).contains(&sought);
        let has =
            |entry: &&Entry| !sought.is_empty() && names(&entry.learner).iter().any(|name| name.contains(&sought));
        let called: Vec<&Entry> = all().filter(is).collect();
        let found = if called.is_empty() { all().filter(has).collect() } else { called };
        match found.as_slice() {
            [only] => Ok(only),
            [] => {
                let near = nearest(
                    &sought,
                    all().flat_map(|entry| {
                        let id = entry.learner.id.to_string();
                        names(&entry.learner).into_iter().map(move |name| (name, id.clone()))
                    }),
                );
                anyhow::bail!("there is no learner “{word}” in this class.{}", did_you_mean(&near))
            }
            several => {
                let who = |entry: &&Entry| match &entry.learner.name {
                    Some(name) => format!("{} ({})", entry.learner.id, Foreign::from(name.as_str())),
                    None => entry.learner.id.to_string(),
                };
                let some = several.iter().take(8).map(who).collect::<Vec<_>>().join(", ");
                let more = several.len().saturating_sub(8);
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                anyhow::bail!("“{word}” may be any of {}: {some}{more}. Give the id.", several.len())
            }
        }
    }

    /// What is known of these, in their order: learners, exercises, sittings.
    pub fn records<'s>(&'s self, learners: &[&Entry], exercises: &[&Exercise]) -> Vec<&'s Record> {
        let mut records = Vec::new();
        for entry in learners {
            for exercise in exercises {
                let sittings = 1..=self.roll.policy.seeds;
                records.extend(
                    sittings.filter_map(|sitting| self.ledger.record(&entry.learner.id, &exercise.id, sitting)),
                );
            }
        }
        records
    }
}

/// A question that follows a sentence; nothing where nothing is near.
pub(super) fn did_you_mean(near: &[String]) -> String {
    if near.is_empty() { String::new() } else { format!(" Did you mean {}?", near.join(", ")) }
}

/// What a learner may be called, in small letters.
fn names(learner: &Learner) -> Vec<String> {
    let id = learner.id.to_string();
    [Some(&id), learner.name.as_ref(), learner.email.as_ref()]
        .into_iter()
        .flatten()
        .chain(learner.elsewhere.values())
        .map(|name| name.to_lowercase())
        .collect()
}
