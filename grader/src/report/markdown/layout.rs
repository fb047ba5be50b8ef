//! Lines from blocks.

use textwrap::core::display_width;

use super::highlight;
use super::table;
use crate::report::paper::{Paper, wrap_to};
use crate::theory::markdown::{Block, Inline, Item, Table};

/// Where less room than this is left, a block gives up its margin rather than its words.
const NARROWEST: usize = 16;

/// Code lines may be wider than `width`; nothing else is.
pub(super) fn blocks(blocks: &[Block], paper: &Paper, width: usize) -> Vec<String> {
    Layout { paper, lists: 0 }.blocks(blocks, width, true)
}

#[derive(Clone, Copy)]
struct Layout<'p> {
    paper: &'p Paper,
    /// How many lists we are in, which chooses the bullet.
    lists: usize,
}

impl Layout<'_> {
    fn blocks(self, blocks: &[Block], width: usize, spaced: bool) -> Vec<String> {
        let mut lines = Vec::new();
        for block in blocks {
            let next = self.block(block, width);
            if spaced && !lines.is_empty() && !next.is_empty() {
                lines.push(String::new());
            }
            lines.extend(next);
        }
        lines
    }

    fn block(self, block: &Block, width: usize) -> Vec<String> {
        match block {
            Block::Heading { level, text } => self.heading(*level, &self.text(text), width),
            Block::Paragraph(text) => wrap_to(&self.text(text), width),
            Block::Code { language, code } => self.code(language, code),
            Block::Recording { name, lines } => self.recording(name, lines, width),
            Block::Quote { label, blocks } => {
                let bar = self.paper.dim("│") + " ";
                self.beside(&bar, &bar, width, |width| {
                    let mut lines: Vec<String> = label.iter().map(|label| self.paper.bold(label)).collect();
                    lines.extend(self.blocks(blocks, width, true));
                    lines
                })
            }
            Block::List { start, loose, items } => self.list(*start, *loose, items, width),
            Block::Table(table) => self.table(table, width),
            Block::Note { label, blocks } => {
                let mark = format!("[^{label}] ");
                self.beside(&mark, "    ", width, |width| self.blocks(blocks, width, true))
            }
            Block::Details { summary, body } => self.details(&self.text(summary), body.as_deref(), width),
            Block::Rule => vec![self.paper.dim(&"─".repeat(width))],
        }
    }

    /// A text painted, but not yet broken into lines. Without colour, `` ` `` and `*` stay around code and emphasis.
    fn text(self, text: &[Inline]) -> String {
        self.painted(text).trim().to_owned()
    }

    fn painted(self, text: &[Inline]) -> String {
        let paper = self.paper;
        let marked = |mark: &str, text: &[Inline]| format!("{mark}{}{mark}", self.painted(text));
        let parts = text.iter().map(|inline| match inline {
            Inline::Plain(text) => text.clone(),
            Inline::Code(code) if paper.colour => paper.cyan(code),
            Inline::Code(code) => format!("`{code}`"),
            Inline::Emphasis(text) if paper.colour => paper.italic(&self.painted(text)),
            Inline::Strong(text) if paper.colour => paper.bold(&self.painted(text)),
            Inline::Struck(text) if paper.colour => paper.struck(&self.painted(text)),
            Inline::Emphasis(text) | Inline::Strong(text) => marked("*", text),
            Inline::Struck(text) => marked("~", text),
            Inline::Link { text, number } => {
                let number = number.map(|number| paper.dim(&format!("[{number}]")));
                paper.underlined(&self.painted(text)) + &number.unwrap_or_default()
            }
        });
        parts.collect()
    }

    fn table(self, Table { alignments, head, rows }: &Table, width: usize) -> Vec<String> {
        let cells = |row: &Vec<Vec<Inline>>| row.iter().map(|cell| self.text(cell)).collect();
        let table = table::Table { alignments, head: cells(head), rows: rows.iter().map(cells).collect() };
        table::lines(&table, self.paper, width)
    }

    fn heading(self, level: usize, text: &str, width: usize) -> Vec<String> {
        // Three kinds of underline are all one can tell apart; deeper headings keep their marks.
        let line = match level {
            1 => "═",
            2 => "─",
            3 => "╌",
            _ => {
                let marks = "#".repeat(level);
                return wrap_to(&self.paper.bold(&format!("{marks} {text}")), width);
            }
        };
        let mut lines = wrap_to(&self.paper.bold(text), width);
        let widest = lines.iter().map(|line| display_width(line)).max().unwrap_or_default();
        lines.push(self.paper.bold(&line.repeat(widest)));
        lines
    }

    fn code(self, language: &str, code: &str) -> Vec<String> {
        let lines = highlight::lines(code, language, self.paper).into_iter();
        lines.map(|line| if line.is_empty() { line } else { format!("    {line}") }).collect()
    }

    /// A recording, and below it how to have it again, and where its symbols are explained.
    fn recording(self, name: &str, recorded: &str, width: usize) -> Vec<String> {
        let mut lines = self.code("wire", recorded);
        let replay = format!("replay this: kafkacourse replay {name}");
        let legend = "its symbols: kafkacourse read legend";
        let line = format!("{replay} · {legend}");
        let below = if display_width(&line) + 4 <= width { vec![line] } else { vec![replay, legend.to_owned()] };
        lines.extend(below.iter().map(|line| self.paper.dim(&format!("    {line}"))));
        lines
    }

    fn list(mut self, start: Option<u64>, loose: bool, items: &[Item], width: usize) -> Vec<String> {
        let bullet = ["•", "◦", "▪"][self.lists % 3];
        self.lists += 1;
        let last = start.map(|first| first.saturating_add(items.len() as u64).saturating_sub(1).to_string());
        let number_width = last.map_or(0, |last| last.len());
        let mut lines = Vec::new();
        for (item, index) in items.iter().zip(0..) {
            let mut marker = match start {
                Some(first) => format!("{:>number_width$}. ", first.saturating_add(index)),
                None if item.task.is_some() => String::new(),
                None => format!("{bullet} "),
            };
            marker.push_str(match item.task {
                Some(true) => "[x] ",
                Some(false) => "[ ] ",
                None => "",
            });
            if loose && !lines.is_empty() {
                lines.push(String::new());
            }
            let margin = " ".repeat(display_width(&marker));
            lines.extend(self.beside(&marker, &margin, width, |width| {
                // An empty item still shows that it is there.
                Some(self.blocks(&item.blocks, width, loose))
                    .filter(|lines| !lines.is_empty())
                    .unwrap_or(vec![String::new()])
            }));
        }
        lines
    }

    fn details(self, summary: &str, body: Option<&[Block]>, width: usize) -> Vec<String> {
        let summary = if summary.is_empty() { "Answer" } else { summary };
        let sign = self.paper.yellow(if body.is_some() { "▾" } else { "▸" }) + " ";
        let mut lines = self.beside(&sign, "  ", width, |width| wrap_to(&self.paper.bold(summary), width));
        let hidden = body.is_none();
        let body = self.beside("  ", "  ", width, |width| self.blocks(body.unwrap_or_default(), width, true));
        if !body.is_empty() {
            lines.push(String::new());
            lines.extend(body);
        }
        if hidden {
            lines.push(format!("  {}", self.paper.dim("hidden: --answers shows it")));
        }
        lines
    }

    /// What `content` makes of the width that remains, behind `first` on its first line and `rest` on the others.
    fn beside(self, first: &str, rest: &str, width: usize, content: impl FnOnce(usize) -> Vec<String>) -> Vec<String> {
        let margin = display_width(first).max(display_width(rest));
        let remaining = width.saturating_sub(margin);
        if remaining < NARROWEST {
            return content(width);
        }
        let margins = std::iter::once(first).chain(std::iter::repeat(rest));
        let lines =
            margins.zip(content(remaining)).map(|(margin, line)| format!("{margin}{line}").trim_end().to_owned());
        lines.collect()
    }
}
