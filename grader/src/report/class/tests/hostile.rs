//! Texts that mean harm, in every field that others fill: each format holds them, and none obeys them.

use super::browser::Browser;
use super::{looked_at, read, sample, written_of};
use crate::class::marks::ClassResults;
use crate::class::record::Outcome;
use crate::foreign::is_hidden;
use crate::report::class::moodle::Worksheet;
use crate::report::class::{Column, Grade, canvas, detail, moodle};
use crate::submission::{Invalid, Note};
use std::path::Path;

fn texts() -> Vec<String> {
    vec![
        "<script>document.title='owned'</script>".into(),
        "\"><img src=x onerror=\"document.title='owned'\">".into(),
        "</style></script></title><!-- ]]> &amp; &lt;".into(),
        "=cmd|' /C calc'!A0".into(),
        "+1+1".into(),
        "-2+3".into(),
        "@SUM(1)".into(),
        "\t=1".into(),
        "\r=1".into(),
        "\u{1b}]0;owned\u{7}\u{1b}[2J\u{1b}[31m".into(),
        "\u{202e}gpj.exe \u{2066}\u{200b}\u{feff}".into(),
        "one\ntwo\r\nthree\u{2028}four".into(),
        "nul\0nul \u{fffe}\u{ffff}".into(),
        "a,b;c\"d\"\t'e'".into(),
        "javascript:alert(1) ../../etc/passwd %00".into(),
        "x".repeat(100_000),
    ]
}

/// The sample, in which everything that others write is `text`.
fn class(folder: &Path, text: &str) -> ClassResults {
    let mut class = sample::class(folder);
    class.title = text.into();
    class.facts.complaints = vec![text.into()];
    for learner in &mut class.learners {
        learner.learner.name = Some(text.into());
        learner.learner.email = Some(text.into());
        learner.notes = vec![Note { what: text.into(), place: Some(text.into()) }];
        for result in &mut learner.exercises {
            for (record, path) in result.records.iter_mut().zip(&result.details) {
                match &mut record.outcome {
                    Outcome::Invalid(invalid) => *invalid = Invalid { what: text.into(), place: Some(text.into()) },
                    Outcome::Fault { what } => *what = text.into(),
                    _ => {}
                }
                let Some(path) = path else { continue };
                let mut stored = detail::read(path).expect("a detail");
                soil(&mut stored, text);
                std::fs::write(path, serde_json::to_string(&stored).expect("JSON")).expect("a file");
            }
        }
    }
    class
}

fn soil(detail: &mut detail::Detail, text: &str) {
    use detail::Finding;
    let foreign = || text.into();
    for stop in detail.unfinished.iter_mut().chain(detail.scenarios.iter_mut().filter_map(|it| it.panic.as_mut())) {
        *stop = detail::Stop { place: Some(foreign()), message: Some(foreign()) };
    }
    detail.error = detail.error.as_ref().map(|_| foreign());
    if let Some(at_once) = &mut detail.at_once {
        at_once.said = vec![foreign(), foreign()];
    }
    detail.client_errors = vec![detail::Saying { line: foreign(), read: "kafkacourse read troubleshooting".into() }];
    for check in detail.scenarios.iter_mut().flat_map(|scenario| &mut scenario.checks) {
        match &mut check.finding {
            Finding::Passed { seen: said } | Finding::NoEvidence { why: said } | Finding::NotChecked { why: said } => {
                *said = foreign();
            }
            Finding::Failed { problems, .. } => {
                for problem in problems {
                    (problem.required, problem.seen) = (foreign(), foreign());
                    problem.lines.iter_mut().for_each(|line| (line.who, line.text) = (foreign(), foreign()));
                }
            }
        }
    }
}

#[test]
fn nothing_that_others_write_is_obeyed() {
    let mut browser = looked_at::browser();
    for text in texts() {
        let what = format!("{:.40}", text.escape_debug().to_string());
        let folder = tempfile::tempdir().expect("a folder");
        let class = class(folder.path(), &text);
        let into = written_of(&class, folder.path());
        tables(&class, &text, &into);
        markup(&into, &what);
        if let Some(browser) = &mut browser {
            in_browser(browser, &into, &what);
        }
        let canvas = "Student,ID,SIS Login ID,Section,K (1)\n,,ben,A,\n";
        let filled = canvas::fill(canvas.as_bytes(), &class, &[Column { title: "1".into(), grade: Grade::Total }]);
        assert_eq!(filled.expect("a gradebook").bytes, canvas.replace("A,", "A,3.33").as_bytes(), "{what}");
        let worksheet = "Identifier,\"Full name\",Grade,\"Feedback comments\"\n\"Participant 102\",,,\n";
        let mut class = class.clone();
        class.learners[1].learner.elsewhere.insert("moodle".into(), "102".into());
        let wanted = Worksheet { grade: Grade::Total, grade_column: None, maximum_column: None, feedback_column: None };
        let filled = moodle::fill_worksheet(worksheet.as_bytes(), &class, &wanted).expect("a worksheet");
        let mut rows = csv::Reader::from_reader(filled.bytes.as_slice());
        let comment = rows.records().next().expect("a row").expect("a row")[3].to_owned();
        assert!(
            comment.starts_with("<p>Graded by") && !comment.contains("<script") && !comment.contains("<img"),
            "{comment}"
        );
        assert!(!comment.contains(is_hidden) && comment.len() < 4_000, "{what}: {comment}");
    }
}

/// Cells are formulas for nobody, but who it is stays what it is; a line of JSON is a line.
fn tables(class: &ClassResults, text: &str, into: &Path) {
    let mut table = csv::Reader::from_path(into.join("results.csv")).expect("a table");
    let rows: Vec<csv::StringRecord> = table.records().collect::<Result<_, _>>().expect("rows");
    assert_eq!(rows.len(), class.learners.len());
    for row in &rows {
        assert_eq!(&row[1], text);
        let formula = |cell: &&str| cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
        assert_eq!(row.iter().skip(3).find(formula), None);
    }
    for line in read(&into.join("results.jsonl")).lines() {
        assert!(!line.contains(is_hidden));
        let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(line["learner"]["name"], text);
    }
    for learner in &class.learners {
        let text = read(&into.join(format!("gradescope/{}/results.json", learner.learner.id)));
        let whole: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let output = whole["tests"][0]["output"].as_str().expect("a text");
        assert!(!output.contains(|c| c != '\n' && is_hidden(c)) && output.len() < 100_000, "{output}");
    }
}

/// XML that XML 1.0 allows, pages without anything that was not ours, and nothing endless.
fn markup(into: &Path, what: &str) {
    let xml = read(&into.join("junit.xml"));
    let report = quick_junit::Report::deserialize_from_str(&xml).expect("JUnit");
    assert_eq!(report.tests, 12);
    let allowed = |c: char| matches!(c, '\n' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    assert!(xml.chars().all(allowed), "{what}");
    for page in ["report.html", "feedback/ben.html", "feedback/dora.html"] {
        let page = read(&into.join(page));
        let body = page.split_once("<body>").expect("a body").1;
        assert!(!body.contains("<img") && !body.contains("<script>document"), "{what}");
        assert!(!page.contains(|c| c != '\n' && is_hidden(c)), "{what}");
        assert!(page.len() < 400_000, "{what}: {} bytes", page.len());
    }
}

fn in_browser(browser: &mut Browser, into: &Path, what: &str) {
    browser.window(360, 740, "light");
    for page in ["report.html", "feedback/ben.html", "feedback/dora.html"] {
        browser.open(&into.join(page));
        browser.value("document.querySelectorAll('details').forEach((details) => { details.open = true })");
        assert_ne!(browser.value("document.title"), "owned", "{what}");
        assert_eq!(browser.value("document.querySelectorAll('img').length"), 0, "{what}");
        assert_eq!(browser.value(looked_at::OVERFLOWS), serde_json::json!([]), "{page}: {what}");
        assert_eq!(browser.complaints(), Vec::<String>::new(), "{page}: {what}");
    }
}
