//! `grader run`, `report`…: a whole class.

mod run;
mod summary;
mod watch;

pub use run::Args as RunArgs;
pub(super) use run::run;
