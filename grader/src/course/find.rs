//! `ex3`, `3`, a slug or the beginning of one name an exercise; a typo gets the nearest names.

use super::{Coming, Course, Exercise, Module, Section};

#[derive(Debug, thiserror::Error)]
pub enum NotFound {
    #[error("there is no {what} “{word}”.{}", suggestion(nearest))]
    Unknown { what: &'static str, word: String, nearest: Vec<String> },
    #[error("{id} ({title}) is still being built: it is coming.")]
    Coming { id: String, title: String },
}

fn suggestion(nearest: &[String]) -> String {
    match nearest {
        [] => String::new(),
        names => format!(" Did you mean {}?", names.join(" or ")),
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
    let number =
        |module: &Module| module.folder.split('-').next().unwrap_or_default().trim_start_matches('0').to_owned();
    let names = |module: &Module| [module.id.clone(), module.folder.clone(), module.title.to_lowercase()];
    let modules = || course.modules.iter();
    modules()
        .find(|module| names(module).contains(&word) || number(module) == word.trim_start_matches('0'))
        .or_else(|| modules().find(|m| !word.is_empty() && names(m).iter().any(|name| name.starts_with(&word))))
        .ok_or_else(|| {
            let names = modules().flat_map(|module| names(module).map(|name| (name, module.id.clone())));
            let nearest = nearest(&word, names);
            NotFound::Unknown { what: "module", word, nearest }
        })
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

/// Of pairs of a name and what to write to be understood: those whose names come closest.
fn nearest(word: &str, names: impl Iterator<Item = (String, String)>) -> Vec<String> {
    let mut near: Vec<(f64, String)> = names
        .map(|(name, written)| (strsim::jaro_winkler(word, &name), written))
        .filter(|(score, _)| *score > 0.6)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut best: Vec<String> = Vec::new();
    for (_, name) in near {
        if !best.contains(&name) {
            best.push(name);
        }
    }
    best.truncate(3);
    best
}
