//! The texts of the course, held against each other and against the manifest: what no compiler looks at.
//!
//! Each file looks for one kind of thing. All of it together takes some milliseconds, so a test runs it, too.

pub mod faults;
mod front;
mod glossary;
mod links;
mod minutes;
mod page;
mod path;
mod quiz;
mod settings;
mod width;
mod words;

use crate::course::Course;
use crate::files;
use crate::limits::COURSE_FILE_BYTES;
use page::Page;
use std::fmt;
use std::path::{Path, PathBuf};

/// Something that is not as it should be, and where.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Complaint {
    /// Below the course.
    pub file: String,
    /// From 1.
    pub line: usize,
    pub message: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

/// What is looked at: the course and every page of it.
struct Texts<'a> {
    course: &'a Course,
    /// Below `modules/` and `exercises/`, in order.
    pages: Vec<Page>,
    found: Vec<Complaint>,
}

impl Texts<'_> {
    fn complain(&mut self, file: &str, line: usize, message: String) {
        self.found.push(Complaint { file: file.to_owned(), line, message });
    }

    fn page(&self, path: &Path) -> Option<&Page> {
        self.pages.iter().find(|page| page.path == path)
    }
}

/// Everything that is wrong with the texts of the course, by file and line.
pub fn course(course: &Course) -> Vec<Complaint> {
    let mut texts = Texts { course, pages: Vec::new(), found: Vec::new() };
    for path in pages(&course.root) {
        let file = path.strip_prefix(&course.root).unwrap_or(&path).to_string_lossy().into_owned();
        match files::read_text(&path, COURSE_FILE_BYTES) {
            Ok(text) => texts.pages.push(Page::new(path, file, text)),
            Err(error) => texts.complain(&file, 1, error.to_string()),
        }
    }
    for look in [
        front::look,
        minutes::look,
        links::look,
        words::look,
        glossary::look,
        quiz::look,
        path::look,
        faults::look,
        settings::look,
        width::look,
    ] {
        look(&mut texts);
    }
    texts.found.sort();
    texts.found
}

/// Every page below `modules/` and `exercises/`, in order.
pub fn pages(root: &Path) -> Vec<PathBuf> {
    let mut folders = vec![root.join("modules"), root.join("exercises")];
    let mut pages = Vec::new();
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(&folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())) {
            if path.is_dir() && path.file_name().is_none_or(|name| name != "target") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(path);
            }
        }
    }
    pages.sort();
    pages
}
