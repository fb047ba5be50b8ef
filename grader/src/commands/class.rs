//! `grader run`, `report`…: a whole class.

mod graded;
mod grades;
mod merge;
mod pack;
mod regrade;
mod report;
mod run;
mod secret;
mod show;
mod similar;
mod summary;
mod watch;

pub use grades::Args as GradesArgs;
pub(super) use grades::grades;
pub use merge::Args as MergeArgs;
pub(super) use merge::merge;
pub use pack::Args as PackArgs;
pub(super) use pack::pack;
pub use regrade::Args as RegradeArgs;
pub(super) use regrade::regrade;
pub use report::Args as ReportArgs;
pub(super) use report::report;
pub use run::Args as RunArgs;
pub(super) use run::run;
pub(super) use secret::secret;
pub use show::Args as ShowArgs;
pub(super) use show::show;
pub use similar::Args as SimilarArgs;
pub(super) use similar::similar;

/// Programs and the compiler run as somebody else where we are root, and must be able to read what we write from now on,
/// whatever our umask is. A folder that was made before is as private as it was.
fn let_others_read() {
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o022));
}
