//! A zip archive. Its directory at the end says what lies in it; only what counts is unpacked.

use super::super::Invalid;
use super::bounded::{self, Counted};
use super::kind::{Kind, See, Take, Trouble};
use crate::foreign::visible;
use crate::{files, limits};
use std::borrow::Cow;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use zip::ZipArchive;
use zip::result::ZipError;

type Zip = ZipArchive<BufReader<Counted<File>>>;

/// The kind of a file, in its mode on Unix.
const KIND: u32 = 0o170_000;
const LINK: u32 = 0o120_000;
const ORDINARY: u32 = 0o100_000;

/// Sees everything that the archive's directory names.
pub fn list(origin: &Path, see: &mut See<'_>) -> Result<(), Trouble> {
    let archive = open(origin, limits::DIRECTORY_BYTES)?;
    // Which of two files of one name counts is up to the program that unpacks them.
    if archive.has_duplicate_names() {
        return Err(Invalid::new("two files of one name").into());
    }
    for index in 0..archive.len() {
        let file = archive.by_index_data(index).map_err(|error| told(origin, error))?;
        if !file.is_dir() {
            see(&slashed(file.name_raw()), kind(file.unix_mode(), file.size()), index as u64)?;
        }
    }
    Ok(())
}

fn kind(mode: Option<u32>, bytes: u64) -> Kind {
    match mode.map_or(0, |mode| mode & KIND) {
        0 | ORDINARY => Kind::File { bytes },
        LINK => Kind::Link,
        _ => Kind::Special,
    }
}

/// Gives everything in the archive, with its content.
pub fn unpack(origin: &Path, each: &mut Take<'_>) -> Result<(), Trouble> {
    let mut archive = open(origin, u64::MAX)?;
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).map_err(|error| told(origin, error))?;
        if !file.is_dir() {
            let (name, kind) = (slashed(file.name_raw()).into_owned(), kind(file.unix_mode(), file.size()));
            each(&name, kind, &mut file)?;
        }
    }
    Ok(())
}

/// Some programs for Windows write `src\main.rs`.
fn slashed(name: &[u8]) -> Cow<'_, [u8]> {
    match name.contains(&b'\\') && !name.contains(&b'/') {
        true => name.iter().map(|byte| if *byte == b'\\' { b'/' } else { *byte }).collect::<Vec<u8>>().into(),
        false => name.into(),
    }
}

/// The bytes of the files with these numbers.
pub fn read(origin: &Path, wanted: &[u64]) -> Result<Vec<Result<Vec<u8>, Trouble>>, Trouble> {
    let mut archive = open(origin, limits::DIRECTORY_BYTES + limits::PACKED_SOURCES_BYTES)?;
    let read = wanted.iter().map(|at| {
        let file = archive.by_index(usize::try_from(*at).unwrap_or(usize::MAX)).map_err(|error| told(origin, error))?;
        let mut bytes = Vec::new();
        let read = file.take(limits::SOURCE_BYTES + 1).read_to_end(&mut bytes);
        read.map_err(|error| match error.downcast::<ZipError>() {
            Ok(error) => told(origin, error),
            Err(error) => bounded::told(origin, error),
        })?;
        match bytes.len() as u64 > limits::SOURCE_BYTES {
            true => Err(Invalid::new(format!("it is larger than {}", files::size(limits::SOURCE_BYTES))).into()),
            false => Ok(bytes),
        }
    });
    Ok(read.collect())
}

fn open(origin: &Path, most: u64) -> Result<Zip, Trouble> {
    let file = files::open(origin).map_err(|error| bounded::told(origin, error))?;
    ZipArchive::new(BufReader::new(Counted::new(file, most))).map_err(|error| told(origin, error))
}

fn told(origin: &Path, error: ZipError) -> Trouble {
    match error {
        ZipError::Io(error) => bounded::told(origin, error),
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => Invalid::new("it is encrypted").into(),
        ZipError::CompressionMethodNotSupported(_) => {
            Invalid::new("it is compressed in a way that is not read; use zip's usual one, which is called Deflate")
                .into()
        }
        error => Invalid::new(format!("a damaged archive: {}", visible(&error.to_string()))).into(),
    }
}
