//! The blocks of a page and the text in them: what is said, not how it is shown.

use pulldown_cmark::Alignment;

/// A page of the theory.
#[derive(Debug)]
pub struct Page {
    pub blocks: Vec<Block>,
    /// Link targets in the order of their numbers, from 1.
    pub links: Vec<String>,
}

#[derive(Debug)]
pub enum Block {
    Heading {
        level: usize,
        text: Text,
    },
    Paragraph(Text),
    Code {
        /// The first word behind the fence.
        language: String,
        code: String,
    },
    /// What was seen of a real run, which can be had again under this name.
    Recording {
        name: String,
        lines: String,
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
        summary: Text,
        body: Option<Vec<Block>>,
    },
    Rule,
}

#[derive(Debug)]
pub struct Item {
    /// Whether the task is done, if the item is one.
    pub task: Option<bool>,
    pub blocks: Vec<Block>,
}

#[derive(Debug, Default)]
pub struct Table {
    pub alignments: Vec<Alignment>,
    pub head: Vec<Text>,
    pub rows: Vec<Vec<Text>>,
}

/// What stands in a paragraph, a heading or a cell.
pub type Text = Vec<Inline>;

#[derive(Debug)]
pub enum Inline {
    /// A line break in it is one that the author wants.
    Plain(String),
    Code(String),
    Emphasis(Text),
    Strong(Text),
    Struck(Text),
    Link {
        text: Text,
        /// Of the page's links; none where the text is the target itself, or the target is on this page.
        number: Option<usize>,
    },
}

/// The words of a text, without their looks.
pub fn words(text: &[Inline]) -> String {
    let words = text.iter().map(|inline| match inline {
        Inline::Plain(text) | Inline::Code(text) => text.clone(),
        Inline::Emphasis(text) | Inline::Strong(text) | Inline::Struck(text) | Inline::Link { text, .. } => words(text),
    });
    words.collect()
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
