//! Where a report is put: each file is there as a whole, or as it was before.

use crate::files;
use std::fs::Permissions;
use std::io::{BufWriter, Error, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// A report that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("{} cannot be written: {error}{}", path.display(), files::remedy(error))]
pub struct NotWritten {
    pub path: PathBuf,
    #[source]
    pub error: Error,
}

/// Puts what `write` writes into the file at `path`, and makes its folder where there is none. Whoever reads it meanwhile
/// sees what was there before. A report can always be made again, so nobody waits for the disk.
///
/// # Errors
/// It cannot be written.
pub fn put(path: &Path, write: impl FnOnce(&mut dyn Write) -> Result<(), Error>) -> Result<(), NotWritten> {
    replace(path, write, false)
}

/// The same for what cannot be made again: when it returns, the file outlives a loss of power.
///
/// # Errors
/// It cannot be written.
pub(super) fn keep(path: &Path, write: impl FnOnce(&mut dyn Write) -> Result<(), Error>) -> Result<(), NotWritten> {
    replace(path, write, true)
}

fn replace(path: &Path, write: impl FnOnce(&mut dyn Write) -> Result<(), Error>, sync: bool) -> Result<(), NotWritten> {
    let put = || {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        files::make_folder(folder)?;
        let file = tempfile::Builder::new()
            .prefix(".writing-")
            .permissions(Permissions::from_mode(0o644))
            .tempfile_in(folder)?;
        let mut file = BufWriter::new(file);
        write(&mut file)?;
        let file = file.into_inner().map_err(|error| error.into_error())?;
        if sync {
            file.as_file().sync_all()?;
        }
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    put().map_err(|error| NotWritten { path: path.to_owned(), error })
}
