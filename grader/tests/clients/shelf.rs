//! The programs, found by their place: `LANGUAGE/CLIENT/EXERCISE` and what a language appends.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// All programs, in the order of their names.
pub struct Shelf {
    pub root: PathBuf,
    programs: Vec<Program>,
    choice: Choice,
}

pub struct Program {
    pub language: Language,
    pub client: String,
    /// `ex1`
    pub exercise: String,
    /// It can ask for KIP-848's groups.
    consumer_protocol: bool,
    /// The checks that may fail because its library cannot do better.
    pub lacks: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Language {
    Go,
    Java,
    Node,
    Python,
}

/// `clients.toml`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Choice {
    consumer_protocol: Vec<String>,
    bounded: Vec<String>,
    lacks: BTreeMap<String, Vec<String>>,
}

impl Language {
    const EACH: [Self; 4] = [Self::Go, Self::Java, Self::Node, Self::Python];

    /// The folder of its programs.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Go => "go",
            Self::Java => "java",
            Self::Node => "node",
            Self::Python => "python",
        }
    }
}

impl Shelf {
    /// Finds what is below `root`; a name in `clients.toml` that no program has is an error.
    pub fn read(root: &Path) -> Self {
        let text = std::fs::read_to_string(root.join("clients.toml")).expect("clients.toml");
        let choice: Choice = toml::from_str(&text).expect("clients.toml");
        let mut programs = Vec::new();
        for language in Language::EACH {
            for client in names(&root.join(language.folder())) {
                for file in names(&root.join(language.folder()).join(&client)) {
                    let exercise = file.split('.').next().unwrap_or_default().to_lowercase();
                    if !exercise.starts_with("ex") {
                        continue;
                    }
                    let name = format!("{client}/{exercise}");
                    let consumer_protocol = choice.consumer_protocol.contains(&name);
                    let lacks = choice.lacks.get(&name).cloned().unwrap_or_default();
                    programs.push(Program { language, client: client.clone(), exercise, consumer_protocol, lacks });
                }
            }
        }
        let shelf = Self { root: root.to_owned(), programs, choice };
        let named = shelf.choice.consumer_protocol.iter().chain(&shelf.choice.bounded).chain(shelf.choice.lacks.keys());
        for name in named {
            assert!(shelf.names().contains(name), "clients.toml names {name}, which is not there");
        }
        shelf
    }

    pub fn names(&self) -> Vec<String> {
        self.programs.iter().map(Program::name).collect()
    }

    /// `all`, or those whose name or client is among `which`, or without it the bounded choice.
    pub fn chosen(&self, which: Option<&str>) -> Vec<&Program> {
        let wanted = |program: &Program| match which {
            None => self.choice.bounded.contains(&program.name()),
            Some("all") => true,
            Some(which) => which.split_whitespace().any(|name| name == program.client || name == program.name()),
        };
        self.programs.iter().filter(|program| wanted(program)).collect()
    }
}

impl Program {
    /// `sarama/ex1`
    pub fn name(&self) -> String {
        format!("{}/{}", self.client, self.exercise)
    }

    /// What stands before its command line: nothing, and where it can, the wish for KIP-848's groups.
    pub fn variants(&self) -> impl Iterator<Item = &'static str> + Clone + use<> {
        ["", "GROUP_PROTOCOL=consumer "].into_iter().take(1 + usize::from(self.consumer_protocol))
    }
}

/// What lies in a folder, in order; nothing when it is not a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
