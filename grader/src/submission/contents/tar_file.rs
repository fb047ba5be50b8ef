//! A tar archive, plain or compressed. It is read from its beginning to its end, once to list it and once for what counts.

use super::super::Invalid;
use super::bounded::{self, Counted, TooMuch, Unpacked};
use super::kind::{Compression, Kind, See, Take, Trouble};
use crate::{files, limits};
use flate2::read::MultiGzDecoder;
use std::collections::HashMap;
use std::io::{self, BufReader, Read};
use std::ops::ControlFlow;
use std::path::Path;
use tar::{Archive, EntryType, PaxExtensions};

/// A header in front of another one, which holds a long name, is no longer than this.
const EXTENSION_BYTES: u64 = 64 << 10;
/// So much memory a zstd archive may ask for, as a power of two.
const WINDOW_LOG: u32 = 25;

/// Sees everything in the archive.
pub fn list(origin: &Path, compression: Compression, see: &mut See<'_>) -> Result<(), Trouble> {
    walk(origin, compression, limits::UNPACKED_BYTES, &mut |name, kind, at, _| {
        see(name, kind, at)?;
        Ok(ControlFlow::Continue(()))
    })
}

/// The bytes of the files with these numbers, in their order.
pub fn read(origin: &Path, compression: Compression, wanted: &[u64]) -> Result<Vec<Result<Vec<u8>, Trouble>>, Trouble> {
    let mut found = HashMap::new();
    walk(origin, compression, limits::UNPACKED_BYTES, &mut |_, _, at, entry| {
        if wanted.contains(&at) {
            let mut bytes = Vec::new();
            entry.take(limits::SOURCE_BYTES).read_to_end(&mut bytes).map_err(|error| bounded::told(origin, error))?;
            found.insert(at, bytes);
        }
        Ok(if found.len() == wanted.len() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    let gone = || Invalid::new("it is not there any more").into();
    Ok(wanted.iter().map(|at| found.remove(at).ok_or_else(gone)).collect())
}

/// Gives everything in the archive, with its content.
pub fn unpack(origin: &Path, compression: Compression, each: &mut Take<'_>) -> Result<(), Trouble> {
    walk(origin, compression, limits::CLASS_BYTES, &mut |name, kind, _, content| {
        each(name, kind, content)?;
        Ok(ControlFlow::Continue(()))
    })
}

type Each<'e> = dyn FnMut(&[u8], Kind, u64, &mut dyn Read) -> Result<ControlFlow<()>, Trouble> + 'e;

/// Looks at everything in the archive but folders: its name, its kind, its number.
fn walk(origin: &Path, compression: Compression, most: u64, each: &mut Each<'_>) -> Result<(), Trouble> {
    let told = |error| bounded::told(origin, error);
    let file = files::open(origin).map_err(told)?;
    let packed = Counted::new(file, u64::MAX);
    let so_far = packed.so_far();
    let unpacked: Box<dyn Read> = match compression {
        Compression::None => Box::new(BufReader::new(packed)),
        Compression::Gzip => Box::new(MultiGzDecoder::new(BufReader::new(packed))),
        Compression::Zstd => {
            let mut decoder = zstd::Decoder::new(packed).map_err(told)?;
            decoder.window_log_max(WINDOW_LOG).map_err(told)?;
            Box::new(decoder)
        }
    };
    let mut archive = Archive::new(Unpacked::new(unpacked, so_far, most));
    let mut long_name: Option<Vec<u8>> = None;
    let mut sparse = false;
    // Raw, so that no header of any length is held in memory.
    for (at, entry) in archive.entries().map_err(told)?.raw(true).enumerate() {
        let mut entry = entry.map_err(told)?;
        match entry.header().entry_type() {
            EntryType::GNULongName => {
                long_name = Some(text_before_nul(extension(&mut entry).map_err(told)?));
                continue;
            }
            EntryType::XHeader => {
                let extension = extension(&mut entry).map_err(told)?;
                for (key, value) in
                    PaxExtensions::new(&extension).flatten().map(|pax| (pax.key_bytes(), pax.value_bytes()))
                {
                    match key {
                        b"path" => long_name = Some(value.to_vec()),
                        // What is so large that it stands here is no submission.
                        b"size" => return Err(Invalid::new("a file of a size that no tar header holds").into()),
                        key => sparse |= key.starts_with(b"GNU.sparse"),
                    }
                }
                continue;
            }
            EntryType::GNULongLink | EntryType::XGlobalHeader => continue,
            _ => {}
        }
        let header = entry.header();
        let name = long_name.take().unwrap_or_else(|| header.path_bytes().into_owned());
        let kind = match header.entry_type() {
            _ if std::mem::take(&mut sparse) => Kind::Special,
            EntryType::Directory => continue,
            EntryType::Regular if name.ends_with(b"/") => continue,
            EntryType::Regular | EntryType::Continuous => Kind::File { bytes: header.entry_size().map_err(told)? },
            EntryType::Link | EntryType::Symlink => Kind::Link,
            _ => Kind::Special,
        };
        if each(&name, kind, at as u64, &mut entry)?.is_break() {
            break;
        }
    }
    Ok(())
}

fn extension(entry: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    entry.take(EXTENSION_BYTES + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > EXTENSION_BYTES {
        true => Err(TooMuch::told("a name that is longer than any")),
        false => Ok(bytes),
    }
}

/// A name ends with a zero byte, which does not belong to it. One within it does.
fn text_before_nul(mut name: Vec<u8>) -> Vec<u8> {
    if name.last() == Some(&0) {
        name.pop();
    }
    name
}
