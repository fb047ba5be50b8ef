//! The programs that a class hands in, and what must become of each of them.

use grader::course::Exercise;
use grader::verdict::Verdict;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// A program for one exercise.
#[derive(Debug, Clone)]
pub struct Program {
    /// `solution`, `example compressed`, `mistake no_flush`, `stub`, `broken type`, `hostile spins`.
    pub name: String,
    /// By path within the exercise's folder.
    pub files: BTreeMap<String, String>,
    pub expected: Expected,
}

/// What must become of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "expected", rename_all = "snake_case")]
pub enum Expected {
    Judged {
        verdict: Verdict,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        diagnosis: Option<String>,
    },
    /// Hostile: judged, and anything but passed.
    NotPassed,
    Invalid,
    Missing,
}

/// All programs for one exercise, by kind.
pub struct Programs {
    pub solution: Program,
    /// Right ones in other styles.
    pub examples: Vec<Program>,
    pub mistakes: Vec<Program>,
    pub stub: Program,
    /// Those that do not compile.
    pub broken: Vec<Program>,
    pub hostile: Vec<Program>,
}

impl Programs {
    /// Those that the course at `root` has for `exercise`, and our own.
    pub fn of_exercise(root: &Path, exercise: &Exercise) -> Programs {
        let solutions = root.join("solutions").join(&exercise.folder);
        let shared = Shared::read(root, &solutions, &exercise.solution_package());
        let stub = read(&root.join("exercises").join(&exercise.folder).join("src/main.rs"));
        let solution = read(&solutions.join("src/main.rs"));
        let broken = [
            ("broken type", format!("{solution}\nconst ANSWER: u32 = \"42\";\n")),
            ("broken brace", format!("{solution}\nfn open() {{\n")),
            ("broken crate", format!("use reqwest as _;\n{solution}")),
        ];
        let passed = || judged(Verdict::Passed, None);
        let mistake = |(name, text): (String, String)| {
            let expected = judged(Verdict::Failed, Some(name.clone()));
            shared.program(format!("mistake {name}"), &text, expected)
        };
        let example = |(name, text): (String, String)| shared.program(format!("example {name}"), &text, passed());
        Programs {
            solution: single("solution", solution, passed()),
            examples: sources(&solutions.join("examples")).map(example).collect(),
            mistakes: sources(&solutions.join("src/bin")).map(mistake).collect(),
            stub: single("stub", stub, judged(Verdict::NotStarted, None)),
            broken: broken.map(|(name, text)| single(name, text, judged(Verdict::DidNotBuild, None))).into(),
            hostile: hostile().collect(),
        }
    }
}

/// Programs that mean harm, whatever the exercise.
fn hostile() -> impl Iterator<Item = Program> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/class/hostile");
    sources(&folder).map(|(name, text)| single(&format!("hostile {name}"), text, Expected::NotPassed))
}

fn judged(verdict: Verdict, diagnosis: Option<String>) -> Expected {
    Expected::Judged { verdict, diagnosis }
}

fn single(name: &str, main: String, expected: Expected) -> Program {
    Program { name: name.to_owned(), files: BTreeMap::from([("src/main.rs".to_owned(), main)]), expected }
}

/// What the programs beside a solution share. A submission has it as modules of its own.
struct Shared {
    /// The crate that they call it.
    name: String,
    files: BTreeMap<String, String>,
}

impl Shared {
    fn read(root: &Path, solutions: &Path, package: &str) -> Shared {
        let library = read(&solutions.join("src/lib.rs")).replace("solutions_shared::", "crate::solutions_shared::");
        let shared = sources(&root.join("solutions/shared/src")).map(|(name, text)| {
            let name = if name == "lib" { "mod" } else { &name };
            (format!("src/solutions_shared/{name}.rs"), text)
        });
        let files = shared.chain([("src/library.rs".to_owned(), library)]);
        Shared { name: package.replace('-', "_"), files: files.collect() }
    }

    fn program(&self, name: String, text: &str, expected: Expected) -> Program {
        let main = text.replace(&format!("{}::", self.name), "library::");
        let main = format!("#![allow(dead_code, unused_imports)]\n{main}\nmod library;\nmod solutions_shared;\n");
        let mut files = self.files.clone();
        files.insert("src/main.rs".into(), main);
        Program { name, files, expected }
    }
}

/// The Rust files in a folder, by name without its ending, in their order.
fn sources(folder: &Path) -> impl Iterator<Item = (String, String)> + use<> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "rs"));
    paths.sort();
    let name = |path: &Path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    paths.into_iter().map(move |path| (name(&path), read(&path)))
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
