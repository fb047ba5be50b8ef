//! `modules/reference/faults.md`: the known mistakes of all exercises as one page. It is made from the exercises' files, and
//! held against them.

use super::{Complaint, Texts};
use crate::course::{Course, Exercise, Mistake, Module};
use crate::files;
use crate::limits::COURSE_FILE_BYTES;
use std::collections::HashSet;

/// Below the course.
pub const FILE: &str = "modules/reference/faults.md";

const HEAD: &str = "\
# Faults

Every mistake that a report can name, by exercise. **Seen** says which requirements it breaks, and in the report the events
behind them; **unlike** says what tells it from the mistakes that look like it.

<!-- Made by `kafkacourse author faults` from the exercises' files. -->
";

/// A course without the page needs none.
pub(super) fn look(texts: &mut Texts<'_>) {
    if !texts.pages.iter().any(|page| page.file == FILE) {
        return;
    }
    for exercise in &texts.course.exercises {
        for mistake in exercise.mistakes.iter().filter(|mistake| mistake.differs.is_none()) {
            let message = format!("the mistake “{}” does not say what tells it from others: `differs`", mistake.name);
            let file = format!("exercises/{}/exercise.toml", exercise.folder);
            texts.found.push(Complaint { file, line: 1, message });
        }
    }
    // A page that cannot be read has been complained of.
    let there = files::read_text(&texts.course.root.join(FILE), COURSE_FILE_BYTES).unwrap_or_default();
    if there != page(texts.course) {
        texts.complain(FILE, 1, "this is not what the exercises say; `kafkacourse author faults` writes it".into());
    }
}

/// The page, as it should be.
pub fn page(course: &Course) -> String {
    let mut page = HEAD.to_owned();
    for exercise in course.exercises.iter().filter(|exercise| !exercise.mistakes.is_empty()) {
        page += &format!("\n## {}: {}\n\n", exercise.id, exercise.title);
        for mistake in &exercise.mistakes {
            page += &row(course, exercise, mistake);
        }
    }
    page
}

fn row(course: &Course, exercise: &Exercise, mistake: &Mistake) -> String {
    let Mistake { name, title, differs, read, .. } = mistake;
    let checks = exercise.scenarios.iter().flat_map(|scenario| &scenario.checks);
    let broken = checks.filter(|check| {
        let mut codes = check.kind.codes().iter();
        codes.any(|code| mistake.shows_in(&format!("{}/{code}", check.id)))
    });
    let mut titles = HashSet::new();
    let broken: Vec<&str> = broken.map(|check| check.title.as_str()).filter(|title| titles.insert(*title)).collect();
    let seen = match broken.as_slice() {
        [first, second, _, ..] => format!("“{first}”, “{second}” and others"),
        few => few.iter().map(|title| format!("“{title}”")).collect::<Vec<_>>().join(", "),
    };
    let differs = differs.as_ref().map(|differs| format!(" Unlike: {differs}")).unwrap_or_default();
    format!("- **{title}** (`{name}`). Seen: {seen}.{differs} Read {}.\n", link(&course.modules, read))
}

/// A link from the page to the section `id`.
fn link(modules: &[Module], id: &str) -> String {
    let named = modules.iter().find_map(|module| Some((module, module.section(id)?)));
    named.map_or_else(
        || id.to_owned(),
        |(module, section)| format!("[{}](../{}/{})", section.title, module.folder, section.file),
    )
}
