//! How the processes of a program end.

mod crashed;
mod exits;
mod survives;

pub use crashed::Crashed;
pub use exits::Exits;
pub use survives::Survives;
