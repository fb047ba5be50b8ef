//! Pages of the theory as lines of text: `layout` makes them of the tree that `theory::markdown` reads.

mod highlight;
mod layout;
mod table;
#[cfg(test)]
mod tests;

use super::paper::Paper;
use crate::foreign::visible;
use crate::theory::markdown::read;
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
    let page = read(markdown, answers);
    let mut lines = layout::blocks(&page.blocks, paper, paper.width);
    if !page.links.is_empty() {
        lines.push(String::new());
        lines.extend(page.links.iter().zip(1..).map(|(target, number)| {
            let target = link(target).map_or_else(|| target.clone(), |target| visible(&target));
            let mark = format!("[{number}]");
            // On a line of its own it may fit, and is still whole.
            let gap = if mark.len() + 1 + display_width(&target) > paper.width { "\n" } else { " " };
            format!("{}{gap}{target}", paper.dim(&mark))
        }));
    }
    lines.into_iter().map(|line| line + "\n").collect()
}
