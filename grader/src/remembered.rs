//! The command line that stands for the learner's program of an exercise, where that is not the crate: a journal.

use crate::journal::{Contents, DamagedLine, Journal, JournalError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Version of the lines; a newer one is refused.
const FORMAT: u32 = 1;

/// A command line, and the folder where it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandLine {
    pub line: String,
    /// Below the course, so that the course may move; else absolute.
    pub folder: PathBuf,
}

/// From here on this, or none: the crate.
#[derive(Debug, Serialize, Deserialize)]
struct Choice {
    format: u32,
    exercise: String,
    command: Option<CommandLine>,
}

/// The newest choice for each exercise.
#[derive(Debug)]
pub struct Remembered {
    journal: Journal,
    root: PathBuf,
    commands: BTreeMap<String, CommandLine>,
    pub damaged: Vec<DamagedLine>,
}

impl Remembered {
    /// Reads what is remembered in the course at `root`; no file means nothing. `state` is the folder `.kafkacourse`.
    ///
    /// # Errors
    /// The file cannot be read, or comes from a newer version.
    pub fn load(root: &Path, state: &Path) -> Result<Remembered, JournalError> {
        let journal = Journal::new(state.join("commands.jsonl"), FORMAT);
        let Contents { records, damaged } = journal.read::<Choice>()?;
        let mut commands = BTreeMap::new();
        for Choice { exercise, command, .. } in records {
            match command {
                Some(command) => _ = commands.insert(exercise, command),
                None => _ = commands.remove(&exercise),
            }
        }
        Ok(Remembered { journal, root: root.to_owned(), commands, damaged })
    }

    /// The command line for the exercise, in a folder that is absolute.
    pub fn command(&self, exercise: &str) -> Option<CommandLine> {
        let CommandLine { line, folder } = self.commands.get(exercise)?;
        Some(CommandLine { line: line.clone(), folder: self.root.join(folder) })
    }

    /// Remembers this command line; says whether that is news.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn keep(&mut self, exercise: &str, line: &str, folder: &Path) -> Result<bool, JournalError> {
        let folder = folder.strip_prefix(&self.root).unwrap_or(folder).to_owned();
        let command = CommandLine { line: line.to_owned(), folder };
        if self.commands.get(exercise) == Some(&command) {
            return Ok(false);
        }
        self.write(exercise, Some(command.clone()))?;
        self.commands.insert(exercise.to_owned(), command);
        Ok(true)
    }

    /// Forgets the command line of the exercise; says whether there was one.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn forget(&mut self, exercise: &str) -> Result<bool, JournalError> {
        if !self.commands.contains_key(exercise) {
            return Ok(false);
        }
        self.write(exercise, None)?;
        Ok(self.commands.remove(exercise).is_some())
    }

    fn write(&self, exercise: &str, command: Option<CommandLine>) -> Result<(), JournalError> {
        self.journal.append(&Choice { format: FORMAT, exercise: exercise.to_owned(), command })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_choice_counts_and_moves_with_the_course() {
        let folder = tempfile::tempdir().unwrap();
        let (root, moved) = (folder.path().join("course"), folder.path().join("moved"));
        let load = |root: &Path| Remembered::load(root, &root.join(".kafkacourse")).unwrap();
        let mut first = load(&root);
        assert!(first.keep("ex1", "python3 a.py", &root.join("mine")).unwrap());
        assert!(!first.keep("ex1", "python3 a.py", &root.join("mine")).unwrap(), "no news");
        // Another terminal.
        assert!(load(&root).keep("ex1", "node b.js", Path::new("/elsewhere")).unwrap());
        assert!(load(&root).keep("ex2", "go run .", &root).unwrap());
        std::fs::rename(&root, &moved).unwrap();
        let command = |exercise: &str| load(&moved).command(exercise).map(|command| (command.line, command.folder));
        assert_eq!(command("ex1"), Some(("node b.js".into(), "/elsewhere".into())));
        assert_eq!(command("ex2"), Some(("go run .".into(), moved.clone())));
        assert!(load(&moved).forget("ex1").unwrap() && !load(&moved).forget("ex1").unwrap());
        assert_eq!(command("ex1"), None);
    }

    #[test]
    fn what_is_damaged_costs_itself_and_what_is_newer_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join(".kafkacourse");
        let load = || Remembered::load(folder.path(), &state);
        load().unwrap().keep("ex1", "a", folder.path()).unwrap();
        let file = state.join("commands.jsonl");
        let good = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, format!("{good}{{\"format\":1,\"exer\n")).unwrap();
        let remembered = load().unwrap();
        assert_eq!(
            (remembered.command("ex1").map(|command| command.line), remembered.damaged.len()),
            (Some("a".into()), 1)
        );
        std::fs::write(&file, good.replace("\"format\":1", "\"format\":2")).unwrap();
        assert!(
            load().unwrap_err().to_string().contains("written by a newer kafkacourse (format 2, this version reads 1)")
        );
    }
}
