//! The theory as data: pages, the way through them, and the rounds of a quiz.

pub mod links;
pub mod markdown;
mod round;
mod standing;
mod way;

pub use round::{Asked, LETTERS, Round, Score};
pub use standing::Standing;
pub use way::{Leg, Stage, State, Step, Way};
