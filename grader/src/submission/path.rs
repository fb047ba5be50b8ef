//! Names within a submission: harmless ones, and why others are not.

use crate::foreign::{is_hidden, visible};

/// A longer path is no source's.
const LONGEST: usize = 512;

/// Why a path is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfit {
    /// It leads out of the submission, so whoever made it has made no submission.
    LeadsOut { shown: String },
    /// It is no name of a source; the file is left out.
    Odd { shown: String },
}

/// The path that an archive, a folder or a repository says, with `/` between its parts and nothing to resolve. Empty
/// where it is the submission's own folder.
///
/// # Errors
/// It leads out of the submission, or no source can have such a name.
pub fn harmless(raw: &[u8]) -> Result<String, Unfit> {
    let shown = || visible(&String::from_utf8_lossy(&raw[..raw.len().min(LONGEST)]));
    let drive = raw.len() > 1 && raw[1] == b':' && raw[0].is_ascii_alphabetic();
    let leads_out = raw.starts_with(b"/") || drive || raw.split(|byte| *byte == b'/').any(|part| part == b"..");
    if leads_out {
        return Err(Unfit::LeadsOut { shown: shown() });
    }
    match std::str::from_utf8(raw) {
        Ok(text) if raw.len() <= LONGEST && !text.contains(is_hidden) => {
            let parts: Vec<&str> = text.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
            Ok(parts.join("/"))
        }
        _ => Err(Unfit::Odd { shown: shown() }),
    }
}

/// Can a source have this path? Its names are such that nobody takes a part of them for an option, or for anything but a
/// name: letters, digits, `.`, `_`, `-`, `+`, spaces and parentheses.
pub fn is_plain(path: &str) -> bool {
    let allowed = |c: char| c.is_alphanumeric() || "._-+ ()".contains(c);
    path.split('/').all(|part| !part.is_empty() && !part.starts_with(['-', ' ']) && part.chars().all(allowed))
}

/// The folders above `path`, from the outermost to the innermost: of `a/b/c` these are `a` and `a/b`.
pub fn above(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..at])
}

/// The last part of a path.
pub fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// What comes after `folder` in `path`, where that lies below it. The empty folder is the submission's own.
pub fn below<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    match folder {
        "" => Some(path),
        folder => path.strip_prefix(folder)?.strip_prefix('/'),
    }
}

/// The path of `name` in `folder`.
pub fn join(folder: &str, name: &str) -> String {
    match folder {
        "" => name.to_owned(),
        folder => format!("{folder}/{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_taken_apart_and_never_resolved() {
        let path = |raw: &str| harmless(raw.as_bytes()).expect("harmless");
        assert_eq!(path("src/main.rs"), "src/main.rs");
        assert_eq!(path("./a//b/./c/"), "a/b/c");
        assert_eq!((path("./"), path("a..b/..c/d..")), (String::new(), "a..b/..c/d..".to_owned()));
        for out in ["..", "../x", "a/../../x", "a/..", "/etc/passwd", "//x", "C:/x", "c:x"] {
            assert!(matches!(harmless(out.as_bytes()), Err(Unfit::LeadsOut { .. })), "{out}");
        }
        let long = "a/".repeat(300);
        for odd in [&b"a\nb"[..], b"a\0b", b"\xff.rs", b"a\x1b[2J", "\u{202e}sr.niam".as_bytes(), long.as_bytes()] {
            assert!(matches!(harmless(odd), Err(Unfit::Odd { .. })), "{odd:?}");
        }
        assert_eq!(harmless(b"a\n\xffb"), Err(Unfit::Odd { shown: "a·\u{fffd}b".into() }));
    }

    #[test]
    fn sources_have_plain_names() {
        assert!(is_plain("src/main.rs") && is_plain("main (1).py") && is_plain("größe.rs"));
        for odd in
            ["a'b.py", "$(id).py", "`id`.py", "a;b.py", "-c.py", "src/-c.py", "a\"b.py", "a\\b.py", "a//b.py", "a*.py"]
        {
            assert!(!is_plain(odd), "{odd}");
        }
    }

    #[test]
    fn folders_above_and_what_lies_below() {
        assert_eq!(above("a/b/c").collect::<Vec<_>>(), ["a", "a/b"]);
        assert_eq!((name("a/b"), name("b"), join("", "b"), join("a", "b")), ("b", "b", "b".into(), "a/b".into()));
        assert_eq!((below("a/b", "a"), below("ab", "a"), below("a", "")), (Some("b"), None, Some("a")));
    }
}
