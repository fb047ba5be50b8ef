//! A program as a list of tokens in which names, comments and spacing have no part.

use crate::submission::Language;

/// Words of any of our languages that mean something by themselves; every other word is a name.
const KEYWORDS: &str = " abstract as assert async await base bool boolean break byte case catch chan char class const \
    continue crate def default defer del do double dyn elif else enum except export extends extern false final finally \
    float fn for from func function global go goto if impl implements import in instanceof int interface is lambda let \
    long loop map match mod move mut new nil None nonlocal not null or and package pass private protected pub public \
    raise range ref return select Self self short static struct super switch synchronized this throw throws trait true \
    True False try type typeof undefined union unsafe use var void volatile where while with yield ";

/// Tokens of one program that are looked at; the longest program of the course has some thousands.
const MOST: usize = 100_000;

/// What a token is: all names are alike, and so are all numbers and all texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Token {
    Name,
    Number,
    Text,
    /// Its place in the list of keywords.
    Keyword(u16),
    Mark(char),
}

/// The tokens of a source. Whatever the bytes, it has some.
pub fn tokens(source: &[u8], language: Language) -> Vec<Token> {
    let text = String::from_utf8_lossy(source);
    let mut reader = Reader { rest: &text, language };
    std::iter::from_fn(|| reader.next()).take(MOST).collect()
}

struct Reader<'t> {
    rest: &'t str,
    language: Language,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<Token> {
        loop {
            self.rest = self.rest.trim_start();
            if !self.skip_comment() {
                break;
            }
        }
        let first = self.rest.chars().next()?;
        Some(match first {
            c if c.is_ascii_digit() => {
                self.skip_while(|c| c.is_alphanumeric() || c == '_' || c == '.');
                Token::Number
            }
            _ if self.skip_raw_text() || self.skip_text() => Token::Text,
            c if c.is_alphabetic() || c == '_' => {
                let word = self.skip_while(|c| c.is_alphanumeric() || c == '_');
                match KEYWORDS.find(&format!(" {word} ")) {
                    Some(place) => Token::Keyword(place as u16),
                    None => Token::Name,
                }
            }
            c => {
                self.rest = &self.rest[c.len_utf8()..];
                Token::Mark(c)
            }
        })
    }

    fn skip_while<'s>(&mut self, wanted: impl Fn(char) -> bool) -> &'s str
    where
        Self: 's,
    {
        let end = self.rest.find(|c| !wanted(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    /// Goes on behind the first `end`, or to the end of the source.
    fn skip_past(&mut self, begin: usize, end: &str) {
        let rest = &self.rest[begin..];
        self.rest = rest.find(end).map_or("", |at| &rest[at + end.len()..]);
    }

    fn skip_comment(&mut self) -> bool {
        let begins = |mark: &str| self.rest.starts_with(mark);
        if self.language == Language::Python {
            let comment = begins("#");
            if comment {
                self.skip_past(1, "\n");
            }
            return comment;
        }
        if begins("//") {
            self.skip_past(2, "\n");
        } else if begins("/*") && self.language == Language::Rust {
            self.skip_nested();
        } else if begins("/*") {
            self.skip_past(2, "*/");
        } else {
            return false;
        }
        true
    }

    /// Rust's comments may stand within each other.
    fn skip_nested(&mut self) {
        let mut depth = 0_usize;
        while !self.rest.is_empty() {
            let step = match self.rest {
                rest if rest.starts_with("/*") => {
                    depth += 1;
                    2
                }
                rest if rest.starts_with("*/") => {
                    depth -= 1;
                    2
                }
                rest => rest.chars().next().map_or(1, char::len_utf8),
            };
            self.rest = &self.rest[step..];
            if depth == 0 {
                break;
            }
        }
    }

    /// A text in which a backslash is nothing but that: Rust's `r#"…"#`, and Go's in backquotes.
    fn skip_raw_text(&mut self) -> bool {
        if self.language == Language::Go && self.rest.starts_with('`') {
            self.skip_past(1, "`");
            return true;
        }
        let Some(behind) = (self.language == Language::Rust).then(|| self.rest.trim_start_matches(['b', 'c'])) else {
            return false;
        };
        let Some(hashed) = behind.strip_prefix('r').filter(|_| self.rest.len() - behind.len() < 2) else {
            return false;
        };
        let hashes = hashed.len() - hashed.trim_start_matches('#').len();
        if !hashed[hashes..].starts_with('"') {
            return false;
        }
        let begin = self.rest.len() - hashed.len() + hashes + 1;
        self.skip_past(begin, &format!("\"{}", "#".repeat(hashes)));
        true
    }

    /// A text in quotes, or a single character.
    fn skip_text(&mut self) -> bool {
        let quotes: &[&str] = match self.language {
            Language::Python => &["\"\"\"", "'''", "\"", "'"],
            Language::Node => &["\"", "'", "`"],
            Language::Java => &["\"\"\"", "\"", "'"],
            Language::Go => &["\"", "'"],
            Language::Rust if is_character(self.rest) => &["\"", "'"],
            Language::Rust => &["\""],
        };
        let Some(quote) = quotes.iter().find(|quote| self.rest.starts_with(**quote)) else { return false };
        self.rest = &self.rest[quote.len()..];
        while !self.rest.is_empty() && !self.rest.starts_with(quote) {
            let mut rest = self.rest.chars();
            if rest.next() == Some('\\') {
                rest.next();
            }
            self.rest = rest.as_str();
        }
        self.rest = self.rest.get(quote.len()..).unwrap_or("");
        true
    }
}

/// `'a'` and `'\n'` are characters in Rust, `'a` is a lifetime.
fn is_character(text: &str) -> bool {
    let mut rest = text.chars().skip(1);
    match rest.next() {
        Some('\\') => true,
        Some(_) => rest.next() == Some('\''),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn same(language: Language, a: &str, b: &str) -> bool {
        tokens(a.as_bytes(), language) == tokens(b.as_bytes(), language)
    }

    #[test]
    fn names_comments_spacing_and_literals_do_not_matter() {
        let one = "fn main() { let total = add(1, 2); // sum\n println!(\"{total}\"); }";
        let two = "/* a /* nested */ one */ fn main(){let x=plus(30,\n40);println!(r#\"{x} \"here\" \"#);}";
        assert!(
            same(Language::Rust, one, two),
            "{:?}\n{:?}",
            tokens(one.as_bytes(), Language::Rust),
            tokens(two.as_bytes(), Language::Rust)
        );
        assert!(same(Language::Python, "def f(a):  # why\n  return '''x\n#'''", "def g(b):\n\treturn \"y\\\"\""));
        assert!(same(Language::Node, "const a = `x ${1}` // 1", "const bb = '' /* 2 */"));
        assert!(same(Language::Go, "x := `a\\`", "y := \"b\""));
    }

    #[test]
    fn what_a_program_does_matters() {
        assert!(!same(Language::Rust, "if a { b }", "while a { b }"));
        assert!(!same(Language::Rust, "a + b", "a - b"));
        assert!(!same(Language::Rust, "'a'", "'a"), "a character is no lifetime");
        assert!(!same(Language::Rust, "'\\''", "'"));
        assert_eq!(tokens(b"break", Language::Rust), [Token::Keyword(KEYWORDS.find(" break ").unwrap() as u16)]);
    }

    proptest! {
        #[test]
        fn any_bytes_have_an_end(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            for language in [Language::Rust, Language::Python, Language::Node, Language::Go, Language::Java] {
                prop_assert!(tokens(&bytes, language).len() <= bytes.len() * 3);
            }
        }

        #[test]
        fn marks_of_all_kinds_have_an_end(text in "[/*'\"`rb#\\\\\n a1é]{0,60}") {
            for language in [Language::Rust, Language::Python, Language::Node, Language::Go, Language::Java] {
                prop_assert!(tokens(text.as_bytes(), language).len() <= text.len());
            }
        }
    }
}
