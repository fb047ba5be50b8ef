//! The modules of `lib.rs` stand in the order in which data flows: each uses only those above it. Within a folder, too,
//! files use each other in one direction only. And ARCHITECTURE.md leaves nothing out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The modules that are crates of their own, so that the compiler holds their order.
const CRATES: [&str; 2] = ["cluster", "wire"];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // Tests may look at whatever they like.
        if name == "tests" || name == "tests.rs" || name == "bin" {
            continue;
        }
        if path.is_dir() {
            sources(&path, found);
        } else if name.ends_with(".rs") {
            found.push(path);
        }
    }
}

/// The names in the first column of the table, from top to bottom.
fn table(lib: &str) -> Vec<&str> {
    lib.lines()
        .filter_map(|line| {
            let cell = line.strip_prefix("//! | ")?;
            cell.strip_prefix('[').unwrap_or(cell).strip_prefix('`')?.split('`').next()
        })
        .collect()
}

/// What follows `crate::` or `super::` up to what is no name: `a`, or each of `{a, b::c}`.
fn used<'a>(line: &'a str, root: &str) -> Vec<&'a str> {
    let first =
        |text: &'_ str| -> usize { text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len()) };
    line.match_indices(root)
        .filter(|(at, _)| {
            // `$crate`, `mycrate` and `super::super` are somewhere else.
            !line[..*at].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | ':'))
        })
        .flat_map(|(at, found)| {
            let rest = &line[at + found.len()..];
            match rest.strip_prefix('{') {
                // The names of the group that stand outside of inner braces.
                Some(group) => {
                    let (mut depth, mut names, mut from) = (0, Vec::new(), 0);
                    for (at, c) in group.char_indices() {
                        match c {
                            '{' => depth += 1,
                            '}' if depth == 0 => {
                                names.push(group[from..at].trim());
                                break;
                            }
                            '}' => depth -= 1,
                            ',' if depth == 0 => {
                                names.push(group[from..at].trim());
                                from = at + 1;
                            }
                            _ => {}
                        }
                    }
                    names.into_iter().map(|name| &name[..first(name)]).collect()
                }
                None => vec![&rest[..first(rest)]],
            }
        })
        .filter(|name| !name.is_empty())
        .collect()
}

/// The code without comments, and without the module of tests at its end; one line, so that a `use` may have several.
fn code(text: &str) -> String {
    let lines = text.lines().take_while(|line| line.trim() != "mod tests {");
    lines.map(|line| line.split("//").next().unwrap_or(line)).collect::<Vec<_>>().join(" ")
}

/// The sources of this crate, or of one that is in a folder beside it.
fn sources_of(package: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(package).join("src")
}

#[test]
fn each_module_uses_only_those_above_it() {
    in_order(&sources_of("."), &CRATES);
    in_order(&sources_of("cluster"), &[]);
}

/// Holds the modules in `src` to the order of the table in `lib.rs`, which also lists the crates in `others`.
fn in_order(src: &Path, others: &[&str]) {
    let lib = std::fs::read_to_string(src.join("lib.rs")).expect("lib.rs");
    let order = table(&lib);
    let lines: Vec<&str> = lib.lines().collect();
    let declared = lines.iter().enumerate().filter_map(|(at, line)| {
        let name = line.strip_prefix("pub ").unwrap_or(line).strip_prefix("mod ")?.strip_suffix(';')?;
        (at == 0 || lines[at - 1] != "#[cfg(test)]").then_some(name)
    });
    let mut declared: Vec<&str> = declared.chain(others.iter().copied()).collect();
    declared.sort_unstable();
    let mut listed = order.clone();
    listed.sort_unstable();
    assert_eq!(declared, listed, "the table of lib.rs names each module once");

    let place = |name: &str| order.iter().position(|module| *module == name);
    let mut files = Vec::new();
    sources(src, &mut files);
    let mut wrong = Vec::new();
    for file in files {
        let below = file.strip_prefix(src).expect("a source");
        let first = below.components().next().expect("a name").as_os_str().to_string_lossy().into_owned();
        let module = first.trim_end_matches(".rs");
        let Some(own) = place(module) else {
            let is_of_tests =
                lines.windows(2).any(|two| two[0] == "#[cfg(test)]" && two[1] == format!("mod {module};"));
            assert!(module == "lib" || is_of_tests, "{} belongs to no module", below.display());
            continue;
        };
        let text = code(&std::fs::read_to_string(&file).expect("a source"));
        for name in used(&text, "crate::") {
            match place(name) {
                Some(at) if at <= own => {}
                Some(_) => wrong.push(format!("{} uses {name}, which stands below {module}", below.display())),
                None => wrong.push(format!("{} uses crate::{name}, which lib.rs does not list", below.display())),
            }
        }
    }
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Of each file or folder in `folder`, which others there it uses, by `super::` or by their whole path from `src` on.
fn neighbours(src: &Path, folder: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let name = |path: &Path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let path = folder.strip_prefix(src).expect("a folder of sources").components();
    let path: String = path.map(|part| format!("{}::", part.as_os_str().to_string_lossy())).collect();
    let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let entry = entry.expect("an entry").path();
        let own = name(&entry);
        if matches!(own.as_str(), "mod" | "lib" | "tests" | "testing" | "sending") {
            continue;
        }
        let mut files = Vec::new();
        if entry.is_dir() {
            sources(&entry, &mut files);
        } else {
            files.push(entry.clone());
        }
        for file in files {
            let text = code(&std::fs::read_to_string(&file).expect("a source"));
            let mut names: BTreeSet<String> =
                used(&text, &format!("crate::{path}")).into_iter().map(str::to_owned).collect();
            if file == entry || file == entry.join("mod.rs") {
                names.extend(used(&text, "super::").into_iter().map(str::to_owned));
            }
            names.remove(&own);
            uses.entry(own.clone()).or_default().extend(names);
        }
    }
    uses
}

/// Those that are in a circle, or use one that is.
fn circle(mut uses: BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    while let Some(free) = uses.iter().find(|(_, used)| !used.iter().any(|name| uses.contains_key(name))) {
        let free = free.0.clone();
        uses.remove(&free);
    }
    uses.into_keys().collect()
}

#[test]
fn within_a_folder_files_use_each_other_in_one_direction() {
    let mut circles = Vec::new();
    for package in [".", "cluster", "wire"] {
        let src = sources_of(package);
        let mut files = Vec::new();
        sources(&src, &mut files);
        let mut folders: BTreeSet<&Path> =
            files.iter().filter_map(|file| file.parent()).filter(|folder| *folder != src).collect();
        assert!(folders.len() > 1, "{folders:?}");
        if package == "wire" {
            folders.insert(&src); // it has no table
        }
        // A group of either protocol becomes one of the other (KIP-848, online migration), and the simulation is a test.
        let exempt = ["core/group", "core/group/consumer", "simulation"];
        for folder in folders.into_iter().filter(|folder| !exempt.iter().any(|of| folder.ends_with(of))) {
            let circle = circle(neighbours(&src, folder));
            if !circle.is_empty() {
                circles.push(format!("in {}, there is a circle among {circle:?}", folder.display()));
            }
        }
    }
    assert!(circles.is_empty(), "{circles:#?}");
}

#[test]
fn the_architecture_names_every_module() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("../ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let lib = std::fs::read_to_string(root.join("src/lib.rs")).expect("lib.rs");
    let row = |name: &&str| text.lines().any(|line| line.starts_with(&format!("| `{name}` |")));
    let lacking: Vec<&str> = table(&lib).into_iter().filter(|name| !row(name)).collect();
    assert!(lacking.is_empty(), "ARCHITECTURE.md has no row for {lacking:?}");
}

#[test]
fn circles_are_found() {
    let uses = |pairs: &[(&str, &str)]| {
        let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (from, to) in pairs {
            uses.entry((*from).to_owned()).or_default().insert((*to).to_owned());
        }
        uses
    };
    assert!(circle(uses(&[("a", "b"), ("b", "c"), ("a", "c"), ("c", "Elsewhere")])).is_empty());
    assert_eq!(circle(uses(&[("a", "b"), ("b", "c"), ("c", "b"), ("d", "Elsewhere")])), ["a", "b", "c"]);
}

#[test]
fn names_are_found_in_every_way_of_writing_them() {
    let used = |line: &'static str| used(line, "crate::");
    assert_eq!(used("use crate::wire; use crate::tap::{Tap, Upstream};"), ["wire", "tap"]);
    assert_eq!(used("use crate::{broker::{self, Kind}, evidence::Event, wire};"), ["broker", "evidence", "wire"]);
    assert_eq!(used("let a = crate::run::scenario(); mycrate::no()"), ["run"]);
    assert_eq!(self::used("use super::{Job, idle::Idle}; super::super::no()", "super::"), ["Job", "idle", "super"]);
    assert_eq!(code("a // crate::b\nmod tests {\ncrate::c"), "a ");
}
