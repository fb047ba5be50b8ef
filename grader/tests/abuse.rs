//! What nobody should do, and how `kafkacourse` takes it: a quick part of `abuse/abuse.py`, which has all of it.

mod common;

use std::io::Write;
use std::path::Path;
use std::process::Command;

#[test]
#[cfg(target_os = "linux")] // it looks into /proc
fn abuses_are_taken_well() {
    if !common::has("python3") {
        writeln!(std::io::stderr(), "skipped: no python3, in which the abuses are written").ok();
        return;
    }
    let grader = Path::new(env!("CARGO_MANIFEST_DIR"));
    let abuse = grader.join("tests/abuse");
    let mut command = Command::new("python3");
    command.arg("-B").arg(abuse.join("abuse.py")).args(["--tags", "quick", "--quiet", "--show", "--patience", "4"]);
    command.arg("--binary").arg(env!("CARGO_BIN_EXE_kafkacourse"));
    command.arg("--course").arg(grader.join("..")).arg("--open").arg(abuse.join("open.txt"));
    let told = command.output().expect("python3 runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(told.status.success(), "{}{}", text(&told.stdout), text(&told.stderr));
}
