//! A module's front page has all its parts, and they say what the manifest says.

use super::Texts;
use super::page::Page;
use crate::course::Module;

/// The parts, in their order; of each, the headings that it may have.
const PARTS: [&[&str]; 8] = [
    &["What you will be able to do"],
    &["Before you start"],
    &["What you will build", "What you will meet"],
    &["Reading list"],
    &["Exercise", "Exercises"],
    &["You are done when"],
    &["Help"],
    &["What comes next"],
];

pub(super) fn look(texts: &mut Texts<'_>) {
    for (module, number) in texts.course.modules.iter().zip(1..) {
        if module.sections.is_empty() {
            continue;
        }
        let path = texts.course.page(module, "README.md");
        let file = format!("modules/{}/README.md", module.folder);
        let complaints = match texts.page(&path) {
            Some(page) => complaints(texts, module, number, page),
            None => vec![(1, "this front page is missing".to_owned())],
        };
        complaints.into_iter().for_each(|(line, message)| texts.complain(&file, line, message));
    }
}

fn complaints(texts: &Texts<'_>, module: &Module, number: usize, page: &Page) -> Vec<(usize, String)> {
    let mut wrong = Vec::new();
    let title = format!("Module {number}: {}", module.title);
    match page.headings.first() {
        Some(heading) if heading.level == 1 && heading.text == title => {}
        first => wrong.push((first.map_or(1, |first| first.line), format!("the page should begin with “# {title}”"))),
    }
    let mut from = 0;
    for names in PARTS {
        let found = page.headings.iter().position(|h| h.level == 2 && names.contains(&h.text.trim()));
        match found {
            None => wrong.push((1, format!("the part “## {}” is missing", names[0]))),
            Some(at) if at < from => wrong.push((
                page.headings[at].line,
                format!("“{}” should stand behind “{}”", page.headings[at].text, page.headings[from].text),
            )),
            Some(at) => from = at,
        }
    }
    if page.blocks.is_empty() {
        wrong.push((1, "there is no drawing of what you will build".into()));
    }
    if !page.tasks {
        wrong.push((1, "“You are done when” has nothing to tick off".into()));
    }
    wrong.extend(durations(texts, module, page));
    wrong.extend(reading_list(module, page));
    wrong
}

/// Minutes of theory and of exercises, as the first table says them.
fn durations(texts: &Texts<'_>, module: &Module, page: &Page) -> Vec<(usize, String)> {
    let mut wrong = Vec::new();
    let row = |name: &str| page.rows.iter().find(|(_, cells)| cells.first().is_some_and(|cell| cell.starts_with(name)));
    let minutes = |cells: &[String]| cells.get(1).and_then(|cell| cell.parse::<u32>().ok());
    let theory: u32 = module.sections.iter().map(|section| section.minutes).sum();
    match row("theory") {
        None => wrong.push((1, "the table of minutes has no row “theory”".into())),
        Some((line, cells)) if minutes(cells) != Some(theory) => {
            wrong.push((*line, format!("the sections in course.toml take {theory} minutes")));
        }
        Some(_) => {}
    }
    if module.exercises.is_empty() {
        return wrong;
    }
    match row("hands-on") {
        None => wrong.push((1, "the table of minutes has no row “hands-on”".into())),
        Some((line, cells)) => {
            let exercises: Vec<_> = module.exercises.iter().filter_map(|id| texts.course.exercise(id)).collect();
            let hands_on: u32 = exercises.iter().map(|exercise| exercise.minutes).sum();
            let ids = exercises.iter().map(|exercise| exercise.id.as_str()).collect::<Vec<_>>().join(", ");
            // While some are still coming, the row may speak of them already.
            if module.coming.is_empty() && (minutes(cells) != Some(hands_on) || !cells[0].contains(&ids)) {
                wrong.push((*line, format!("the exercises say “hands-on ({ids})”, {hands_on} minutes")));
            }
        }
    }
    wrong
}

/// Each section with its title and its minutes, in order.
fn reading_list(module: &Module, page: &Page) -> Vec<(usize, String)> {
    let mut wrong = Vec::new();
    let Some(heading) = page.headings.iter().find(|heading| heading.text == "Reading list") else { return wrong };
    let end = page.headings.iter().map(|next| next.line).find(|line| *line > heading.line).unwrap_or(usize::MAX);
    let within = |line: usize| (heading.line..end).contains(&line);
    let rows: Vec<_> = page.rows.iter().filter(|(line, _)| within(*line)).skip(1).collect();
    for (index, section) in module.sections.iter().enumerate() {
        let Some((line, cells)) = rows.get(index) else {
            wrong.push((heading.line, format!("“{}” is missing", section.title)));
            continue;
        };
        let link = page.links.iter().find(|link| link.line == *line);
        let minutes = section.minutes.to_string();
        let as_told = link.is_some_and(|link| link.target == section.file && link.text == section.title)
            && cells.get(1).is_some_and(|cell| *cell == minutes);
        if !as_told {
            let expected = format!("| [{}]({}) | {minutes} |", section.title, section.file);
            wrong.push((*line, format!("course.toml says here: {expected}")));
        }
    }
    if let Some((line, _)) = rows.get(module.sections.len()) {
        wrong.push((*line, "course.toml has no such section".into()));
    }
    wrong
}
