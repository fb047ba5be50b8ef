//! Sections are there, are of a length that one reads in one go, and take about as long as the manifest says.

use super::Texts;
use super::page::Page;
use std::ops::RangeInclusive;

/// How long a section may take.
const SECTION: RangeInclusive<u32> = 5..=12;
/// Words of prose per minute: unhurried, since every sentence is new to the reader.
const PROSE: f64 = 180.0;
/// Words of code, drawings and transcripts per minute: they are looked at, up and down.
const CODE: f64 = 100.0;
/// What is stated may be off by this share, and by one minute in any case.
const MARGIN: f64 = 0.2;

pub(super) fn look(texts: &mut Texts<'_>) {
    let mut wrong = Vec::new();
    let mut known = Vec::new();
    for module in &texts.course.modules {
        for section in &module.sections {
            let path = texts.course.page(module, &section.file);
            let file = format!("modules/{}/{}", module.folder, section.file);
            let Some(page) = texts.page(&path) else {
                wrong.push((file, 1, "course.toml names this section, and it is not there".to_owned()));
                continue;
            };
            if !SECTION.contains(&section.minutes) {
                let message =
                    format!("{} minutes; a section takes {} to {}", section.minutes, SECTION.start(), SECTION.end());
                wrong.push((file.clone(), 1, message));
            }
            let takes = reading_time(page);
            if (takes - f64::from(section.minutes)).abs() > (f64::from(section.minutes) * MARGIN).max(1.0) {
                wrong.push((
                    file.clone(),
                    1,
                    format!("course.toml says {} minutes; it takes {takes:.0}", section.minutes),
                ));
            }
            match page.headings.first() {
                Some(heading) if heading.level == 1 && heading.text == section.title => {}
                first => {
                    let line = first.map_or(1, |first| first.line);
                    wrong.push((file.clone(), line, format!("course.toml calls this section “{}”", section.title)));
                }
            }
            if !page
                .blocks
                .iter()
                .any(|block| ["", "text", "wire"].contains(&block.info.split(' ').next().unwrap_or("")))
            {
                wrong.push((file, 1, "a section shows something: a drawing or a transcript".into()));
            }
            known.push(path);
        }
        let folder = texts.course.root.join("modules").join(&module.folder);
        for page in texts.pages.iter().filter(|page| page.path.parent() == Some(&folder)) {
            if !known.contains(&page.path) && !page.path.ends_with("README.md") {
                wrong.push((page.file.clone(), 1, "this section stands in no module of course.toml".into()));
            }
        }
    }
    wrong.into_iter().for_each(|(file, line, message)| texts.complain(&file, line, message));
}

/// In minutes.
fn reading_time(page: &Page) -> f64 {
    let words = |text: &str| text.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count() as f64;
    let prose: f64 = page.prose.iter().chain(&page.spans).map(|(_, text)| words(text)).sum();
    let code: f64 = page.blocks.iter().map(|block| words(&block.text)).sum();
    prose / PROSE + code / CODE
}
