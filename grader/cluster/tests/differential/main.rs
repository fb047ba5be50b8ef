//! The cluster against Apache Kafka: scripts of requests are played to both, and the answers compared field by field.
//!
//! `KAFKACOURSE_REAL_KAFKA=127.0.0.1:9092 cargo test -p cluster --test differential`, with the address of an Apache Kafka
//! of one node. Without it the comparison says that it was skipped. `ONLY=part-of-a-name` plays fewer scripts, `RUNS=all`
//! every version (else the newest and the oldest), `MESSAGES=1` compares the texts of error messages, too.
//!
//! | file | its one job |
//! | --- | --- |
//! | `scripts/*.txt` | what is asked, and facts about Kafka's answers |
//! | `script` | these texts as statements |
//! | `variables` | what the variables of a script stand for, and values written with them |
//! | `batch` | batches of records, written and shown |
//! | `peer` | connections, and frames on them |
//! | `play` | a script, played to one broker |
//! | `compare` | answers as lines, without what may differ |

mod batch;
mod compare;
mod peer;
mod play;
mod script;
mod variables;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;

use cluster::versions::SERVED;
use cluster::{Cluster, Settings};
use play::{Played, Versions, play};
use script::{Action, Script};

/// Scripts that are played at a time. Most of what they do is to wait.
const AT_A_TIME: usize = 4;

/// Differences of one answer that are shown.
const MOST_LINES: usize = 8;

fn scripts() -> Vec<(String, Script)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/differential/scripts");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).expect("scripts").map(|file| file.expect("a file").path()).collect();
    files.sort();
    let only = std::env::var("ONLY").unwrap_or_default();
    let mut scripts = Vec::new();
    for file in files {
        let name = file.file_name().expect("a name").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&file).expect("a text");
        let parsed = script::parse(&text).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        scripts.extend(parsed.into_iter().map(|script| (name.clone(), script)));
    }
    scripts.retain(|(file, script)| format!("{file}: {}", script.name).contains(&only));
    scripts
}

/// The versions of all requests in run `n`: the newest in run 0, the next older in run 1, until each has had its oldest.
fn versions(script: &Script, n: i16) -> Versions {
    let version = |(name, oldest, newest): (String, i16, i16)| (name, (newest - n).max(oldest));
    ranges(script).into_iter().map(version).collect()
}

/// Name, oldest and newest version of each request, for this script.
fn ranges(script: &Script) -> Vec<(String, i16, i16)> {
    let range = |(api, oldest, newest): &(kafka_protocol::messages::ApiKey, i16, i16)| {
        let name = format!("{api:?}");
        let message =
            wire::schema::message(*api as i16, wire::schema::Direction::Request).expect("what is served exists");
        let oldest = (*oldest).max(message.versions.oldest); // Produce claims more than exists
        match script.only.iter().find(|(only, ..)| *only == name) {
            Some(only) => only.clone(),
            None => (name, oldest, *newest),
        }
    };
    SERVED.iter().map(range).collect()
}

/// How many runs it takes until each request of the script was sent in each version.
fn runs(script: &Script) -> i16 {
    let asks = |name: &str| {
        script.statements.iter().any(
            |statement| matches!(&statement.action, Action::Ask { api, .. } | Action::Send { api, .. } if api == name),
        )
    };
    let counts =
        ranges(script).into_iter().filter(|(name, ..)| asks(name)).map(|(_, oldest, newest)| newest - oldest + 1);
    counts.max().unwrap_or(1)
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
fn answers_are_those_of_apache_kafka() {
    let Ok(kafka) = std::env::var("KAFKACOURSE_REAL_KAFKA") else {
        println!("skipped: KAFKACOURSE_REAL_KAFKA does not say where an Apache Kafka is");
        return;
    };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let ours = runtime.block_on(async { Cluster::open(settings()) }).expect("a cluster");
    let all = std::env::var("RUNS").is_ok_and(|runs| runs == "all");
    let started = Instant::now();
    let seed = std::time::SystemTime::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_millis() as u64);

    let mut work = Vec::new();
    for (n, (file, script)) in scripts().into_iter().enumerate() {
        let last = runs(&script) - 1;
        for run in (0..=last).filter(|run| all || [0, last].contains(run)) {
            work.push((file.clone(), script.clone(), run, format!("{:x}{n:02x}{run:x}", seed & 0xfff_ffff)));
        }
    }
    work.reverse();
    let count = work.len();
    let work = Mutex::new(work);
    let found = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                loop {
                    let Some((file, script, run, name)) = work.lock().expect("no panic").pop() else { return };
                    let versions = versions(&script, run);
                    let theirs = play(&script, &versions, &kafka, &name);
                    let mine = play(&script, &versions, ours.address(), &name);
                    let report = report(&script, &theirs, &mine);
                    if !report.is_empty() {
                        found.lock().expect("no panic").insert((file, script.name, run), report);
                    }
                }
            });
        }
    });
    let found = found.into_inner().expect("no panic");
    println!("{count} runs in {:.1} s, {} differ", started.elapsed().as_secs_f32(), found.len());
    let mut told = String::new();
    for ((file, script, run), report) in &found {
        write!(told, "\n{file}: {script}, run {run}\n{report}").expect("a string");
    }
    assert!(found.is_empty(), "{told}");
}

/// What a plain Apache Kafka has, where our own defaults differ.
fn settings() -> Settings {
    Settings {
        auto_create: true,
        consumer_heartbeat_ms: 5_000,
        consumer_assignment_interval_ms: 1_000,
        ..Settings::default()
    }
}

/// Where the answers differ though nothing says that they do, and where they do not differ though it is said.
fn report(script: &Script, kafka: &[Played], ours: &[Played]) -> String {
    let mut told = String::new();
    if std::env::var_os("SHOW").is_some() {
        for played in kafka {
            writeln!(told, "  line {}: {}: {:?}", played.line, played.request, played.answer).expect("a string");
        }
    }
    for (kafka, ours) in kafka.iter().zip(ours) {
        let statement = script.statements.iter().find(|statement| statement.line == kafka.line);
        let known: Vec<_> = statement.map(|statement| statement.differs.iter().collect()).unwrap_or_default();
        let differences = compare::differences(&kafka.answer, &ours.answer);
        let mut unknown: Vec<_> =
            differences.iter().filter(|(place, ..)| !known.iter().any(|(known, _)| is_at(place, known))).collect();
        // Whoever closes the connection, or cannot ask, differs in all of it.
        if let Some(place) = unknown.iter().position(|(place, ..)| place == "answered" || place == "not asked") {
            unknown = vec![unknown[place]];
        }
        for (place, theirs, mine) in unknown.iter().take(MOST_LINES) {
            writeln!(told, "  line {}: {}: {place}: Kafka {theirs}, here {mine}", kafka.line, kafka.request)
                .expect("a string");
        }
        if unknown.len() > MOST_LINES {
            writeln!(told, "  line {}: and {} more", kafka.line, unknown.len() - MOST_LINES).expect("a string");
        }
    }
    if kafka.len() != ours.len() {
        writeln!(told, "  {} answers by Kafka, {} here", kafka.len(), ours.len()).expect("a string");
    }
    told
}

/// `Topics.ErrorCode` is at every `Topics[n].ErrorCode`, and so is what is below.
fn is_at(place: &str, known: &str) -> bool {
    let mut plain = String::new();
    let mut inside = false;
    for c in place.chars() {
        match c {
            '[' => inside = true,
            ']' => inside = false,
            c if !inside => plain.push(c),
            _ => {}
        }
    }
    plain == known || plain.strip_prefix(known).is_some_and(|rest| rest.starts_with('.'))
}
