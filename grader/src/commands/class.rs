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
