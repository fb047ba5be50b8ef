//! What we write on: how wide it is, whether it takes colour, and whether somebody is watching.
//!
//! Everything that prints takes a [`Paper`] instead of asking the environment itself, so that tests choose one, and
//! stdout and stderr may differ (`kafkacourse … | less` keeps colour on stderr only). `colored` does the styling; its
//! switch is one for the whole process, so it is always on, and the paper decides.

use colored::{ColoredString, Colorize};
use std::io::{self, IsTerminal};
use terminal_size::{Width, terminal_size_of};
use textwrap::core::display_width;
use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};

/// One output stream, as far as laying out text is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paper {
    /// Columns to fill at most.
    pub width: usize,
    /// Whether SGR escape codes are welcome.
    pub colour: bool,
    /// Whether the stream is a terminal: somebody reads along, so a pager or a progress line makes sense.
    pub terminal: bool,
}

/// How a text is styled, where the paper takes colour.
pub(crate) type Ink = fn(&str) -> ColoredString;

impl Paper {
    /// Standard output.
    pub fn stdout() -> Self {
        let stream = io::stdout();
        Self::from_env(stream.is_terminal(), terminal_size_of(&stream).map(|(Width(columns), _)| columns), environment)
    }

    /// Standard error.
    pub fn stderr() -> Self {
        let stream = io::stderr();
        Self::from_env(stream.is_terminal(), terminal_size_of(&stream).map(|(Width(columns), _)| columns), environment)
    }

    /// The decision itself, apart from where its facts come from.
    ///
    /// Lines longer than 100 columns are hard to read however wide the window is, and below 20 nothing fits.
    fn from_env(terminal: bool, columns: Option<u16>, variable: impl Fn(&str) -> Option<String>) -> Self {
        let columns = columns
            .map(usize::from)
            .filter(|&columns| columns > 0) // what some serial consoles and CI terminals claim
            .or_else(|| variable("COLUMNS")?.trim().parse().ok())
            .unwrap_or(80);
        Self { width: columns.clamp(20, 100), colour: takes_colour(terminal, variable), terminal }
    }

    pub fn bold(&self, text: &str) -> String {
        self.paint(text, |text| text.bold())
    }

    pub fn dim(&self, text: &str) -> String {
        self.paint(text, |text| text.dimmed())
    }

    pub fn italic(&self, text: &str) -> String {
        self.paint(text, |text| text.italic())
    }

    pub fn underlined(&self, text: &str) -> String {
        self.paint(text, |text| text.underline())
    }

    pub fn struck(&self, text: &str) -> String {
        self.paint(text, |text| text.strikethrough())
    }

    pub fn red(&self, text: &str) -> String {
        self.paint(text, |text| text.red())
    }

    pub fn green(&self, text: &str) -> String {
        self.paint(text, |text| text.green())
    }

    pub fn yellow(&self, text: &str) -> String {
        self.paint(text, |text| text.yellow())
    }

    pub fn cyan(&self, text: &str) -> String {
        self.paint(text, |text| text.cyan())
    }

    pub(crate) fn paint(&self, text: &str, ink: Ink) -> String {
        if !self.colour || text.is_empty() {
            return text.to_owned();
        }
        colored::control::set_override(true);
        ink(text).to_string()
    }

    /// `left`, and from column `at` on `right`; on a line of its own where both do not fit beside each other.
    pub fn row(&self, left: &str, at: usize, right: &str) -> String {
        let gap = at.saturating_sub(display_width(left)).max(1);
        if !right.is_empty() && display_width(left) + gap + display_width(right) <= self.width {
            return format!("{left}{}{right}", " ".repeat(gap));
        }
        let text = left.trim_start_matches(' ');
        let left = self.wrap(text, left.len() - text.len());
        if right.is_empty() {
            return left;
        }
        let margin = self.width.saturating_sub(display_width(right)).min(at);
        format!("{left}\n{}{right}", " ".repeat(margin))
    }

    /// `text` wrapped beside `mark`, which may be painted: a hanging indent as wide as the mark.
    pub fn beside(&self, mark: &str, text: &str) -> String {
        format!("{mark}{}", self.wrap(text, display_width(mark)).trim_start_matches(' '))
    }

    /// `text` broken into lines of at most `width` columns, each line indented by `indent` spaces. Line breaks in
    /// `text` stay; painted text may be wrapped, since its codes take no room; what is [`together`] is not torn apart.
    pub fn wrap(&self, text: &str, indent: usize) -> String {
        let margin = " ".repeat(indent);
        let lines = wrap_to(text, self.width.saturating_sub(indent));
        let lines = lines.iter().map(|line| if line.is_empty() { String::new() } else { format!("{margin}{line}") });
        lines.collect::<Vec<_>>().join("\n").replace(TIED, " ")
    }
}

/// Does a stream take colour? `NO_COLOR` says no and `CLICOLOR_FORCE` yes, whatever the stream is; else only a terminal
/// does, unless it is a dumb one or `CLICOLOR=0` says no. An empty variable says nothing.
fn takes_colour(terminal: bool, variable: impl Fn(&str) -> Option<String>) -> bool {
    let value = |name: &str| variable(name).filter(|value| !value.is_empty());
    let forced = value("CLICOLOR_FORCE").is_some_and(|value| value != "0");
    let unwanted = value("CLICOLOR").is_some_and(|value| value == "0");
    let dumb = value("TERM").is_some_and(|term| term == "dumb");
    value("NO_COLOR").is_none() && (forced || (terminal && !unwanted && !dumb))
}

/// The space that ties what is on both sides of it.
const TIED: char = '\u{a0}';

/// `text` for [`Paper::wrap`], which is not to break it unless it must.
pub(crate) fn together(text: &str) -> String {
    text.replace(' ', &TIED.to_string())
}

fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// What `wrap_to` does not break unless it must.
pub(crate) const WORDS: WordSeparator = WordSeparator::AsciiSpace;

/// Break `text` into lines of at most `width` columns, in which every line closes the styles it opens: whoever puts a
/// margin, a bar or a table border beside a line must not find it painted.
pub(crate) fn wrap_to(text: &str, width: usize) -> Vec<String> {
    let options = Options::new(width.max(1))
        .wrap_algorithm(WrapAlgorithm::FirstFit) // it cannot overflow, whatever the text
        // Only spaces separate words: URLs, paths and `--bootstrap-server` stay whole as long as they fit.
        .word_separator(WORDS)
        .word_splitter(WordSplitter::NoHyphenation);
    let mut open: Vec<String> = Vec::new();
    let mut lines = Vec::new();
    for line in textwrap::wrap(text, options) {
        let mut whole: String = open.iter().map(|codes| format!("\x1b[{codes}m")).collect();
        whole.push_str(&line);
        track(&line, &mut open);
        if !open.is_empty() {
            whole.push_str("\x1b[0m");
        }
        lines.push(whole);
    }
    lines
}

/// Follow the SGR sequences of `line`: `open` holds those still in force. `colored` ends a style by ending all of them,
/// and begins anew what goes on.
fn track(line: &str, open: &mut Vec<String>) {
    for sequence in line.split("\x1b[").skip(1) {
        match sequence.split_once('m') {
            Some(("" | "0", _)) => open.clear(),
            Some((codes, _)) => open.push(codes.to_owned()),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paper(terminal: bool, columns: Option<u16>, variables: &[(&str, &str)]) -> Paper {
        Paper::from_env(terminal, columns, |name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn width_comes_from_the_terminal_then_columns_then_80() {
        assert_eq!(paper(true, Some(72), &[("COLUMNS", "50")]).width, 72);
        assert_eq!(paper(false, None, &[("COLUMNS", "50")]).width, 50);
        assert_eq!(paper(false, None, &[("COLUMNS", "wide")]).width, 80);
        assert_eq!(paper(true, Some(0), &[]).width, 80);
        assert_eq!(paper(true, Some(33), &[]).width, 33);
        assert_eq!(paper(true, Some(10), &[]).width, 20);
        assert_eq!(paper(true, Some(300), &[]).width, 100);
    }

    #[test]
    fn colour_is_for_terminals_unless_told_otherwise() {
        type Variables = &'static [(&'static str, &'static str)];
        let table: [(bool, Variables, bool); 15] = [
            (true, &[], true),
            (false, &[], false),
            (true, &[("TERM", "dumb")], false),
            (true, &[("TERM", "xterm-256color")], true),
            (true, &[("NO_COLOR", "1")], false),
            (true, &[("NO_COLOR", "")], true),
            (true, &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], false),
            (false, &[("CLICOLOR_FORCE", "1")], true),
            (false, &[("CLICOLOR_FORCE", "0")], false),
            (false, &[("CLICOLOR_FORCE", "")], false),
            (false, &[("CLICOLOR_FORCE", "1"), ("TERM", "dumb"), ("CLICOLOR", "0")], true),
            (true, &[("CLICOLOR", "0")], false),
            (true, &[("CLICOLOR", "1")], true),
            (false, &[("CLICOLOR", "1")], false),
            (true, &[("CLICOLOR", "")], true),
        ];
        for (terminal, variables, colour) in table {
            assert_eq!(paper(terminal, None, variables).colour, colour, "terminal: {terminal}, {variables:?}");
        }
    }

    #[test]
    fn styles_nest_and_vanish_without_colour() {
        let colour = Paper { width: 80, colour: true, terminal: true };
        let nested = colour.red(&format!("a{}c", colour.bold("b")));
        assert_eq!(nested, "\x1b[31ma\x1b[1mb\x1b[0m\x1b[31mc\x1b[0m");
        let plain = Paper { colour: false, ..colour };
        assert_eq!(plain.red(&plain.bold("b")), "b");
        assert_eq!(colour.red(""), "");
    }

    #[test]
    fn text_hangs_beside_its_mark() {
        let paper = Paper { width: 12, colour: true, terminal: true };
        assert_eq!(
            paper.beside(&format!("  {} ", paper.red("✗")), "one two three"),
            "  \x1b[31m✗\x1b[0m one two\n    three"
        );
        assert_eq!(paper.beside("", "one"), "one");
        assert_eq!(paper.beside("- ", &format!("one two {}", together("3 4 5"))), "- one two\n  3 4 5");
    }

    #[test]
    fn a_row_that_is_too_long_is_several_lines() {
        let paper = Paper { width: 20, colour: false, terminal: false };
        assert_eq!(paper.row("  one", 10, "two"), "  one     two");
        assert_eq!(paper.row("  one two three", 10, "four five"), "  one two three\n          four five");
        assert_eq!(paper.row("  one two three four", 10, ""), "  one two three four");
        assert_eq!(paper.row("  one two three four five", 10, "6"), "  one two three four\n  five\n          6");
    }

    #[test]
    fn wrapping_counts_columns_not_bytes_or_codes() {
        let paper = Paper { width: 10, colour: true, terminal: true };
        assert_eq!(paper.wrap("消費者 消費者", 2), "  消費者\n  消費者");
        assert_eq!(paper.wrap("one two\n\nthree", 1), " one two\n\n three");
        assert_eq!(paper.wrap(&paper.green("green as grass"), 0), "\x1b[32mgreen as\x1b[0m\n\x1b[32mgrass\x1b[0m");
    }
}
