//! Crate to program, by cargo and its JSON messages.
//!
//! What does not build is the learner's only where the compiler found an error in the learner's own package, or cargo
//! one in its manifest. Everything else (disk, network, installation, other packages) is told as what it is.

mod call;
mod leaf;
mod messages;
mod packed;
mod trouble;

pub use call::serve_wrapper;
pub use leaf::Leaf;
pub use packed::pack;
pub use trouble::Trouble;

use crate::process::Tool;
use messages::{Messages, next_line};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use tokio::io::{AsyncRead, BufReader};

#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The learner's; what cargo and the compiler said is in `diagnostics`.
    #[error("{package} does not build")]
    Broken { package: String, diagnostics: String },
    /// Another package of the course.
    #[error(
        "{other}, which {package} uses, does not build. Put it as it was (git diff shows what was changed).\n{diagnostics}"
    )]
    OtherBroken { package: String, other: String, diagnostics: String },
    #[error("cargo was not found. Install Rust from https://rustup.rs, open a new terminal, and try again.")]
    NoCargo,
    #[error("cargo could not be run: {0}")]
    Io(std::io::Error),
    /// Disk, network, installation; `said` are cargo's last words.
    #[error("{trouble}{}", if said.is_empty() { String::new() } else { format!("\nCargo said:\n{said}") })]
    Machine { trouble: Trouble, said: String },
    #[error("cargo built {package}, but no program called {binary} came out")]
    NoProgram { package: String, binary: String },
}

/// What there is to say of a build while it goes on.
#[derive(Debug, Clone, Copy)]
pub enum Said<'a> {
    /// What cargo is about: `Compiling rdkafka v0.39.0`, or [`BLOCKED`] and on what.
    About(&'a str),
    /// Warnings of the compiler about a package that builds. They may hold colours, and whatever else the sources hold.
    Warnings(&'a str),
}

/// Builds the crates `packages` of the course at `root` and learns how. Calls are kept in `calls`, libraries come into
/// `libraries`. `says` gets what goes on. Of a packed course, nothing has to be built.
///
/// # Errors
/// See [`BuildError`]: what fails here is the course, and nobody's submission.
pub async fn leaves(
    root: &Path,
    packages: &[&str],
    calls: &Path,
    libraries: &Path,
    says: impl Fn(Said<'_>),
) -> Result<Vec<Leaf>, BuildError> {
    match packed::is_packed(root) {
        true => packed::leaves(root, packages),
        false => leaf::leaves(root, packages, calls, libraries, says).await,
    }
}

/// Builds binary `binary` of `package` in the workspace at `root` and returns its path. `says` gets what goes on. With
/// `colour`, the compiler's words are for a terminal.
///
/// # Errors
/// See [`BuildError`].
pub async fn program(
    root: &Path,
    package: &str,
    binary: &str,
    colour: bool,
    says: impl Fn(Said<'_>),
) -> Result<PathBuf, BuildError> {
    let built = cargo_build(root, package, &["--bin".into(), binary.into()], colour, says).await?;
    built
        .into_iter()
        .find(|(name, _)| name == binary)
        .map(|(_, path)| path)
        .ok_or_else(|| BuildError::NoProgram { package: package.into(), binary: binary.into() })
}

/// Builds all programs and examples of `package`, which lies in `folder`, and returns them by name.
///
/// # Errors
/// See [`BuildError`].
pub async fn programs(
    root: &Path,
    package: &str,
    folder: &Path,
    colour: bool,
    says: impl Fn(Said<'_>),
) -> Result<Vec<(String, PathBuf)>, BuildError> {
    let mut which = vec!["--bin".to_owned(), package.to_owned()];
    for (option, place) in [("--bin", "src/bin"), ("--example", "examples")] {
        let files = std::fs::read_dir(folder.join(place)).into_iter().flatten().flatten().map(|entry| entry.path());
        let sources = files.filter(|file| file.extension().is_some_and(|extension| extension == "rs"));
        let names = sources.filter_map(|file| Some(file.file_stem()?.to_str()?.to_owned()));
        which.extend(names.flat_map(|name| [option.to_owned(), name]));
    }
    cargo_build(root, package, &which, colour, says).await
}

/// What cargo says while another one works in the same folder.
pub const BLOCKED: &str = "Blocking";

/// The package that is chosen beside every program, so that what the grader has compiled serves the program: see its
/// manifest. Nothing of it is built here.
const SHARES_WITH: &str = "grader-features";

/// So much of cargo's own words is kept, in bytes.
const MOST_WORDS: usize = 64 << 10;
/// So many of its last lines are shown where it fails for a reason that is not the program's.
const LAST_LINES: usize = 12;

async fn cargo_build(
    root: &Path,
    package: &str,
    which: &[String],
    colour: bool,
    says: impl Fn(Said<'_>),
) -> Result<Vec<(String, PathBuf)>, BuildError> {
    let format = if colour { "json-diagnostic-rendered-ansi" } else { "json" };
    let mut command = cargo_command(root);
    command
        .args(["build", "--package", package, "--package", SHARES_WITH])
        .arg(format!("--message-format={format}"))
        .args(which);
    Ok(run_cargo(&command, root, package, &says).await?.programs)
}

/// Cargo in the workspace at `root`.
fn cargo_command(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    command
}

/// Runs cargo, for `package`, and returns its messages.
async fn run_cargo(
    command: &Command,
    root: &Path,
    package: &str,
    says: &impl Fn(Said<'_>),
) -> Result<Messages, BuildError> {
    let mut child = Tool::start(command).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => BuildError::NoCargo,
        _ => BuildError::Io(error),
    })?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (messages, words, status) = tokio::join!(messages(stdout), words(stderr, says), child.wait());
    let (messages, words) = (messages.map_err(BuildError::Io)?, words.map_err(BuildError::Io)?);
    let status = status.map_err(BuildError::Io)?;
    if !status.success() {
        return Err(reason(package, root, messages, words, status.signal()));
    }
    if !messages.diagnostics.is_empty() {
        says(Said::Warnings(&messages.diagnostics));
    }
    Ok(messages)
}

/// Why `package` was not built.
fn reason(package: &str, root: &Path, messages: Messages, words: String, signal: Option<i32>) -> BuildError {
    let errors = &messages.errors;
    let is_own = |error: &messages::CompilerError| error.package.is_local && error.package.name == package;
    let in_sources = errors.iter().any(|error| is_own(error) && error.trouble.is_none());
    let of_machine = errors.iter().find_map(|error| error.trouble.clone());
    let other = errors.iter().find(|error| !is_own(error)).map(|error| error.package.clone());
    let (package, said) = (package.to_owned(), last_lines(&words));
    let diagnostics = messages.into_diagnostics();
    match (of_machine, other) {
        _ if in_sources => return BuildError::Broken { package, diagnostics: diagnostics + &words },
        (Some(trouble), _) => return BuildError::Machine { trouble, said: last_lines(&diagnostics) },
        (_, Some(other)) if other.is_local => {
            return BuildError::OtherBroken { package, other: other.name, diagnostics };
        }
        (_, Some(other)) => return BuildError::Machine { trouble: Trouble::Library(other.name), said },
        (None, None) => {}
    }
    if signal.is_some() {
        return BuildError::Machine { trouble: Trouble::Killed, said };
    }
    let manifest = match package.strip_suffix("-solution") {
        Some(folder) => root.join("solutions").join(folder),
        None => root.join("exercises").join(&package),
    };
    let manifest = manifest.join("Cargo.toml").display().to_string();
    match trouble::of_cargos_words(&words, &package, &manifest) {
        Some(trouble) => BuildError::Machine { trouble, said },
        None => BuildError::Broken { package, diagnostics: words },
    }
}

/// The last few lines, indented.
fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = &lines[lines.len().saturating_sub(LAST_LINES)..];
    last.iter().map(|line| format!("  {line}\n")).collect::<String>().trim_end().to_owned()
}

/// All messages for programs.
async fn messages(stdout: Option<impl AsyncRead + Unpin>) -> std::io::Result<Messages> {
    let mut messages = Messages::default();
    let Some(stdout) = stdout else { return Ok(messages) };
    let (mut stdout, mut line) = (BufReader::new(stdout), Vec::new());
    while let Some(cut) = next_line(&mut stdout, &mut line).await? {
        messages.take(&line, cut);
    }
    Ok(messages)
}

/// Gives `says` what cargo is about, and returns the rest of its words.
async fn words(stderr: Option<impl AsyncRead + Unpin>, says: &impl Fn(Said<'_>)) -> std::io::Result<String> {
    let mut rest = String::new();
    let Some(stderr) = stderr else { return Ok(rest) };
    let (mut stderr, mut line) = (BufReader::new(stderr), Vec::new());
    while next_line(&mut stderr, &mut line).await?.is_some() {
        let line = String::from_utf8_lossy(&line);
        match about(&line) {
            Some(about) => says(Said::About(&about)),
            None if rest.len() + line.len() < MOST_WORDS => rest.extend([&line, "\n"]),
            None => {}
        }
    }
    Ok(rest)
}

/// `Compiling rdkafka v0.39.0` of a line with which cargo says what it is about: a word that ends in column 12.
fn about(line: &str) -> Option<String> {
    let plain: String = line.split("\x1b[").enumerate().fold(String::new(), |plain, (at, part)| match at {
        0 => plain + part,
        _ => plain + part.split_once('m').map_or("", |(_, text)| text),
    });
    let (word, what) = plain.split_at_checked(12)?;
    let verb = word.trim_start();
    // "Permission", of an error, is as long as a verb of cargo's may be.
    let is_verb = verb.starts_with(|c: char| c.is_ascii_uppercase()) && (verb.ends_with("ing") || verb.ends_with("ed"));
    (is_verb && what.starts_with(' ')).then(|| format!("{verb} {}", what.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cargo_is_about_is_told_from_what_the_compiler_says() {
        let told = |line: &str| about(line).unwrap_or_default();
        let blocked = "    Blocking waiting for file lock on build directory\n";
        assert_eq!(told(blocked), "Blocking waiting for file lock on build directory");
        assert!(told(blocked).starts_with(BLOCKED));
        assert_eq!(told("\x1b[1m\x1b[92m   Compiling\x1b[0m kit v0.1.0 (/x)\n"), "Compiling kit v0.1.0 (/x)");
        for line in [
            "error[E0308]: mismatched types\n",
            "  --> exercises/ex01/src/main.rs:36:5\n",
            "   |\n",
            "36 |     Ok(())\n",
            "   = note: expected struct `Producer`\n",
            "Some errors have detailed explanations: E0277, E0308.\n",
            "\n",
            "warning: unused\n",
            "  Permission denied (os error 13)\n",
        ] {
            assert_eq!(told(line), "", "{line}");
        }
    }
}
