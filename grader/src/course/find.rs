//! `ex3`, `3`, a slug or the beginning of one name an exercise; a typo gets the nearest names.

use super::{Coming, Course, Exercise, Module, Section};
use std::path::PathBuf;

/// Bytes of a word that may be a name with a typo. To compare takes as long as the word squared.
const LONGEST_TYPO: usize = 200;

#[derive(Debug, thiserror::Error)]
pub enum NotFound {
    #[error("there is no {what} “{word}”.{}", suggestion(what, nearest))]
    Unknown { what: &'static str, word: String, nearest: Vec<String> },
    #[error("{id} ({title}) is still being built: it is coming.")]
    Coming { id: String, title: String },
}

fn suggestion(what: &str, nearest: &[String]) -> String {
    match nearest {
        [] if what == "section" => " All of them: kafkacourse read --list".to_owned(),
        [] => " All of them: kafkacourse list".to_owned(),
        [one] => format!(" Did you mean {one}?"),
        [most @ .., last] => format!(" Did you mean {} or {last}?", most.join(", ")),
    }
}

/// The exercise that `word` names.
///
/// # Errors
/// None or several fit; the nearest names are in the message.
pub fn find_exercise<'a>(course: &'a Course, word: &str) -> Result<&'a Exercise, NotFound> {
    let word = word.trim().trim_end_matches('/');
    let exact = |exercise: &&Exercise| {
        exercise.id.eq_ignore_ascii_case(word)
            || exercise.id.strip_prefix("ex") == Some(word)
            || exercise.folder == word
            || exercise.slug() == word
    };
    if let Some(exercise) = course.exercises.iter().find(exact) {
        return Ok(exercise);
    }
    let announced =
        |coming: &&Coming| coming.id.eq_ignore_ascii_case(word) || coming.id.strip_prefix("ex") == Some(word);
    if let Some(Coming { id, title }) = course.modules.iter().flat_map(|module| &module.coming).find(announced) {
        return Err(NotFound::Coming { id: id.clone(), title: title.clone() });
    }
    let begins = |exercise: &&Exercise| exercise.slug().starts_with(word) || exercise.folder.starts_with(word);
    let fits: Vec<&Exercise> = course.exercises.iter().filter(begins).filter(|_| !word.is_empty()).collect();
    if let [exercise] = fits.as_slice() {
        return Ok(exercise);
    }
    let several = fits.iter().map(|exercise| exercise.id.clone());
    if !fits.is_empty() {
        return Err(NotFound::Unknown { what: "exercise", word: word.to_owned(), nearest: several.collect() });
    }
    let names = course.exercises.iter().flat_map(|exercise| [exercise.id.clone(), exercise.slug().to_owned()]);
    let names = names.map(|name| (name.clone(), name));
    Err(NotFound::Unknown { what: "exercise", word: word.to_owned(), nearest: nearest(word, names) })
}

/// The module that `word` names: its id, its folder, its number, its title, or the beginning of one of them.
///
/// # Errors
/// None fits; the nearest names are in the message.
pub fn find_module<'a>(course: &'a Course, word: &str) -> Result<&'a Module, NotFound> {
    let word = word.trim().trim_end_matches('/').to_lowercase();
    let names = |module: &Module| [module.id.clone(), module.folder.clone(), module.title.to_lowercase()];
    let modules = || course.modules.iter();
    modules()
        .find(|module| names(module).contains(&word) || module.number() == word.trim_start_matches('0'))
        .or_else(|| modules().find(|m| !word.is_empty() && names(m).iter().any(|name| name.starts_with(&word))))
        .ok_or_else(|| {
            let names = modules().flat_map(|module| names(module).map(|name| (name, module.id.clone())));
            let nearest = nearest(&word, names);
            NotFound::Unknown { what: "module", word, nearest }
        })
}

/// A page that can be read.
#[derive(Debug, Clone)]
pub enum Page<'a> {
    /// The front page of a module.
    Front(&'a Module),
    Section(&'a Module, &'a Section),
    /// The task of an exercise.
    Task(&'a Exercise),
    /// A page of the reference: `glossary`.
    Reference(String),
}

impl Page<'_> {
    pub fn path(&self, course: &Course) -> PathBuf {
        match self {
            Page::Front(module) => course.page(module, "README.md"),
            Page::Section(module, section) => course.page(module, &section.file),
            Page::Task(exercise) => course.root.join("exercises").join(&exercise.folder).join("README.md"),
            Page::Reference(name) => course.root.join("modules/reference").join(format!("{name}.md")),
        }
    }

    /// What `read` calls it.
    pub fn name(&self) -> String {
        match self {
            Page::Front(module) => module.id.clone(),
            Page::Section(module, section) => module.section_id(section),
            Page::Task(exercise) => exercise.id.clone(),
            Page::Reference(name) => name.clone(),
        }
    }

    /// A section's file without number and ending.
    fn bare(&self) -> Option<&str> {
        match self {
            Page::Section(_, section) => Some(section.file.trim_end_matches(".md").split_once('-')?.1),
            _ => None,
        }
    }
}

/// The shortest thing to type after `read` that names this page and no other of `pages`: `acks` for
/// `producers/03-acks`.
pub fn short_name(pages: &[Page<'_>], page: &Page<'_>) -> String {
    let Some(bare) = page.bare() else { return page.name() };
    // Two modules may have a section of this name.
    let called = |other: &&Page<'_>| other.bare().map_or_else(|| other.name() == bare, |other| other == bare);
    if pages.iter().filter(called).count() > 1 { page.name() } else { bare.to_owned() }
}

/// Every page, in the order of the course; the reference by name, at the end.
pub fn all_pages(course: &Course) -> Vec<Page<'_>> {
    let mut pages = Vec::new();
    for module in &course.modules {
        if !module.sections.is_empty() {
            pages.push(Page::Front(module));
        }
        pages.extend(module.sections.iter().map(|section| Page::Section(module, section)));
        pages.extend(module.exercises.iter().filter_map(|id| course.exercise(id)).map(Page::Task));
    }
    let folder = std::fs::read_dir(course.root.join("modules/reference"));
    let names = folder.into_iter().flatten().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter_map(|name| Some(name.strip_suffix(".md")?.to_owned())).collect();
    names.sort();
    pages.extend(names.into_iter().map(Page::Reference));
    pages
}

/// The page that `word` names: a page of the reference, a module, an exercise's id, or a section.
///
/// # Errors
/// None fits; the nearest names are in the message.
pub fn find_page<'a>(course: &'a Course, word: &str) -> Result<Page<'a>, NotFound> {
    let name = word.trim().trim_end_matches(".md");
    if let Some(page) = all_pages(course).into_iter().find(|page| page.name() == name) {
        return Ok(page);
    }
    if let Some(module) = course.modules.iter().find(|module| module.id == name || module.folder == name) {
        return Ok(Page::Front(module));
    }
    find_section(course, name)
        .map(|(module, section)| Page::Section(module, section))
        .or_else(|unknown| find_module(course, name).map(Page::Front).map_err(|_| unknown))
}

/// The section that `word` names: its id, its file, or the beginning of a file's name without the number.
///
/// # Errors
/// None fits; the nearest names are in the message.
pub fn find_section<'a>(course: &'a Course, word: &str) -> Result<(&'a Module, &'a Section), NotFound> {
    let all = || course.modules.iter().flat_map(|module| module.sections.iter().map(move |section| (module, section)));
    let stem = |section: &Section| section.file.trim_end_matches(".md").to_owned();
    let bare =
        |section: &Section| stem(section).split_once('-').map_or_else(|| stem(section), |(_, rest)| rest.to_owned());
    let word = word.trim_end_matches(".md");
    all()
        .find(|(module, section)| module.section_id(section) == word || stem(section) == word || bare(section) == word)
        .or_else(|| all().find(|(_, section)| !word.is_empty() && bare(section).starts_with(word)))
        .or_else(|| {
            let (module, rest) = word.split_once('/').filter(|(_, rest)| !rest.is_empty())?;
            let begins = |section: &Section| stem(section).starts_with(rest) || bare(section).starts_with(rest);
            all().find(|(of, section)| of.id == module && begins(section))
        })
        .ok_or_else(|| NotFound::Unknown {
            what: "section",
            word: word.to_owned(),
            nearest: nearest(
                word,
                all().flat_map(|(module, section)| {
                    let id = module.section_id(section);
                    [(id.clone(), id.clone()), (bare(section), id)]
                }),
            ),
        })
}

/// Of pairs of a name and what to write to be understood: those whose names come closest, and about equally close.
pub fn nearest(word: &str, names: impl Iterator<Item = (String, String)>) -> Vec<String> {
    if word.len() > LONGEST_TYPO {
        return Vec::new();
    }
    let mut near: Vec<(f64, String)> = names
        .map(|(name, written)| (strsim::jaro_winkler(word, &name), written))
        .filter(|(score, _)| *score > 0.7)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    let best = near.first().map_or(0.0, |(score, _)| *score);
    near.retain(|(score, _)| best - score < 0.08);
    let mut best: Vec<String> = Vec::new();
    for (_, name) in near {
        if !best.contains(&name) {
            best.push(name);
        }
    }
    best.truncate(3);
    best
}
