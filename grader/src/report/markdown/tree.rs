//! The blocks of a page, their text already painted but not yet broken into lines.

use pulldown_cmark::Alignment;

/// Text in these blocks is painted; a line break in it is one the author wants.
#[derive(Debug)]
pub(super) enum Block {
    Heading {
        level: usize,
        text: String,
    },
    Paragraph(String),
    Code {
        /// The first word behind the fence.
        language: String,
        code: String,
    },
    Quote {
        label: Option<&'static str>,
        blocks: Vec<Block>,
    },
    List {
        start: Option<u64>,
        loose: bool,
        items: Vec<Item>,
    },
    Table(Table),
    /// A footnote of the author's, as opposed to the link targets we number.
    Note {
        label: String,
        blocks: Vec<Block>,
    },
    /// A question, and its answer if that may be shown.
    Details {
        summary: String,
        body: Option<Vec<Block>>,
    },
    Rule,
}

#[derive(Debug)]
pub(super) struct Item {
    /// Whether the task is done, if the item is one.
    pub task: Option<bool>,
    pub blocks: Vec<Block>,
}

#[derive(Debug, Default)]
pub(super) struct Table {
    pub alignments: Vec<Alignment>,
    pub head: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

pub(super) struct Page {
    pub blocks: Vec<Block>,
    /// Link targets in the order of their numbers, from 1.
    pub links: Vec<String>,
}

/// What remains of a block nested too deep.
pub(super) fn flat(block: Block) -> Vec<Block> {
    match block {
        Block::Quote { blocks, .. } | Block::Note { blocks, .. } => blocks,
        Block::List { items, .. } => items.into_iter().flat_map(|item| item.blocks).collect(),
        Block::Details { summary, body } => {
            std::iter::once(Block::Paragraph(summary)).chain(body.into_iter().flatten()).collect()
        }
        block => vec![block],
    }
}
