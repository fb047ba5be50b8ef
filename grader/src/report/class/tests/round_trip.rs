//! Exports of Canvas and Moodle, filled in and held against what they were.

use super::sample;
use crate::report::class::moodle::Worksheet;
use crate::report::class::{Column, Filled, Grade, Unusable, canvas, moodle};

fn class() -> (tempfile::TempDir, crate::class::marks::ClassResults) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut class = sample::class(folder.path());
    for (learner, number) in class.learners.iter_mut().zip(101..) {
        learner.learner.elsewhere.insert("canvas".into(), number.to_string());
        learner.learner.elsewhere.insert("moodle".into(), (number + 1000).to_string());
    }
    (folder, class)
}

fn columns() -> Vec<Column> {
    vec![
        Column { title: "Producer, basics (4711)".into(), grade: Grade::Exercise("ex1".into()) },
        Column { title: "4712".into(), grade: Grade::Total },
    ]
}

fn told(filled: &Filled) -> String {
    let complaints: Vec<String> = filled.complaints.iter().map(ToString::to_string).collect();
    let text = String::from_utf8(filled.bytes.clone()).expect("text");
    let numbers = format!("{} rows matched, {} cells changed", filled.matched, filled.changed);
    format!("{numbers}\n\n{}\n\n{}", text.replace('\r', "␍").replace('\u{feff}', "[BOM]"), complaints.join("\n"))
}

/// As `gradebook_exporter.rb` writes it: with a mark at its beginning, CRLF, a row of manual posting, totals.
const CANVAS: &str = "\u{feff}Student,ID,SIS User ID,SIS Login ID,Section,Notes,\"Producer, basics (4711)\",Kafka (4712),Essay (9),Current Score,Final Score\r
,,,,,,Manual Posting,,,,\r
    Points Possible,,,,,,10.00,20.00,100.00,(read only),(read only)\r
\"Lovelace, Ada\",101,S1,ada,A,,,,85.00,91,91\r
\"O'Neill, Jr., Ben\",,S2,BEN,A,\"late, \"\"ill\"\"\",0.00,,,,\r
Cyd Charisse,,,,A,,EX,N/A,,,\r
\"Maar, Dora\",,,,A,,0.00,0,,,\r
\"Babitz, Eve\",105,,,A,,7.00,-,,,\r
\"Lovelace, Ada\",101,S1,ada,B,,,,,,\r
\"Student, Test\",999,,,A,,,,,,\r
";

#[test]
fn a_canvas_gradebook_gets_its_grades_and_stays_what_it_was() {
    let (_folder, class) = class();
    let filled = canvas::fill(CANVAS.as_bytes(), &class, &columns()).expect("a gradebook");
    insta::assert_snapshot!("canvas", told(&filled));
    let again = canvas::fill(&filled.bytes, &class, &columns()).expect("a gradebook");
    assert_eq!((again.changed, again.bytes), (0, filled.bytes));
}

#[test]
fn a_canvas_gradebook_with_semicolons_and_two_names() {
    let (_folder, class) = class();
    let export = "LastName;FirstName;ID;SIS Login ID;Section;Kafka (4712)\n\
                  Points Possible;;;;;20,00\n\
                  Lovelace;Ada;;;A;\n\
                  Maar;Dora;;dora@example.org;A;12,50\n";
    let columns = [Column { title: "Kafka".into(), grade: Grade::Total }];
    let filled = canvas::fill(export.as_bytes(), &class, &columns).expect("a gradebook");
    insta::assert_snapshot!("canvas-semicolons", told(&filled));
}

#[test]
fn names_that_several_bear_are_nobodys() {
    let (_folder, mut class) = class();
    class.learners[1].learner.name = Some("Ada Lovelace".into());
    class.learners[0].learner.elsewhere.clear();
    let export = "Student,ID,SIS Login ID,Section,Kafka (4712)\n\"Lovelace, Ada\",,,A,\n";
    let columns = [Column { title: "4712".into(), grade: Grade::Total }];
    let filled = canvas::fill(export.as_bytes(), &class, &columns).expect("a gradebook");
    assert_eq!(filled.bytes, export.as_bytes());
    let first = filled.complaints.first().map(ToString::to_string).unwrap_or_default();
    assert!(first.starts_with("line 2: Lovelace, Ada may be any of ada, ben;"), "{first}");
}

#[test]
fn a_grade_above_the_maximum_is_not_put_there() {
    let (_folder, class) = class();
    let export = "Student,ID,SIS Login ID,Section,Kafka (4712)\n    Points Possible,,,,15\nAda,101,,A,\n";
    let columns = [Column { title: "4712".into(), grade: Grade::Total }];
    let filled = canvas::fill(export.as_bytes(), &class, &columns).expect("a gradebook");
    assert_eq!(filled.bytes, export.as_bytes());
    let told = told(&filled);
    assert!(told.contains("line 3: 20 points of ada are more than 15 in “Kafka (4712)”; left as it was"), "{told}");
    assert!(told.contains("“Kafka (4712)” goes up to 15, and what goes there up to 20; it was not scaled"), "{told}");
}

#[test]
fn what_cannot_be_filled_in_is_refused() {
    let (_folder, class) = class();
    let no = |export: &str, columns: &[Column]| canvas::fill(export.as_bytes(), &class, columns).expect_err("no");
    let named = |title: &str| [Column { title: title.into(), grade: Grade::Total }];
    assert_eq!(no("a,b,c\n1,2,3\n", &columns()), Unusable::Other("a gradebook exported from Canvas"));
    let none = no(CANVAS, &named("Kafke"));
    assert_eq!(
        none.to_string(),
        "it has no column “Kafke”. There are: Notes, Producer, basics (4711), Kafka (4712), Essay (9), Current Score, Final Score"
    );
    assert_eq!(no(CANVAS, &named("Final Score")), Unusable::ReadOnly("Final Score".into()));
    let twice = "Student,ID,SIS Login ID,Section,Kafka (1),Kafka (2)\n";
    assert_eq!(no(twice, &named("Kafka")), Unusable::SeveralColumns("Kafka".into()));
    let unknown = [Column { title: "4712".into(), grade: Grade::Exercise("ex9".into()) }];
    assert_eq!(no(CANVAS, &unknown), Unusable::NoExercise("ex9".into()));
}

/// As Moodle's `table_dataformat_export_format` writes it.
const WORKSHEET: &str = "\u{feff}Identifier,\"Full name\",\"Email address\",Status,Grade,\"Maximum Grade\",\"Grade can be changed\",\"Last modified (submission)\",\"Last modified (grade)\",\"Feedback comments\"
\"Participant 1101\",\"Ada Lovelace\",ada@example.org,\"Submitted for grading\",,20.00,Yes,\"Friday, 20 November 2026, 9:30 AM\",-,
\"Participant 1102\",\"Ben O'Neill, Jr.\",ben@example.org,\"Submitted for grading\",3.33,20.00,Yes,-,\"Friday, 20 November 2026, 9:30 AM\",\"<p>Please come to see me.</p>\"
\"Participant 7\",\"Somebody Else\",CYD@example.org,\"Submitted for grading\",,20.00,No,-,-,
\"Participant 8\",\"Nobody Known\",nobody@example.org,\"No submission\",,20.00,Yes,-,-,
\"Participant 1105\",\"Eve Babitz\",eve@example.org,\"Submitted for grading\",1.00,20.00,Yes,-,-,\"<p>Graded by kafkacourse: 1 of 20 points</p>\"
";

#[test]
fn a_moodle_worksheet_gets_grades_and_comments() {
    let (_folder, class) = class();
    let wanted = Worksheet { grade: Grade::Total, grade_column: None, maximum_column: None, feedback_column: None };
    let filled = moodle::fill_worksheet(WORKSHEET.as_bytes(), &class, &wanted).expect("a worksheet");
    insta::assert_snapshot!("moodle-worksheet", told(&filled));
    let again = moodle::fill_worksheet(&filled.bytes, &class, &wanted).expect("a worksheet");
    assert_eq!((again.changed, again.bytes), (0, filled.bytes));
}

#[test]
fn a_moodle_worksheet_in_another_language() {
    let (_folder, class) = class();
    let export = "ID,\"Vollständiger Name\",Bewertung,\"Beste Bewertung\"\nTeilnehmer/in1101,,,\"20,00\"\n";
    let named = Worksheet {
        grade: Grade::Total,
        grade_column: Some("Bewertung"),
        maximum_column: Some("Beste Bewertung"),
        feedback_column: None,
    };
    let filled = moodle::fill_worksheet(export.as_bytes(), &class, &named).expect("a worksheet");
    assert_eq!(
        String::from_utf8(filled.bytes).expect("text"),
        "ID,\"Vollständiger Name\",Bewertung,\"Beste Bewertung\"\nTeilnehmer/in1101,,20,\"20,00\"\n"
    );
    let unnamed = Worksheet { grade_column: None, ..named };
    let no = moodle::fill_worksheet(export.as_bytes(), &class, &unnamed).expect_err("no column Grade");
    assert_eq!(no.to_string(), "it has no column “Grade”. There are: Vollständiger Name, Bewertung, Beste Bewertung");
}

#[test]
fn a_moodle_gradebook_gets_grades_up_to_its_maximum() {
    let (_folder, class) = class();
    let export = "\"First name\",Surname,\"ID number\",Institution,Department,\"Email address\",\"Assignment: Kafka (Real)\",\"Course total (Real)\",\"Last downloaded from this course\"\n\
                  Ada,Lovelace,,,,ada@example.org,-,-,1764180000\n\
                  Ben,\"O'Neill, Jr.\",ben,,,,0.00,-,1764180000\n";
    let columns = [Column { title: "Kafka".into(), grade: Grade::Total }];
    let filled = moodle::fill_gradebook(export.as_bytes(), &class, &columns, 15.0).expect("a gradebook");
    insta::assert_snapshot!("moodle-gradebook", told(&filled));
}
