//! One submission, from its place to the sources that count.

use super::allowed::{self, Picked};
use super::command::{self, Command};
use super::contents::{Contents, Kind, Part};
use super::layout::{self, Task};
use super::notes::LeftOut;
use super::path::{above, below};
use super::sources::{Language, Sources};
use super::{Invalid, Learner, Note, Submission, Unreadable};
use crate::{files, limits};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// What a learner has handed in, before anything in it was looked at.
#[derive(Debug, Clone)]
pub struct Handed {
    pub learner: Learner,
    /// The folder, archive, file or repository; of several, the first.
    pub origin: PathBuf,
    /// When it was handed in, where the export tells.
    pub handed_in: Option<jiff::Timestamp>,
    pub notes: Vec<Note>,
    /// All of them, where several are there and nothing tells which one counts.
    pub(super) several: Vec<PathBuf>,
    pub(super) parts: Vec<Part>,
    pub(super) order: Arc<Order>,
}

/// What is looked for in each submission.
#[derive(Debug)]
pub(super) struct Order {
    pub tasks: Vec<Task>,
    pub language: Language,
    /// Where an archive of the whole class was unpacked. It goes with the last submission.
    pub _unpacked: Option<tempfile::TempDir>,
}

impl Handed {
    /// Reads what counts of it.
    ///
    /// # Errors
    /// It cannot be looked at, which is not the learner's doing. What is wrong with what was handed in is in the
    /// submission itself.
    pub fn open(&self) -> Result<Submission, Unreadable> {
        if !self.several.is_empty() {
            return Err(Unreadable::Several { places: self.several.clone() });
        }
        let mut contents = Contents::list(&self.parts)?;
        let mut folders = layout::find(&contents.items, &self.order.tasks);
        let mut notes = std::mem::take(&mut contents.notes);
        let empty = contents.items.is_empty() && notes.is_empty();
        if let Some(why) = contents.broken.clone().or(empty.then(|| Invalid::new("there is nothing in it"))) {
            for task in self.order.tasks.iter().filter(|task| task.graded) {
                let folder = folders.entry(task.id.clone()).or_insert_with(|| Err(why.clone()));
                *folder = folder.clone().map_err(|_| why.clone());
            }
        }
        let commands = self.commands(&contents)?;
        let mut exercises = BTreeMap::new();
        let mut picked = BTreeMap::new();
        for (id, folder) in &folders {
            let found = folder.clone().and_then(|folder| {
                let Command { language, entry } = self.command(&commands, &folder)?;
                allowed::pick(&contents.items, &folder, language, entry.as_deref(), &mut notes)
            });
            match found {
                Ok(found) => drop(picked.insert(id.clone(), found)),
                Err(invalid) => drop(exercises.insert(id.clone(), Err(invalid))),
            }
        }
        let wanted: Vec<usize> = picked.values().flat_map(|picked: &Picked| picked.files.values().copied()).collect();
        let read = contents.read(&wanted)?;
        for (id, picked) in picked {
            exercises.insert(id, sources(picked, &read));
        }
        let inside = |path: &str| folders.values().flatten().any(|folder| below(path, folder).is_some());
        for item in contents.items.iter().filter(|item| !inside(&item.path)) {
            notes.add(LeftOut::Elsewhere, &item.path);
        }
        let mut notes: Vec<Note> = self.notes.iter().cloned().chain(notes.written()).collect();
        let committed = if self.handed_in.is_none() { contents.time() } else { None };
        if committed.is_some() {
            notes.push(Note::new("when it was handed in is what its last commit says, which its author can choose"));
        }
        let handed_in = self.handed_in.or(committed);
        Ok(Submission { learner: self.learner.clone(), origin: self.origin.clone(), handed_in, exercises, notes })
    }

    /// The commands that the learner names, by the folder that they are for.
    fn commands(&self, contents: &Contents) -> Result<BTreeMap<String, Result<Command, Invalid>>, Unreadable> {
        let is_command = |path: &str| below(path, above(path).last().unwrap_or_default()) == Some(layout::COMMAND_FILE);
        let files = contents.items.iter().enumerate();
        let files = files.filter(|(_, item)| matches!(item.kind, Kind::File { .. }) && is_command(&item.path));
        let files: Vec<usize> = files.map(|(number, _)| number).take(limits::SOURCES).collect();
        let read = contents.read(&files)?.into_iter().map(|(number, bytes)| {
            let path = &contents.items[number].path;
            let command = bytes.and_then(|bytes| command::parse(&bytes).map_err(|why| Invalid::at(why, path)));
            (above(path).last().unwrap_or_default().to_owned(), command)
        });
        Ok(read.collect())
    }

    /// What the program in `folder` is written in, and what it begins with: as the nearest file around it says.
    fn command(&self, commands: &BTreeMap<String, Result<Command, Invalid>>, folder: &str) -> Result<Command, Invalid> {
        let mut around: Vec<&str> = above(folder).collect();
        around.insert(0, "");
        around.push(folder);
        let nearest = around.into_iter().rev().find_map(|folder| commands.get(folder));
        nearest.cloned().unwrap_or(Ok(Command { language: self.order.language, entry: None }))
    }
}

/// The files that were picked, now that they are read.
fn sources(picked: Picked, read: &BTreeMap<usize, Result<Vec<u8>, Invalid>>) -> Result<Sources, Invalid> {
    let mut sources = Sources { language: picked.language, entry: picked.entry, files: BTreeMap::new() };
    let mut bytes = 0;
    for (path, item) in picked.files {
        let Some(file) = read.get(&item) else { continue };
        let file = file.clone()?;
        bytes += file.len() as u64;
        sources.files.insert(path, file);
    }
    match bytes > limits::SOURCES_BYTES {
        true => Err(Invalid::new(format!("sources of more than {}", files::size(limits::SOURCES_BYTES)))),
        false => Ok(sources),
    }
}
