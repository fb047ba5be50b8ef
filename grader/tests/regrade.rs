//! A class that was graded: its evidence judged again, a case shown, alike programs found. Nothing is built or run here;
//! the evidence is that of `tests/evidence`, under the seeds of this class.

mod common;

use common::{Course, Told, course};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use grader::class::folder::ClassFolder;
use grader::class::ledger::Ledger;
use grader::class::policy::Policy;
use grader::class::record::{FORMAT, Outcome, Record};
use grader::class::regrade::Regrade;
use grader::class::roll::{Entry, Roll, Work};
use grader::class::spec::Spec;
use grader::class::unit::Unit;
use grader::report::class::detail;
use grader::report::story::{Facts, Story};
use grader::submission::{Invalid, Language, Learner, LearnerId, Note, Sources};
use grader::verdict::Verdict;
use insta::assert_snapshot;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

const BEGAN: &str = "2026-11-26T17:59:00Z";
const GRADED: &str = "2026-11-26T18:00:00Z";
const SEED: u64 = 4711;

/// Two exercises, one run each: ada has passed both, ben has one of the known mistakes in ex2, cyd's ex1 does not build
/// and her ex2 is invalid, dan has handed in nothing, and ex2 of eve could not be graded.
struct Class {
    course: Course,
    out: PathBuf,
}

fn class() -> Class {
    let course = course();
    let out = course.outside().join("out");
    let folder = ClassFolder::open(&out).expect("a folder");
    let policy = Policy { seeds: 1, ..Policy::default() };
    let mut roll = Roll::new(vec!["ex1".into(), "ex2".into()], policy, "embedded".into(), "none".into());
    for name in ["ada", "ben", "cyd", "dan", "eve"] {
        roll.learners.push(entry(name, &folder));
    }
    roll.write(&folder).expect("the roll");
    let class = Class { course, out };
    class.store("ada", "ex1", &[]);
    class.store("ada", "ex2", &[]);
    class.store("ben", "ex1", &[]);
    class.store("ben", "ex2", &[("killed-at-37", "ex2-commit_first-killed-at-37"), ("steady", "ex2-commit_first")]);
    // Something else was wrong, so nobody waited for the long one.
    std::fs::remove_file(class.evidence("ben", "ex2", "long-call")).expect("it was there");
    class.store("eve", "ex1", &[]);
    let grader = grader::course::Course::load(&class.course.root).expect("the course");
    let specs = Spec::of_exercises(&grader.root, &grader.exercises).expect("specifications");
    let regrade = Regrade { course: &grader, folder: &folder, specs: &specs, session: 1 };
    let sources = |learner: &str, exercise: &str| {
        let entry = roll.learners.iter().find(|entry| entry.learner.id.as_str() == learner);
        entry.expect("a learner").identity(exercise)
    };
    let record = |learner: &str, exercise: &str, outcome: Outcome| Record {
        sources: sources(learner, exercise),
        ..record(learner, exercise, outcome, &specs)
    };
    let mut ledger = Ledger::read(folder.journal()).expect("no journal yet");
    for (learner, exercise) in [("ada", "ex1"), ("ada", "ex2"), ("ben", "ex1"), ("ben", "ex2"), ("eve", "ex1")] {
        let ran = Outcome::Judged { verdict: Verdict::Passed, diagnosis: None, limit: None, checks: Vec::new() };
        let (graded, judged) = regrade.judge(&record(learner, exercise, ran)).expect("stored evidence");
        let path = folder.details(&judged.learner, exercise, 1);
        detail::write(&Story::graded(&graded, None), &path).expect("details");
        ledger.add(Record { at: GRADED.into(), regrade_of: None, ..judged }).expect("a record");
    }
    let broken = Outcome::Judged { verdict: Verdict::DidNotBuild, diagnosis: None, limit: None, checks: Vec::new() };
    let facts =
        Facts { seed: SEED, error: Some("error: this file has an un-closed delimiter".into()), ..Facts::default() };
    let story = Story::without_run(&grader.exercises[0], Verdict::DidNotBuild, facts);
    detail::write(&story, &folder.details(&id("cyd"), "ex1", 1)).expect("details");
    let invalid = Outcome::Invalid(Invalid { what: "there is no src/main.rs".into(), place: Some("ex2".into()) });
    let fault = Outcome::Fault { what: "the disk is full".into() };
    for (learner, exercise, outcome) in [
        ("cyd", "ex1", broken),
        ("cyd", "ex2", invalid),
        ("dan", "ex1", Outcome::Missing),
        ("dan", "ex2", Outcome::Missing),
        ("eve", "ex2", fault),
    ] {
        ledger.add(record(learner, exercise, outcome)).expect("a record");
    }
    class
}

fn id(name: &str) -> LearnerId {
    LearnerId::new(name).expect("an id")
}

fn entry(name: &str, folder: &ClassFolder) -> Entry {
    let full = if name == "ada" { Some("Ada Lovelace".into()) } else { None };
    let learner = Learner { id: id(name), name: full, email: None, elsewhere: BTreeMap::new() };
    if name == "dan" {
        return Entry::missing(learner);
    }
    // Ben has renamed what ada wrote; eve has it as it is.
    let text = std::fs::read_to_string(here("../solutions/ex02-manual-commits/src/main.rs")).expect("a solution");
    let text = if name == "ben" { text.replace("done", "finished") } else { text };
    let sources = |text: &str| Sources {
        language: Language::Rust,
        entry: "src/main.rs".into(),
        files: BTreeMap::from([("src/main.rs".into(), text.as_bytes().to_vec())]),
    };
    let kept = |sources: &Sources| {
        let fingerprint = sources.fingerprint();
        for (path, bytes) in &sources.files {
            let path = folder.sources(&fingerprint).join(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, bytes).expect("a source");
        }
        Work::Sources { fingerprint, language: Language::Rust, entry: sources.entry.clone() }
    };
    let mut work = BTreeMap::from([("ex1".to_owned(), kept(&sources("fn main() {\n")))]);
    work.insert("ex2".to_owned(), kept(&sources(&text)));
    let note = Note { what: "a build script is never run".into(), place: Some("ex2/build.rs".into()) };
    let notes = if name == "ben" { vec![note] } else { Vec::new() };
    Entry { notes, work, ..Entry::missing(learner) }
}

fn record(learner: &str, exercise: &str, outcome: Outcome, specs: &BTreeMap<String, Spec>) -> Record {
    Record {
        format: FORMAT,
        at: GRADED.into(),
        key: format!("{learner}-{exercise}"),
        sources: String::new(),
        spec: specs[exercise].clone(),
        session: 1,
        learner: id(learner),
        exercise: exercise.into(),
        sitting: 1,
        seed: SEED,
        language: Language::Rust,
        outcome,
        broker: "librdkafka test cluster".into(),
        sandbox: "none".into(),
        seconds: (1.0, 2.0),
        repeated: false,
        regrade_of: None,
    }
}

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

impl Class {
    /// The evidence of the exercise's solution, but for the scenarios for which another stored run is named.
    fn store(&self, learner: &str, exercise: &str, others: &[(&str, &str)]) {
        let spec = grader::course::Course::load(&self.course.root).expect("the course");
        for scenario in &spec.exercise(exercise).expect("an exercise").scenarios {
            let other = others.iter().find(|(of, _)| *of == scenario.id).map(|(_, name)| (*name).to_owned());
            let name = other.unwrap_or_else(|| format!("{exercise}-solution-{}", scenario.id));
            self.put(
                &self.evidence(learner, exercise, &scenario.id),
                &stored(&name, |header| {
                    header["seed"] = SEED.into();
                    header["began"] = BEGAN.into();
                    header["broker_kind"] = "embedded".into();
                    header["broker_version"] = "librdkafka test cluster".into();
                }),
            );
        }
    }

    fn evidence(&self, learner: &str, exercise: &str, scenario: &str) -> PathBuf {
        self.out.join(format!("evidence/{learner}/{exercise}-1/{scenario}.jsonl.gz"))
    }

    fn put(&self, path: &Path, bytes: &[u8]) {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, bytes).expect("a file");
    }

    /// Writes evidence anew, with another header.
    fn change(&self, path: &Path, edit: impl FnOnce(&mut serde_json::Value)) {
        let changed = edited(&std::fs::read(path).expect("evidence"), edit);
        self.put(path, &changed);
    }

    fn grader(&self, arguments: &[&str]) -> Told {
        self.course.grader(arguments).run()
    }

    fn regrade(&self, more: &[&str]) -> Told {
        self.course.grader(&["regrade", "../out"]).and(more).run()
    }

    fn show(&self, more: &[&str]) -> Told {
        self.course.grader(&["show", "--out", "../out"]).and(more).run()
    }

    fn journal(&self) -> String {
        std::fs::read_to_string(self.out.join("journal.jsonl")).expect("a journal")
    }

    /// From now on, twenty orders to a commit are asked for on a calm day.
    fn ask_for_twenty(&self) {
        self.course.edit("exercises/ex02-manual-commits/exercise.toml", "every = 10 } }", "every = 20 } }");
    }
}

fn stored(name: &str, edit: impl FnOnce(&mut serde_json::Value)) -> Vec<u8> {
    edited(&std::fs::read(here(&format!("tests/evidence/{name}.jsonl.gz"))).expect(name), edit)
}

fn edited(zipped: &[u8], edit: impl FnOnce(&mut serde_json::Value)) -> Vec<u8> {
    let mut text = String::new();
    GzDecoder::new(zipped).read_to_string(&mut text).expect("gzip");
    let (head, rest) = text.split_once('\n').expect("a header");
    let mut header = serde_json::from_str(head).expect("JSON");
    edit(&mut header);
    let mut zip = GzEncoder::new(Vec::new(), Compression::fast());
    zip.write_all(format!("{header}\n{rest}").as_bytes()).expect("memory");
    zip.finish().expect("memory")
}

/// Without what is another in each run: how long it took, and when it was.
fn told(told: &Told) -> String {
    let word = |word: &str| match word {
        word if word.starts_with("20") && word.contains("Z") => "[TIME]".to_owned(),
        word => word.to_owned(),
    };
    let line = |line: &str| match line.split_once(" in ") {
        Some((judged, _)) if judged.contains("judged again") => format!("{judged} in [SECONDS]"),
        _ => line.split(' ').map(word).collect::<Vec<_>>().join(" "),
    };
    let newest = format!("reads format {}", grader::evidence::FORMAT);
    told.transcript().replace(&newest, "reads format [FORMAT]").lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_same_checks_say_the_same() {
    let class = class();
    let before = class.journal();
    assert_snapshot!(told(&class.regrade(&[])));
    class.regrade(&["--apply"]).assert(0, &["Today's checks say what the journal says."]);
    assert_eq!(class.journal(), before, "there was nothing to add");
    assert!(class.out.join("results.csv").is_file(), "the reports are written all the same");
}

#[test]
fn what_other_checks_say_is_shown_and_then_kept_beside_what_was() {
    let class = class();
    let before = class.journal();
    class.ask_for_twenty();
    assert_snapshot!(told(&class.regrade(&[])));
    assert_eq!(class.journal(), before);
    assert!(!class.out.join("results.csv").exists(), "nothing was written");

    let json = class.regrade(&["--json", "--only", "ada"]).json();
    assert_eq!(json["changes"][0]["learner"], "ada");
    assert_eq!(json["changes"][0]["before"]["standing"], "passed");
    assert_eq!(json["changes"][0]["after"]["standing"], "failed");
    assert_eq!((&json["applied"], &json["judged"]), (&false.into(), &2.into()));
    assert_eq!(class.regrade(&["--json", "--exercises", "ex1"]).json()["changes"], serde_json::json!([]));

    class.regrade(&["--apply"]).assert(0, &["Kept as session 2 in ../out/journal.jsonl, beside what was there"]);
    let after = class.journal();
    assert!(after.starts_with(&before), "what was there stays");
    let new: Vec<serde_json::Value> =
        after[before.len()..].lines().map(|line| serde_json::from_str(line).expect("a record")).collect();
    assert!(new.iter().all(|record| (&record["session"], &record["regrade_of"]) == (&2.into(), &1.into())), "{new:?}");
    assert_eq!(new.len(), 2, "ex1 is asked what it was asked before");
    let table = std::fs::read_to_string(class.out.join("results.csv")).expect("reports");
    assert!(table.lines().any(|line| line.contains("ada") && line.contains("failed")), "{table}");
    class.regrade(&[]).assert(0, &["Today's checks say what the journal says."]);
    assert_snapshot!(told(&class.show(&["ada", "ex2"])));
}

#[test]
fn what_was_judged_again_counts_as_graded_by_todays_checks() {
    let class = class();
    let unit = |exercise: &str| {
        let course = grader::course::Course::load(&class.course.root).expect("the course");
        let spec = Spec::of_exercises(&course.root, &course.exercises).expect("specifications").remove(exercise);
        let (learner, key, exercise) = (id("ada"), format!("ada-{exercise}"), exercise.to_owned());
        let (spec, sources) = (spec.expect("one"), String::new());
        Unit { learner, exercise, sitting: 1, seed: SEED, key, sources, spec, language: Language::Rust }
    };
    let is_graded = |exercise: &str| {
        let ledger = Ledger::read(class.out.join("journal.jsonl")).expect("a journal");
        ledger.is_graded(&unit(exercise))
    };
    assert!(is_graded("ex1") && is_graded("ex2"));
    class.ask_for_twenty();
    assert!(is_graded("ex1") && !is_graded("ex2"));
    class.regrade(&[]).assert(0, &[]);
    assert!(!is_graded("ex2"));
    class.regrade(&["--apply"]).assert(0, &[]);
    assert!(is_graded("ex1") && is_graded("ex2"));
    let mut broken = unit("ex1");
    (broken.learner, broken.key, broken.spec.checks) = (id("cyd"), "cyd-ex1".into(), "others".into());
    let ledger = Ledger::read(class.out.join("journal.jsonl")).expect("a journal");
    assert!(ledger.is_graded(&broken), "no check has a part in what does not build");
}

#[test]
fn evidence_that_cannot_be_judged_is_named_and_costs_nobody_anything() {
    let class = class();
    class.ask_for_twenty();
    let before = class.journal();
    std::fs::remove_file(class.evidence("ada", "ex1", "steady")).expect("it was there");
    let damaged = class.evidence("ben", "ex1", "refused");
    let bytes = std::fs::read(&damaged).expect("evidence");
    class.put(&damaged, &bytes[..bytes.len() / 2]);
    class.change(&class.evidence("ada", "ex2", "poison"), |header| header["format"] = 99.into());
    class.change(&class.evidence("ben", "ex2", "quiet"), |header| header["seed"] = 1.into());
    class.change(&class.evidence("eve", "ex1", "outage"), |header| header["began"] = "2026-11-26T18:30:00Z".into());
    assert_snapshot!(told(&class.regrade(&["--apply"])));
    assert_eq!(class.journal(), before);
}

#[test]
fn nobody_passes_without_the_long_scenario() {
    let class = class();
    std::fs::remove_file(class.evidence("ada", "ex2", "long-call")).expect("it was there");
    class.regrade(&["--only", "ada"]).assert(7, &["long-call.jsonl.gz: cannot"]);
    let mut records: Vec<serde_json::Value> =
        class.journal().lines().map(|line| serde_json::from_str(line).expect("a record")).collect();
    for checks in records.iter_mut().filter_map(|record| record["outcome"]["checks"].as_array_mut()) {
        checks.retain(|check| check["scenario"] != "long-call");
    }
    let lines: String = records.iter().map(|record| format!("{record}\n")).collect();
    class.put(&class.out.join("journal.jsonl"), lines.as_bytes());
    class.regrade(&["--only", "ada"]).assert(7, &["“long-call” was not"]);
}

#[test]
fn what_is_played_otherwise_must_run_again() {
    let class = class();
    class.course.edit("exercises/ex02-manual-commits/exercise.toml", "count = [43, 48]", "count = [43, 49]");
    let told = class.regrade(&["--exercises", "ex2", "--only", "ada"]);
    told.assert(
        0,
        &["ada ex2 (run 1): what is played has changed since it was run", "nothing that could be judged again"],
    );
}

#[test]
fn nobody_is_taken_for_somebody_else() {
    let class = class();
    let path = class.out.join("class.json");
    let mut roll: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).expect("a roll")).expect("JSON");
    roll["learners"][1]["learner"]["name"] = "Ada Lovelace".into();
    roll["learners"][2]["learner"]["elsewhere"] = serde_json::json!({"canvas": "70198"});
    class.put(&path, roll.to_string().as_bytes());
    let either = "“Ada Lovelace” may be any of 2: ada (Ada Lovelace), ben (Ada";
    class.show(&["Ada Lovelace", "ex1"]).assert(2, &[either]);
    class.show(&["ada", "ex1"]).assert(0, &["Ada Lovelace (ada)"]);
    class.show(&["70198", "ex1"]).assert(0, &["cyd"]);
}

#[test]
fn a_case_is_shown_as_check_would_have_told_it() {
    let class = class();
    assert_snapshot!(told(&class.show(&["BEN", "ex2"])));
    class.show(&["lovelace", "2"]).assert(0, &["Ada Lovelace (ada) · ex2", "Consumer with manual commits passed."]);
    class.show(&["bem", "ex2"]).assert(2, &["there is no learner “bem” in this class. Did you mean ben?"]);
    class.show(&["a", "ex2"]).assert(2, &["“a” may be any of 2: ada (Ada Lovelace), dan"]);
    class.show(&["ben", "ex7"]).assert(2, &["there is no exercise “ex7”"]);
    class.show(&["cyd", "ex1"]).assert(0, &["does not build", "un-closed delimiter"]);
    class.show(&["cyd", "ex2"]).assert(0, &["cannot be graded", "there is no src/main.rs"]);
    class.show(&["dan", "ex1"]).assert(0, &["not handed in"]);
    class.show(&["eve", "ex2"]).assert(0, &["fault of the grader", "the disk is full"]);
    let json = class.show(&["ben", "ex2", "--json"]).json();
    assert_eq!(json["runs"][0]["record"]["outcome"]["diagnosis"], "commit_first");
    assert_eq!(json["runs"][0]["today"]["same"], true);
    assert_eq!(json["notes"][0]["place"], "ex2/build.rs");
    std::fs::remove_file(class.evidence("ben", "ex2", "steady")).expect("it was there");
    class.show(&["ben", "ex2"]).assert(0, &["This looks like", "steady.jsonl.gz: cannot read evidence"]);
    class.grader(&["show", "ben", "ex2"]).assert(2, &["it has no class.json"]);
}

#[test]
fn reports_are_written_anew_and_may_count_otherwise() {
    let class = class();
    class.grader(&["report", "../out"]).assert(0, &["ex1   3 of 5 passed", "report: "]);
    let points = || std::fs::read_to_string(class.out.join("results.csv")).expect("a table");
    assert!(points().contains("10"));
    std::fs::write(class.course.outside().join("class.toml"), "seeds = 5\n[points]\nex1 = 77\n").expect("a file");
    class.grader(&["report", "../out", "--class", "../class.toml"]).assert(0, &[]);
    assert!(points().contains("77"), "{}", points());
    class.grader(&["report", "../out"]).assert(0, &["ex1   3 of 5 passed"]);
    assert!(points().contains("77"), "from now on");
}

#[test]
fn programs_that_are_alike_are_listed_and_laid_out() {
    let class = class();
    assert_snapshot!(told(&class.grader(&["similar", "../out", "--exercises", "ex2"])));
    let laid = class.out.join("similar/ex2/rust");
    assert!(laid.join("submissions/ada/src/main.rs").is_file() && laid.join("base/src/main.rs").is_file());
    class.grader(&["similar", "../out", "--anonymous"]).assert(0, &["nothing that is worth a look"]);
    let names = std::fs::read_to_string(class.out.join("similar/names.csv")).expect("names");
    let ada = names.lines().find_map(|line| line.strip_suffix(",ada")).expect("ada has a name");
    assert!(laid.join("submissions").join(ada).is_dir() && !laid.join("submissions/ada").exists(), "{names}");
    class.put(&class.out.join("mine/ex2/notes/x"), b"");
    let told = class.grader(&["similar", "../out", "--export", "../out/mine"]);
    told.assert(2, &["was not made by grader similar"]);
    assert!(class.out.join("mine/ex2/notes/x").is_file());
}
