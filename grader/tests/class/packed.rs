//! Submissions as they are handed in: folders, archives, repositories.

use super::made::{Learner, Made, Unusable, Work};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::path::Path;
use std::process::Command;

/// How a submission is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    Folder,
    Zip,
    TarGz,
    TarZst,
    /// A repository without a work tree.
    Git,
}

pub const PACKINGS: [Packing; 4] = [Packing::Folder, Packing::Zip, Packing::TarGz, Packing::TarZst];

type Files = BTreeMap<String, Vec<u8>>;

impl Made {
    /// Writes each submission into `folder`, packed in turn as `packings` say.
    ///
    /// # Panics
    /// They cannot be written.
    pub fn write(&self, folder: &Path, packings: &[Packing]) {
        std::fs::create_dir_all(folder).expect("a folder");
        for (position, learner) in self.learners.iter().enumerate() {
            learner.write(folder, self.files(position), packings[position % packings.len()]);
        }
    }

    /// The files of the learner at `position`, as one of the layouts that learners come up with. None for what cannot be
    /// told by files alone.
    pub fn files(&self, position: usize) -> Files {
        let Work::Programs(programs) = &self.learners[position].work else { return Files::new() };
        let mut files = Files::new();
        for (exercise, program) in programs {
            let course = &self.folders[exercise];
            let folder = match position % 4 {
                0 => format!("exercises/{course}"),
                1 => course.clone(),
                2 => format!("kafkacourse-main/exercises/{course}"),
                _ => exercise.clone(),
            };
            for (path, text) in &program.files {
                files.insert(format!("{folder}/{path}"), text.clone().into_bytes());
            }
            if position.is_multiple_of(4) {
                files.insert(format!("{folder}/Cargo.toml"), b"[package]\nname = \"mine\"\n".into());
                files.insert(format!("{folder}/build.rs"), b"fn main() { panic!() }\n".into());
            }
        }
        files.insert("notes.txt".into(), b"I liked it.\n".into());
        files
    }
}

impl Learner {
    fn write(&self, folder: &Path, files: Files, packing: Packing) {
        let path = |ending: &str| folder.join(format!("{}{ending}", self.id));
        let save = |ending: &str, bytes: Vec<u8>| std::fs::write(path(ending), bytes).expect("a file");
        match (&self.work, packing) {
            (Work::Unusable(Unusable::Empty), _) => std::fs::create_dir(path("")).expect("a folder"),
            (Work::Unusable(unusable), _) => save(".zip", unusable_zip(*unusable)),
            (_, Packing::Folder) => write_files(&path(""), &files),
            (_, Packing::Zip) => save(".zip", zip(&files)),
            (_, Packing::TarGz) => {
                let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
                gzip.write_all(&tar(&files)).expect("into memory");
                save(".tar.gz", gzip.finish().expect("into memory"));
            }
            (_, Packing::TarZst) => {
                save(".tar.zst", zstd::encode_all(Cursor::new(tar(&files)), 1).expect("into memory"))
            }
            (_, Packing::Git) => git(&path(".git"), &files),
        }
    }
}

/// An archive of which nothing can be graded; nothing at all for what is empty.
pub fn unusable_zip(unusable: Unusable) -> Vec<u8> {
    let main = || ("src/main.rs".to_owned(), b"fn main() {}\n".to_vec());
    match unusable {
        Unusable::Empty => zip(&Files::new()),
        Unusable::Unnamed => zip(&Files::from([main()])),
        Unusable::Escapes => zip(&Files::from([main(), ("../../escaped.rs".into(), b"fn main() {}\n".to_vec())])),
        Unusable::Cut => {
            let mut bytes = zip(&Files::from([("ex1/src/main.rs".to_owned(), vec![b'/'; 4096])]));
            bytes.truncate(bytes.len() / 2);
            bytes
        }
    }
}

/// A zip archive of these files.
pub fn zip(files: &Files) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (path, bytes) in files {
        archive.start_file(path, zip::write::SimpleFileOptions::default()).expect("into memory");
        archive.write_all(bytes).expect("into memory");
    }
    archive.finish().expect("into memory").into_inner()
}

fn tar(files: &Files) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (path, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, path, bytes.as_slice()).expect("into memory");
    }
    archive.into_inner().expect("into memory")
}

fn write_files(folder: &Path, files: &Files) {
    for (path, bytes) in files {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder above")).expect("a folder");
        std::fs::write(path, bytes).expect("a file");
    }
}

fn git(path: &Path, files: &Files) {
    let tree = tempfile::tempdir().expect("a folder");
    write_files(tree.path(), files);
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=Somebody", "-c", "user.email=somebody@example.org"]).args(arguments);
        let output = command.current_dir(tree.path()).output().expect("git is installed");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    git(&["init", "--quiet"]);
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "--allow-empty", "--message", "My work"]);
    git(&["clone", "--quiet", "--bare", ".", &path.display().to_string()]);
}
