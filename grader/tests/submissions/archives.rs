//! Archives of every kind, right and wrong: written byte by byte, since libraries refuse to write what must be refused.

#![allow(dead_code)] // each test file uses its own part

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use std::io::Write;
use tar::{EntryType, Header};

/// One entry of an archive.
#[derive(Debug)]
pub struct Entry {
    pub name: Vec<u8>,
    pub bytes: Vec<u8>,
    pub what: What,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    File,
    Folder,
    Link,
    HardLink,
    Fifo,
    Device,
    /// A zip entry that is encrypted, as far as its header says.
    Encrypted,
    /// An entry whose header says that it is so long.
    Claiming(u32),
}

/// An ordinary file.
pub fn file(name: impl AsRef<[u8]>, bytes: impl AsRef<[u8]>) -> Entry {
    entry(What::File, name, bytes)
}

/// Something else. Of a link, `bytes` is where it leads.
pub fn entry(what: What, name: impl AsRef<[u8]>, bytes: impl AsRef<[u8]>) -> Entry {
    Entry { name: name.as_ref().to_vec(), bytes: bytes.as_ref().to_vec(), what }
}

/// A zip archive of these entries.
pub fn zip(entries: &[Entry]) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for Entry { name, bytes, what } in entries {
        let mode: u32 = match what {
            What::Folder => 0o040_755,
            What::Link | What::HardLink => 0o120_777,
            What::Fifo => 0o010_644,
            What::Device => 0o020_644,
            _ => 0o100_644,
        };
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        let mut packed = DeflateEncoder::new(Vec::new(), Compression::best());
        packed.write_all(bytes).expect("in memory");
        let packed = packed.finish().expect("in memory");
        let size = if let What::Claiming(size) = what { *size } else { bytes.len() as u32 };
        let flags = if *what == What::Encrypted { 1u16 } else { 0 };
        let mut head = Vec::new();
        for short in [20u16, flags, 8, 0, 0x21] {
            head.extend(short.to_le_bytes());
        }
        for long in [crc.sum(), packed.len() as u32, size] {
            head.extend(long.to_le_bytes());
        }
        head.extend((name.len() as u16).to_le_bytes());
        head.extend([0, 0]);
        directory.extend(b"PK\x01\x02\x14\x03");
        directory.extend(&head);
        directory.extend([0; 6]);
        directory.extend((mode << 16).to_le_bytes());
        directory.extend((archive.len() as u32).to_le_bytes());
        directory.extend(name);
        archive.extend(b"PK\x03\x04");
        archive.extend(&head);
        archive.extend(name);
        archive.extend(&packed);
    }
    let start = archive.len() as u32;
    let count = (entries.len() as u16).to_le_bytes();
    archive.extend(&directory);
    archive.extend(b"PK\x05\x06\0\0\0\0");
    archive.extend(count);
    archive.extend(count);
    archive.extend((directory.len() as u32).to_le_bytes());
    archive.extend(start.to_le_bytes());
    archive.extend([0, 0]);
    archive
}

/// A tar archive of these entries.
pub fn tar(entries: &[Entry]) -> Vec<u8> {
    let mut archive = Vec::new();
    for Entry { name, bytes, what } in entries {
        if name.len() > 100 {
            let long = [name.as_slice(), &[0]].concat();
            archive.extend(header(b"././@LongLink", long.len() as u64, EntryType::GNULongName).as_bytes());
            archive.extend(padded(&long));
        }
        let (kind, content): (EntryType, &[u8]) = match what {
            What::Folder => (EntryType::Directory, &[]),
            What::Link => (EntryType::Symlink, &[]),
            What::HardLink => (EntryType::Link, &[]),
            What::Fifo => (EntryType::Fifo, &[]),
            What::Device => (EntryType::Char, &[]),
            What::File | What::Encrypted | What::Claiming(_) => (EntryType::Regular, bytes),
        };
        let size = if let What::Claiming(size) = what { u64::from(*size) } else { content.len() as u64 };
        let mut header = header(&name[..name.len().min(100)], size, kind);
        if matches!(what, What::Link | What::HardLink) {
            let target = &bytes[..bytes.len().min(100)];
            header.as_old_mut().linkname[..target.len()].copy_from_slice(target);
            header.set_cksum();
        }
        archive.extend(header.as_bytes());
        archive.extend(padded(content));
    }
    archive.extend([0; 1024]);
    archive
}

fn header(name: &[u8], size: u64, kind: EntryType) -> Header {
    let mut header = Header::new_gnu();
    header.as_old_mut().name[..name.len()].copy_from_slice(name);
    header.set_size(size);
    header.set_mode(0o644);
    header.set_entry_type(kind);
    header.set_cksum();
    header
}

fn padded(bytes: &[u8]) -> Vec<u8> {
    let mut padded = bytes.to_vec();
    padded.resize(bytes.len().next_multiple_of(512), 0);
    padded
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).expect("in memory");
    packed.finish().expect("in memory")
}

pub fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).expect("in memory")
}
