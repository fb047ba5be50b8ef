//! Right programs written with other client libraries pass: see `clients/README.md`.

#[path = "clients/shelf.rs"]
mod shelf;
#[path = "clients/table.rs"]
mod table;
#[path = "clients/workshop.rs"]
mod workshop;

use shelf::{Program, Shelf};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::time::Instant;
use table::{Row, Table};
use workshop::Workshop;

/// With this variable set, a program that cannot be built is an error.
const REQUIRED: &str = "KAFKACOURSE_TEST_CLIENTS";
/// Which programs: `all`, or names of clients and programs with spaces between. Without it, a bounded choice.
const WHICH: &str = "CLIENTS";
/// How often each of them is graded; once without it.
const TIMES: &str = "CLIENTS_TIMES";
/// On which broker, as `--broker` says it; on the embedded one without it.
const BROKER: &str = "CLIENTS_BROKER";
/// How many are graded at once; one without it, for each has several scenarios, which run side by side.
const AT_ONCE: &str = "CLIENTS_AT_ONCE";

#[test]
fn right_programs_pass_whatever_they_are_written_with() {
    let shelf = Shelf::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients"));
    let chosen = shelf.chosen(variable(WHICH).as_deref());
    assert!(!chosen.is_empty(), "{WHICH} names no program of {}", shelf.names().join(", "));
    let (times, at_once) = (number(TIMES), number(AT_ONCE));
    let broker = variable(BROKER).unwrap_or_else(|| "embedded".to_owned());

    let began = Instant::now();
    let mut workshop = Workshop::open(&shelf, &Path::new(env!("CARGO_TARGET_TMPDIR")).join("clients"));
    let mut ready = Vec::new();
    for program in chosen {
        match workshop.build(program) {
            Ok(command) => ready.push((program, command)),
            Err(why) => skipped(program, &why),
        }
    }
    println!("built in {:.1} s", began.elapsed().as_secs_f64());

    let runs =
        ready.iter().flat_map(|(program, command)| program.variants().map(move |variant| (*program, variant, command)));
    let runs: Vec<_> = (0..times).flat_map(|_| runs.clone()).collect();
    let (waiting, table) = (Mutex::new(runs.into_iter()), Mutex::new(Table::default()));
    std::thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(|| {
                loop {
                    let next = waiting.lock().expect("no panic").next();
                    let Some((program, variant, command)) = next else { break };
                    let row = grade(program, variant, command, &broker);
                    table.lock().expect("no panic").add(row);
                }
            });
        }
    });
    let table = table.into_inner().expect("no panic");
    println!("{table}");
    assert!(table.wrong().is_empty(), "a right program did not pass on {broker}:\n{}", table.wrong().join("\n"));
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn number(name: &str) -> usize {
    variable(name).map_or(1, |number| number.parse().unwrap_or_else(|_| panic!("{name} is not a number")))
}

fn skipped(program: &Program, why: &str) {
    assert!(std::env::var_os(REQUIRED).is_none(), "{REQUIRED} is set, and {} was not built: {why}", program.name());
    // Not captured, so that everybody sees it.
    writeln!(std::io::stderr(), "\nSKIPPED: {} was not tried: {why}\n", program.name()).ok();
}

/// One run of `kafkacourse check` in the course itself, so that `kafkacourse trace` finds what was recorded.
fn grade(program: &Program, variant: &str, command: &str, broker: &str) -> Row {
    let output = Command::new(env!("CARGO_BIN_EXE_kafkacourse"))
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .args(["check", &program.exercise, "--broker", broker, "--json", "--cmd"])
        .arg(format!("{variant}{command}"))
        .env_remove("KAFKACOURSE_DIR")
        .env_remove("KAFKACOURSE_BROKER")
        .output()
        .expect("kafkacourse starts");
    Row::new(program, variant, &output)
}
