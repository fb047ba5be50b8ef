//! The theory as data: pages, the way through them, and the rounds of a quiz.

pub mod links;
pub mod markdown;
mod way;

pub use way::{Step, Way};
