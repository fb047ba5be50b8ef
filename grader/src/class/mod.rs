//! A class: a queue and a journal over `grade`.
//!
//! A unit is one exercise of one learner with one seed. What became of it is a [`record::Record`], a line of
//! the journal; marks and reports are made of records alone.

pub mod marks;
pub mod record;
