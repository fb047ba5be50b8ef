//! What each check says of stored evidence, one table: a check that changes its mind shows here.
//!
//! The files are real runs of the solutions and of each known mistake. To renew one, run
//! `kafkacourse author check` and copy it from `.kafkacourse/evidence/`.

use grader::course::{Course, Exercise};
use grader::evidence;
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
