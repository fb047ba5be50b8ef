//! The theory as data: pages, the way through them, and the rounds of a quiz.

pub mod markdown;
