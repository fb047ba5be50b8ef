//! This program as a child of its own.

use std::io;
use std::path::{Path, PathBuf};

/// The path under which this program can be started once more.
///
/// On Linux that is a link of `/proc` to the very file that is running: a new build of it may have replaced the file
/// meanwhile.
///
/// # Errors
/// The system does not say where this program is.
pub fn ourselves() -> io::Result<PathBuf> {
    const RUNNING: &str = "/proc/self/exe";
    match std::env::var_os("KAFKACOURSE_SELF") {
        Some(path) => Ok(path.into()),
        None if cfg!(target_os = "linux") && Path::new(RUNNING).exists() => Ok(RUNNING.into()),
        None => std::env::current_exe(),
    }
}
