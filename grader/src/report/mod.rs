//! Verdict, evidence and theory, put before people and programs; one file per format, view or picture.

pub mod bars;
pub mod class;
pub mod crashes;
pub mod difference;
pub mod fault;
mod fell_short;
pub mod json;
pub mod keepsake;
pub mod lanes;
pub mod last_words;
pub mod markdown;
pub mod out;
pub mod pager;
pub mod paper;
pub mod passing;
pub mod picture;
pub mod problem;
pub mod quiz;
pub mod steps;
pub mod story;
pub mod terminal;
mod text;
pub mod timeline;
pub mod transcript;
pub mod trouble;
pub mod words;
