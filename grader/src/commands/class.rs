//! `grader run`, `report`…: a whole class.

mod graded;
mod regrade;
mod report;
mod run;
mod show;
mod summary;
mod watch;

pub use regrade::Args as RegradeArgs;
pub(super) use regrade::regrade;
pub use report::Args as ReportArgs;
pub(super) use report::report;
pub use run::Args as RunArgs;
pub(super) use run::run;
pub use show::Args as ShowArgs;
pub(super) use show::show;
