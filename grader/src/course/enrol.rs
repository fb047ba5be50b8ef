//! A new exercise's place in `modules/course.toml`: put into the text, so that comments and layout stay.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The manifest with exercise `id` in it, and the id of the module where it stands: that which announces it (then it is
/// no longer coming), else the last one. None where the text has no such place.
pub fn enrolled(manifest: &str, id: &str) -> Option<(String, String)> {
    let tree = DeTable::parse(manifest).ok()?;
    let modules = tree.get_ref().get("module")?.get_ref().as_array()?;
    let announces = |module: &&Spanned<DeValue<'_>>| announcement(module, id).is_some();
    let module = modules.iter().find(announces).or_else(|| modules.last())?;
    let end_of_line = |at: usize| manifest[at..].find('\n').map_or(manifest.len(), |length| at + length);
    let value = |key: &str| module.get_ref().get(key);
    let (at, text) = match value("exercises") {
        Some(exercises) => match exercises.get_ref().as_array()?.last() {
            Some(last) => (last.span().end, format!(", \"{id}\"")),
            None => (exercises.span().start + 1, format!("\"{id}\"")),
        },
        None => {
            let before = value("sections").or_else(|| value("title"))?;
            (end_of_line(before.span().end), format!("\nexercises = [\"{id}\"]"))
        }
    };
    let mut edits = vec![(at..at, text)];
    if let Some(coming) = announcement(module, id) {
        let line = manifest[..coming.start].rfind('\n').map_or(0, |at| at + 1)..end_of_line(coming.end);
        let alone = manifest[line.start..coming.start].trim().is_empty()
            && matches!(manifest[coming.end..line.end].trim(), "" | ",");
        let rest = manifest[coming.end..].trim_start().strip_prefix(',').map_or("", str::trim_start);
        let with_comma = if rest.is_empty() { coming.end } else { manifest.len() - rest.len() };
        let whole = (line.end + 1).min(manifest.len());
        edits.push((if alone { line.start..whole } else { coming.start..with_comma }, String::new()));
    }
    edits.sort_by_key(|(place, _)| std::cmp::Reverse(place.start));
    let mut text = manifest.to_owned();
    edits.into_iter().for_each(|(place, new)| text.replace_range(place, &new));
    DeTable::parse(&text).ok()?;
    Some((text, value("id")?.get_ref().as_str()?.to_owned()))
}

/// Where the module announces the exercise.
fn announcement(module: &Spanned<DeValue<'_>>, id: &str) -> Option<std::ops::Range<usize>> {
    let coming = module.get_ref().get("coming")?.get_ref().as_array()?;
    let called =
        |one: &&Spanned<DeValue<'_>>| one.get_ref().get("id").and_then(|known| known.get_ref().as_str()) == Some(id);
    coming.iter().find(called).map(Spanned::span)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = r#"# A comment.
[[module]]
id = "one"
title = "One" # and a word
exercises = ["ex1"] # done
coming = [
  { id = "ex7", title = "Seven" },
  { id = "ex9", title = "Nine" },
]

[[module]]
id = "two"
title = "Two"
"#;

    #[test]
    fn an_exercise_that_nobody_announced_goes_to_the_end() {
        let (text, module) = enrolled(MANIFEST, "ex2").unwrap();
        assert_eq!((text, module.as_str()), (format!("{MANIFEST}exercises = [\"ex2\"]\n"), "two"));
        let (text, _) = enrolled("[[module]]\nid = \"one\"\nexercises = []", "ex2").unwrap();
        assert!(text.ends_with("exercises = [\"ex2\"]"), "{text}");
        let (text, _) = enrolled("[[module]]\nid = \"one\"\nexercises = [\n  \"ex1\", # first\n]\n", "ex2").unwrap();
        assert!(text.ends_with("exercises = [\n  \"ex1\", \"ex2\", # first\n]\n"), "{text}");
    }

    #[test]
    fn an_exercise_that_was_announced_is_coming_no_more() {
        let (text, module) = enrolled(MANIFEST, "ex7").unwrap();
        let expected = MANIFEST.replace("[\"ex1\"]", "[\"ex1\", \"ex7\"]");
        assert_eq!((text, module.as_str()), (expected.replace("  { id = \"ex7\", title = \"Seven\" },\n", ""), "one"));
        let one_line = "[[module]]\nid = \"a\"\nexercises = []\ncoming = [{ id = \"ex7\" }, { id = \"ex8\" }]\n";
        let without = |id| enrolled(one_line, id).unwrap().0.lines().last().unwrap().to_owned();
        assert_eq!(without("ex7"), "coming = [{ id = \"ex8\" }]");
        assert_eq!(without("ex8"), "coming = [{ id = \"ex7\" }, ]");
    }

    #[test]
    fn a_manifest_without_a_place_is_left_alone() {
        for text in ["", "title = \"x\"", "[[module]]\nexercises = 3", "[[module]]\nid = \"one\"", "[["] {
            assert_eq!(enrolled(text, "ex2"), None, "{text}");
        }
    }
}
