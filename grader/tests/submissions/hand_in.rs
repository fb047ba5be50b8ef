//! A class that hands in whatever a test wants.
#![allow(dead_code)] // each test file uses its own part

use grader::course::{Course, Exercise};
use grader::submission::{self, Intake, IntakeError, Invalid, Options, Sources, Submission};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// A program, as far as these tests look at it.
pub const MAIN: &str = "fn main() {}\n";

fn course() -> &'static Course {
    static COURSE: OnceLock<Course> = OnceLock::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    COURSE.get_or_init(|| Course::load(&root).expect("the course"))
}

/// A folder of submissions, which goes when it is dropped.
pub struct Class {
    folder: tempfile::TempDir,
    beside: tempfile::TempDir,
    place: Option<PathBuf>,
    graded: Vec<&'static Exercise>,
    options: Options,
}

impl Class {
    /// A class of which `ex1` is graded.
    pub fn new() -> Class {
        Class::grading(&["ex1"])
    }

    pub fn grading(exercises: &[&str]) -> Class {
        let graded = exercises.iter().map(|id| course().exercise(id).expect("an exercise")).collect();
        let folder = || tempfile::tempdir().expect("a folder");
        Class { folder: folder(), beside: folder(), place: None, graded, options: Options::default() }
    }

    pub fn with(self, options: Options) -> Class {
        Class { options, ..self }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A path beside the submissions.
    pub fn outside(&self, name: &str) -> PathBuf {
        self.beside.path().join(name)
    }

    fn made(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a folder above")).expect("a folder");
        path
    }

    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.made(name), bytes).expect("a file");
    }

    pub fn link(&self, target: &str, name: &str) {
        std::os::unix::fs::symlink(target, self.made(name)).expect("a link");
    }

    pub fn fifo(&self, name: &str) {
        mknodat(CWD, self.made(name), FileType::Fifo, Mode::from_raw_mode(0o600), 0).expect("a FIFO");
    }

    /// The same, handed in at another place.
    pub fn at(self, place: PathBuf) -> Class {
        Class { place: Some(place), ..self }
    }

    pub fn find(&self) -> Intake {
        self.find_at(self.place.as_deref().unwrap_or(self.folder.path())).expect("a class")
    }

    pub fn find_at(&self, path: &Path) -> Result<Intake, IntakeError> {
        submission::find(path, &self.options, &course().exercises, &self.graded)
    }

    /// The submission of the learner with this id.
    pub fn open(&self, learner: &str) -> Submission {
        let intake = self.find();
        let found = intake.handed.iter().find(|handed| handed.learner.id.as_str() == learner);
        found.unwrap_or_else(|| panic!("{learner} is not in {:#?}", intake.handed)).open().expect("readable")
    }

    pub fn sources(&self, learner: &str, exercise: &str) -> Result<Sources, Invalid> {
        let mut submission = self.open(learner);
        let notes = submission.notes;
        submission.exercises.remove(exercise).unwrap_or_else(|| panic!("no {exercise} of {learner}: {notes:#?}"))
    }
}
