//! `grader report`: the reports of a class, written anew from its journal.

use super::super::cli::Everywhere;
use super::graded::GradedClass;
use super::summary;
use crate::class::policy::Policy;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The folder that `grader run` has graded into
    dir: PathBuf,
    /// From now on, what this file says of title, points and lateness, else DIR/class.toml; nothing is graded again
    #[arg(long, value_name = "FILE")]
    class: Option<PathBuf>,
}

pub fn report(everywhere: &Everywhere, args: &Args) -> anyhow::Result<u8> {
    let mut class = GradedClass::open(everywhere, &args.dir)?;
    let beside = Some(args.dir.join("class.toml")).filter(|path| path.is_file());
    if let Some(path) = args.class.as_ref().or(beside.as_ref()) {
        let policy = Policy::read(path)?;
        if let Some(exercise) = policy.points.keys().find(|id| class.course.exercise(id).is_none()) {
            anyhow::bail!("{}: points for {exercise}, which is no exercise of the course", path.display());
        }
        // What was graded, and how often, is as it is.
        let Policy { exercises, seeds, .. } = class.roll.policy.clone();
        class.roll.policy = Policy { exercises, seeds, ..policy };
        class.roll.write(&class.folder)?;
    }
    let results = class.results();
    crate::report::class::write(&results, class.folder.root())?;
    summary::print(&results, &class.folder, true);
    Ok(0)
}
