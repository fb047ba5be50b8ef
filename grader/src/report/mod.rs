pub mod markdown;
pub mod paper;
