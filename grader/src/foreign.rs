//! Text that we did not write: what programs, brokers, files and people say.
//!
//! A terminal obeys control characters, and a reader is misled by marks that reverse or hide text. So whatever comes
//! from outside is held as [`Foreign`]: a report cannot print it in any other way than harmlessly.

use serde::{Deserialize, Serialize, Serializer};
use std::fmt;

/// What stands for a character that is not shown.
const STAND_IN: char = '·';

/// Text from outside. Displayed, it is one line without hidden characters; serialised, it is what it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(transparent)]
pub struct Foreign(String);

impl Foreign {
    /// The text for where several lines have a place: line breaks stay, everything else is as in the display.
    pub fn lines(&self) -> String {
        self.0.split('\n').map(|line| visible(line.trim_end_matches('\r'))).collect::<Vec<_>>().join("\n")
    }

    /// As it came: to look something up by it, never to print it.
    pub fn raw(&self) -> &str {
        &self.0
    }
}

impl<T: Into<String>> From<T> for Foreign {
    fn from(text: T) -> Foreign {
        Foreign(text.into())
    }
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&visible(&self.0))
    }
}

impl Serialize for Foreign {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// `text` on one line, with a point for each hidden character and spaces for a tab.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' => shown.push_str("    "),
            c if is_hidden(c) => shown.push(STAND_IN),
            c => shown.push(c),
        }
    }
    shown
}

/// The first `most` characters of `text`, with a mark where there are more.
pub fn cut(text: &str, most: usize) -> String {
    match text.chars().count() > most {
        true => text.chars().take(most).chain(['…']).collect(),
        false => text.to_owned(),
    }
}

/// Does a terminal obey it, or does a reader not see it? Control characters, marks of direction, separators, and what
/// has no width of its own.
pub fn is_hidden(c: char) -> bool {
    // Nearly every character of nearly every text.
    if matches!(c, ' '..='~') {
        return false;
    }
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}'
            | '\u{200b}'..='\u{200f}' // without width, and marks of direction
            | '\u{2028}'..='\u{202e}' // separators of lines and paragraphs, embeddings and overrides
            | '\u{2060}'..='\u{206f}' // invisible operators, isolates
            | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' // annotations, and what is no character
            | '\u{e0000}'..='\u{e007f}') // tags
}

/// A last look at what goes to a stream, whoever wrote it: of control characters only line breaks stay, and where the
/// stream takes colour, the codes of colours and weights that the reports use.
pub fn fit_for_stream(text: &str, colour: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c != '\n' && is_hidden(c)) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let length = if colour { styling(from) } else { None };
        match length {
            Some(length) => out.push_str(&from[..length]),
            None if from.starts_with('\t') => out.push_str("    "),
            None => out.push(STAND_IN),
        }
        let length = length.or_else(|| Some(from.chars().next()?.len_utf8())).unwrap_or(from.len());
        rest = &from[length..];
    }
    out.push_str(rest);
    out
}

/// The length of the styling sequence with which `text` begins, if it does: `ESC [ 1 ; 31 m`. Codes that hide text,
/// make it blink or paint its background are none of ours.
fn styling(text: &str) -> Option<usize> {
    let codes = text.strip_prefix("\x1b[")?;
    let end = codes.find('m')?;
    let ours = |code: &str| {
        matches!(code, "" | "0" | "1" | "2" | "3" | "4" | "9" | "22" | "23" | "24" | "29" | "39")
            || code.parse().is_ok_and(|code: u8| matches!(code, 30..=37 | 90..=97))
    };
    codes[..end].split(';').all(ours).then_some("\x1b[".len() + end + 1)
}

/// JSON on one line, in which hidden characters are escaped too: it may be read on a terminal.
///
/// # Errors
/// The value cannot be JSON: a map whose keys are no strings, say.
pub fn json(value: &impl Serialize) -> serde_json::Result<String> {
    let plain = serde_json::to_string(value)?;
    if !plain.contains(is_hidden) {
        return Ok(plain);
    }
    // Outside its strings JSON has no such characters.
    let mut escaped = String::with_capacity(plain.len());
    for c in plain.chars() {
        match is_hidden(c) {
            true => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| escaped.push_str(&format!("\\u{unit:04x}"))),
            false => escaped.push(c),
        }
    }
    Ok(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hidden_is_shown() {
        let text = Foreign::from("a\x1b[2Jb\u{9b}c\u{202e}d\u{200b}e\u{2028}f\x7fg\th\ni");
        assert_eq!(text.to_string(), "a·[2Jb·c·d·e·f·g    h·i");
        assert_eq!(text.lines(), "a·[2Jb·c·d·e·f·g    h\ni");
        assert_eq!(format!("{:<6}|", Foreign::from("a\u{200d}")), "a·    |");
        assert_eq!(Foreign::from("消費者 – é").to_string(), "消費者 – é");
    }

    #[test]
    fn only_our_styling_passes_the_last_look() {
        let text = "\x1b[1;31mred\x1b[0m \x1b[8mhidden\x1b[0m \x1b]0;title\x07 \x1b[2J\tend\r\n";
        assert_eq!(fit_for_stream(text, true), "\x1b[1;31mred\x1b[0m ·[8mhidden\x1b[0m ·]0;title· ·[2J    end·\n");
        assert!(!fit_for_stream(text, false).contains('\x1b'));
        assert_eq!(fit_for_stream("\x1b[", true), "·[");
    }

    #[test]
    fn json_is_what_it_was_and_can_be_read_on_a_terminal() {
        let text = "a\x1b\u{9b}\u{202e}\u{e0041}\n\"é";
        let line = json(&Foreign::from(text)).expect("a string");
        assert!(!line.contains(is_hidden), "{line}");
        assert_eq!(serde_json::from_str::<String>(&line).expect("a string"), text);
    }
}
