//! How cargo calls the compiler for a program of the course, so that the call can be repeated for other sources.
//!
//! Cargo can be given a wrapper for the compiler of the workspace's own packages (`RUSTC_WORKSPACE_WRAPPER`). For the time
//! of one build that is our own binary, which writes the call down and then becomes the compiler.

use crate::files;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The environment variable that makes this program such a wrapper: the folder where it writes calls down.
pub(super) const RECORD: &str = "KAFKACOURSE_RECORD_RUSTC";
/// A call has some KiB.
const LONGEST: u64 = 1 << 20;

/// One call of the compiler.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Call {
    pub rustc: PathBuf,
    /// Where it was called; paths of sources are relative to it.
    pub folder: PathBuf,
    pub arguments: Vec<String>,
    /// What cargo tells the compiler, and `env!` finds.
    pub environment: BTreeMap<String, String>,
}

impl Call {
    /// The call for `package` that was written down in `folder`.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub fn read(folder: &Path, package: &str) -> io::Result<Call> {
        Ok(serde_json::from_slice(&files::read(&file(folder, package), LONGEST)?)?)
    }

    /// Writes the call down in `folder`, whole or not at all.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, folder: &Path, package: &str) -> io::Result<()> {
        files::replace(&self::file(folder, package), &serde_json::to_vec(self)?)
    }

    /// Leaves out the folders of libraries in C: what is in them has become a part of the Rust libraries.
    pub fn forget_native_folders(&mut self) {
        while let Some(at) =
            self.arguments.windows(2).position(|pair| pair[0] == "-L" && pair[1].starts_with("native="))
        {
            self.arguments.drain(at..at + 2);
        }
    }

    /// The values of an option that is given as two arguments: `-L dependency=…` has `dependency=…`.
    pub fn values<'a>(&'a self, option: &'a str) -> impl Iterator<Item = &'a str> {
        self.arguments.windows(2).filter(move |pair| pair[0] == option).map(|pair| pair[1].as_str())
    }
}

fn file(folder: &Path, package: &str) -> PathBuf {
    folder.join(format!("{package}.json"))
}

/// Writes the call down and becomes the compiler, where we are such a wrapper. Returns none where we are not, and
/// otherwise why it could not.
pub fn serve_wrapper(mut arguments: impl Iterator<Item = OsString>) -> Option<io::Error> {
    let folder = PathBuf::from(std::env::var_os(RECORD)?);
    let rustc = PathBuf::from(arguments.next()?);
    let arguments: Vec<OsString> = arguments.collect();
    // Cargo marks what was asked for, and not what that uses.
    let is_wanted = std::env::var_os("CARGO_PRIMARY_PACKAGE").is_some();
    if let Some(package) = std::env::var("CARGO_PKG_NAME").ok().filter(|_| is_wanted)
        && let Err(error) = write_down(&folder, &package, &rustc, &arguments)
    {
        return Some(error);
    }
    Some(Command::new(rustc).args(arguments).env_remove(RECORD).exec())
}

fn write_down(folder: &Path, package: &str, rustc: &Path, arguments: &[OsString]) -> io::Result<()> {
    let not_utf8 = || io::Error::new(io::ErrorKind::InvalidData, "a path that is not UTF-8");
    let arguments = arguments.iter().map(|argument| Some(argument.to_str()?.to_owned()));
    let is_for_env = |name: &str| name.starts_with("CARGO_PKG_") || NAMES.contains(&name);
    let call = Call {
        rustc: rustc.to_owned(),
        folder: std::env::current_dir()?,
        arguments: arguments.collect::<Option<_>>().ok_or_else(not_utf8)?,
        environment: std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .filter(|(name, _)| is_for_env(name))
            .collect(),
    };
    call.write(folder, package)
}

/// Besides `CARGO_PKG_*`, what cargo promises to sources
/// (<https://doc.rust-lang.org/cargo/reference/environment-variables.html>).
const NAMES: [&str; 4] = ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "CARGO_CRATE_NAME", "CARGO_BIN_NAME"];
