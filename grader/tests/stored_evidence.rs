//! What each check says of stored evidence, one table: a check that changes its mind shows here.
//!
//! The files are real runs of the solutions and of each known mistake. To renew one, run
//! `kafkacourse author check` and copy it from `.kafkacourse/evidence/`.

use grader::course::{Course, Exercise};
use grader::evidence;
use grader::report::lanes;
use grader::report::paper::Paper;
use grader::report::timeline::{self, View};
use grader::verdict::{self, Status};
use std::path::{Path, PathBuf};

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// One line per check: its id, and its status or the codes of its findings.
fn judged(exercise: &Exercise, path: &Path) -> Vec<String> {
    let evidence = evidence::load(path).expect("stored evidence loads");
    let scenario = exercise.scenarios.iter().find(|scenario| scenario.id == evidence.header.scenario);
    let played = verdict::judge(scenario.expect("its scenario is there"), evidence, path.to_owned());
    let tell = |check: &verdict::Checked<'_>| {
        let status = match &check.status {
            Status::Passed(_) => "passed".to_owned(),
            Status::Failed(findings) => findings.iter().map(|finding| finding.code).collect::<Vec<_>>().join(" "),
            Status::NoEvidence(_) => "no evidence".to_owned(),
            Status::NotChecked(_) => "not checked".to_owned(),
        };
        format!("  {:<24} {status}", check.spec.id)
    };
    played.checks.iter().map(tell).collect()
}

#[test]
fn checks_say_of_stored_evidence_what_they_always_said() {
    let course = Course::load(&here("..")).expect("the course loads");
    let mut files: Vec<PathBuf> = std::fs::read_dir(here("tests/evidence"))
        .expect("a folder")
        .map(|entry| entry.expect("a file").path())
        .collect();
    files.sort();
    let mut table = String::new();
    for path in files {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let id = name.split('-').next().unwrap_or_default();
        let exercise = course.exercise(id).expect("its exercise is there");
        table.push_str(&format!("{}\n{}\n", name.trim_end_matches(".jsonl.gz"), judged(exercise, &path).join("\n")));
    }
    insta::assert_snapshot!(table);
}

#[test]
fn the_lanes_of_a_group_show_who_held_what() {
    let paper = Paper { width: 80, colour: false, terminal: false };
    let mut pictures = String::new();
    for name in ["ex3-solution-planned", "ex3-solution-crash", "ex3-eager", "ex3-no_commit_on_revoke"] {
        let path = here("tests/evidence").join(format!("{name}.jsonl.gz"));
        let evidence = evidence::load(&path).expect("stored evidence loads");
        let lines = lanes::lines(&evidence, ("scaling", "high-volume"), None, &paper);
        assert!(lines.iter().all(|line| line.chars().count() <= 80), "{lines:#?}");
        let one = lanes::all(&evidence, Some(4), &paper);
        assert_eq!(one.iter().filter(|line| line.contains("partition ")).count(), 1, "{one:#?}");
        assert!(lanes::lines(&evidence, ("another", "high-volume"), None, &paper).is_empty());
        pictures.push_str(&format!("{name}\n{}\n", lines.join("\n")));
    }
    insta::assert_snapshot!(pictures);
}

#[test]
fn a_timeline_can_be_that_of_one_role_or_one_partition() {
    let paper = Paper { width: 80, colour: false, terminal: false };
    let evidence = evidence::load(&here("tests/evidence/ex3-solution-planned.jsonl.gz")).expect("it loads");
    let lines = |view: &View| timeline::whole(&evidence, &paper, view).lines().count();
    let (whole, role, partition) = (
        lines(&View::default()),
        lines(&View { role: Some("b".into()), ..View::default() }),
        lines(&View { partition: Some(4), ..View::default() }),
    );
    assert!(2 < role && role < whole, "{role} of {whole}");
    assert!(2 < partition && partition < whole, "{partition} of {whole}");
    assert_eq!(lines(&View { role: Some("nobody".into()), ..View::default() }), 2, "the heading alone");
}
