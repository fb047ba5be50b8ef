//! What a text points to is there: pages, headings, exercises, sections, transcripts.

use super::Texts;
use super::page::Page;
use crate::course::anchor::part;
use crate::course::{Course, find_exercise, find_module, find_page};
use crate::files;
use crate::limits::COURSE_FILE_BYTES;

pub(super) fn look(texts: &mut Texts<'_>) {
    let mut wrong = Vec::new();
    for page in &texts.pages {
        let mut complain = |line: usize, message: String| wrong.push((page.file.clone(), line, message));
        for link in &page.links {
            if let Some(message) = leads_nowhere(texts, page, &link.target) {
                complain(link.line, message);
            }
        }
        let code =
            page.blocks.iter().flat_map(|block| block.text.lines().zip(1..).map(|(text, n)| (block.line + n, text)));
        let spans = page.spans.iter().map(|(line, text)| (*line, text.as_str()));
        for (line, text) in code.chain(spans) {
            commands(texts.course, text).into_iter().for_each(|message| complain(line, message));
        }
        for (line, text) in &page.prose {
            exercises(texts.course, text).into_iter().for_each(|message| complain(*line, message));
        }
        for block in &page.blocks {
            let mut words = block.info.split_whitespace();
            if words.next() == Some("wire") {
                let demo = |name: &str| texts.course.root.join(format!("modules/demos/transcripts/{name}.toml"));
                match words.next() {
                    None => complain(block.line, "this transcript has no name: write ```wire NAME".into()),
                    Some(name) if !demo(name).is_file() => {
                        complain(block.line, format!("there is no modules/demos/transcripts/{name}.toml"));
                    }
                    Some(_) => {}
                }
            }
        }
    }
    wrong.into_iter().for_each(|(file, line, message)| texts.complain(&file, line, message));
}

/// Why the link leads nowhere, if it does.
fn leads_nowhere(texts: &Texts<'_>, page: &Page, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let there = if path.is_empty() { page.path.clone() } else { normal(&page.path.parent()?.join(path)) };
    if !there.exists() {
        return Some(format!("the link {target} leads nowhere"));
    }
    let headings = texts.page(&there).map(|page| &page.headings);
    let known = anchor.is_empty() || headings.is_none_or(|headings| headings.iter().any(|h| h.anchor == anchor));
    (!known).then(|| format!("the link {target} leads to the page, which has no heading “{anchor}”"))
}

/// Without `..`: every link is within the course, where nothing is a symbolic link.
fn normal(path: &std::path::Path) -> std::path::PathBuf {
    let mut normal = std::path::PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => drop(normal.pop()),
            std::path::Component::CurDir => {}
            part => normal.push(part),
        }
    }
    normal
}

/// `kafkacourse read`, `quiz`, `check` and `hint` with a name that means nothing.
fn commands(course: &Course, text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    for (at, found) in text.match_indices("kafkacourse ") {
        let mut words = text[at + found.len()..].split_whitespace();
        let (command, name) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let name = name.trim_end_matches(|c: char| !c.is_alphanumeric());
        // Nothing, an option, or a name that stands for any: `read PAGE`, `read …`.
        if !name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit()) {
            continue;
        }
        let problem = match command {
            "quiz" => find_module(course, name).err(),
            "check" | "hint" | "trace" | "solution" | "reset" => find_exercise(course, name).err(),
            "read" => {
                wrong.extend(unreadable(course, name));
                None
            }
            _ => None,
        };
        wrong.extend(problem.map(|problem| problem.to_string()));
    }
    wrong
}

/// Why `kafkacourse read NAME` shows nothing, if it does; `NAME` may go on with `#` and the anchor of a heading.
fn unreadable(course: &Course, name: &str) -> Option<String> {
    let (name, anchor) = name.split_once('#').unwrap_or((name, ""));
    let page = match find_page(course, name) {
        Ok(page) => page.path(course),
        Err(problem) => return Some(problem.to_string()),
    };
    let text = files::read_text(&page, COURSE_FILE_BYTES).unwrap_or_default();
    let there = anchor.is_empty() || part(&text, anchor).is_some();
    (!there).then(|| format!("{name} has no heading “{anchor}”"))
}

/// `ex7` in prose, where there is no such exercise.
fn exercises(course: &Course, text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let named = words
        .filter(|word| word.strip_prefix("ex").is_some_and(|n| !n.is_empty() && n.chars().all(|c| c.is_ascii_digit())));
    named.filter_map(|word| find_exercise(course, word).err()).map(|problem| problem.to_string()).collect()
}
