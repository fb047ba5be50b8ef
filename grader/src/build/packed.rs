//! Crates of the course that were built on one machine and are carried to others: there, neither cargo nor a network is
//! needed, only the same compiler.

use super::call::Call;
use super::leaf::{self, Leaf};
use super::{BuildError, Said, Trouble};
use crate::files;
use serde::{Deserialize, Serialize};
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Version of the label; a newer one is refused.
const FORMAT: u32 = 1;
const LONGEST: u64 = 1 << 20;

/// What a packed course says about itself.
#[derive(Debug, Serialize, Deserialize)]
struct Label {
    format: u32,
    /// What `rustc -vV` prints: libraries are of use to exactly this compiler.
    rustc: String,
}

/// Where a course at `root` has its packed crates.
fn folder(root: &Path) -> PathBuf {
    root.join("packed")
}

fn label(root: &Path) -> PathBuf {
    folder(root).join("packed.json")
}

/// Was this course packed?
pub(super) fn is_packed(root: &Path) -> bool {
    label(root).is_file()
}

/// Builds the crates `packages` of the course at `root`, and puts what they need into the course at `into`. Returns what
/// the compiler calls itself. `calls` is as for [`super::leaves`].
///
/// # Errors
/// They cannot be built, or nothing can be written there.
pub async fn pack(
    root: &Path,
    packages: &[&str],
    calls: &Path,
    into: &Path,
    says: impl Fn(Said<'_>),
) -> Result<String, BuildError> {
    let libraries = folder(into).join("libraries");
    let leaves = leaf::leaves(root, packages, calls, &libraries, says).await?;
    let rustc = leaves.first().map(|leaf| version(leaf.rustc())).transpose().map_err(BuildError::Io)?;
    let rustc = rustc.unwrap_or_default();
    for leaf in &leaves {
        leaf.call.write(&folder(into), &leaf.package).map_err(BuildError::Io)?;
    }
    let text = serde_json::to_vec(&Label { format: FORMAT, rustc: rustc.clone() }).map_err(Error::from);
    text.and_then(|text| std::fs::write(label(into), text)).map_err(BuildError::Io)?;
    Ok(rustc)
}

/// The crates `packages` of the packed course at `root`.
///
/// # Errors
/// One of them was not packed, or this machine has another compiler.
pub(super) fn leaves(root: &Path, packages: &[&str]) -> Result<Vec<Leaf>, BuildError> {
    let bytes = files::read(&label(root), LONGEST).map_err(BuildError::Io)?;
    let label: Label = serde_json::from_slice(&bytes).map_err(|error| BuildError::Io(error.into()))?;
    if label.format > FORMAT {
        let newer = format!("the course was packed by a newer kafkacourse (format {})", label.format);
        return Err(BuildError::Io(Error::new(ErrorKind::Unsupported, newer)));
    }
    let rustc = match compiler(root) {
        Some((rustc, version)) if version == label.rustc => rustc,
        other => {
            let found = other.map_or_else(|| "none".to_owned(), |(_, version)| in_short(&version));
            let trouble = Trouble::OtherCompiler { wanted: in_short(&label.rustc), found };
            return Err(BuildError::Machine { trouble, said: String::new() });
        }
    };
    let leaf = |package: &&str| {
        let call = Call::read(&folder(root), package).map_err(|error| match error.kind() {
            ErrorKind::NotFound => {
                BuildError::NoProgram { package: (*package).to_owned(), binary: (*package).to_owned() }
            }
            _ => BuildError::Io(error),
        })?;
        let mut call = Call { rustc: rustc.clone(), folder: root.to_owned(), ..call };
        call.forget_native_folders();
        Ok(Leaf { package: (*package).to_owned(), call, libraries: folder(root).join("libraries") })
    };
    packages.iter().map(leaf).collect()
}

/// The compiler of this machine, as it lies in its toolchain, and what it calls itself.
fn compiler(root: &Path) -> Option<(PathBuf, String)> {
    let named = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut command = Command::new(named);
    command.current_dir(root).args(["--print", "sysroot"]).stdin(Stdio::null());
    let output = command.output().ok().filter(|output| output.status.success())?;
    let rustc = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim()).join("bin/rustc");
    let version = version(&rustc).ok()?;
    Some((rustc, version))
}

/// `rustc 1.95.0 (59807616e 2026-04-14) for x86_64-unknown-linux-gnu`
fn in_short(version: &str) -> String {
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or("an unknown machine");
    format!("{} for {host}", version.lines().next().unwrap_or_default())
}

fn version(rustc: &Path) -> std::io::Result<String> {
    let output = Command::new(rustc).arg("-vV").stdin(Stdio::null()).output()?;
    String::from_utf8(output.stdout).map_err(Error::other)
}
