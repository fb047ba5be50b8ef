//! What counts of a submission to one exercise.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// What a submission is written in.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, clap::ValueEnum,
)]
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
    /// Which of the files the program begins with: `src/main.rs`, `main.py`.
    pub entry: String,
    /// By path within the exercise's folder (`src/main.rs`), with `/`, of harmless names only.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Language {
    /// How the names of its sources end.
    pub fn endings(self) -> &'static [&'static str] {
        match self {
            Language::Rust => &["rs"],
            Language::Python => &["py"],
            Language::Node => &["js", "mjs", "cjs"],
            Language::Go => &["go"],
            Language::Java => &["java"],
        }
    }

    /// Is a file of this name a source? Go's tests are none of a program's.
    pub fn has_source(self, name: &str) -> bool {
        let is_test = self == Language::Go && name.ends_with("_test.go");
        let named = name.rsplit_once('.');
        !is_test && named.is_some_and(|(stem, ending)| !stem.is_empty() && self.endings().contains(&ending))
    }

    /// Files in the exercise's folder that say how sources are to be understood. Nothing in them is run.
    pub fn manifests(self) -> &'static [&'static str] {
        match self {
            Language::Node => &["package.json"],
            Language::Go => &["go.mod", "go.sum"],
            Language::Rust | Language::Python | Language::Java => &[],
        }
    }

    /// The language of which a file of this name is a source.
    pub fn of_source(name: &str) -> Option<Language> {
        [Language::Rust, Language::Python, Language::Node, Language::Go, Language::Java]
            .into_iter()
            .find(|language| language.has_source(name))
    }
}

impl Sources {
    /// Changes whenever a file, a name, the language or the entry does; in hexadecimal.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        hash.update([self.language as u8]);
        let mut add = |part: &[u8]| {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        };
        add(self.entry.as_bytes());
        for (path, bytes) in &self.files {
            add(path.as_bytes());
            add(bytes);
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
