//! Classes with known verdicts, of any size, from a seed.
#![allow(dead_code)] // the tests and the measurements use their own parts

pub mod canvas;
pub mod made;
pub mod packed;
pub mod programs;
pub mod verdicts;
