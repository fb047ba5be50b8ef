//! Grades into what was exported from Moodle: the grading worksheet of an assignment, and the gradebook.
//!
//! The worksheet is what `mod/assign/gradingtable.php` writes and `mod/assign/feedback/offline/importgradeslib.php` reads:
//! the first column is `Participant 123`, with the number that also stands in the names of downloaded submissions. Its heads
//! are in the language of whoever exported it, so those of other languages than English have to be named. Moodle passes
//! over a row whose grade was changed after the export, which is as it should be, and it takes comments for HTML.
//!
//! Of the gradebook, `grade/import/csv/classes/load_data.php` refuses the whole file where one grade is no number or is
//! above the maximum, so nothing like that is put there.

use super::feedback;
use super::round_trip::{self, Claim, Class, Column, Complaint, Filled, Grade, Target, Unusable};
use super::sheet::{Row, Sheet};
use crate::class::marks::{ClassResults, LearnerResult};

/// What Moodle takes at most in any column of the gradebook, unless an administrator allows more (`gradepointmax`).
pub const GRADE_POINT_MAXIMUM: f64 = 100.0;

/// What goes into a grading worksheet, and where.
#[derive(Debug, Clone)]
pub struct Worksheet<'a> {
    pub grade: Grade,
    /// The heads of the columns, where they are not `Grade`, `Maximum Grade` and `Feedback comments`.
    pub grade_column: Option<&'a str>,
    pub maximum_column: Option<&'a str>,
    pub feedback_column: Option<&'a str>,
}

/// The worksheet with grades, and with comments where it has a column for them. A comment of the instructor's stays.
///
/// # Errors
/// It is no such worksheet, or has no such column.
pub fn fill_worksheet(export: &[u8], results: &ClassResults, wanted: &Worksheet<'_>) -> Result<Filled, Unusable> {
    let mut sheet = Sheet::parse(export)?;
    let class = Class::new(results, &["moodle"]);
    let head = &sheet.rows[0];
    if !is_worksheet(&sheet) {
        return Err(Unusable::Other(
            "a grading worksheet exported from Moodle: its first column is to name participants",
        ));
    }
    let find = |named: Option<&str>, usual: &str| match named {
        Some(title) => round_trip::column(head, 1, title, |_| Vec::new()).map(Some),
        // Moodle has changed its mind about capitals.
        None => Ok(head.cells().position(|head| head.trim().eq_ignore_ascii_case(usual))),
    };
    let column = find(wanted.grade_column, "Grade")?;
    let column = match column {
        Some(column) => column,
        None => round_trip::column(head, 1, "Grade", |_| Vec::new())?,
    };
    let maximum = find(wanted.maximum_column, "Maximum Grade")?;
    let comments = find(wanted.feedback_column, "Feedback comments")?;
    let changeable = find(None, "Grade can be changed")?;
    let most = maximum.and_then(|at| sheet.rows.iter().skip(1).find_map(|row| round_trip::number(row.cell(at))));
    let of = class.most(&wanted.grade)?;
    let title = head.cell(column).into();
    let mut complaints = Vec::new();
    if let Some(most) = most.filter(|most| (most - of).abs() > 0.005) {
        complaints.push(Complaint::Scale { column: title, most, of });
    }
    let title = sheet.rows[0].cell(column).into();
    let most = most.unwrap_or(GRADE_POINT_MAXIMUM);
    let target = Target { column, title, grade: &wanted.grade, most, changeable };
    let claims = |row: &Row| {
        let mut claims = vec![(Claim::Elsewhere("moodle"), participant(row).unwrap_or_default().to_owned())];
        // Where names are hidden, nothing else says who it is.
        claims.extend(
            (1..column).map(|at| (Claim::Login, row.cell(at).to_owned())).filter(|(_, text)| text.contains('@')),
        );
        claims.push((Claim::Name, row.cell(1).to_owned()));
        claims
    };
    let comment = |sheet: &mut Sheet<'_>, at: usize, learner: &LearnerResult| {
        let column = comments?;
        let row = &sheet.rows[at];
        let (line, there) = (row.line, row.cell(column).trim());
        let is_marked = class.points(learner, &wanted.grade).is_some();
        if !row.has(column) || target.is_locked(row) || !is_marked {
            return None;
        }
        if !there.is_empty() && !there.starts_with(feedback::COMMENT_BEGINS) {
            return Some(Complaint::Commented { line, learner: learner.learner.id.clone() });
        }
        let comment = feedback::comment(results, learner);
        if there != comment {
            sheet.change(at, column, &comment);
        }
        None
    };
    let (matched, more) = round_trip::fill(&mut sheet, 1, &class, std::slice::from_ref(&target), claims, comment);
    complaints.extend(more);
    Ok(Filled { bytes: sheet.bytes(), changed: sheet.changed(), overwritten: sheet.overwritten(), matched, complaints })
}

/// Does each row of it name a participant?
pub(super) fn is_worksheet(sheet: &Sheet<'_>) -> bool {
    let mut rows = sheet.rows.iter().skip(1).filter(|row| !row.is_blank()).peekable();
    rows.peek().is_some() && rows.all(|row| participant(row).is_some())
}

/// The number of `Participant 123`, in any language.
fn participant(row: &Row) -> Option<&str> {
    let text = row.cell(0).trim();
    let word = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = &text[word.len()..];
    (!word.trim().is_empty() && !number.is_empty()).then_some(number)
}

/// The gradebook with the grades of `columns` in it, none above `most`.
///
/// # Errors
/// It has no such column, or none that says who it is.
pub fn fill_gradebook(
    export: &[u8],
    results: &ClassResults,
    columns: &[Column],
    most: f64,
) -> Result<Filled, Unusable> {
    let mut sheet = Sheet::parse(export)?;
    let class = Class::new(results, &["moodle"]);
    let head = &sheet.rows[0];
    let mut targets = Vec::new();
    for Column { title, grade } in columns {
        let column = round_trip::column(head, 0, title, names)?;
        class.most(grade)?;
        targets.push(Target { column, title: head.cell(column).into(), grade, most, changeable: None });
    }
    let first = targets.iter().map(|target| target.column).min().unwrap_or(0);
    let id = head.cells().position(|head| head.trim() == "ID number");
    let claims = |row: &Row| {
        let mut claims: Vec<(Claim, String)> = (0..first)
            .filter(|at| row.cell(*at).contains('@') || Some(*at) == id)
            .map(|at| (Claim::Login, row.cell(at).to_owned()))
            .collect();
        claims.push((Claim::Name, format!("{} {}", row.cell(0), row.cell(1))));
        claims
    };
    let (matched, complaints) = round_trip::fill(&mut sheet, 1, &class, &targets, claims, |_, _, _| None);
    Ok(Filled { bytes: sheet.bytes(), changed: sheet.changed(), overwritten: sheet.overwritten(), matched, complaints })
}

/// `Assignment: Kafka (Real)` may be asked for as `Kafka`, too.
fn names(head: &str) -> Vec<String> {
    let head = head.trim();
    let short = head.strip_suffix("(Real)").unwrap_or(head).trim();
    let title = short.split_once(": ").map_or(short, |(_, title)| title);
    vec![short.to_owned(), title.to_owned()]
}
