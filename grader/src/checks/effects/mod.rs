//! What is left in the outside world, whatever goes wrong: totals, attempts, dead letters.

mod applied_once;
mod attempts;
mod backoff;
mod commit_after_letter;
mod crossings;
mod dead_letters;
mod hops;
mod labels;
mod moves_on;
mod origins;
mod put_off;

pub use applied_once::AppliedOnce;
pub use attempts::Attempts;
pub use backoff::Backoff;
pub use commit_after_letter::CommitAfterLetter;
pub use crossings::Crossings;
pub use dead_letters::DeadLetters;
pub use moves_on::MovesOn;
pub use put_off::PutOff;
