//! The theory as data: pages, the way through them, and the rounds of a quiz.

pub mod links;
pub mod markdown;
mod round;
mod way;

pub use round::{Asked, LETTERS, Round, Score};
pub use way::{Step, Way};
