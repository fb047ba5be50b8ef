//! A page, taken apart: what it says, and on which line.

use crate::course::anchor::anchor;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use std::collections::HashMap;
use std::path::PathBuf;

pub(super) struct Page {
    pub path: PathBuf,
    /// Below the course.
    pub file: String,
    pub headings: Vec<Heading>,
    pub links: Vec<Link>,
    pub blocks: Vec<Code>,
    /// Code within a line.
    pub spans: Vec<(usize, String)>,
    /// Paragraphs, headings and cells without their code: of each piece, its line and its text.
    pub prose: Vec<(usize, String)>,
    /// Rows of tables: of each, its line and its cells.
    pub rows: Vec<(usize, Vec<String>)>,
    /// Is there a list of things to tick off?
    pub tasks: bool,
}

pub(super) struct Heading {
    pub line: usize,
    pub level: usize,
    pub text: String,
    /// What a link to it says behind `#`.
    pub anchor: String,
}

pub(super) struct Link {
    pub line: usize,
    pub target: String,
    pub text: String,
}

pub(super) struct Code {
    pub line: usize,
    /// What stands behind the fence: `rust,no_run`, `wire commit-before-work`.
    pub info: String,
    pub text: String,
    /// May be wide, for a reason that stands above it.
    pub wide: bool,
}

impl Page {
    pub(super) fn new(path: PathBuf, file: String, text: String) -> Page {
        let mut page = parse(&text, 0);
        (page.path, page.file) = (path, file);
        page
    }
}

/// A text as a page without a place; its first line is line `before` + 1.
pub(super) fn parse(text: &str, before: usize) -> Page {
    let mut page = Page {
        path: PathBuf::new(),
        file: String::new(),
        headings: Vec::new(),
        links: Vec::new(),
        blocks: Vec::new(),
        spans: Vec::new(),
        prose: Vec::new(),
        rows: Vec::new(),
        tasks: false,
    };
    let mut anchors: HashMap<String, usize> = HashMap::new();
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_GFM;
    let mut lines = Lines { text, at: 0, line: before + 1 };
    // Since when we are in one of these: positions in what has been collected.
    let (mut whole, mut cell, mut link) = (String::new(), None, None);
    let mut code: Option<Code> = None;
    let mut wide = false;
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let info = match kind {
                    CodeBlockKind::Fenced(info) => info.into_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                code = Some(Code { line: lines.line_at(range.start), info, text: String::new(), wide });
                wide = false;
            }
            // Of the very next block, nothing else in between.
            Event::Html(html) => wide |= html.trim_start().starts_with(super::width::MARK),
            Event::End(TagEnd::CodeBlock) => page.blocks.extend(code.take()),
            Event::Text(text) if code.is_some() => {
                if let Some(code) = &mut code {
                    code.text.push_str(&text);
                }
            }
            Event::Text(text) => {
                page.prose.push((lines.line_at(range.start), text.to_string()));
                whole.push_str(&text);
            }
            Event::Code(text) => {
                page.spans.push((lines.line_at(range.start), text.to_string()));
                whole.push_str(&text);
            }
            Event::SoftBreak | Event::HardBreak => whole.push(' '),
            Event::TaskListMarker(_) => page.tasks = true,
            Event::Start(Tag::Heading { .. } | Tag::Paragraph) => {
                whole.clear();
                wide = false;
            }
            Event::End(TagEnd::Heading(level)) => {
                let anchor = anchor(&whole);
                let twin = anchors.entry(anchor.clone()).or_default();
                let anchor = if *twin == 0 { anchor } else { format!("{anchor}-{twin}") };
                *twin += 1;
                let line = lines.line_at(range.start);
                page.headings.push(Heading { line, level: level as usize, text: whole.clone(), anchor });
            }
            Event::Start(Tag::Link { dest_url, .. }) => {
                link = Some((lines.line_at(range.start), dest_url.into_string(), whole.len()));
            }
            Event::End(TagEnd::Link) => {
                if let Some((line, target, from)) = link.take() {
                    page.links.push(Link { line, target, text: whole.get(from..).unwrap_or_default().to_owned() });
                }
            }
            Event::Start(Tag::TableHead | Tag::TableRow) => page.rows.push((lines.line_at(range.start), Vec::new())),
            Event::Start(Tag::TableCell) => {
                whole.clear();
                cell = Some(());
            }
            Event::End(TagEnd::TableCell) => {
                if let (Some(()), Some((_, row))) = (cell.take(), page.rows.last_mut()) {
                    row.push(whole.trim().to_owned());
                }
            }
            _ => {}
        }
    }
    page
}

/// Lines of places that mostly grow.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    fn line_at(&mut self, at: usize) -> usize {
        let breaks = |from: usize, to: usize| self.text.as_bytes()[from..to].iter().filter(|b| **b == b'\n').count();
        match at >= self.at {
            true => self.line += breaks(self.at, at),
            false => self.line -= breaks(at, self.at),
        }
        self.at = at;
        self.line
    }
}
