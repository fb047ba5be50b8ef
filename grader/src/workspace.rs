//! The learner's tree: where the course is, where state goes, what a reset overwrites.

use crate::course::Exercise;
use crate::files;
use crate::store::Store;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum WorkspaceError {
    #[error(
        "there is no course here: neither {} nor a folder above it holds modules/course.toml.\n\
         Go to the folder of the course, or name it with --course DIR.",
        from.display()
    )]
    NoCourse { from: PathBuf },
    #[error("there is no folder {}. Name the folder of the course with --course DIR.", from.display())]
    NoFolder { from: PathBuf },
    #[error("{}: {source}{}", path.display(), files::remedy(source))]
    Io { path: PathBuf, source: std::io::Error },
    #[error(
        "the stub of {exercise} as it was at first is not known: {reason}.\n\
         It comes from git: in a clone of the course, git log -- exercises shows what there is."
    )]
    NoOriginal { exercise: String, reason: String },
}

/// A crate with more files, or with a longer one, is not what an exercise asks for.
const MOST_SOURCES: usize = 10_000;
const LONGEST_SOURCE: u64 = 16 << 20;

/// A course's folder on this machine.
#[derive(Debug, Clone)]
pub struct Workspace {
    pub root: PathBuf,
}

impl Workspace {
    /// Finds the course from `from` upwards.
    ///
    /// # Errors
    /// `from` is no folder, there is none, or one may be there and may not be read.
    pub fn find(from: &Path) -> Result<Workspace, WorkspaceError> {
        match std::fs::metadata(from) {
            Err(source) if source.kind() == ErrorKind::PermissionDenied => {
                return Err(WorkspaceError::Io { path: from.to_owned(), source });
            }
            Ok(found) if found.is_dir() => {}
            // The course around it is not the one that was named.
            _ => return Err(WorkspaceError::NoFolder { from: from.to_owned() }),
        }
        let mut denied = None;
        for root in from.ancestors() {
            let path = root.join("modules/course.toml");
            match std::fs::metadata(&path) {
                Ok(found) if found.is_file() => return Ok(Workspace { root: root.to_owned() }),
                Err(source) if source.kind() == ErrorKind::PermissionDenied => {
                    denied.get_or_insert(WorkspaceError::Io { path, source });
                }
                _ => {}
            }
        }
        Err(denied.unwrap_or_else(|| WorkspaceError::NoCourse { from: from.to_owned() }))
    }

    /// Where progress, evidence and backups go.
    pub fn state(&self) -> PathBuf {
        self.root.join(".kafkacourse")
    }

    /// The file that a learner edits.
    pub fn stub(&self, exercise: &Exercise) -> PathBuf {
        self.root.join(exercise.stub())
    }

    /// The exercise whose folder, in either tree, holds `folder`.
    pub fn exercise_at<'a>(&self, folder: &Path, exercises: &'a [Exercise]) -> Option<&'a Exercise> {
        let below = folder.strip_prefix(&self.root).ok()?;
        let mut parts = below.components();
        let tree = parts.next()?.as_os_str();
        let name = parts.next()?.as_os_str();
        (tree == "exercises" || tree == "solutions")
            .then(|| exercises.iter().find(|exercise| name == exercise.folder.as_str()))
            .flatten()
    }

    /// The evidence of this course's runs.
    pub fn store(&self) -> Store {
        Store::new(&self.state())
    }

    /// A short text that changes with what cargo reads of the learner's crate: its manifest, its build script, and the
    /// Rust files in `src`. What editors and file managers leave there does not count. None where they cannot be read.
    pub fn fingerprint(&self, exercise: &Exercise) -> Option<String> {
        let root = self.root.join("exercises").join(&exercise.folder);
        let mut files = vec![root.join("Cargo.toml")];
        files.extend(Some(root.join("build.rs")).filter(|file| file.is_file()));
        let mut folders = vec![root.join("src")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).ok()?.flatten() {
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                    Ok(kind) if kind.is_file() && is_rust(&entry.file_name()) => files.push(entry.path()),
                    _ => {} // a link, a FIFO, a socket, a swap file
                }
            }
            if files.len() + folders.len() > MOST_SOURCES {
                return None;
            }
        }
        files.sort();
        // It tells a change from none, for somebody who has no reason to cheat.
        let mut sum = flate2::Crc::new();
        for file in files {
            sum.update(file.strip_prefix(&root).ok()?.to_string_lossy().as_bytes());
            sum.update(&files::read(&file, LONGEST_SOURCE).ok()?);
        }
        Some(format!("{:08x}", sum.sum()))
    }

    /// The stub as the course shipped it, from git.
    ///
    /// # Errors
    /// The course is no git checkout.
    pub fn original(&self, exercise: &Exercise) -> Result<Vec<u8>, WorkspaceError> {
        let fail = |reason: String| WorkspaceError::NoOriginal { exercise: exercise.id.clone(), reason };
        let git =
            |arguments: &[&str]| std::process::Command::new("git").current_dir(&self.root).args(arguments).output();
        let mut reason = String::new();
        // What was cloned, before what the learner may have committed since.
        for version in ["origin/HEAD", "HEAD"] {
            let shown = git(&["show", &format!("{version}:./{}", exercise.stub())])
                .map_err(|error| fail(format!("git cannot be run: {error}")))?;
            if shown.status.success() {
                return Ok(shown.stdout);
            }
            reason = String::from_utf8_lossy(&shown.stderr).trim().to_owned();
        }
        Err(fail(reason))
    }

    /// Puts the stub back as it was; what is there now is kept, and its new place returned (none if nothing changed).
    ///
    /// # Errors
    /// The original is not known, or a file cannot be written; then nothing has been overwritten.
    pub fn reset(&self, exercise: &Exercise) -> Result<Option<PathBuf>, WorkspaceError> {
        let original = self.original(exercise)?;
        let stub = self.stub(exercise);
        let wrap = |path: &Path| {
            let path = path.to_owned();
            move |source| WorkspaceError::Io { path, source }
        };
        let now = match files::read(&stub, LONGEST_SOURCE) {
            Ok(now) => Some(now),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            // What cannot be kept is not overwritten.
            Err(source) => return Err(wrap(&stub)(source)),
        };
        if now.as_ref() == Some(&original) {
            return Ok(None);
        }
        let folder = self.state().join("backup");
        files::make_folder(&folder).map_err(wrap(&folder))?;
        let name = format!("{}-{}.rs", exercise.id, jiff::Zoned::now().strftime("%Y%m%d-%H%M%S%.3f"));
        let backup = folder.join(name);
        if let Some(now) = now {
            write_whole(&backup, &now).map_err(wrap(&backup))?;
        }
        // Under its name all at once: a crash leaves the old file or the new one.
        let temporary = stub.with_extension("rs.new");
        write_whole(&temporary, &original).map_err(wrap(&temporary))?;
        std::fs::rename(&temporary, &stub).map_err(wrap(&stub))?;
        Ok(Some(backup))
    }
}

/// Writes a file, and leaves no part of one behind where the disk is full.
fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    std::fs::write(path, bytes).inspect_err(|_| drop(std::fs::remove_file(path)))
}

/// Is a file of this name one that cargo compiles, and none that an editor hides?
fn is_rust(name: &std::ffi::OsStr) -> bool {
    let name = Path::new(name);
    let hidden = name.to_string_lossy().starts_with(['.', '#']);
    !hidden && name.extension().is_some_and(|extension| extension == "rs")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_cargo_compiles_is_a_source() {
        let rust = |name: &str| is_rust(std::ffi::OsStr::new(name));
        assert!(rust("main.rs") && rust("4913.rs"));
        for name in
            [".main.rs.swp", "4913", "main.rs~", "#main.rs#", ".#main.rs", ".DS_Store", "Cargo.lock", "main.rs.new"]
        {
            assert!(!rust(name), "{name}");
        }
    }
}
