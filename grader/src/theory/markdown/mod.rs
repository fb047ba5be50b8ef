//! Pages of the course: Markdown in, a tree of blocks out.
//!
//! A page is read whole before anything is laid out, since a table or a folded answer must be known before its first
//! line. `html` finds the questions with folded answers, which Markdown only knows as HTML.

mod frames;
mod html;
mod reader;
mod tree;

pub use tree::{Block, Inline, Item, Page, Table, Text};

/// The page that `markdown` describes, without hidden characters.
///
/// The bodies of `<details>` are the answers to the questions in their summaries: they are there only with `answers`.
pub fn read(markdown: &str, answers: bool) -> Page {
    reader::read(markdown, answers)
}
