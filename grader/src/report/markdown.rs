//! Course pages for the terminal: Markdown in, lines of text out.
//!
//! Reading goes in two steps, since a table or a folded answer must be known whole before its first line is laid out:
//! `reader` makes blocks (`tree`) of the parser's events, `layout` makes lines of them. `html` finds the questions
//! with folded answers, which Markdown only knows as HTML.

mod frames;
mod highlight;
mod html;
mod layout;
mod reader;
mod table;
#[cfg(test)]
mod tests;
mod tree;

use super::paper::Paper;
use textwrap::core::display_width;

/// `markdown` as text for `paper`, ending in a line break unless there is nothing to say.
///
/// The bodies of `<details>` are the answers to the questions in their summaries: they show only with `answers`.
///
/// No line is wider than the paper, except code and the link targets at the end: broken, neither could be copied.
/// Without colour, `` ` `` and `*` stay around code and emphasis, which carry meaning in a text about configuration.
pub fn render(markdown: &str, paper: &Paper, answers: bool) -> String {
    render_linked(markdown, paper, answers, |_| None)
}

/// The same, where `link` may know better what a reader does with the target of a link: the command to type, say.
pub fn render_linked(markdown: &str, paper: &Paper, answers: bool, link: impl Fn(&str) -> Option<String>) -> String {
    let page = reader::read(markdown, paper, answers);
    let mut lines = layout::blocks(&page.blocks, paper, paper.width);
    if !page.links.is_empty() {
        lines.push(String::new());
        lines.extend(
            page.links
                .iter()
                .zip(1..)
                .map(|(target, number)| (link(target).unwrap_or_else(|| target.clone()), number))
                .map(|(target, number)| {
                    let mark = format!("[{number}]");
                    // On a line of its own it may fit, and is still whole.
                    let gap = if mark.len() + 1 + display_width(&target) > paper.width { "\n" } else { " " };
                    format!("{}{gap}{target}", paper.dim(&mark))
                }),
        );
    }
    lines.into_iter().map(|line| line + "\n").collect()
}
