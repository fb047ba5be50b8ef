//! Which files of an exercise's folder count.

use super::contents::{Item, Kind};
use super::notes::{LeftOut, Notes};
use super::path::{above, below, is_plain, join, name};
use super::sources::Language;
use super::{Invalid, layout};
use crate::{files, limits};
use std::collections::{BTreeMap, HashMap};

/// The files that count, before they are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picked {
    pub language: Language,
    pub entry: String,
    /// The numbers of items, by the path that they get in the exercise's folder.
    pub files: BTreeMap<String, usize>,
}

/// What counts in `folder` of a submission in this language. What does not is noted. `entry` is the file that the
/// learner has named, within that folder.
///
/// # Errors
/// There is no program, or the names and sizes of the files rule them out.
pub fn pick(
    items: &[Item],
    folder: &str,
    language: Language,
    entry: Option<&str>,
    notes: &mut Notes,
) -> Result<Picked, Invalid> {
    let start = items.partition_point(|item| item.path.as_str() < folder);
    let inside: Vec<(usize, &Item, &str)> = (start..)
        .zip(&items[start..])
        .take_while(|(_, item)| item.path.starts_with(folder))
        .filter_map(|(number, item)| Some((number, item, below(&item.path, folder)?)))
        .collect();
    let is_source = |path: &str| language.has_source(name(path)) && is_plain(path);
    let sources = || inside.iter().filter(|(.., path)| is_source(path));
    let names: Vec<&str> = sources().map(|(.., path)| *path).collect();
    let entry = entry_of(language, &names, entry).map_err(|what| Invalid { what, place: place(folder) })?;
    // A program that lies in the exercise's folder itself is moved to where cargo's is.
    let moved = language == Language::Rust && !entry.starts_with("src/");
    let in_place = |path: &str| moved || language != Language::Rust || in_src(path);
    let is_taken = |path: &str| (is_source(path) && in_place(path)) || language.manifests().contains(&path);
    let target = |path: &str| match (moved, path == entry) {
        (true, true) => "src/main.rs".to_owned(),
        (true, false) => join("src", path),
        _ => path.to_owned(),
    };
    let mut picked = Picked { language, entry: target(&entry), files: BTreeMap::new() };
    let mut bytes = 0;
    for (number, item, path) in &inside {
        match item.kind {
            _ if !is_taken(path) => {
                if name(path) != layout::COMMAND_FILE {
                    notes.add(left_out(language, path, item.kind), &item.path);
                }
                continue;
            }
            Kind::File { bytes: size } if size > limits::SOURCE_BYTES => {
                let most = files::size(limits::SOURCE_BYTES);
                return Err(Invalid::at(format!("a file of {}; {most} are taken", files::size(size)), &item.path));
            }
            Kind::File { bytes: size } => bytes += size,
            Kind::Link if *path == entry => return Err(Invalid::at("a link, which is not followed", &item.path)),
            Kind::Special if *path == entry => return Err(Invalid::at("this is no ordinary file", &item.path)),
            kind => {
                notes.add(left_out(language, path, kind), &item.path);
                continue;
            }
        }
        if picked.files.insert(target(path), *number).is_some() {
            return Err(Invalid::at("two files of the same name", &item.path));
        }
    }
    if picked.files.len() > limits::SOURCES {
        return Err(Invalid { what: format!("more than {} source files", limits::SOURCES), place: place(folder) });
    }
    if bytes > limits::SOURCES_BYTES {
        let what = format!("sources of more than {}", files::size(limits::SOURCES_BYTES));
        return Err(Invalid { what, place: place(folder) });
    }
    apart(&inside.iter().map(|(_, item, _)| *item).collect::<Vec<_>>(), &picked, items)?;
    Ok(picked)
}

fn place(folder: &str) -> Option<String> {
    Some(folder.to_owned()).filter(|folder| !folder.is_empty())
}

/// Does it lie in `src`, and belong to the program there? Those in `src/bin` are others.
fn in_src(path: &str) -> bool {
    path.starts_with("src/") && !path.starts_with("src/bin/")
}

fn left_out(language: Language, path: &str, kind: Kind) -> LeftOut {
    match kind {
        Kind::Link => LeftOut::Link,
        Kind::Special => LeftOut::Special,
        Kind::File { .. } if !is_plain(path) => LeftOut::OddName,
        Kind::File { .. } if language.has_source(name(path)) => LeftOut::OtherProgram,
        Kind::File { .. } => LeftOut::NoSource,
    }
}

/// The file that the program begins with, of all sources in the exercise's folder.
fn entry_of(language: Language, names: &[&str], named: Option<&str>) -> Result<String, String> {
    let expected: &[&str] = match language {
        Language::Rust => &["src/main.rs", "main.rs"],
        Language::Python => &["main.py"],
        Language::Node => &["main.mjs", "main.js", "index.mjs", "index.js"],
        Language::Go => &["main.go"],
        Language::Java => &["Main.java"],
    };
    if let Some(named) = named {
        let found = names.iter().find(|name| **name == named);
        return found.map(|name| (*name).to_owned()).ok_or_else(|| format!("there is no {named}"));
    }
    if let Some(usual) = expected.iter().find(|usual| names.contains(usual)) {
        return Ok((*usual).to_owned());
    }
    // A platform may have renamed the only file (`main-1.rs`).
    let top: Vec<&&str> = names.iter().filter(|name| !name.contains('/')).collect();
    match top.as_slice() {
        [only] if names.iter().all(|name| !name.starts_with("src/")) => Ok((**only).to_owned()),
        _ if language != Language::Rust && names.len() == 1 => Ok(names[0].to_owned()),
        _ => Err(format!("there is no {}", expected[0])),
    }
}

/// Sees to it that each file that counts is told from everything else that was handed in.
fn apart(inside: &[&Item], picked: &Picked, items: &[Item]) -> Result<(), Invalid> {
    let mut names: HashMap<String, usize> = HashMap::new();
    for item in inside {
        *names.entry(item.path.to_lowercase()).or_default() += 1;
    }
    for number in picked.files.values() {
        let path = &items[*number].path;
        if names.get(&path.to_lowercase()).is_some_and(|count| *count > 1) {
            return Err(Invalid::at(
                "two files of this name, or of names that differ in large and small letters only",
                path,
            ));
        }
        let no_folder = |folder: &&str| items.binary_search_by(|item| item.path.as_str().cmp(folder)).is_ok();
        if above(path).find(no_folder).is_some() {
            return Err(Invalid::at("a file below something that is no folder", path));
        }
    }
    Ok(())
}
