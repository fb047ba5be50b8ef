//! What a program measured, held against the wire.

mod configured;
mod counted;
#[expect(clippy::module_inception, reason = "the kind is called like its subject")]
mod figures;
mod timed;

pub use configured::Configured;
pub use counted::Counted;
pub use figures::Figures;
pub use timed::Timed;
