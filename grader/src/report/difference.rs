//! Two versions of a program, side by side in one column: the lines that differ, with their neighbours.

use super::paper::Paper;
use crate::foreign::visible;
use similar::{ChangeTag, TextDiff};

/// Lines that are the same, before and behind those that differ.
const NEIGHBOURS: usize = 3;

/// How `yours` becomes the `solution`, or nothing where they are the same. Longer lines than the paper stay whole: they
/// are code.
pub fn lines(yours: &str, solution: &str, paper: &Paper) -> Option<String> {
    let diff = TextDiff::from_lines(yours, solution);
    let groups = diff.grouped_ops(NEIGHBOURS);
    if groups.is_empty() {
        return None;
    }
    let mut text = String::new();
    for group in groups {
        let first = group.first().map_or((0, 0), |op| (op.old_range().start, op.new_range().start));
        let place = format!("── your line {}, the solution's line {}", first.0 + 1, first.1 + 1);
        text.push_str(&format!("\n{}\n", paper.dim(&place)));
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let line = visible(change.value().trim_end_matches(['\n', '\r']));
            let line = match change.tag() {
                ChangeTag::Equal => format!("  {line}"),
                ChangeTag::Delete => paper.red(&format!("- {line}")),
                ChangeTag::Insert => paper.green(&format!("+ {line}")),
            };
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_shown() {
        let paper = Paper { width: 80, colour: false, terminal: false };
        let yours = "a\nb\nc\nd\ne\nf\ng\nh\ni\n";
        let solution = yours.replace("b\n", "B\n").replace("i\n", "");
        assert_eq!(lines(yours, yours, &paper), None);
        insta::assert_snapshot!(lines(yours, &solution, &paper).unwrap(), @r"

        ── your line 1, the solution's line 1
          a
        - b
        + B
          c
          d
          e
          f
          g
          h
        - i
        ");
        assert!(!lines("a\u{1b}[2J\n", "b\n", &paper).unwrap().contains('\u{1b}'), "nothing reaches the terminal raw");
    }
}
