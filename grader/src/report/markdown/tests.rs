use proptest::prelude::*;
use textwrap::core::display_width;

use super::render;
use crate::report::paper::Paper;

const EVERYTHING: &str = include_str!("everything.md");

fn plain(width: usize) -> Paper {
    Paper { width, colour: false, terminal: false }
}

fn colour(width: usize) -> Paper {
    Paper { colour: true, ..plain(width) }
}

/// Without its escape codes, as the eye sees it.
fn seen(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let first = parts.next().unwrap_or_default().to_owned();
    first + &parts.map(|part| part.split_once('m').map_or("", |(_, text)| text)).collect::<String>()
}

/// The lines which may not exceed the width: neither code nor link targets.
fn bound(text: &str) -> impl Iterator<Item = &str> {
    text.split("\n\n[1]").next().unwrap_or(text).lines().filter(|line| !line.starts_with("    "))
}

#[test]
fn everything_at_80_columns() {
    insta::assert_snapshot!(render(EVERYTHING, &plain(80), false));
}

#[test]
fn everything_at_80_columns_with_answers() {
    insta::assert_snapshot!(render(EVERYTHING, &plain(80), true));
}

#[test]
fn everything_at_40_columns() {
    insta::assert_snapshot!(render(EVERYTHING, &plain(40), false));
}

#[test]
fn everything_at_40_columns_with_answers() {
    insta::assert_snapshot!(render(EVERYTHING, &plain(40), true));
}

#[test]
fn lines_keep_within_the_paper() {
    for width in 40..=100 {
        for paper in [plain(width), colour(width)] {
            let page = seen(&render(EVERYTHING, &paper, true));
            for line in bound(&page) {
                assert!(display_width(line) <= width, "{width} columns: {line:?}");
            }
        }
    }
}

#[test]
fn every_line_closes_the_styles_it_opens() {
    for line in render(EVERYTHING, &colour(60), true).lines().filter(|line| line.contains('\x1b')) {
        let last = line.rsplit("\x1b[").next().and_then(|rest| rest.split_once('m'));
        assert!(matches!(last, Some(("0" | "22" | "23" | "24" | "29" | "39", _))), "{line:?}");
    }
}

#[test]
fn hidden_answers_leave_no_trace() {
    let page = render(EVERYTHING, &plain(80), false);
    assert!(page.contains("▸ Why is `acks=1` not enough?"));
    for answer in ["broker.md", "answer.md", "says"] {
        assert!(!page.split_whitespace().any(|word| word.trim_matches('*') == answer), "{answer} is given away");
    }
    assert!(page.ends_with("[3] last.md\n"), "links are numbered without gaps");
}

#[test]
fn unbalanced_folds_lose_nothing_before_them() {
    let page = render(
        "Before\n\n</details>\n\nBetween\n\n- <details><summary>Q\n\n  hidden\n- item\n\nAfter",
        &plain(40),
        false,
    );
    insta::assert_snapshot!(page, @r"
    Before

    Between

    • ▸ Q hidden
        hidden: --answers shows it

    • item

    After
    ");
}

#[test]
fn control_characters_never_reach_the_terminal() {
    let page = render("a\x1b[2Jb `c\x07` [l](u\x1b]0;x)\n\n    code\x1b[1m\x08", &plain(40), false);
    assert!(!page.contains(|c: char| c.is_control() && c != '\n'), "{page:?}");
}

#[test]
fn deep_nesting_is_flattened() {
    let deep = format!("{} end", ">".repeat(20_000));
    assert!(render(&deep, &plain(40), true).contains("end"));
    let folds = "<details><summary>q</summary>\n\n".repeat(5_000) + "end";
    assert!(render(&folds, &plain(40), true).contains("end"));
    assert!(!render(&folds, &plain(40), false).contains("end"));
}

#[test]
fn nothing_makes_nothing() {
    assert_eq!(render("", &plain(80), true), "");
    assert_eq!(render("<!-- only this -->\n", &plain(80), true), "");
}

/// Pieces of Markdown, more likely to meet in odd ways than random characters are.
fn fragments() -> impl Strategy<Value = String> {
    let fragment = prop_oneof![
        Just("\n"),
        Just("\n\n"),
        Just("  "),
        Just("    "),
        Just("- "),
        Just("1. "),
        Just("> "),
        Just("# "),
        Just("|"),
        Just("|--|:-:|\n"),
        Just("```"),
        Just("`"),
        Just("*"),
        Just("**"),
        Just("~~"),
        Just("["),
        Just("](x)"),
        Just("!["),
        Just("<"),
        Just(">"),
        Just("<details>"),
        Just("</details>"),
        Just("<summary>"),
        Just("</summary>"),
        Just("<!--"),
        Just("-->"),
        Just("<br>"),
        Just("<p>"),
        Just("&amp;"),
        Just("[^1]"),
        Just("[^1]: "),
        Just("- [x] "),
        Just("---\n"),
        Just("word"),
        Just("消費"),
        Just("\x1b["),
        Just("\t"),
        Just("🦀"),
    ];
    prop::collection::vec(fragment, 0..60).prop_map(|fragments| fragments.concat())
}

proptest! {
    #[test]
    fn arbitrary_text_never_panics(text in "(?s).{0,300}", width in 0_usize..120, answers: bool, in_colour: bool) {
        render(&text, &Paper { width, colour: in_colour, terminal: false }, answers);
    }

    #[test]
    fn arbitrary_markdown_neither_panics_nor_overflows(text in fragments(), width in 40_usize..=100, answers: bool) {
        for paper in [plain(width), colour(width)] {
            let page = seen(&render(&text, &paper, answers));
            if text.contains("    ") || text.contains("```") || text.contains('\t') || text.contains("](x)") {
                continue; // there may be code or link targets, which may be wide
            }
            for line in page.lines() {
                prop_assert!(display_width(line) <= width, "{line:?}");
            }
        }
    }
}

/// For eyes: `PAGE=modules/….md PAGE_WIDTH=60 cargo test -p grader --lib a_page_for_eyes -- --nocapture --ignored`
#[test]
#[ignore = "prints a page to look at"]
fn a_page_for_eyes() {
    let Some(path) = std::env::var_os("PAGE") else {
        return;
    };
    let variable = |name| std::env::var(name).ok();
    let width = variable("PAGE_WIDTH").and_then(|width| width.parse().ok()).unwrap_or(80);
    let paper = Paper { width, colour: variable("PAGE_COLOUR").is_some(), terminal: false };
    let text = std::fs::read_to_string(path).expect("PAGE should be a readable file");
    print!("{}", render(&text, &paper, variable("PAGE_ANSWERS").is_some()));
}

#[test]
fn what_only_the_compiler_needs_is_not_shown() {
    let code = "# fn main() {\n#[derive(Debug)]\nstruct A;\n    # let b = 1;\n#\n## x\n# }\n";
    for info in ["rust", "rust,no_run"] {
        let text = render(&format!("```{info}\n{code}```\n"), &plain(80), false);
        assert_eq!(text.split_whitespace().collect::<Vec<_>>(), ["#[derive(Debug)]", "struct", "A;", "#", "x"]);
    }
    assert!(render(&format!("```sh\n{code}```\n"), &plain(80), false).contains("# fn main"), "a comment in a shell");
}
