//! Tables fitted to the paper.

use pulldown_cmark::Alignment;
use textwrap::core::{Word, display_width};

use crate::report::paper::{Paper, WORDS, wrap_to};

/// A table whose cells are painted, but not yet broken into lines.
pub(super) struct Table<'t> {
    pub alignments: &'t [Alignment],
    pub head: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// No column gets narrower than this for the sake of the others.
const NARROWEST: usize = 18;

/// A grid where the table fits, if need be with its longest words broken. Where the columns are too many for that, each
/// row becomes a record, every cell behind the name of its column: that can still be read, pieces of words cannot.
pub(super) fn lines(table: &Table<'_>, paper: &Paper, width: usize) -> Vec<String> {
    match fit(table, width) {
        Some(widths) => grid(table, &widths, paper),
        None => records(table, paper, width),
    }
}

/// The column widths with which the table fits into `width`.
fn fit(table: &Table<'_>, width: usize) -> Option<Vec<usize>> {
    let columns = table.head.len();
    let room = width.checked_sub(3 * columns + 1)?; // "│ " before each cell, " " behind it, "│" at the end
    let cells = |column: usize| {
        std::iter::once(&table.head).chain(&table.rows).filter_map(move |row| row.get(column)).map(String::as_str)
    };
    let wanted: Vec<usize> =
        (0..columns).map(|column| cells(column).map(broadest_line).max().unwrap_or(0).max(1)).collect();
    if wanted.iter().sum::<usize>() <= room {
        return Some(wanted);
    }
    let mut widths: Vec<usize> =
        (0..columns).map(|column| cells(column).map(longest_word).max().unwrap_or(0).max(1)).collect();
    // One long word (the name of a class, a path) breaks rather than the whole table.
    while widths.iter().sum::<usize>() > room {
        let widest = widths.iter_mut().max().filter(|width| **width > NARROWEST)?;
        *widest -= 1;
    }
    let mut spare = room.checked_sub(widths.iter().sum())?;
    // Each spare column goes where cells would otherwise have most lines.
    while spare > 0 {
        let Some(neediest) = (0..columns)
            .filter(|&column| widths[column] < wanted[column])
            .max_by(|&a, &b| (wanted[a] * widths[b]).cmp(&(wanted[b] * widths[a])))
        else {
            break;
        };
        widths[neediest] += 1;
        spare -= 1;
    }
    Some(widths)
}

fn broadest_line(cell: &str) -> usize {
    cell.lines().map(display_width).max().unwrap_or(0)
}

fn longest_word(cell: &str) -> usize {
    let words = cell.lines().flat_map(|line| WORDS.find_words(line));
    words.map(|Word { word, .. }| display_width(word)).max().unwrap_or(0)
}

fn grid(table: &Table<'_>, widths: &[usize], paper: &Paper) -> Vec<String> {
    let rule = |left: &str, cross: &str, right: &str| {
        let lines: Vec<String> = widths.iter().map(|width| "─".repeat(width + 2)).collect();
        paper.dim(&format!("{left}{}{right}", lines.join(cross)))
    };
    let head: Vec<String> = table.head.iter().map(|cell| paper.bold(cell)).collect();
    let rows: Vec<Vec<String>> = table.rows.iter().map(|row| row_lines(row, table, widths, paper)).collect();
    // Once cells run over several lines, only a rule shows where a row ends.
    let ruled = rows.iter().any(|row| row.len() > 1);

    let mut lines = vec![rule("┌", "┬", "┐")];
    lines.extend(row_lines(&head, table, widths, paper));
    for (row, index) in rows.into_iter().zip(0..) {
        if index == 0 || ruled {
            lines.push(rule("├", "┼", "┤"));
        }
        lines.extend(row);
    }
    lines.push(rule("└", "┴", "┘"));
    lines
}

fn row_lines(row: &[String], table: &Table<'_>, widths: &[usize], paper: &Paper) -> Vec<String> {
    let bar = paper.dim("│");
    let cells: Vec<Vec<String>> = widths
        .iter()
        .zip(row.iter().map(String::as_str).chain(std::iter::repeat("")))
        .map(|(width, cell)| wrap_to(cell, *width))
        .collect();
    let height = cells.iter().map(Vec::len).max().unwrap_or(0);
    let line = |index: usize| {
        let alignments = table.alignments.iter().copied().chain(std::iter::repeat(Alignment::None));
        let cells = cells.iter().zip(widths).zip(alignments).map(|((cell, width), alignment)| {
            let text = cell.get(index).map_or("", String::as_str);
            format!("{bar} {} ", padded(text, *width, alignment))
        });
        cells.collect::<String>() + &bar
    };
    (0..height).map(line).collect()
}

fn padded(text: &str, width: usize, alignment: Alignment) -> String {
    let spare = width.saturating_sub(display_width(text));
    let left = match alignment {
        Alignment::None | Alignment::Left => 0,
        Alignment::Center => spare / 2,
        Alignment::Right => spare,
    };
    format!("{}{text}{}", " ".repeat(left), " ".repeat(spare - left))
}

/// Each row under its first cell, every cell named by the head of its column.
fn records(table: &Table<'_>, paper: &Paper, width: usize) -> Vec<String> {
    let name = |head: &str| match head {
        "" => String::new(),
        head if head.ends_with(['?', ':']) => format!("{head} "),
        head => format!("{head}: "),
    };
    let mut lines = Vec::new();
    for row in &table.rows {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        let mut cells = table.head.iter().zip(row);
        if let Some((head, title)) = cells.next() {
            lines.extend(wrap_to(&paper.bold(&(name(head) + title)), width));
        }
        for (head, cell) in cells.filter(|(_, cell)| !cell.is_empty()) {
            let text = wrap_to(&(paper.dim(&name(head)) + cell), width.saturating_sub(2));
            lines.extend(text.into_iter().map(|line| format!("  {line}")));
        }
    }
    lines
}
