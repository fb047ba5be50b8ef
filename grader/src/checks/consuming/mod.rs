//! What a program reads: what it does with each record, and what it commits.

mod batches;
mod commit_after_work;
mod commit_every;
mod final_commit;
mod processed;
mod resumes;
mod translated;

pub use batches::Batches;
pub use commit_after_work::CommitAfterWork;
pub use commit_every::CommitEvery;
pub use final_commit::FinalCommit;
pub use processed::Processed;
pub(in crate::checks) use processed::from_end;
pub use resumes::Resumes;
pub use translated::Translated;
