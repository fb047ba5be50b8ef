//! The cluster against Apache Kafka: scripts of requests are played to both, and the answers compared field by field.
//!
//! `cargo test -p cluster --test differential` plays each script to the cluster and compares with what Apache Kafka has
//! answered once (`recorded/`). `KAFKACOURSE_REAL_KAFKA=127.0.0.1:9092`, the address of an Apache Kafka of one node, plays
//! them to that one, too; without it this part says that it was skipped. `ONLY=part-of-a-name` plays fewer scripts,
//! `RUNS=all` every version (else the newest and the oldest), `MESSAGES=1` compares the texts of error messages, `SHOW=1`
//! shows all of Kafka's answers, `RECORD=1` writes them into the files, and `SEEDS=1000` plays more scripts by chance.
//!
//! | file | its one job |
//! | --- | --- |
//! | `scripts/*.txt` | what is asked, and facts about Kafka's answers |
//! | `script` | these texts as statements |
//! | `chance` | scripts by chance |
//! | `runs` | which versions a script is played in |
//! | `variables` | what the variables of a script stand for, and values written with them |
//! | `batch` | batches of records, written and shown |
//! | `peer` | connections, and frames on them |
//! | `play` | a script, played to one broker |
//! | `compare` | answers as lines, without what may differ |
//! | `report` | where they differ, and where a script says so |
//! | `real` | the settings of an Apache Kafka |
//! | `recorded` | what Apache Kafka has answered, in files |

mod batch;
mod chance;
mod compare;
mod peer;
mod play;
mod real;
mod recorded;
mod report;
mod runs;
mod script;
mod variables;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;

use cluster::{Cluster, Settings};
use play::{Played, play};
use report::{Seen, gone, report};
use runs::{runs, versions};
use script::{Action, Script};
use tokio::runtime::Runtime;

/// Scripts that are played at a time. Most of what they do is to wait.
const AT_A_TIME: usize = 8;

/// Scripts by chance that are played.
const SEEDS: u64 = 60;

/// A script that waits longer is played only where Apache Kafka is there: nobody waits for it else.
const LONGEST_WAIT_MS: u64 = 4_000;

/// Each script with the name of its file.
fn all_scripts() -> Vec<(String, Script)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/differential/scripts");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).expect("scripts").map(|file| file.expect("a file").path()).collect();
    files.sort();
    let mut scripts = Vec::new();
    for file in files {
        let name = file.file_name().expect("a name").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&file).expect("a text");
        let parsed = script::parse(&text).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        scripts.extend(parsed.into_iter().map(|script| (name.clone(), script)));
    }
    scripts
}

/// Those that are to be played.
fn scripts() -> Vec<(String, Script)> {
    let only = std::env::var("ONLY").unwrap_or_default();
    let scripts = all_scripts().into_iter();
    scripts.filter(|(file, script)| format!("{file}: {}", script.name).contains(&only)).collect()
}

/// A cluster that listens, and what it runs on.
fn open(settings: Settings) -> (Cluster, Runtime) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime");
    let cluster = runtime.block_on(async { Cluster::open(settings) }).expect("a cluster");
    (cluster, runtime)
}

/// Does this to each of the list, some at a time; the results are in the order of the list.
fn each<T: Send + Sync, R: Send>(list: &[T], work: impl Fn(usize, &T) -> R + Sync) -> Vec<R> {
    let next = Mutex::new(0..list.len());
    let results = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                loop {
                    let Some(at) = next.lock().expect("no panic").next() else { return };
                    let result = work(at, &list[at]);
                    results.lock().expect("no panic").insert(at, result);
                }
            });
        }
    });
    results.into_inner().expect("no panic").into_values().collect()
}

/// Part of all names of a run, so that nobody else has the same; always ten letters, since bytes that clients write say how
/// long a name is.
fn unique(at: usize) -> String {
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_millis() as u64);
    format!("{:07x}{at:03x}", since & 0xfff_ffff)
}

#[test]
fn scripts_ask_for_what_exists() {
    for (file, script) in scripts() {
        for statement in &script.statements {
            if let Action::Ask { api, .. } | Action::Send { api, .. } = &statement.action {
                assert!(versions(&script, 0).contains_key(api), "{file} line {}: {api} is not served", statement.line);
            }
        }
    }
}

#[test]
fn answers_are_those_that_apache_kafka_gave() {
    let (ours, _runtime) = open(real::plain());
    let waits = |script: &Script| {
        let ms = |action: &Action| if let Action::Wait { ms } = action { *ms } else { 0 };
        script.statements.iter().map(|statement| ms(&statement.action)).sum::<u64>()
    };
    let scripts: Vec<_> = scripts().into_iter().filter(|(_, script)| waits(script) <= LONGEST_WAIT_MS).collect();
    let reports = each(&scripts, |at, (file, script)| {
        let Some(recorded) = recorded::read(file, script) else {
            return format!("{file}: {} has not been recorded: play it with RECORD=1 to an Apache Kafka", script.name);
        };
        let played = play(script, &versions(script, 0), ours.address(), &unique(at));
        let now = recorded::text(script, &played);
        let lines = recorded.lines().zip(now.lines()).filter(|(then, now)| then != now);
        let lines: Vec<_> = lines.map(|(then, now)| format!("  Kafka {then}\n  here  {now}\n")).collect();
        match now == recorded {
            true => String::new(),
            false => format!("{file}: {}\n{}", script.name, lines.concat()),
        }
    });
    let told: Vec<_> = reports.into_iter().filter(|report| !report.is_empty()).collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[test]
fn answers_are_those_of_apache_kafka() {
    let Ok(kafka) = std::env::var("KAFKACOURSE_REAL_KAFKA") else {
        println!("skipped: KAFKACOURSE_REAL_KAFKA does not say where an Apache Kafka is");
        return;
    };
    let started = Instant::now();
    real::wait_for_coordinators(&kafka);
    let (ours, _runtime) = open(real::settings(&kafka));
    let all = std::env::var("RUNS").is_ok_and(|runs| runs == "all");
    let scripts = scripts();
    let mut plays = Vec::new();
    for (file, script) in &scripts {
        let last = runs(script) - 1;
        plays.extend((0..=last).filter(|run| all || [0, last].contains(run)).map(|run| (file, script, run)));
    }
    plays.sort_by_key(|(.., run)| *run); // the same script in two versions at the same time may disturb itself
    let played: Vec<(Vec<Played>, Vec<Played>)> = each(&plays, |at, (_, script, run)| {
        let (versions, name) = (versions(script, *run), unique(at));
        (play(script, &versions, &kafka, &name), play(script, &versions, ours.address(), &name))
    });
    let mut told = String::new();
    let mut seen: BTreeMap<(&str, &str), Seen> = BTreeMap::new();
    let mut differ = 0;
    for ((file, script, run), (kafka, ours)) in plays.iter().zip(&played) {
        let seen = seen.entry((file, &script.name)).or_default();
        let report = report(script, *run, kafka, ours, seen);
        if !report.is_empty() {
            differ += 1;
            told += &format!("\n{file}: {}, run {run}\n{report}", script.name);
        }
    }
    for (file, script) in &scripts {
        let gone = gone(script, &seen[&(file.as_str(), script.name.as_str())]);
        if !gone.is_empty() {
            told += &format!("\n{file}: {}\n{gone}", script.name);
        }
    }
    if std::env::var_os("RECORD").is_some() {
        let mut files: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (file, script) in all_scripts() {
            let now = plays
                .iter()
                .zip(&played)
                .find(|((from, played, run), _)| **from == file && played.name == script.name && *run == 0);
            let now = now.map(|(_, (kafka, _))| recorded::text(&script, kafka));
            let text = now.or_else(|| recorded::read(&file, &script));
            files.entry(file).or_default().extend(text);
        }
        files.iter().for_each(|(file, texts)| recorded::write(file, texts));
    }
    println!("{} runs in {:.1} s, {differ} differ", plays.len(), started.elapsed().as_secs_f32());
    assert!(told.is_empty(), "{told}");
}

#[test]
fn answers_to_scripts_by_chance_are_those_of_apache_kafka() {
    let Ok(kafka) = std::env::var("KAFKACOURSE_REAL_KAFKA") else {
        println!("skipped: KAFKACOURSE_REAL_KAFKA does not say where an Apache Kafka is");
        return;
    };
    real::wait_for_coordinators(&kafka);
    let (ours, _runtime) = open(real::settings(&kafka));
    let seeds = std::env::var("SEEDS").map_or(SEEDS, |seeds| seeds.parse().expect("SEEDS is a number"));
    let first = std::env::var("SEED").map_or(0, |seed| seed.parse().expect("SEED is a number"));
    let seeds: Vec<u64> = (first..first + seeds).collect();
    let reports = each(&seeds, |at, seed| {
        let text = chance::script(*seed);
        let script = script::parse(&text).unwrap_or_else(|fault| panic!("{fault}:\n{text}")).remove(0);
        let (versions, name) = (versions(&script, 0), unique(at + 0x800));
        let theirs = play(&script, &versions, &kafka, &name);
        let mine = play(&script, &versions, ours.address(), &name);
        let report = report(&script, 0, &theirs, &mine, &mut Seen::default());
        if report.is_empty() { report } else { format!("{text}{report}") }
    });
    let told: Vec<_> = reports.iter().filter(|report| !report.is_empty()).map(String::as_str).collect();
    println!("{} scripts by chance, {} differ", seeds.len(), told.len());
    assert!(told.is_empty(), "{}", told.join("\n"));
}
