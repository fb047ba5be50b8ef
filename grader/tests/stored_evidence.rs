//! What each check says of stored evidence, one table: a check that changes its mind shows here.
//!
//! The files are real runs of the solutions, of each known mistake, and of a few programs that are wrong in other ways.
//! The table says of each by which command it was made. To renew one, run that, and put what it left into
//! `tests/evidence/`: `zcat .kafkacourse/evidence/EX/RUN/SCENARIO.jsonl.gz | gzip -9n > grader/tests/evidence/NAME.jsonl.gz`.

use grader::checks::Kind;
use grader::course::{Course, Exercise};
use grader::evidence::{self, Header};
use grader::report::lanes;
use grader::report::paper::Paper;
use grader::report::timeline::{self, View};
use grader::verdict::{self, Played, Status};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Each stored run, by its file's name, and what the checks say of it.
fn stored(course: &Course) -> Vec<(String, &Exercise, Played<'_>)> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(here("tests/evidence"))
        .expect("a folder")
        .map(|entry| entry.expect("a file").path())
        .collect();
    files.sort();
    let judged = files.into_iter().map(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().trim_end_matches(".jsonl.gz").to_owned();
        let evidence = evidence::load(&path).expect("stored evidence loads");
        let (id, scenario) = (&evidence.header.exercise, &evidence.header.scenario);
        assert!(name.starts_with(&format!("{id}-")), "{name} is a run of {id}");
        let exercise = course.exercise(id).expect("its exercise is there");
        let scenario = exercise.scenarios.iter().find(|known| known.id == *scenario).expect("its scenario is there");
        (name, exercise, verdict::judge(scenario, evidence, path))
    });
    judged.collect()
}

/// What makes such a run.
fn command(header: &Header, exercise: &Exercise) -> String {
    let Header { scenario, seed, program, broker_kind, .. } = header;
    let mistake = exercise.mistakes.iter().any(|mistake| mistake.name == *program);
    let of = match program.as_str() {
        "stub" => String::new(),
        "solution" => " --solution".to_owned(),
        name if mistake => format!(" --mistake {name}"),
        line if line.contains(' ') => format!(" --cmd {line:?}"),
        // A program in another style, which `check` does not know.
        name => return format!("author check {} --only {name} --broker {broker_kind}", exercise.id),
    };
    format!("check {}{of} --scenario {scenario} --seed {seed} --broker {broker_kind}", exercise.id)
}

/// One line per check: its id, and its status or the codes of its findings.
fn lines(played: &Played<'_>) -> Vec<String> {
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
    let mut table = String::new();
    for (name, exercise, played) in stored(&course) {
        let (command, lines) = (command(&played.evidence.header, exercise), lines(&played).join("\n"));
        let (verdict, diagnosis) = verdict::sum_up(exercise, &[played]);
        let looks = diagnosis.map(|mistake| format!(", looks like {}", mistake.name)).unwrap_or_default();
        table.push_str(&format!("{name}: {}{looks}\n  # kafkacourse {command}\n{lines}\n", verdict.told()));
    }
    insta::assert_snapshot!(table);
}

#[test]
fn each_kind_of_check_has_passed_and_has_found_something() {
    let course = Course::load(&here("..")).expect("the course loads");
    let (mut passed, mut found) = (BTreeSet::new(), BTreeSet::new());
    for (_, _, played) in stored(&course) {
        for check in &played.checks {
            match check.status {
                Status::Passed(_) => _ = passed.insert(check.spec.kind.name()),
                Status::Failed(_) => _ = found.insert(check.spec.kind.name()),
                Status::NoEvidence(_) | Status::NotChecked(_) => {}
            }
        }
    }
    let lacking = |seen: &BTreeSet<&str>| -> Vec<&str> {
        Kind::ALL.iter().map(|(name, _)| *name).filter(|name| !seen.contains(name)).collect()
    };
    assert!(lacking(&passed).is_empty(), "no stored run passes {:?}", lacking(&passed));
    assert!(lacking(&found).is_empty(), "in no stored run anything is found by {:?}", lacking(&found));
}

#[test]
fn each_mistake_has_a_stored_run() {
    let course = Course::load(&here("..")).expect("the course loads");
    let stored = stored(&course);
    for exercise in &course.exercises {
        for mistake in &exercise.mistakes {
            let of = |(_, of, played): &&(String, &Exercise, Played<'_>)| {
                of.id == exercise.id && played.evidence.header.program == mistake.name
            };
            let (name, id) = (&mistake.name, &exercise.id);
            assert!(stored.iter().any(|run| of(&run)), "{id}: no stored run of the mistake {name}");
        }
    }
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
