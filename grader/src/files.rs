//! Ordinary files only. What lies in a folder that others can write may be a FIFO, a device, a link that leads
//! elsewhere, or endless: opening or reading it must neither hang nor follow it.

use rustix::fs::{Mode, OFlags};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{Error, ErrorKind, Read, Result, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Opens the ordinary file at `path` for reading. A link is not followed.
///
/// # Errors
/// It is not there, cannot be read, or is something else than an ordinary file; the error says what.
pub fn open(path: &Path) -> Result<File> {
    open_as(OpenOptions::new().read(true), path)
}

/// Opens the ordinary file at `path` with `options`. A link is not followed.
///
/// # Errors
/// As for [`open`].
pub fn open_as(options: &mut OpenOptions, path: &Path) -> Result<File> {
    // Without NONBLOCK, opening a FIFO waits for whoever holds its other end.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    let opened = options.custom_flags(flags.bits().cast_signed()).open(path);
    let file = match opened {
        Ok(file) => file,
        // The system's own words for these ("Too many levels of symbolic links", "No such device or address") mislead.
        Err(error) => return Err(what_else(path).map_or(error, Error::other)),
    };
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(Error::other(what_else(path).unwrap_or(NO_FILE))),
    }
}

/// SQLite opens by name what it was given, and the files that it keeps beside it: all of them have to be ordinary ones,
/// or absent. (With `NOFOLLOW` it would refuse a link anywhere on the way, and temporary folders are often behind one.)
///
/// # Errors
/// As for [`open`], of the database itself; or one of the others is there, and is no ordinary file.
pub fn ordinary_database(path: &Path) -> Result<()> {
    open(path)?;
    for end in ["-journal", "-wal", "-shm"] {
        let mut beside = path.as_os_str().to_owned();
        beside.push(end);
        match open(Path::new(&beside)) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(Error::other(format!("{end}: {error}")));
            }
            _ => {}
        }
    }
    Ok(())
}

/// All bytes of the ordinary file at `path`, of which there may be `most`.
///
/// # Errors
/// As for [`open`], and [`ErrorKind::FileTooLarge`] where there are more.
pub fn read(path: &Path, most: u64) -> Result<Vec<u8>> {
    read_open(&open(path)?, most)
}

fn read_open(file: &File, most: u64) -> Result<Vec<u8>> {
    let length = file.metadata()?.len().min(most) + 1; // one more, to see its end without more room
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
    file.take(most + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > most {
        true => Err(Error::new(ErrorKind::FileTooLarge, format!("it is larger than {}", size(most)))),
        false => Ok(bytes),
    }
}

/// All bytes of the ordinary file at `below` in `folder`, of which there may be `most`. No part of the way from `folder`
/// to it may be a link.
///
/// # Errors
/// As for [`read`], also where a part of the way is no folder.
pub fn read_below(folder: &Path, below: &str, most: u64) -> Result<Vec<u8>> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let mut way = below.split('/').peekable();
    let mut at: File = rustix::fs::open(folder, flags | OFlags::DIRECTORY, Mode::empty())?.into();
    while let Some(part) = way.next() {
        let last = way.peek().is_none();
        let flags = if last { flags } else { flags | OFlags::DIRECTORY };
        at = rustix::fs::openat(&at, part, flags, Mode::empty())?.into();
    }
    match at.metadata()?.is_file() {
        true => read_open(&at, most),
        false => Err(Error::other(NO_FILE)),
    }
}

/// Writes files below `folder`, by their paths there, and makes what folders they need.
///
/// # Errors
/// One of them cannot be written.
pub fn write_below(folder: &Path, files: &BTreeMap<String, Vec<u8>>) -> Result<()> {
    for (below, bytes) in files {
        let path = folder.join(below);
        std::fs::create_dir_all(path.parent().unwrap_or(folder))?;
        std::fs::write(path, bytes)?;
    }
    Ok(())
}

/// Writes a file whole or not at all: whoever reads it meanwhile gets the old one or the new one. A link is replaced.
///
/// # Errors
/// It cannot be written.
pub fn replace(path: &Path, contents: &[u8]) -> Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
    file.write_all(contents)?;
    file.persist(path)?;
    Ok(())
}

/// The text of the ordinary file at `path`, of at most `most` bytes.
///
/// # Errors
/// As for [`read`], and [`ErrorKind::InvalidData`] where it is not UTF-8.
pub fn read_text(path: &Path, most: u64) -> Result<String> {
    String::from_utf8(read(path, most)?).map_err(|_| Error::new(ErrorKind::InvalidData, "this is not UTF-8 text"))
}

/// Makes the folder at `path`, and those above it, where they are not there yet.
///
/// # Errors
/// It cannot be made; where a file is in its way, that file is named.
pub fn make_folder(path: &Path) -> Result<()> {
    std::fs::create_dir_all(path).map_err(|error| {
        match path.ancestors().find(|above| above.exists() && !above.is_dir()) {
            Some(file) => Error::new(
                ErrorKind::NotADirectory,
                format!("{} is a file, where a folder is needed. Move it away, then try again.", file.display()),
            ),
            None => error,
        }
    })
}

/// Bytes in words: `8 MiB`.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..0x400 => format!("{bytes} bytes"),
        0x400..0x10_0000 => format!("{} KiB", bytes >> 10),
        _ => format!("{} MiB", bytes >> 20),
    }
}

/// What to do about an error of the file system, as the sentence after it; empty where it speaks for itself.
pub fn remedy(error: &Error) -> &'static str {
    match error.kind() {
        ErrorKind::PermissionDenied => ". Does it belong to somebody else? Make it yours (chown), then try again.",
        _ if is_full(error) => ". Free some space, then try again.",
        ErrorKind::ReadOnlyFilesystem => ". Work in a copy of the course that can be written.",
        _ => "",
    }
}

/// Is there no room left on the disk?
pub fn is_full(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
}

const NO_FILE: &str = "it is not an ordinary file";

/// What lies at `path`, where that is no ordinary file.
fn what_else(path: &Path) -> Option<&'static str> {
    let kind = std::fs::symlink_metadata(path).ok()?.file_type();
    match (kind.is_file(), kind.is_dir(), kind.is_symlink()) {
        (true, ..) => None,
        (_, true, _) => Some("it is a folder"),
        (.., true) => Some("it is a link, which is not followed"),
        _ => Some(NO_FILE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::{CWD, FileType, mknodat};

    #[test]
    fn only_ordinary_files_are_opened() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("file"), "text").unwrap();
        std::os::unix::fs::symlink("file", path("link")).unwrap();
        mknodat(CWD, path("fifo"), FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
        let said = |path: &Path| open(path).unwrap_err().to_string();
        assert!(open(&path("file")).is_ok());
        assert_eq!(said(folder.path()), "it is a folder");
        assert_eq!(said(&path("link")), "it is a link, which is not followed");
        assert_eq!(said(&path("fifo")), NO_FILE);
        assert_eq!(said(Path::new("/dev/zero")), NO_FILE);
        assert_eq!(open(&path("none")).unwrap_err().kind(), ErrorKind::NotFound);
        let writing = open_as(OpenOptions::new().append(true), &path("fifo"));
        assert_eq!(writing.unwrap_err().to_string(), NO_FILE);
    }

    #[test]
    fn no_link_is_followed_on_the_way_to_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(path("a/b")).unwrap();
        std::fs::write(path("a/b/file"), "text").unwrap();
        std::os::unix::fs::symlink("a", path("link")).unwrap();
        std::os::unix::fs::symlink("file", path("a/b/link")).unwrap();
        let read = |below: &str| read_below(folder.path(), below, 10);
        assert_eq!(read("a/b/file").unwrap(), b"text");
        for below in ["link/b/file", "a/b/link", "a/b", "a/b/file/c", "none"] {
            assert!(read(below).is_err(), "{below}");
        }
        assert_eq!(read_below(folder.path(), "a/b/file", 3).unwrap_err().kind(), ErrorKind::FileTooLarge);
    }

    #[test]
    fn no_more_is_read_than_is_allowed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, [0; 2049]).unwrap();
        assert_eq!(read(&path, 2049).unwrap().len(), 2049);
        let error = read(&path, 2048).unwrap_err();
        assert_eq!((error.kind(), error.to_string()), (ErrorKind::FileTooLarge, "it is larger than 2 KiB".into()));
        std::fs::write(&path, [b'a', 0xff]).unwrap();
        assert_eq!(read_text(&path, 2).unwrap_err().to_string(), "this is not UTF-8 text");
    }
}
