//! A temporary folder of ours, known so well that no other can be taken for it.

use std::ffi::OsString;
use std::io::{self, BufRead};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// What the name of each temporary folder of ours begins with.
pub const PREFIX: &str = "kafkacourse-";

/// A folder, by its path and by the number that the file system knows it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Folder {
    device: u64,
    inode: u64,
    path: PathBuf,
}

impl Folder {
    /// The folder that is at `path` now.
    ///
    /// # Errors
    /// There is none, or something else that only leads there, such as a link.
    pub fn at(path: &Path) -> io::Result<Folder> {
        let found = std::fs::symlink_metadata(path)?;
        let ours = path.file_name().is_some_and(|name| name.as_bytes().starts_with(PREFIX.as_bytes()));
        if !found.is_dir() || !ours {
            return Err(io::Error::other("it is no temporary folder of kafkacourse's"));
        }
        Ok(Folder { device: found.dev(), inode: found.ino(), path: std::path::absolute(path)? })
    }

    /// Removes it, if it is still the same. What is in its place by now is somebody else's, and stays.
    ///
    /// # Errors
    /// It is still there: something in it cannot be removed.
    pub fn remove(&self) -> io::Result<()> {
        match Folder::at(&self.path) {
            Ok(found) if found == *self => std::fs::remove_dir_all(&self.path),
            _ => Ok(()),
        }
    }

    /// For a pipe. A path may hold every byte but NUL, so that ends it.
    pub fn bytes(&self) -> Vec<u8> {
        let numbers = [self.device.to_be_bytes(), self.inode.to_be_bytes()].concat();
        [numbers.as_slice(), self.path.as_os_str().as_bytes(), &[0]].concat()
    }

    /// The next one of a pipe.
    ///
    /// # Errors
    /// The pipe ends, or cannot be read. What was cut off is no folder.
    pub fn read(input: &mut impl BufRead) -> io::Result<Folder> {
        let (mut device, mut inode, mut path) = ([0; 8], [0; 8], Vec::new());
        input.read_exact(&mut device)?;
        input.read_exact(&mut inode)?;
        input.read_until(0, &mut path)?;
        match path.pop() {
            Some(0) => Ok(Folder {
                device: u64::from_be_bytes(device),
                inode: u64::from_be_bytes(inode),
                path: OsString::from_vec(path).into(),
            }),
            _ => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsStr;

    fn folder(inside: &Path) -> PathBuf {
        std::fs::create_dir_all(inside).expect("a folder");
        tempfile::Builder::new().prefix(PREFIX).tempdir_in(inside).expect("a folder").keep()
    }

    #[test]
    fn every_path_comes_through_a_pipe_as_it_is() {
        let outside = tempfile::tempdir().expect("a folder");
        let names: [&[u8]; 6] =
            [b"plain", b"two\nlines\n", b"a b  c", b"\"quoted\" 'twice'", b"\xff\xfe", "\u{202e}\t\\".as_bytes()];
        let made: Vec<PathBuf> =
            names.iter().map(|name| folder(&outside.path().join(OsStr::from_bytes(name)))).collect();
        let folders: Vec<Folder> = made.iter().map(|path| Folder::at(path).expect("it is there")).collect();
        let pipe: Vec<u8> = folders.iter().flat_map(Folder::bytes).collect();
        let mut rest = pipe.as_slice();
        let read: Vec<Folder> = std::iter::from_fn(|| Folder::read(&mut rest).ok()).collect();
        assert_eq!(read, folders);
        read.iter().for_each(|folder| folder.remove().expect("it can be removed"));
        assert!(made.iter().all(|path| !path.exists() && path.parent().is_some_and(Path::exists)));
    }

    #[test]
    fn what_was_cut_off_is_no_folder() {
        let outside = tempfile::tempdir().expect("a folder");
        let bytes = Folder::at(&folder(outside.path())).expect("it is there").bytes();
        (0..bytes.len()).for_each(|cut| assert!(Folder::read(&mut &bytes[..cut]).is_err(), "{cut} bytes"));
    }

    #[test]
    fn only_what_was_made_is_removed() {
        let outside = tempfile::tempdir().expect("a folder");
        let precious = outside.path().join("kafkacourse-precious");
        std::fs::create_dir(&precious).expect("a folder");
        std::fs::write(precious.join("work"), "of years").expect("a file");
        // Another folder of the same name, and a link in its place.
        let made = folder(outside.path());
        let known = Folder::at(&made).expect("it is there");
        std::fs::rename(&made, outside.path().join("moved")).expect("it moves");
        std::fs::create_dir(&made).expect("a folder");
        known.remove().expect("nothing is wrong with that");
        assert!(made.exists(), "it is another one");
        std::fs::remove_dir(&made).expect("it is empty");
        std::os::unix::fs::symlink(&precious, &made).expect("a link");
        known.remove().expect("nothing is wrong with that");
        assert!(precious.join("work").exists());
        // What is no folder of ours is never even told of.
        assert!(Folder::at(&made).is_err(), "a link");
        assert!(Folder::at(outside.path()).is_err(), "another name");
        // A link inside goes, and what it leads to stays.
        let made = folder(outside.path());
        std::os::unix::fs::symlink(&precious, made.join("link")).expect("a link");
        Folder::at(&made).expect("it is there").remove().expect("it can be removed");
        assert!(!made.exists() && precious.join("work").exists());
    }
}
