//! What counts of a submission to one exercise.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// What a submission is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    #[default]
    Rust,
    Python,
    Node,
    Go,
    Java,
}

/// The files of one submission to one exercise that count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sources {
    pub language: Language,
    /// By path within the exercise's folder (`src/main.rs`), with `/`, of harmless names only.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Sources {
    /// Bytes of one file.
    pub const LONGEST: u64 = 256 << 10;

    /// Changes whenever a file, a name or the language does; in hexadecimal.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        hash.update([self.language as u8]);
        for (path, bytes) in &self.files {
            for part in [path.as_bytes(), bytes] {
                hash.update((part.len() as u64).to_le_bytes());
                hash.update(part);
            }
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
