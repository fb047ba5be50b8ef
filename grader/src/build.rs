//! Crate to program, by cargo and its JSON messages.

use serde::Deserialize;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::process::Command;

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

/// Builds binary `binary` of `package` in the workspace at `root` and returns its path.
///
/// With `show`, where standard error is a terminal, cargo writes to it as it always does, progress included; elsewhere
/// what it says is kept for the error.
///
/// # Errors
/// See [`BuildError`].
pub async fn program(root: &Path, package: &str, binary: &str, show: bool) -> Result<PathBuf, BuildError> {
    let all = binaries(root, package, &["--bin", binary], show).await?;
    all.into_iter()
        .find(|(name, _)| name == binary)
        .map(|(_, path)| path)
        .ok_or_else(|| BuildError::NoProgram { package: package.into(), binary: binary.into() })
}

/// Builds all programs and examples of `package` and returns them by name.
///
/// # Errors
/// See [`BuildError`].
pub async fn programs(root: &Path, package: &str) -> Result<Vec<(String, PathBuf)>, BuildError> {
    binaries(root, package, &["--bins", "--examples"], true).await
}

async fn binaries(
    root: &Path,
    package: &str,
    which: &[&str],
    show: bool,
) -> Result<Vec<(String, PathBuf)>, BuildError> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let terminal = show && std::io::stderr().is_terminal();
    let mut command = Command::new(cargo);
    command
        .current_dir(root)
        .args(["build", "--quiet", "--package", package, "--message-format=json-render-diagnostics"])
        .args(which)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(if terminal { Stdio::inherit() } else { Stdio::piped() })
        .kill_on_drop(true);
    let output = command.spawn().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => BuildError::NoCargo,
        _ => BuildError::Io(error),
    })?;
    let output = output.wait_with_output().await.map_err(BuildError::Io)?;
    if !output.status.success() {
        let diagnostics = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(BuildError::Broken { package: package.into(), diagnostics });
    }
    let messages = output.stdout.split(|byte| *byte == b'\n');
    Ok(messages
        .filter_map(|line| serde_json::from_slice::<Message>(line).ok())
        .filter(|message| message.reason == "compiler-artifact")
        .filter_map(|message| Some((message.target?.name, message.executable?)))
        .collect())
}
