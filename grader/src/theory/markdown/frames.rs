//! A page under construction: its blocks are opened and closed, and folds whose author forgot to close them.

use super::tree::{Block, Inline, Item, Page, Table, Text, flat, words};

/// Deeper blocks join their parents: nobody reads twelve levels, and layout recurses once per level.
const DEEPEST: usize = 12;

/// A block under construction.
struct Frame {
    kind: Kind,
    blocks: Vec<Block>,
}

pub(super) enum Kind {
    Page,
    Quote(Option<&'static str>),
    List {
        start: Option<u64>,
        loose: bool,
        items: Vec<Item>,
    },
    Item {
        task: Option<bool>,
    },
    Table {
        table: Table,
        row: Vec<Text>,
    },
    Note(String),
    /// `links` is how many there were before: a hidden answer takes its links along.
    Details {
        summary: Text,
        links: usize,
    },
    Summary,
}

/// A page under construction.
pub(super) struct Builder {
    /// Are hidden answers shown?
    answers: bool,
    /// The blocks we are in, outermost first; the page itself is never popped.
    frames: Vec<Frame>,
    /// The paragraph, heading or cell under construction.
    text: Text,
    /// The spans of it that we are in, outermost first, each with what stands before it.
    spans: Vec<Text>,
    pub links: Vec<String>,
}

impl Builder {
    pub(super) fn new(answers: bool) -> Builder {
        let page = Frame { kind: Kind::Page, blocks: Vec::new() };
        Builder { answers, frames: vec![page], text: Text::new(), spans: Vec::new(), links: Vec::new() }
    }

    /// The page.
    pub(super) fn done(mut self) -> Page {
        self.flush();
        while let Some(frame) = self.pop() {
            self.finish(frame); // folds whose author forgot `</details>`
        }
        Page { blocks: self.frames.pop().map(|frame| frame.blocks).unwrap_or_default(), links: self.links }
    }

    /// Adds words to the text under construction.
    pub(super) fn say(&mut self, more: &str) {
        match self.text.last_mut() {
            Some(Inline::Plain(text)) => text.push_str(more),
            _ => self.text.push(Inline::Plain(more.to_owned())),
        }
    }

    pub(super) fn put_inline(&mut self, inline: Inline) {
        self.text.push(inline);
    }

    /// A span begins: emphasis, a link.
    pub(super) fn open_span(&mut self) {
        self.spans.push(std::mem::take(&mut self.text));
    }

    /// The text of the span that ends; none where its paragraph has ended before it.
    pub(super) fn close_span(&mut self) -> Option<Text> {
        let before = self.spans.pop()?;
        Some(std::mem::replace(&mut self.text, before))
    }

    /// The text of the heading or the cell that ends here.
    pub(super) fn take_text(&mut self) -> Text {
        let mut whole: Text = std::mem::take(&mut self.spans).into_iter().flatten().collect();
        whole.append(&mut self.text);
        whole
    }

    /// What the innermost block is.
    pub(super) fn innermost(&mut self) -> Option<&mut Kind> {
        self.frames.last_mut().map(|frame| &mut frame.kind)
    }

    pub(super) fn table(&mut self) -> Option<(&mut Table, &mut Vec<Text>)> {
        match self.innermost() {
            Some(Kind::Table { table, row }) => Some((table, row)),
            _ => None,
        }
    }

    /// A paragraph directly in an item says that the author left blank lines in the list.
    pub(super) fn loosen(&mut self) {
        if let [.., Frame { kind: Kind::List { loose, .. }, .. }, Frame { kind: Kind::Item { .. }, .. }] =
            self.frames.as_mut_slice()
        {
            *loose = true;
        }
    }

    /// End the paragraph under construction, if any.
    pub(super) fn flush(&mut self) {
        let text = self.take_text();
        if !words(&text).trim().is_empty() {
            self.put(Block::Paragraph(text));
        }
    }

    pub(super) fn put(&mut self, block: Block) {
        if let Some(frame) = self.frames.last_mut() {
            frame.blocks.push(block);
        }
    }

    pub(super) fn open(&mut self, kind: Kind) {
        self.flush();
        self.frames.push(Frame { kind, blocks: Vec::new() });
    }

    fn pop(&mut self) -> Option<Frame> {
        if self.frames.len() > 1 { self.frames.pop() } else { None }
    }

    /// End the innermost Markdown block, and the folds left open in it.
    pub(super) fn close(&mut self) {
        self.flush();
        while let Some(frame) = self.pop() {
            let fold = matches!(frame.kind, Kind::Details { .. } | Kind::Summary);
            self.finish(frame);
            if !fold {
                break;
            }
        }
    }

    pub(super) fn close_fold(&mut self, wanted: impl Fn(&Kind) -> bool) {
        self.flush();
        if self.frames.last().is_some_and(|frame| wanted(&frame.kind))
            && let Some(frame) = self.pop()
        {
            self.finish(frame);
        }
    }

    fn finish(&mut self, Frame { kind, blocks }: Frame) {
        let block = match kind {
            Kind::Page => return,
            Kind::Quote(label) => Block::Quote { label, blocks },
            Kind::List { start, loose, items } => Block::List { start, loose, items },
            Kind::Item { task } => {
                if let Some(Frame { kind: Kind::List { items, .. }, .. }) = self.frames.last_mut() {
                    items.push(Item { task, blocks });
                }
                return;
            }
            Kind::Table { table, .. } => Block::Table(table),
            Kind::Note(label) => Block::Note { label, blocks },
            Kind::Details { summary, links } => {
                if !self.answers {
                    self.links.truncate(links);
                }
                Block::Details { summary, body: self.answers.then_some(blocks) }
            }
            Kind::Summary => return self.summarise(blocks),
        };
        if self.frames.len() <= DEEPEST {
            return self.put(block);
        }
        for block in flat(block) {
            self.put(block);
        }
    }

    /// The text of a summary belongs to its fold; out of place, it is a paragraph like others.
    fn summarise(&mut self, blocks: Vec<Block>) {
        let texts = blocks.into_iter().filter_map(|block| match block {
            Block::Paragraph(text) | Block::Heading { text, .. } => Some(text),
            _ => None,
        });
        let text = texts.reduce(|mut text, next| {
            text.push(Inline::Plain(" ".into()));
            text.extend(next);
            text
        });
        let text = text.unwrap_or_default();
        if let Some(Frame { kind: Kind::Details { summary, links }, .. }) = self.frames.last_mut() {
            *summary = text;
            *links = self.links.len(); // a link in the question stays
        } else if !text.is_empty() {
            self.put(Block::Paragraph(text));
        }
    }
}
