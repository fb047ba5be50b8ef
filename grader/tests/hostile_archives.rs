//! Archives that nobody has thought of: made of odd names, then damaged at random. Whatever comes of them, reading ends,
//! and what counts has plain names and stays within its bounds.

#[path = "submissions/archives.rs"]
mod archives;
#[path = "submissions/hand_in.rs"]
mod hand_in;

use archives::{Entry, What, entry, gzip, tar, zip, zstd};
use grader::limits;
use hand_in::Class;
use proptest::prelude::*;
use std::time::{Duration, Instant};

fn name() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        4 => Just(b"src".to_vec()),
        4 => Just(b"main.rs".to_vec()),
        2 => Just(b"ex1".to_vec()),
        1 => Just(b"..".to_vec()),
        1 => Just(b".cargo".to_vec()),
        1 => Just(b"Main.rs".to_vec()),
        1 => Just(b"submission.toml".to_vec()),
        1 => Just(Vec::new()),
        1 => proptest::collection::vec(any::<u8>(), 0..8),
    ];
    proptest::collection::vec(part, 1..5).prop_map(|parts| parts.join(&b'/'))
}

fn content() -> impl Strategy<Value = Entry> {
    let what = prop_oneof![
        6 => Just(What::File),
        1 => Just(What::Folder),
        1 => Just(What::Link),
        1 => Just(What::HardLink),
        1 => Just(What::Fifo),
        1 => Just(What::Encrypted),
        1 => any::<u32>().prop_map(What::Claiming),
    ];
    let bytes =
        prop_oneof![Just(b"command = \"python3 main.py\"".to_vec()), proptest::collection::vec(any::<u8>(), 0..600)];
    (what, name(), bytes).prop_map(|(what, name, bytes)| entry(what, name, bytes))
}

/// What happens to an archive on its way.
#[derive(Debug, Clone)]
enum Damage {
    Byte(prop::sample::Index, u8),
    Cut(prop::sample::Index),
    Repeat(prop::sample::Index, prop::sample::Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        8 => (index(), any::<u8>()).prop_map(|(at, byte)| Damage::Byte(at, byte)),
        1 => index().prop_map(Damage::Cut),
        1 => (index(), index()).prop_map(|(from, to)| Damage::Repeat(from, to)),
    ]
}

fn damaged(mut bytes: Vec<u8>, damage: &[Damage]) -> Vec<u8> {
    for damage in damage.iter().filter(|_| !bytes.is_empty()).cloned().collect::<Vec<_>>() {
        let length = bytes.len().max(1);
        match damage {
            Damage::Byte(at, byte) => {
                if let Some(place) = bytes.get_mut(at.index(length)) {
                    *place = byte;
                }
            }
            Damage::Cut(at) => bytes.truncate(at.index(length)),
            Damage::Repeat(from, to) => {
                let (from, to) = (from.index(length), to.index(length));
                let part = bytes[from.min(to)..from.max(to).min(bytes.len())].to_vec();
                bytes.splice(from..from, part);
            }
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_in_an_archive(
        entries in proptest::collection::vec(content(), 0..12),
        damage in proptest::collection::vec(damage(), 0..6),
        outer in any::<bool>(),
    ) {
        let class = Class::new();
        let plain = tar(&entries);
        let packed =
            [("zip", zip(&entries)), ("tar.gz", gzip(&plain)), ("tar.zst", zstd(&plain)), ("tar", plain.clone())];
        for (ending, bytes) in &packed {
            // Within the compression, too.
            let bytes = match (*ending, outer) {
                ("tar.gz", false) => gzip(&damaged(plain.clone(), &damage)),
                ("tar.zst", false) => zstd(&damaged(plain.clone(), &damage)),
                _ => damaged(bytes.clone(), &damage),
            };
            class.file(&format!("{ending}-x.{ending}"), bytes);
        }
        class.file("right.rs", "fn main() {}");
        let began = Instant::now();
        for handed in class.find().handed {
            let submission = handed.open().map_err(|error| TestCaseError::fail(error.to_string()))?;
            for sources in submission.exercises.values().flatten() {
                prop_assert!(sources.files.contains_key(&sources.entry));
                for (path, bytes) in &sources.files {
                    prop_assert!(bytes.len() as u64 <= limits::SOURCE_BYTES);
                    let plain = |part: &str| !part.is_empty() && !part.starts_with('-') && part != "." && part != "..";
                    prop_assert!(path.split('/').all(plain) && !path.contains(['\'', '"', '\\', '$', '\n']), "{path:?}");
                }
            }
        }
        prop_assert!(began.elapsed() < Duration::from_secs(30));
        // The same, as an archive of a whole class.
        for (ending, bytes) in packed {
            let path = class.outside(&format!("class.{ending}"));
            std::fs::write(&path, damaged(bytes, &damage)).expect("a file");
            class.find_at(&path).ok();
            prop_assert!(!class.outside("src").exists() && !class.outside("main.rs").exists());
        }
    }
}
