//! The modules of `lib.rs` stand in the order in which data flows: each uses only those above it.

use std::path::{Path, PathBuf};

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
    lib.lines().filter_map(|line| line.strip_prefix("//! | [`")?.split('`').next()).collect()
}

/// What follows `crate::` up to what is no name: `a`, or each of `{a, b::c}`.
fn used(line: &str) -> Vec<&str> {
    let first =
        |text: &'_ str| -> usize { text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len()) };
    line.match_indices("crate::")
        .filter(|(at, _)| {
            !line[..*at].ends_with('$') && !line[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_')
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

#[test]
fn each_module_uses_only_those_above_it() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let lib = std::fs::read_to_string(src.join("lib.rs")).expect("lib.rs");
    let order = table(&lib);
    let mut declared: Vec<&str> =
        lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    declared.sort_unstable();
    let mut listed = order.clone();
    listed.sort_unstable();
    assert_eq!(declared, listed, "the table of lib.rs names each module once");

    let place = |name: &str| order.iter().position(|module| *module == name);
    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut wrong = Vec::new();
    for file in files {
        let below = file.strip_prefix(&src).expect("a source");
        let first = below.components().next().expect("a name").as_os_str().to_string_lossy().into_owned();
        let module = first.trim_end_matches(".rs");
        let Some(own) = place(module) else {
            assert_eq!(module, "lib", "{} belongs to no module", below.display());
            continue;
        };
        let text = code(&std::fs::read_to_string(&file).expect("a source"));
        for name in used(&text) {
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

#[test]
fn names_are_found_in_every_way_of_writing_them() {
    assert_eq!(used("use crate::wire; use crate::tap::{Tap, Upstream};"), ["wire", "tap"]);
    assert_eq!(used("use crate::{broker::{self, Kind}, evidence::Event, wire};"), ["broker", "evidence", "wire"]);
    assert_eq!(used("let a = crate::run::scenario(); mycrate::no()"), ["run"]);
    assert_eq!(code("a // crate::b\nmod tests {\ncrate::c"), "a ");
}
