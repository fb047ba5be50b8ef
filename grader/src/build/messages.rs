//! What cargo says: JSON for programs on its standard output, words for people on its standard error. Both are bounded,
//! since a program's own text is in them.

use super::trouble::{Trouble, is_the_machines};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::path::PathBuf;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

/// A line that is longer is left out.
const LONGEST_LINE: u64 = 4 << 20;
/// Of one diagnostic, and of all together, so much is kept.
const LONGEST_DIAGNOSTIC: usize = 64 << 10;
const MOST_DIAGNOSTICS: usize = 256 << 10;

/// What the JSON messages of one build came to.
#[derive(Debug, Default)]
pub(super) struct Messages {
    /// What was built, by name.
    pub programs: Vec<(String, PathBuf)>,
    /// Files of the libraries that this took, whether they were there already or not.
    pub libraries: Vec<PathBuf>,
    /// What the compiler says, as it would print it.
    pub diagnostics: String,
    /// How many diagnostics found no room.
    left_out: usize,
    /// One for each error, in the order in which they came.
    pub errors: Vec<CompilerError>,
}

/// An error that the compiler found.
#[derive(Debug)]
pub(super) struct CompilerError {
    pub package: Package,
    /// The trouble of the machine that it is, where it is about no place in the sources.
    pub trouble: Option<Trouble>,
}

/// A package by cargo's id: `path+file:///course/exercises/kit#0.1.0`, `registry+https://…#serde@1.0.0`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Package {
    pub name: String,
    /// It lies on this machine, as those of the course do.
    pub is_local: bool,
}

/// One line of `--message-format=json`.
#[derive(Deserialize)]
struct Message {
    reason: String,
    #[serde(default)]
    package_id: String,
    executable: Option<PathBuf>,
    #[serde(default)]
    filenames: Vec<PathBuf>,
    target: Option<Target>,
    message: Option<Diagnostic>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

#[derive(Deserialize)]
struct Diagnostic {
    level: String,
    message: String,
    rendered: Option<String>,
    code: Option<IgnoredAny>,
    #[serde(default)]
    spans: Vec<IgnoredAny>,
}

impl Messages {
    /// Takes in one line of cargo's standard output. `cut`: it was longer, and this is how it begins.
    pub fn take(&mut self, line: &[u8], cut: bool) {
        if cut {
            self.take_beginning(line);
            return;
        }
        let Ok(message) = serde_json::from_slice::<Message>(line) else { return };
        match (message.reason.as_str(), message.message) {
            ("compiler-artifact", _) => match message.executable {
                Some(path) => self.programs.extend(message.target.map(|target| (target.name, path))),
                None => self.libraries.extend(message.filenames),
            },
            ("compiler-message", Some(diagnostic)) => {
                self.take_diagnostic(&diagnostic, Package::of_id(&message.package_id));
            }
            _ => {}
        }
    }

    /// Takes in one line of the standard error of a compiler that was called without cargo, for `package`.
    pub fn take_compilers(&mut self, line: &[u8], cut: bool, package: &str) {
        let package = Package { name: package.to_owned(), is_local: true };
        match serde_json::from_slice::<Diagnostic>(line) {
            _ if cut => self.leave_out(package),
            Ok(diagnostic) => self.take_diagnostic(&diagnostic, package),
            // It says something else where it cannot even begin, or has crashed.
            Err(_) => self.say(&format!("{}\n", String::from_utf8_lossy(line))),
        }
    }

    fn take_diagnostic(&mut self, diagnostic: &Diagnostic, package: Package) {
        let text = diagnostic.rendered.as_deref().unwrap_or(&diagnostic.message);
        // Of an error in the sources, the words are the program's own: they prove nothing about the machine.
        let in_sources = diagnostic.code.is_some() || !diagnostic.spans.is_empty();
        let crashed = diagnostic.level.contains("internal compiler error");
        let trouble = if in_sources { None } else { is_the_machines(text) };
        let trouble = trouble.or(crashed.then_some(Trouble::CompilerCrashed));
        if diagnostic.level.starts_with("error") {
            self.errors.push(CompilerError { package, trouble });
        }
        self.say(text);
    }

    /// Of a message too long to be read, whose it is can still be told.
    fn take_beginning(&mut self, line: &[u8]) {
        let line = String::from_utf8_lossy(line);
        let Some(rest) = line.strip_prefix("{\"reason\":\"compiler-message\",\"package_id\":\"") else { return };
        self.leave_out(Package::of_id(rest.split('"').next().unwrap_or_default()));
    }

    fn leave_out(&mut self, package: Package) {
        self.errors.push(CompilerError { package, trouble: None });
        self.say("error: a message of the compiler that is longer than 4 MiB is left out\n");
    }

    fn say(&mut self, text: &str) {
        if self.diagnostics.len() + text.len().min(LONGEST_DIAGNOSTIC) > MOST_DIAGNOSTICS {
            self.left_out += 1;
        } else if text.len() > LONGEST_DIAGNOSTIC {
            self.diagnostics.push_str(&text[..text.floor_char_boundary(LONGEST_DIAGNOSTIC)]);
            self.diagnostics.push_str("…\n(the rest of this message is left out)\n\n");
        } else {
            self.diagnostics.push_str(text);
        }
    }

    /// All of what the compiler says, with a word on what was left out.
    pub fn into_diagnostics(self) -> String {
        match self.left_out {
            0 => self.diagnostics,
            n => format!("{}({n} more messages of the compiler are left out)\n", self.diagnostics),
        }
    }
}

impl Package {
    fn of_id(id: &str) -> Package {
        let (source, rest) = id.split_once('#').unwrap_or((id, ""));
        // Without a name of its own it has that of its folder.
        let folder = source.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let name = rest.split_once('@').map_or(folder, |(name, _)| name);
        Package { name: name.to_owned(), is_local: source.starts_with("path+") }
    }
}

/// The next line, without its end; none at the end of all. With it, whether it was longer than [`LONGEST_LINE`] and is
/// only its beginning.
pub(super) async fn next_line(
    from: &mut (impl AsyncBufRead + Unpin),
    line: &mut Vec<u8>,
) -> std::io::Result<Option<bool>> {
    line.clear();
    let read = (&mut *from).take(LONGEST_LINE).read_until(b'\n', line).await?;
    if read == 0 {
        return Ok(None);
    }
    let ended = line.pop_if(|last| *last == b'\n').is_some();
    let cut = !ended && read as u64 == LONGEST_LINE;
    if cut {
        skip_line(from).await?;
    }
    Ok(Some(cut))
}

/// Goes on behind the next end of a line.
async fn skip_line(from: &mut (impl AsyncBufRead + Unpin)) -> std::io::Result<()> {
    loop {
        let buffer = from.fill_buf().await?;
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let length = end.map_or(buffer.len(), |end| end + 1);
        from.consume(length);
        if end.is_some() || length == 0 {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(package: &str, level: &str, text: &str, spans: usize) -> Vec<u8> {
        let id = format!("path+file:///course/exercises/{package}#0.1.0");
        let spans = vec![serde_json::json!({}); spans];
        let message =
            serde_json::json!({"level": level, "message": text, "rendered": text, "code": null, "spans": spans});
        let line = serde_json::json!({"reason": "compiler-message", "package_id": id, "message": message});
        line.to_string().into_bytes()
    }

    #[test]
    fn a_package_is_known_by_its_id() {
        let package = |id: &str| Package::of_id(id);
        let local = |name: &str| Package { name: name.into(), is_local: true };
        assert_eq!(package("path+file:///c/exercises/ex01-basics#0.1.0"), local("ex01-basics"));
        assert_eq!(
            package("path+file:///c/solutions/ex01-basics#ex01-basics-solution@0.1.0"),
            local("ex01-basics-solution")
        );
        let serde = package("registry+https://github.com/rust-lang/crates.io-index#serde@1.0.219");
        assert_eq!((serde.name.as_str(), serde.is_local), ("serde", false));
    }

    #[test]
    fn words_in_the_sources_prove_nothing_about_the_machine() {
        let mut messages = Messages::default();
        let words = "error: No space left on device (os error 28)\n";
        messages.take(&message("ex01", "error", words, 1), false);
        messages.take(&message("ex01", "error", words, 0), false);
        messages.take(&message("ex01", "warning", "warning: unused\n", 1), false);
        let troubles: Vec<Option<Trouble>> = messages.errors.into_iter().map(|error| error.trouble).collect();
        assert_eq!(troubles, [None, Some(Trouble::NoSpace)]);
    }

    #[test]
    fn what_the_compiler_says_is_bounded() {
        let mut messages = Messages::default();
        let long = "x".repeat(LONGEST_DIAGNOSTIC * 2);
        (0..1000).for_each(|_| messages.take(&message("ex01", "error", &long, 1), false));
        messages.take(b"{\"reason\":\"compiler-message\",\"package_id\":\"path+file:///c/kit#0.1.0\",\"mess", true);
        assert_eq!(messages.errors.last().unwrap().package.name, "kit");
        let said = messages.into_diagnostics();
        assert!(said.len() < MOST_DIAGNOSTICS + 4096, "{}", said.len());
        assert!(said.ends_with("more messages of the compiler are left out)\n"));
    }

    #[tokio::test]
    async fn lines_are_bounded() {
        let long = vec![b'x'; LONGEST_LINE as usize * 2 + 5];
        let text = [b"one\n".to_vec(), long, b"\ntwo".to_vec()].concat();
        let (mut from, mut line) = (text.as_slice(), Vec::new());
        let mut seen = Vec::new();
        while let Some(cut) = next_line(&mut from, &mut line).await.unwrap() {
            seen.push((line.len() as u64, cut));
        }
        assert_eq!(seen, [(3, false), (LONGEST_LINE, true), (3, false)]);
    }
}
