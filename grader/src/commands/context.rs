//! What most commands need: the course, the learner's tree, what has been done.

use super::cli::Everywhere;
use crate::course::{Course, CourseError, Exercise, Texts, find_exercise};
use crate::files;
use crate::foreign::Foreign;
use crate::journal::DamagedLine;
use crate::progress::{Done, Progress};
use crate::remembered::Remembered;
use crate::report::out::errln;
use crate::report::paper::Paper;
use crate::theory::Way;
use crate::workspace::Workspace;
use anyhow::Context as _;
use std::path::PathBuf;
use std::sync::Arc;

/// Damaged lines that are told one by one.
const DAMAGED_TOLD: usize = 20;

/// The learner's tree, found from the current folder upwards or named with `--course`; and the current folder.
pub(super) fn workspace(everywhere: &Everywhere) -> anyhow::Result<(Workspace, PathBuf)> {
    let here =
        std::env::current_dir().context("the current folder is gone, or may not be read; go to another one (cd)")?;
    let from = everywhere.course.as_ref().map_or_else(|| here.clone(), |course| here.join(course));
    Ok((Workspace::find(&from)?, here))
}

/// Says which lines of a journal are damaged.
fn tell(damaged: &[DamagedLine]) {
    for line in damaged.iter().take(DAMAGED_TOLD) {
        errln!("{}", Foreign::from(line.to_string()).lines());
    }
    if damaged.len() > DAMAGED_TOLD {
        errln!("{} damaged lines in all", damaged.len());
    }
}

/// What most commands need.
pub(super) struct Context {
    pub(super) workspace: Workspace,
    pub(super) course: Arc<Course>,
    pub(super) progress: Progress,
    pub(super) out: Paper,
    pub(super) here: PathBuf,
}

impl Context {
    /// For a command that grades, or looks at what is graded.
    pub(super) fn load(everywhere: &Everywhere) -> anyhow::Result<Context> {
        Context::with(everywhere, |workspace| Course::load(&workspace.root))
    }

    /// For a command that needs no scenarios and no mistakes. Where the course is as it was when it was last found to be
    /// right, they are not read, and the command answers at once.
    pub(super) fn outline(everywhere: &Everywhere) -> anyhow::Result<Context> {
        Context::with(everywhere, |workspace| {
            let texts = Texts::read(&workspace.root)?;
            let (stamp, found) = (workspace.state().join("course-is-right"), texts.fingerprint().to_string());
            if files::read_text(&stamp, 100).is_ok_and(|right| right == found) {
                return texts.outline();
            }
            let course = texts.course()?;
            // Only where something is kept already; and where it cannot be, the next command takes as long as this one.
            files::replace(&stamp, found.as_bytes()).ok();
            Ok(course)
        })
    }

    fn with(
        everywhere: &Everywhere,
        load: impl Fn(&Workspace) -> Result<Course, CourseError>,
    ) -> anyhow::Result<Context> {
        let (workspace, here) = workspace(everywhere)?;
        let course = Arc::new(load(&workspace)?);
        let progress = Progress::load(&workspace.state())?;
        tell(&progress.damaged);
        Ok(Context { workspace, course, progress, out: Paper::stdout(), here })
    }

    /// Keeps what has been done; where the course cannot be written, that is told and no more: what the learner asked
    /// for has been done all the same.
    pub(super) fn keep(&mut self, what: Done) {
        if let Err(error) = self.progress.add(what) {
            let why = Foreign::from(error.to_string()).lines();
            errln!("{} your progress was not kept: {why}", Paper::stderr().yellow("warning:"));
        }
    }

    /// The exercise that `word` names, else that of the current folder, else the next one.
    pub(super) fn exercise(&self, word: Option<&str>) -> anyhow::Result<&Exercise> {
        if let Some(word) = word {
            return Ok(find_exercise(&self.course, word)?);
        }
        self.workspace
            .exercise_at(&self.here, &self.course.exercises)
            .or_else(|| self.way().next_exercise())
            .ok_or_else(|| anyhow::anyhow!("every exercise is passed; name one to work on it again"))
    }

    /// The command lines that stand for programs of the learner's.
    pub(super) fn remembered(&self) -> anyhow::Result<Remembered> {
        let remembered = Remembered::load(&self.workspace.root, &self.workspace.state())?;
        tell(&remembered.damaged);
        Ok(remembered)
    }

    /// How far the learner has come.
    pub(super) fn way(&self) -> Way<'_> {
        Way { course: &self.course, progress: &self.progress }
    }
}
