//! Crate to program, by cargo and its JSON messages.

use crate::process::Tool;
use serde::Deserialize;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::Command;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};

#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The learner's: what cargo and the compiler said is in `diagnostics`, or went to the terminal.
    #[error("{package} does not build")]
    Broken { package: String, diagnostics: String },
    #[error("cargo was not found. Install Rust from https://rustup.rs, open a new terminal, and try again.")]
    NoCargo,
    #[error("cargo could not be run: {0}")]
    Io(std::io::Error),
    #[error("cargo built {package}, but no program called {binary} came out")]
    NoProgram { package: String, binary: String },
}

/// One line of `--message-format=json`.
#[derive(Deserialize)]
struct Message {
    reason: String,
    executable: Option<PathBuf>,
    target: Option<Target>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

/// Builds binary `binary` of `package` in the workspace at `root` and returns its path. `says` gets what cargo is about:
/// `Compiling rdkafka v0.39.0`, or [`BLOCKED`] and on what.
///
/// With `show`, where standard error is a terminal, what the compiler says goes there; elsewhere it is kept for the
/// error.
///
/// # Errors
/// See [`BuildError`].
pub async fn program(
    root: &Path,
    package: &str,
    binary: &str,
    show: bool,
    says: impl Fn(&str),
) -> Result<PathBuf, BuildError> {
    let built = cargo_build(root, package, &["--bin".into(), binary.into()], show, says).await?;
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
    says: impl Fn(&str),
) -> Result<Vec<(String, PathBuf)>, BuildError> {
    let mut which = vec!["--bin".to_owned(), package.to_owned()];
    for (option, place) in [("--bin", "src/bin"), ("--example", "examples")] {
        let files = std::fs::read_dir(folder.join(place)).into_iter().flatten().flatten().map(|entry| entry.path());
        let sources = files.filter(|file| file.extension().is_some_and(|extension| extension == "rs"));
        let names = sources.filter_map(|file| Some(file.file_stem()?.to_str()?.to_owned()));
        which.extend(names.flat_map(|name| [option.to_owned(), name]));
    }
    cargo_build(root, package, &which, true, says).await
}

/// What cargo says while another one works in the same folder.
pub const BLOCKED: &str = "Blocking";

/// The package whose libraries every program shares: cargo gives a library the features that all chosen packages want
/// of it, so with this one chosen, too, what the grader has compiled serves the program. Nothing of it is built here.
const SHARES_WITH: &str = env!("CARGO_PKG_NAME");

async fn cargo_build(
    root: &Path,
    package: &str,
    which: &[String],
    show: bool,
    says: impl Fn(&str),
) -> Result<Vec<(String, PathBuf)>, BuildError> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let terminal = show && std::io::stderr().is_terminal();
    let mut command = Command::new(cargo);
    command
        .current_dir(root)
        .args(["build", "--package", package, "--package", SHARES_WITH, "--message-format=json-render-diagnostics"])
        .args(if terminal { ["--color=always"].as_slice() } else { &[] })
        .args(which);
    let mut child = Tool::start(&command).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => BuildError::NoCargo,
        _ => BuildError::Io(error),
    })?;
    let (mut stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let mut messages = Vec::new();
    let (read, diagnostics, status) = tokio::join!(
        async {
            match &mut stdout {
                Some(stdout) => stdout.read_to_end(&mut messages).await,
                None => Ok(0),
            }
        },
        async {
            match stderr {
                Some(stderr) => listen(stderr, says).await,
                None => Ok(String::new()),
            }
        },
        child.wait()
    );
    read.map_err(BuildError::Io)?;
    let mut diagnostics = diagnostics.map_err(BuildError::Io)?;
    if terminal && !diagnostics.is_empty() {
        // At the beginning of the line, which a spinner may have begun.
        eprint!("\r\x1b[K{}", std::mem::take(&mut diagnostics));
    }
    if !status.map_err(BuildError::Io)?.success() {
        return Err(BuildError::Broken { package: package.into(), diagnostics });
    }
    let messages = messages.split(|byte| *byte == b'\n');
    Ok(messages
        .filter_map(|line| serde_json::from_slice::<Message>(line).ok())
        .filter(|message| message.reason == "compiler-artifact")
        .filter_map(|message| Some((message.target?.name, message.executable?)))
        .collect())
}

/// Gives `says` what cargo is about, and returns the rest: what the compiler says.
async fn listen(stderr: impl AsyncRead + Unpin, says: impl Fn(&str)) -> std::io::Result<String> {
    let (mut stderr, mut rest) = (BufReader::new(stderr), String::new());
    loop {
        let mut line = Vec::new();
        if stderr.read_until(b'\n', &mut line).await? == 0 {
            return Ok(rest);
        }
        let line = String::from_utf8_lossy(&line);
        match about(&line) {
            Some(about) => says(&about),
            None => rest.push_str(&line),
        }
    }
}

/// `Compiling rdkafka v0.39.0` of a line with which cargo says what it is about: a word that ends in column 12.
fn about(line: &str) -> Option<String> {
    let plain: String = line.split("\x1b[").enumerate().fold(String::new(), |plain, (at, part)| match at {
        0 => plain + part,
        _ => plain + part.split_once('m').map_or("", |(_, text)| text),
    });
    let (word, what) = plain.split_at_checked(12)?;
    let verb = word.trim_start();
    let is_verb = verb.starts_with(|c: char| c.is_ascii_uppercase()) && verb.chars().all(|c| c.is_ascii_alphabetic());
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
        ] {
            assert_eq!(told(line), "", "{line}");
        }
    }
}
