//! Links of a page, for who cannot click.

use crate::course::{Course, all_pages, short_name};
use std::path::{Component, Path, PathBuf};

/// What to type instead of following the link to `target` in the page `from`, or where the file is; none where it leads
/// out of the course.
pub fn command(course: &Course, from: &Path, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let mut there = PathBuf::new();
    for part in from.parent()?.join(path).components() {
        match part {
            Component::ParentDir => drop(there.pop()),
            Component::CurDir => {}
            part => there.push(part),
        }
    }
    let pages = all_pages(course);
    let page = pages.iter().find(|page| {
        let path = page.path(course);
        path == there || (there.is_dir() && path == there.join("README.md"))
    });
    match page {
        Some(page) if anchor.is_empty() => Some(format!("kafkacourse read {}", short_name(&pages, page))),
        Some(page) => Some(format!("kafkacourse read {}#{anchor}", short_name(&pages, page))),
        None => Some(there.strip_prefix(&course.root).ok()?.to_string_lossy().into_owned()),
    }
}
