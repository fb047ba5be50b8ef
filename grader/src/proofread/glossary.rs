//! A term of the glossary is explained where the course first uses it.

use super::Texts;
use super::page::Page;
use std::path::Path;

/// For each term, the first module that uses it links to its entry. Later ones may and need not: a page full of links
/// is not read.
pub(super) fn look(texts: &mut Texts<'_>) {
    let path = texts.course.root.join("modules/reference/glossary.md");
    let Some(glossary) = texts.page(&path) else { return };
    let mut wrong = Vec::new();
    for term in glossary.headings.iter().filter(|heading| heading.level == 3) {
        let first = texts.course.modules.iter().find_map(|module| {
            let pages: Vec<&Page> = module
                .sections
                .iter()
                .filter_map(|section| texts.page(&texts.course.page(module, &section.file)))
                .collect();
            let (page, line) = pages.iter().find_map(|page| Some((*page, uses(page, &term.text)?)))?;
            Some((pages, page, line))
        });
        let Some((pages, page, line)) = first else { continue };
        let links = |page: &&Page| page.links.iter().any(|link| leads_to(&link.target, &term.anchor));
        if !pages.iter().any(links) {
            let message = format!("“{}” is used for the first time: link glossary.md#{}", term.text, term.anchor);
            wrong.push((page.file.clone(), line, message));
        }
    }
    wrong.into_iter().for_each(|(file, line, message)| texts.complain(&file, line, message));
}

fn leads_to(target: &str, anchor: &str) -> bool {
    target.split_once('#').is_some_and(|(page, to)| to == anchor && Path::new(page).ends_with("glossary.md"))
}

/// The first line on which the page uses the term, in prose.
fn uses(page: &Page, term: &str) -> Option<usize> {
    let term = term.to_lowercase();
    let boundary = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != '-' && c != '_');
    page.prose.iter().find_map(|(line, text)| {
        let text = text.to_lowercase();
        let found = text.match_indices(&term).any(|(at, _)| {
            let rest = &text[at + term.len()..];
            let rest = rest.strip_prefix('s').unwrap_or(rest);
            boundary(text[..at].chars().next_back()) && boundary(rest.chars().next())
        });
        found.then_some(*line)
    })
}
