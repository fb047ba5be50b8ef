//! Reading an archive that may be anything: so many bytes of it, and so many out of it.

use super::super::{Invalid, Unreadable};
use super::kind::Trouble;
use crate::foreign::visible;
use crate::{files, limits};
use std::cell::Cell;
use std::error::Error;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::rc::Rc;

/// Something of an archive is more than any submission needs.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct TooMuch(String);

impl TooMuch {
    pub fn told(what: impl Into<String>) -> io::Error {
        io::Error::other(TooMuch(what.into()))
    }
}

/// Counts what is read of a file, and ends in [`TooMuch`] beyond a bound.
#[derive(Debug)]
pub struct Counted<R> {
    inner: R,
    read: Rc<Cell<u64>>,
    most: u64,
}

impl<R> Counted<R> {
    /// At most `most` bytes are read. What is read again after a seek counts again.
    pub fn new(inner: R, most: u64) -> Counted<R> {
        Counted { inner, read: Rc::default(), most }
    }

    /// How much has been read so far.
    pub fn so_far(&self) -> Rc<Cell<u64>> {
        Rc::clone(&self.read)
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let bytes = self.inner.read(into)?;
        self.read.set(self.read.get() + bytes as u64);
        match self.read.get() > self.most {
            true => Err(TooMuch::told(format!("more than {} of it would have to be read", files::size(self.most)))),
            false => Ok(bytes),
        }
    }
}

impl<R: Seek> Seek for Counted<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

/// What comes out of a decoder. Ends in [`TooMuch`] where that is more than any submission holds, or grows out of next to
/// nothing.
pub struct Unpacked<R> {
    inner: R,
    bytes: u64,
    packed: Rc<Cell<u64>>,
    most: u64,
}

impl<R> Unpacked<R> {
    /// `packed` says how much the decoder has read so far; `most` bytes may come out of it.
    pub fn new(inner: R, packed: Rc<Cell<u64>>, most: u64) -> Unpacked<R> {
        Unpacked { inner, bytes: 0, packed, most }
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let bytes = self.inner.read(into)?;
        self.bytes += bytes as u64;
        if self.bytes > self.most {
            return Err(TooMuch::told(format!("it unpacks to more than {}", files::size(self.most))));
        }
        let grown = self.packed.get().saturating_mul(limits::UNPACKED_RATIO);
        if self.bytes > limits::UNPACKED_UNSUSPECTED_BYTES && self.bytes > grown {
            return Err(TooMuch::told(format!("it unpacks to more than {} times its size", limits::UNPACKED_RATIO)));
        }
        Ok(bytes)
    }
}

/// What an error means that came up while the archive at `origin` was read.
pub fn told(origin: &Path, error: io::Error) -> Trouble {
    let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
    while let Some(at) = cause {
        if let Some(TooMuch(what)) = at.downcast_ref() {
            return Invalid::new(what.clone()).into();
        }
        // The cause of an error within an error of this type is its own.
        cause = at.downcast_ref::<io::Error>().and_then(io::Error::get_ref).map(|inner| inner as _).or(at.source());
    }
    match error.raw_os_error() {
        // Of a seek, it is the archive that has named a place before the file's beginning.
        Some(_) if error.kind() != io::ErrorKind::InvalidInput => Unreadable::at(origin)(error).into(),
        _ => Invalid::new(format!("a damaged archive: {}", visible(&error.to_string()))).into(),
    }
}
