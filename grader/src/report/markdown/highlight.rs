//! Code in colour: comments, strings and keywords of the languages in which this course shows code.
//!
//! One small scanner for all of them, because that is what a reader's eye wants; a grammar of each language would cost
//! more at every start than everything else that `read` does.

use crate::report::paper::{Ink, Paper};
use colored::Colorize;

const KEYWORD: Ink = |text| text.magenta();
const STRING: Ink = |text| text.green();
const COMMENT: Ink = |text| text.dimmed();

/// How a language writes what is told apart.
struct Language {
    names: &'static [&'static str],
    comment: &'static str,
    /// Comments that go over lines.
    block: Option<(&'static str, &'static str)>,
    /// Before others that begin alike; each may go over lines if it is longer than one character.
    quotes: &'static [&'static str],
    keywords: &'static [&'static str],
}

const LANGUAGES: [Language; 6] = [
    Language {
        names: &["rust", "rs"],
        comment: "//",
        block: Some(("/*", "*/")),
        quotes: &["\""],
        keywords: &[
            "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern", "false",
            "fn", "for", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return",
            "self", "Self", "static", "struct", "super", "trait", "true", "type", "unsafe", "use", "where", "while",
        ],
    },
    Language {
        names: &["toml"],
        comment: "#",
        block: None,
        quotes: &["\"\"\"", "'''", "\"", "'"],
        keywords: &["true", "false"],
    },
    Language {
        names: &["sh", "shell", "bash", "console"],
        comment: "#",
        block: None,
        quotes: &["\"", "'"],
        keywords: &["case", "do", "done", "elif", "else", "esac", "export", "fi", "for", "if", "in", "then", "while"],
    },
    Language { names: &["json"], comment: "//", block: None, quotes: &["\""], keywords: &["true", "false", "null"] },
    Language {
        names: &["python", "py"],
        comment: "#",
        block: None,
        quotes: &["\"\"\"", "'''", "\"", "'"],
        keywords: &[
            "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "elif", "else", "except",
            "False", "finally", "for", "from", "if", "import", "in", "is", "lambda", "None", "not", "or", "pass",
            "raise", "return", "True", "try", "while", "with", "yield",
        ],
    },
    Language {
        names: &["js", "javascript", "java", "ts"],
        comment: "//",
        block: Some(("/*", "*/")),
        quotes: &["\"", "'", "`"],
        keywords: &[
            "async", "await", "break", "case", "catch", "class", "const", "continue", "else", "false", "final", "for",
            "function", "if", "import", "let", "new", "null", "private", "public", "return", "static", "this", "throw",
            "true", "try", "var", "void", "while",
        ],
    },
];

/// The lines of `code` for `paper`: in colour where the language is one of ours, else in one colour throughout, as
/// drawings and transcripts are.
pub(super) fn lines(code: &str, language: &str, paper: &Paper) -> Vec<String> {
    let language = LANGUAGES.iter().find(|known| known.names.contains(&language)).filter(|_| paper.colour);
    let mut open = None;
    code.lines()
        .map(|line| match language {
            None => paper.cyan(line.trim_end()),
            Some(language) => paint(line.trim_end(), language, &mut open, paper),
        })
        .collect()
}

/// One line; `open` is what began on an earlier line and is not at its end: its ink, and what ends it.
fn paint(line: &str, language: &Language, open: &mut Option<(Ink, &'static str)>, paper: &Paper) -> String {
    let mut painted = String::new();
    let mut rest = line;
    // What stands before: a word that goes on is no keyword, and `#` ends no word in a shell.
    let mut before = ' ';
    while let Some(first) = rest.chars().next() {
        let comments = rest.starts_with(language.comment) && (language.comment != "#" || before.is_whitespace());
        let begins = |(from, _): &(&str, &str)| rest.starts_with(from);
        let (ink, length) = if let Some((ink, end)) = *open {
            let length = ending(rest, 0, end);
            *open = length.is_none().then_some((ink, end));
            (Some(ink), length.unwrap_or(rest.len()))
        } else if comments {
            (Some(COMMENT), rest.len())
        } else if let Some((from, end)) = language.block.filter(begins) {
            let length = ending(rest, from.len(), end);
            *open = length.is_none().then_some((COMMENT, end));
            (Some(COMMENT), length.unwrap_or(rest.len()))
        } else if let Some(quote) = language.quotes.iter().copied().find(|quote| rest.starts_with(quote)) {
            let length = ending(rest, quote.len(), quote);
            *open = (length.is_none() && quote.len() > 1).then_some((STRING, quote));
            (Some(STRING), length.unwrap_or(rest.len()))
        } else if first.is_alphanumeric() || first == '_' {
            let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            let word = &rest[..length];
            (language.keywords.contains(&word).then_some(KEYWORD), length)
        } else if first == '\'' && rest.starts_with("'\"'") {
            (Some(STRING), 3) // a quote as a character opens no string
        } else {
            (None, first.len_utf8())
        };
        let (now, later) = rest.split_at(length);
        painted.push_str(&ink.map_or_else(|| now.to_owned(), |ink| paper.paint(now, ink)));
        before = now.chars().next_back().unwrap_or(' ');
        rest = later;
    }
    painted
}

/// How long it is up to and with `end`, which is looked for behind the first `from` bytes; a backslash hides the next
/// character.
fn ending(text: &str, from: usize, end: &str) -> Option<usize> {
    let mut at = from;
    while let Some(c) = text.get(at..)?.chars().next() {
        if text[at..].starts_with(end) {
            return Some(at + end.len());
        }
        at += c.len_utf8();
        if c == '\\' {
            at += text[at..].chars().next().map_or(0, char::len_utf8);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Painted code with `k‹…›`, `s‹…›` and `c‹…›` around keywords, strings and comments.
    fn marked(code: &str, language: &str) -> String {
        let paper = Paper { width: 80, colour: true, terminal: false };
        let lines = lines(code, language, &paper).join("\n");
        let begins = |ink: Ink| paper.paint("|", ink).split('|').next().unwrap_or_default().to_owned();
        let marks = [(KEYWORD, "k‹"), (STRING, "s‹"), (COMMENT, "c‹")];
        let lines = marks.into_iter().fold(lines, |lines, (ink, mark)| lines.replace(&begins(ink), mark));
        lines.replace("\x1b[0m", "›")
    }

    #[test]
    fn each_language_has_its_words() {
        assert_eq!(
            marked("pub fn format<'a>(x: &'a str) -> char { let y = \"a \\\" fn\"; '\"' } // done", "rust"),
            "k‹pub› k‹fn› format<'a>(x: &'a str) -> char { k‹let› y = s‹\"a \\\" fn\"›; s‹'\"'› } c‹// done›"
        );
        assert_eq!(marked("key = 'a # b' # c", "toml"), "key = s‹'a # b'› c‹# c›");
        assert_eq!(
            marked("if [ $# = 1 ]; then ls \"$1\"; fi # x", "sh"),
            "k‹if› [ $# = 1 ]; k‹then› ls s‹\"$1\"›; k‹fi› c‹# x›"
        );
        assert_eq!(marked("{\"a\": null}", "json"), "{s‹\"a\"›: k‹null›}");
    }

    #[test]
    fn what_goes_over_lines_does_so_in_each_of_them() {
        assert_eq!(marked("/* a\nb */ let", "rust"), "c‹/* a›\nc‹b */› k‹let›");
        assert_eq!(marked("x = \"\"\"\nif\n\"\"\" if", "python"), "x = s‹\"\"\"›\ns‹if›\ns‹\"\"\"› k‹if›");
        // A quote that nobody closes ends with its line.
        assert_eq!(marked("don't\nif", "sh"), "dons‹'t›\nk‹if›");
    }

    #[test]
    fn a_drawing_has_one_colour_and_paper_without_colour_none() {
        let paper = Paper { width: 80, colour: true, terminal: false };
        assert_eq!(lines("if ─▶ let", "", &paper), [paper.cyan("if ─▶ let")]);
        assert_eq!(lines("let x;", "rust", &Paper { colour: false, ..paper }), ["let x;"]);
    }
}
