//! Who is in a class: a table with a head, whose columns are known by their names.
//!
//! Any table with a column for an id, a login, an address or a name will do. So the gradebook that Canvas exports, the
//! grading worksheet and the list of participants of Moodle, and the rosters of Gradescope and GitHub Classroom are
//! rosters as they are.

use super::learner::{Learner, LearnerId};
use super::{Note, naming};
use crate::files;
use crate::foreign::visible;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Bytes of a roster, and rows of it.
const LONGEST: u64 = 16 << 20;
const MOST_ROWS: usize = 100_000;

/// Why a roster cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub enum RosterError {
    #[error("{}: {source}{}", path.display(), files::remedy(source))]
    Io { path: PathBuf, source: std::io::Error },
    #[error("{}: this is not UTF-8 text. Save it as “CSV UTF-8”, then try again.", path.display())]
    NotText { path: PathBuf },
    #[error(
        "{}: no column of this table says who it is: {head}.\n\
         Call one of them id, login, email or name.",
        path.display()
    )]
    NoColumn { path: PathBuf, head: String },
    #[error("{}: nobody is in this roster", path.display())]
    Empty { path: PathBuf },
    #[error("{}: {what}", path.display())]
    Damaged { path: PathBuf, what: String },
}

/// The class as its roster names it, in its order.
#[derive(Debug, Default)]
pub struct Roster {
    pub learners: Vec<Learner>,
    /// When somebody handed in, where a column tells it.
    pub handed_in: BTreeMap<LearnerId, jiff::Timestamp>,
    pub problems: Vec<Note>,
}

/// What a column tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Column {
    /// What the instructor calls a learner.
    Id,
    Name,
    First,
    Last,
    Email,
    /// When the submission was handed in: for platforms whose exports do not say it.
    HandedIn,
    /// What a platform does, under this name in [`Learner::elsewhere`].
    Elsewhere(&'static str),
}

/// Reads the roster at `path`.
///
/// # Errors
/// It cannot be read, is no table, or says of nobody who it is.
pub fn read(path: &Path) -> Result<Roster, RosterError> {
    let path = path.to_owned();
    let bytes = match files::read(&path, LONGEST) {
        Ok(bytes) => bytes,
        Err(source) => return Err(RosterError::Io { path, source }),
    };
    let Some(text) = text(&bytes) else { return Err(RosterError::NotText { path }) };
    let mut rows = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(&text))
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes())
        .into_records();
    let damaged = |path: &Path, error: csv::Error| RosterError::Damaged {
        path: path.to_owned(),
        what: visible(&error.to_string()),
    };
    let head = match rows.next() {
        None => return Err(RosterError::Empty { path }),
        Some(head) => head.map_err(|error| damaged(&path, error))?,
    };
    let columns = columns(&head);
    if !columns.iter().flatten().any(|column| !matches!(column, Column::First | Column::HandedIn)) {
        let head = head.iter().map(visible).collect::<Vec<_>>().join(", ");
        return Err(RosterError::NoColumn { path, head });
    }
    let mut people: Vec<(u64, BTreeMap<Column, String>)> = Vec::new();
    for row in rows {
        let row = row.map_err(|error| damaged(&path, error))?;
        if people.len() >= MOST_ROWS {
            return Err(RosterError::Damaged { path, what: format!("more than {MOST_ROWS} rows") });
        }
        let cells = columns.iter().zip(&row).filter(|(_, text)| !text.is_empty());
        let person: BTreeMap<Column, String> =
            cells.filter_map(|(column, text)| Some(((*column)?, text.to_owned()))).collect();
        let line = row.position().map_or(0, csv::Position::line);
        if !is_nobody(&row) && !person.is_empty() {
            people.push((line, person));
        }
    }
    match people.is_empty() {
        true => Err(RosterError::Empty { path }),
        false => Ok(roster(people)),
    }
}

/// The text of the file, without a byte order mark. Spreadsheets also save tables as UTF-16.
fn text(bytes: &[u8]) -> Option<String> {
    let wide = |unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes[2..].chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        String::from_utf16(&units).ok()
    };
    match bytes {
        [0xff, 0xfe, ..] => wide(u16::from_le_bytes),
        [0xfe, 0xff, ..] => wide(u16::from_be_bytes),
        _ => Some(std::str::from_utf8(bytes).ok()?.trim_start_matches('\u{feff}').to_owned()),
    }
}

/// What separates the columns: whatever stands most often in the head.
fn delimiter(text: &str) -> u8 {
    let head = text.lines().next().unwrap_or_default().as_bytes();
    let count = |delimiter: u8| head.iter().filter(|byte| **byte == delimiter).count();
    [b',', b';', b'\t'].into_iter().rev().max_by_key(|delimiter| count(*delimiter)).unwrap_or(b',')
}

/// What each column tells, if it is of any use here.
fn columns(head: &csv::StringRecord) -> Vec<Option<Column>> {
    let names: Vec<String> = head.iter().map(|name| name.to_lowercase().replace(['_', '-'], " ")).collect();
    let has = |name: &str| names.iter().any(|other| other == name);
    let (canvas, github) = (has("student") && has("id") && has("section"), has("github username"));
    let column = |name: &String| {
        Some(match name.as_str() {
            "id" if canvas => Column::Elsewhere("canvas"),
            "identifier" if !github => Column::Elsewhere("moodle"),
            "id" | "learner" | "learner id" | "login" | "login id" | "username" | "user name" | "user id" | "netid"
            | "identifier" => Column::Id,
            "name" | "full name" | "student" | "student name" | "display name" => Column::Name,
            "first name" | "firstname" | "given name" => Column::First,
            "last name" | "lastname" | "surname" | "family name" => Column::Last,
            "email" | "e mail" | "mail" | "email address" => Column::Email,
            "handed in" | "handed in at" | "submitted" | "submitted at" | "submission time" => Column::HandedIn,
            "canvas" | "canvas id" | "canvas user id" => Column::Elsewhere("canvas"),
            "sis user id" | "sis user" | "sis id" => Column::Elsewhere("sis_user"),
            "sis login id" | "sis login" => Column::Elsewhere("sis_login"),
            "sid" | "student id" | "student number" | "id number" | "student id number" => Column::Elsewhere("sid"),
            "moodle" | "moodle id" | "participant" | "moodle participant" => Column::Elsewhere("moodle"),
            "gradescope" | "gradescope id" => Column::Elsewhere("gradescope"),
            "github" | "github username" => Column::Elsewhere("github"),
            _ => return None,
        })
    };
    names.iter().map(column).collect()
}

/// Rows of a gradebook that are about the assignments, and the learner that Canvas makes to try a course out.
fn is_nobody(row: &csv::StringRecord) -> bool {
    let first = row.get(0).unwrap_or_default();
    first.contains("Points Possible")
        || first == "Student, Test"
        || row.iter().all(|text| text.starts_with("Manual Posting") || text.is_empty())
}

fn roster(people: Vec<(u64, BTreeMap<Column, String>)>) -> Roster {
    let mut roster = Roster::default();
    let mut lines: BTreeMap<String, u64> = BTreeMap::new();
    let mut called: Vec<String> = Vec::new();
    let mut rows: Vec<&BTreeMap<Column, String>> = Vec::new();
    for (line, person) in &people {
        if rows.contains(&person) && called.len() < MOST_COMPARED {
            roster.problems.push(Note::new(format!("line {line} of the roster says the same as another line")));
            continue;
        }
        let name = call(person);
        if let Some(first) = lines.insert(name.to_lowercase(), *line) {
            let what = format!("lines {first} and {line} of the roster have the same id");
            roster.problems.push(Note::at(what, &name));
        }
        called.push(name);
        rows.push(person);
    }
    let names: Vec<&str> = called.iter().map(String::as_str).collect();
    let ids = naming::ids(&names, &[]);
    for (id, person) in ids.iter().zip(&rows) {
        let Some(text) = person.get(&Column::HandedIn) else { continue };
        match text.parse() {
            Ok(at) => drop(roster.handed_in.insert(id.clone(), at)),
            Err(_) => roster.problems.push(Note::at(NO_TIME, text)),
        }
    }
    roster.learners = ids.into_iter().zip(rows).map(|(id, person)| learner(id, person)).collect();
    roster
}

const NO_TIME: &str =
    "the roster tells when it was handed in, but not as a time with its offset, such as 2026-11-20T23:59:00+01:00";

/// Up to so many rows are compared with each other.
const MOST_COMPARED: usize = 5_000;

/// What to call somebody: what the instructor does, or else what tells them apart best.
fn call(person: &BTreeMap<Column, String>) -> String {
    let told = |column: Column| person.get(&column).map(|text| text.split('@').next().unwrap_or(text).to_owned());
    let elsewhere = |platform: &'static str| told(Column::Elsewhere(platform));
    told(Column::Id)
        .or_else(|| elsewhere("sis_login"))
        .or_else(|| told(Column::Email))
        .or_else(|| elsewhere("github"))
        .or_else(|| elsewhere("sid"))
        .or_else(|| elsewhere("sis_user"))
        .or_else(|| elsewhere("canvas"))
        .or_else(|| person.get(&Column::Elsewhere("moodle")).map(|text| format!("participant-{}", participant(text))))
        .or_else(|| full_name(person))
        .unwrap_or_default()
}

fn learner(id: LearnerId, person: &BTreeMap<Column, String>) -> Learner {
    let elsewhere = person.iter().filter_map(|(column, text)| match column {
        Column::Elsewhere("moodle") => Some(("moodle".to_owned(), participant(text).to_owned())),
        Column::Elsewhere(platform) => Some(((*platform).to_owned(), text.clone())),
        // The id may have been changed to be one.
        Column::Id if text != id.as_str() => Some(("login".to_owned(), text.clone())),
        _ => None,
    });
    let elsewhere = elsewhere.collect();
    Learner { id, name: full_name(person), email: person.get(&Column::Email).cloned(), elsewhere }
}

fn full_name(person: &BTreeMap<Column, String>) -> Option<String> {
    let parts = [Column::First, Column::Last].map(|column| person.get(&column).map(String::as_str));
    let joined = || parts.iter().copied().flatten().collect::<Vec<_>>().join(" ");
    person.get(&Column::Name).cloned().or_else(|| Some(joined()).filter(|name| !name.is_empty()))
}

/// The number of `Participant 123`, in any language.
fn participant(text: &str) -> &str {
    text.rsplit(' ').next().unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roster_of(bytes: &[u8]) -> Result<Roster, RosterError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        read(file.path())
    }

    fn told(bytes: &[u8]) -> Vec<(String, String, String, Vec<String>)> {
        let roster = roster_of(bytes).expect("a roster");
        let told = |learner: Learner| {
            let elsewhere = learner.elsewhere.iter().map(|(platform, text)| format!("{platform}={text}")).collect();
            (learner.id.to_string(), learner.name.unwrap_or_default(), learner.email.unwrap_or_default(), elsewhere)
        };
        roster.learners.into_iter().map(told).collect()
    }

    #[test]
    fn a_gradebook_of_canvas_is_a_roster() {
        let text = "\u{feff}Student,ID,SIS User ID,SIS Login ID,Section,Ex 1 (99)\r\n    Points Possible,,,,,10\r\n\
            \"Lovelace, Ada\",4711,u1,ada@x.org,A,7\r\n\"Student, Test\",4712,,x,A,\r\n";
        let elsewhere = ["canvas=4711", "sis_login=ada@x.org", "sis_user=u1"].map(str::to_owned).to_vec();
        assert_eq!(told(text.as_bytes()), [("ada".into(), "Lovelace, Ada".into(), String::new(), elsewhere)]);
    }

    #[test]
    fn a_worksheet_of_moodle_is_a_roster() {
        let text = "Identifier,\"Full name\",\"Email address\",Status,Grade\nParticipant 47,\"Ada Lovelace\",ada@x.org,Submitted,\n";
        let expected = ("ada".into(), "Ada Lovelace".into(), "ada@x.org".into(), vec!["moodle=47".to_owned()]);
        assert_eq!(told(text.as_bytes()), [expected]);
    }

    #[test]
    fn other_tables_are_rosters_too() {
        let gradescope = "First Name,Last Name,SID,Email\nAda,Lovelace,100,ada@x.org\n";
        let expected = ("ada".into(), "Ada Lovelace".into(), "ada@x.org".into(), vec!["sid=100".to_owned()]);
        assert_eq!(told(gradescope.as_bytes()), [expected]);
        let semicolons = "login;name\nada;\"Lovelace; Ada\"\n\n";
        assert_eq!(told(semicolons.as_bytes()), [("ada".into(), "Lovelace; Ada".into(), String::new(), vec![])]);
        let wide: Vec<u8> =
            [0xfeff].into_iter().chain("id\tname\nada\tZoë\n".encode_utf16()).flat_map(u16::to_le_bytes).collect();
        assert_eq!(told(&wide), [("ada".into(), "Zoë".into(), String::new(), vec![])]);
    }

    #[test]
    fn ids_that_stand_twice_are_named_and_stay_apart() {
        let roster = roster_of(b"id,name\nada,Ada\nbob,Bob\nAda,Other\nbob,Bob\n").expect("a roster");
        let ids: Vec<&str> = roster.learners.iter().map(|learner| learner.id.as_str()).collect();
        assert!(
            ids.len() == 3 && ids[0].starts_with("ada-") && ids[1] == "bob" && ids[2].starts_with("Ada-"),
            "{ids:?}"
        );
        let problems: Vec<String> = roster.problems.iter().map(Note::to_string).collect();
        let same = "line 5 of the roster says the same as another line".to_owned();
        assert_eq!(problems, ["lines 2 and 4 of the roster have the same id (Ada)".to_owned(), same]);
    }

    #[test]
    fn a_column_tells_when_somebody_handed_in() {
        let text = "id,Submitted at\nada,2026-11-20T23:59:00+01:00\nbob,last night\neve,\n";
        let roster = roster_of(text.as_bytes()).expect("a roster");
        let times: Vec<_> = roster.handed_in.iter().map(|(id, at)| format!("{id} {at}")).collect();
        assert_eq!(times, ["ada 2026-11-20T22:59:00Z"]);
        assert_eq!(roster.learners.len(), 3);
        let problems: Vec<String> = roster.problems.iter().map(Note::to_string).collect();
        assert_eq!(problems, [format!("{NO_TIME} (last night)")]);
    }

    #[test]
    fn what_is_no_roster_is_told() {
        let why = |bytes: &[u8]| roster_of(bytes).unwrap_err().to_string();
        assert!(why(b"").ends_with("nobody is in this roster"));
        assert!(why(b"id,name\n").ends_with("nobody is in this roster"));
        assert!(why(b"grade,week\n1,2\n").contains("no column of this table says who it is: grade, week"));
        assert!(why(b"name\nZo\xeb\n").contains("not UTF-8"));
        assert!(read(Path::new("/nowhere.csv")).is_err());
    }
}
