//! Where in a submission the exercises are.
//!
//! A learner hands in the whole checkout of the course (`exercises/ex01-producer-basics/src/main.rs`), or some folders of
//! exercises, or, where one exercise is graded, nothing but its program (`src/main.rs`, `main.rs`). Any of these may be
//! wrapped into folders that hold nothing else.

use super::Invalid;
use super::contents::Item;
use super::path::{above, below, name};
use super::sources::Language;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

/// The file in which a learner says how the program is started.
pub const COMMAND_FILE: &str = "submission.toml";

/// Deeper in a submission there is no exercise's folder.
const DEEPEST: usize = 6;

/// An exercise, as far as it can be recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// `ex1`.
    pub id: String,
    /// `ex01-producer-basics`.
    pub folder: String,
    pub graded: bool,
}

impl Task {
    /// May a folder of this name be the exercise's?
    fn is_called(&self, name: &str) -> bool {
        let number = self.folder.split('-').next().unwrap_or_default();
        [&self.folder, &self.id, number].iter().any(|own| own.eq_ignore_ascii_case(name))
    }
}

/// The folders of the graded exercises, by id, or why one cannot be told. An exercise that is not there was not handed in.
/// Never empty: where nothing is found, each exercise has the reason.
pub fn find(items: &[Item], tasks: &[Task]) -> BTreeMap<String, Result<String, Invalid>> {
    let tree = Tree::new(items);
    let graded = || tasks.iter().filter(|task| task.graded);
    let found: BTreeMap<String, Result<String, Invalid>> =
        graded().filter_map(|task| Some((task.id.clone(), tree.folder(task, tasks)?))).collect();
    if !found.is_empty() {
        return found;
    }
    let unnamed = tree.unnamed(tasks);
    graded().map(|task| (task.id.clone(), unnamed.clone())).collect()
}

/// Does something of this name look like a part of a submission, rather than like a whole one?
pub fn is_part(entry: &str, tasks: &[Task]) -> bool {
    let stem = entry.split('.').next().unwrap_or_default();
    let is_program = Language::of_source(entry).is_some() && matches!(stem, "main" | "Main" | "index");
    let is_usual = matches!(entry, "src" | "exercises" | "Cargo.toml" | COMMAND_FILE);
    is_program || is_usual || tasks.iter().any(|task| task.is_called(stem))
}

/// The folders of a submission.
struct Tree<'i> {
    /// Those in which a program may begin.
    programs: BTreeSet<&'i str>,
    /// All down to a certain depth.
    folders: BTreeSet<&'i str>,
}

impl<'i> Tree<'i> {
    fn new(items: &'i [Item]) -> Tree<'i> {
        let mut tree = Tree { programs: BTreeSet::new(), folders: BTreeSet::new() };
        for Item { path, .. } in items {
            tree.folders.extend(above(path).take(DEEPEST));
            if name(path) == COMMAND_FILE || Language::of_source(name(path)).is_some() {
                let innermost = above(path).last().unwrap_or_default();
                let src = above(path).find(|folder| name(folder) == "src");
                tree.programs.insert(src.map_or(innermost, |src| above(src).last().unwrap_or_default()));
            }
        }
        tree
    }

    /// `folder`, or the one in it that is nothing but wrapped by it: the first in which a program may begin.
    fn unwrapped(&self, folder: &'i str) -> Option<&'i str> {
        let mut at = folder;
        while !self.programs.contains(at) {
            let mut wrapped = everything_below(&self.folders, at).filter(|inner| {
                let rest = below(inner, at);
                rest.is_some_and(|rest| !rest.is_empty() && !rest.contains('/')) && self.leads_to_program(inner)
            });
            match (wrapped.next(), wrapped.next()) {
                (Some(only), None) => at = only,
                _ => return None,
            }
        }
        Some(at)
    }

    fn leads_to_program(&self, folder: &str) -> bool {
        self.programs.contains(folder) || everything_below(&self.programs, folder).next().is_some()
    }

    /// The folder of an exercise, known by its name.
    fn folder(&self, task: &Task, tasks: &[Task]) -> Option<Result<String, Invalid>> {
        let own = |part: &str| task.is_called(part);
        let other = |part: &str| !own(part) && tasks.iter().any(|task| task.is_called(part));
        // Of several, one that lies in another of this exercise's folders (`ex1.zip` with a whole course in it) comes
        // before one that lies in another exercise's.
        let mut candidates: BTreeMap<&str, usize> = BTreeMap::new();
        for folder in self.folders.iter().filter(|folder| own(name(folder))) {
            let mut parts = folder.split('/');
            if parts.clone().any(|part| matches!(part, "src" | "solutions")) {
                continue;
            }
            let Some(program) = self.unwrapped(folder) else { continue };
            let inside = below(program, folder).unwrap_or_default();
            if !inside.split('/').any(other) {
                let owned = 2 * parts.clone().filter(|part| own(part)).count() - usize::from(parts.any(other));
                let known = candidates.entry(program).or_default();
                *known = owned.max(*known);
            }
        }
        let most = candidates.values().max().copied()?;
        let mut best = candidates.into_iter().filter(|(_, owned)| *owned == most).map(|(folder, _)| folder);
        let (first, second) = (best.next()?, best.next());
        Some(match second {
            None => Ok(first.to_owned()),
            Some(second) => {
                let what = format!("two folders could be {}, and nothing tells which one counts", task.id);
                Err(Invalid::at(what, format!("{first}, {second}")))
            }
        })
    }

    /// The folder of the only graded exercise, where no folder is called after it; or why nothing is found.
    fn unnamed(&self, tasks: &[Task]) -> Result<String, Invalid> {
        let graded: Vec<&Task> = tasks.iter().filter(|task| task.graded).collect();
        let others = || tasks.iter().filter(|task| !task.graded);
        let named = |folder: &str| others().find(|task| folder.split('/').any(|part| task.is_called(part)));
        if let Some((task, folder)) = self.programs.iter().find_map(|folder| Some((named(folder)?, folder))) {
            return Err(Invalid::at(format!("this is {}, which is not what is graded here", task.id), *folder));
        }
        match (self.unwrapped(""), graded.as_slice()) {
            (Some(folder), [_]) => Ok(folder.to_owned()),
            (Some(folder), _) => {
                let what = "nothing tells to which exercise this program belongs: hand in the folders of the exercises";
                Err(Invalid::new(what).within(folder))
            }
            (None, _) => {
                let folder = graded.first().map(|task| task.folder.as_str()).unwrap_or_default();
                Err(Invalid::new(format!("no exercise is found in it; expected is exercises/{folder}/src/main.rs")))
            }
        }
    }
}

/// Those of `paths` that lie below `folder`.
fn everything_below<'p>(paths: &BTreeSet<&'p str>, folder: &str) -> impl Iterator<Item = &'p str> {
    // `0` comes after `/`.
    let (from, to) = (format!("{folder}/"), format!("{folder}0"));
    let bounds = match folder {
        "" => (Bound::Unbounded, Bound::Unbounded),
        _ => (Bound::Included(from.as_str()), Bound::Excluded(to.as_str())),
    };
    paths.range::<str, _>(bounds).copied()
}
