//! What each check says of stored evidence, one table: a check that changes its mind shows here.
//!
//! The files are real runs of the solutions, of each known mistake, and of a few programs that are wrong in other ways.
//! The table says of each by which command it was made. To renew one, run that, and put what it left into
//! `tests/evidence/`: `zcat .kafkacourse/evidence/EX/RUN/SCENARIO.jsonl.gz | gzip -9n > grader/tests/evidence/NAME.jsonl.gz`.

use grader::checks::Kind;
use grader::course::{Course, Exercise};
use grader::evidence::{self, Header};
use grader::report::class::detail::{self, Detail, Finding};
use grader::report::lanes::Lanes;
use grader::report::paper::Paper;
use grader::report::story::{Facts, Scene, Story};
use grader::report::terminal;
use grader::report::timeline::{self, View};
use grader::verdict::{self, Played, Status};
use insta::assert_snapshot;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

static COURSE: LazyLock<Course> = LazyLock::new(|| Course::load(&here("..")).expect("the course loads"));

/// A stored run: its file's name, whose it is, and what the checks say of it.
type Stored = (String, &'static Exercise, Played<'static>);

static STORED: LazyLock<Vec<Stored>> = LazyLock::new(stored);

fn stored() -> Vec<Stored> {
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
        let exercise = COURSE.exercise(id).expect("its exercise is there");
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
    let mut table = String::new();
    for (name, exercise, played) in STORED.iter() {
        let (command, lines) = (command(&played.evidence.header, exercise), lines(played).join("\n"));
        let (verdict, diagnosis) = verdict::sum_up(exercise, std::slice::from_ref(played));
        let looks = diagnosis.map(|mistake| format!(", looks like {}", mistake.name)).unwrap_or_default();
        table.push_str(&format!("{name}: {}{looks}\n  # kafkacourse {command}\n{lines}\n", verdict.in_words()));
    }
    assert_snapshot!(table);
}

#[test]
fn each_kind_of_check_has_passed_and_has_found_something() {
    let (mut passed, mut found) = (BTreeSet::new(), BTreeSet::new());
    for (_, _, played) in STORED.iter() {
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
    for exercise in &COURSE.exercises {
        for mistake in &exercise.mistakes {
            let of = |(_, of, played): &Stored| of.id == exercise.id && played.evidence.header.program == mistake.name;
            let (name, id) = (&mistake.name, &exercise.id);
            assert!(STORED.iter().any(of), "{id}: no stored run of the mistake {name}");
        }
    }
}

/// What a class keeps of a sitting is what there is to say of it, events in words and all.
#[test]
fn what_there_is_to_say_can_be_stored() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("detail.json");
    for (name, exercise, played) in STORED.iter() {
        let (played, of) = (std::slice::from_ref(played), verdict::sum_up(exercise, std::slice::from_ref(played)));
        let story = Story::new(exercise, played, of, Facts::default());
        detail::write(&story, &path).expect("it is stored");
        let read = detail::read(&path).expect("it is read");
        assert_eq!(read, Detail::new(&story), "{name}");
        let problems =
            read.scenarios.iter().flat_map(|scenario| &scenario.checks).filter_map(|check| match &check.finding {
                Finding::Failed { problems, .. } => Some(problems),
                _ => None,
            });
        for trouble in problems.flatten() {
            assert!(!trouble.lines.is_empty() || trouble.events.is_empty(), "{name}: {trouble:?}");
        }
    }
    std::fs::write(&path, r#"{ "format": 99 }"#).expect("a file");
    let newer = detail::read(&path).expect_err("of a newer version").to_string();
    assert_eq!(
        newer,
        "the details of this sitting are of format 99, which a newer version has written; this one reads 1"
    );
}

#[test]
fn a_program_that_never_began_is_told_what_it_said_and_nothing_else() {
    let paper = Paper { width: 80, colour: false, terminal: false };
    let details = |name: &str| {
        let (_, exercise, played) = STORED.iter().find(|(known, ..)| known == name).expect("a stored run");
        let (played, of) = (std::slice::from_ref(played), verdict::sum_up(exercise, std::slice::from_ref(played)));
        terminal::details(&Story::new(exercise, played, of, Facts::default()), &paper, false)
    };
    assert_snapshot!(details("ex1-never_began"), @r#"

      ✗ the program ended with status 1 before it had sent or read anything
        it said  Traceback (most recent call last):
                 File "<string>", line 1, in <module>
                 ModuleNotFoundError: No module named 'no_such_client'
        read     kafkacourse read
                 troubleshooting#before-it-had-sent-or-read-anything
    "#);
    let died = details("ex2-exits_on_poison");
    assert!(died.contains("This may be"), "who had begun gets all of it: {died}");
}

#[test]
fn the_lanes_of_a_group_show_who_held_what() {
    let paper = Paper { width: 80, colour: false, terminal: false };
    let mut pictures = String::new();
    for name in ["ex3-solution-planned", "ex3-solution-crash", "ex3-eager", "ex3-no_commit_on_revoke"] {
        let path = here("tests/evidence").join(format!("{name}.jsonl.gz"));
        let evidence = evidence::load(&path).expect("stored evidence loads");
        let lines = Lanes::new(&evidence, "scaling", "high-volume").lines(None, &paper);
        assert!(lines.iter().all(|line| line.chars().count() <= 80), "{lines:#?}");
        let each = Lanes::of_each_group(&evidence);
        let one: Vec<String> = each.iter().flat_map(|lanes| lanes.lines(Some(4), &paper)).collect();
        assert_eq!(one.iter().filter(|line| line.contains("partition ")).count(), 1, "{one:#?}");
        assert!(Lanes::new(&evidence, "another", "high-volume").lines(None, &paper).is_empty());
        pictures.push_str(&format!("{name}\n{}\n", lines.join("\n")));
    }
    assert_snapshot!(pictures);
}

#[test]
fn a_timeline_can_be_that_of_one_role_or_one_partition() {
    let paper = Paper { width: 80, colour: false, terminal: false };
    let evidence = evidence::load(&here("tests/evidence/ex3-solution-planned.jsonl.gz")).expect("it loads");
    let lines = |view: &View| timeline::whole(&evidence, &paper, view).lines().count();
    let (heading, whole, role, partition) = (
        lines(&View { role: Some("nobody".into()), ..View::default() }),
        lines(&View::default()),
        lines(&View { role: Some("b".into()), ..View::default() }),
        lines(&View { partition: Some(4), ..View::default() }),
    );
    assert!(heading <= 4, "the heading alone");
    assert!(heading < role && role < whole, "{role} of {whole}");
    assert!(heading < partition && partition < whole, "{partition} of {whole}");
}

#[test]
fn pictures_are_data_too_and_each_field_is_documented() {
    let page = std::fs::read_to_string(here("../modules/reference/json.md")).expect("the schema");
    let of = |name: &str| {
        let (.., played) = STORED.iter().find(|(known, ..)| known == name).expect("a stored run");
        Scene::new(played).picture.map_or(Value::Null, |picture| picture.data())
    };
    let keys = |value: &Value| {
        let keys: Vec<String> = value.as_object().expect("an object").keys().cloned().collect();
        for key in &keys {
            assert!(page.contains(&format!("`{key}`")), "{key} is not in json.md");
        }
        keys.join(" ")
    };
    let (crashes, ownership, bars) =
        (of("ex4-solution-crash-anywhere-1"), of("ex3-solution-planned"), of("ex6-solution-steady"));
    assert_snapshot!(keys(&crashes["crashes"][0]), @"number of moment nth event ms back_after_ms");
    assert_snapshot!(keys(&ownership["ownership"]), @"group topic held");
    assert_snapshot!(keys(&ownership["ownership"]["held"][0]), @"partition role from from_ms to to_ms end");
    assert_snapshot!(keys(&bars["bars"][0]), @"name yours wire answered settings records batches failed");
    assert_eq!(of("ex1-solution-steady"), Value::Null);

    let list = |value: &Value| value.as_array().expect("a list").clone();
    let moments: Vec<String> = list(&crashes["crashes"]).iter().map(|crash| crash["moment"].to_string()).collect();
    assert_snapshot!(moments.join("\n"), @r#"
    "while the database writes"
    "just before the database commits"
    "between the database's commit and Kafka's"
    "as records arrive"
    "#);
    let ends = list(&ownership["ownership"]["held"]);
    let ends: BTreeSet<&str> = ends.iter().filter_map(|held| held["end"].as_str()).collect();
    assert_snapshot!(ends.into_iter().collect::<Vec<_>>().join(" "), @"given_up left");
    let runs: Vec<String> =
        list(&bars["bars"]).iter().map(|run| format!("{}: {}", run["name"], run["settings"])).collect();
    assert_snapshot!(runs.join("\n"), @r#"
    "acks-0": ["acks=0"]
    "acks-1": ["acks=1"]
    "acks-all": ["acks=all"]
    "batch-32k": ["acks=all"]
    "batch-16k": ["acks=all"]
    "compressed": ["acks=all, lz4"]
    "#);
}
