//! Headings of a page as places to point to: `troubleshooting#local-queue-full`.

/// The anchor of a heading, as GitHub and most readers of Markdown make it: lower case, spaces to hyphens, and of the
/// rest only letters, digits, hyphens and underscores.
pub fn anchor(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// The part of a page that begins with the heading of this anchor and ends before the next one of its level or above;
/// `None` when the page has no such heading.
pub fn part<'p>(page: &'p str, wanted: &str) -> Option<&'p str> {
    let mut headings = headings(page);
    let (start, level, _) = headings.find(|(_, _, text)| anchor(text) == wanted)?;
    let end = headings.find(|(_, next, _)| *next <= level).map_or(page.len(), |(at, ..)| at);
    page.get(start..end)
}

/// What the parts of a page are called: its headings of the second level.
pub fn parts(page: &str) -> Vec<&str> {
    headings(page).filter(|(_, level, _)| *level == 2).map(|(.., text)| text.trim()).collect()
}

/// The headings of a page (in the style with `#`), without those inside fences: where, level, text.
fn headings(page: &str) -> impl Iterator<Item = (usize, usize, &str)> {
    let mut fenced = false;
    let lines = page.split_inclusive('\n').scan(0, |at, line| {
        let start = *at;
        *at += line.len();
        Some((start, line.trim_end()))
    });
    lines.filter_map(move |(at, line)| {
        if line.starts_with("```") {
            fenced = !fenced;
        }
        let level = line.chars().take_while(|c| *c == '#').count();
        let text = line.get(level..)?.strip_prefix(' ')?;
        ((1..=6).contains(&level) && !fenced).then_some((at, level, text))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_are_those_of_github() {
        assert_eq!(anchor("What `acks=all` means, and why?"), "what-acksall-means-and-why");
        assert_eq!(anchor("Local: No offset stored"), "local-no-offset-stored");
        assert_eq!(anchor("the command of --cmd"), "the-command-of---cmd");
        assert_eq!(anchor("Größe"), "größe");
    }

    #[test]
    fn a_part_ends_where_its_sister_begins() {
        let page = "# Page\n\n## One\n\ntext\n\n```sh\n# no heading\n```\n\n### Below\n\nmore\n\n## Two\n\nend\n";
        assert!(part(page, "one").is_some_and(|part| part.starts_with("## One") && part.ends_with("more\n\n")));
        assert_eq!(part(page, "below"), Some("### Below\n\nmore\n\n"));
        assert_eq!(part(page, "two"), Some("## Two\n\nend\n"));
        assert_eq!(part(page, "page"), Some(page));
        assert_eq!(part(page, "no-heading"), None);
        assert_eq!(part(page, ""), None);
    }
}
