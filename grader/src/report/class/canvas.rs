//! Grades into a gradebook that was exported from Canvas, for its import.
//!
//! The format is what `lib/gradebook_exporter.rb` of canvas-lms writes and `lib/gradebook_importer.rb` reads: first the
//! columns that say who it is, up to `Section`; then custom columns, assignments with their number in parentheses, and
//! totals, which can only be read. Between the heads and the learners stand a row of `Manual Posting`, where an
//! assignment is posted by hand, and the row `Points Possible`. Canvas makes a new assignment of a title that it does not
//! know, so none is added here. It looks for a learner by its own number, then by the numbers of the school, then by name.

use super::round_trip::{self, Claim, Class, Column, Complaint, Filled, Target, Unusable};
use super::sheet::{Row, Sheet};
use crate::class::marks::ClassResults;

/// The export with the grades of `columns` in it. Who is excused (`EX`) or was not assigned (`N/A`) stays so.
///
/// # Errors
/// It is no such export, or has no such column.
pub fn fill(export: &[u8], results: &ClassResults, columns: &[Column]) -> Result<Filled, Unusable> {
    let mut sheet = Sheet::parse(export)?;
    let class = Class::new(results, &["canvas", "sis_user", "sis_login"]);
    let identity = Identity::new(&sheet.rows[0]).ok_or(Unusable::Other("a gradebook exported from Canvas"))?;
    let possible = sheet.rows.iter().position(|row| row.cell(0).contains("Points Possible"));
    let mut targets = Vec::new();
    let mut complaints = Vec::new();
    for Column { title, grade } in columns {
        let head = &sheet.rows[0];
        let column = round_trip::column(head, identity.section + 1, title, names)?;
        let title = head.cell(column).into();
        let possible = possible.map_or("", |row| sheet.rows[row].cell(column));
        if possible.contains("read only") {
            return Err(Unusable::ReadOnly(title));
        }
        let of = class.most(grade)?;
        let most = round_trip::number(possible);
        if let Some(most) = most.filter(|most| (most - of).abs() > 0.005) {
            complaints.push(Complaint::Scale { column: title.clone(), most, of });
        }
        let most = most.unwrap_or(f64::INFINITY);
        targets.push(Target { column, title, grade, most, changeable: None });
    }
    let claims = |row: &Row| if is_no_learner(row) { Vec::new() } else { identity.claims(row) };
    let (matched, more) = round_trip::fill(&mut sheet, 1, &class, &targets, claims, |_, _, _| None);
    complaints.extend(more);
    Ok(Filled { bytes: sheet.bytes(), changed: sheet.changed(), overwritten: sheet.overwritten(), matched, complaints })
}

/// Does it begin as Canvas begins its gradebooks?
pub(super) fn is_gradebook(sheet: &Sheet<'_>) -> bool {
    sheet.rows.first().is_some_and(|head| Identity::new(head).is_some())
}

/// An assignment's title without its number, and the number alone.
fn names(head: &str) -> Vec<String> {
    let parts = head.trim().strip_suffix(')').and_then(|head| head.rsplit_once('('));
    let parts = parts.filter(|(_, id)| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()));
    parts.map(|(title, id)| vec![title.trim().to_owned(), id.to_owned()]).unwrap_or_default()
}

/// The rows `Points Possible` and `Manual Posting` (once: `Muted`), and empty ones.
fn is_no_learner(row: &Row) -> bool {
    let word = |text: &str| text.starts_with("Manual Posting") || text == "Muted";
    row.cell(0).contains("Points Possible") || row.cells().map(str::trim).all(|text| text.is_empty() || word(text))
}

/// Where the heads say who it is.
struct Identity {
    /// One column, or the last name and the first.
    name: (usize, Option<usize>),
    id: usize,
    sis_user: Option<usize>,
    sis_login: Option<usize>,
    section: usize,
}

impl Identity {
    fn new(head: &Row) -> Option<Identity> {
        let at = |title: &str| head.cells().position(|head| head.trim() == title);
        let (name, id) = match (head.cell(0), head.cell(1), head.cell(2)) {
            (last, first, id) if last.contains("LastName") && first.contains("FirstName") && id.contains("ID") => {
                ((0, Some(1)), 2)
            }
            (student, id, _) if student.contains("Student") && id.contains("ID") => ((0, None), 1),
            _ => return None,
        };
        let section = head.cells().position(|head| head.contains("Section"))?;
        Some(Identity { name, id, sis_user: at("SIS User ID"), sis_login: at("SIS Login ID"), section })
    }

    fn claims(&self, row: &Row) -> Vec<(Claim, String)> {
        let text = |column: Option<usize>| column.map(|column| row.cell(column).to_owned()).unwrap_or_default();
        let name = match self.name {
            (last, Some(first)) => format!("{} {}", row.cell(first), row.cell(last)),
            (name, None) => row.cell(name).to_owned(),
        };
        vec![
            (Claim::Elsewhere("canvas"), text(Some(self.id))),
            (Claim::Elsewhere("sis_user"), text(self.sis_user)),
            (Claim::Elsewhere("sis_login"), text(self.sis_login)),
            (Claim::Login, text(self.sis_login)),
            (Claim::Name, name),
        ]
    }
}
