//! From saving a file to the verdict in `watch`, against a bare `check` of the same program, on the embedded broker. The
//! program is built before, since both would call the same compiler.

use anyhow::{Context as _, Result, ensure};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

const ROUNDS: usize = 7;
const LIMIT: Duration = Duration::from_secs(120);

fn main() -> Result<()> {
    println!("save to verdict in watch, {ROUNDS} pairs, medians (goal: at most 1.1 of a check)");
    for (id, package) in [("ex1", "ex01-producer-basics-solution"), ("ex2", "ex02-manual-commits-solution")] {
        let course = course()?;
        let here = course.path().join("program");
        fs::create_dir(&here)?;
        let (program, source) = (build(package)?, here.join("main.sh"));
        save(&source, &program, 0)?;
        let (mut watch, lines) = watch(&here, id)?;
        until_verdict(&lines)?;
        let (mut watched, mut checked, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for round in 1..=ROUNDS {
            let began = Instant::now();
            save(&source, &program, round)?;
            let verdict = until_verdict(&lines)?;
            let in_watch = began.elapsed().as_secs_f64();
            ensure!(verdict.contains("passed"), "{id}: {verdict}");
            let began = Instant::now();
            let status = command(&here, "check", id).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
            let in_check = began.elapsed().as_secs_f64();
            ensure!(status.success(), "{id} does not pass in check: {status}");
            watched.push(in_watch);
            checked.push(in_check);
            ratios.push(in_watch / in_check);
        }
        watch.kill()?;
        watch.wait()?;
        let [watch, check, ratio] = [watched, checked, ratios].map(median);
        println!("  {id}: watch {watch:.2} s, check {check:.2} s, ratio {ratio:.2}");
    }
    Ok(())
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The course with a state of its own.
fn course() -> Result<tempfile::TempDir> {
    let (root, course) = (root().canonicalize()?, tempfile::tempdir()?);
    for tree in ["modules", "exercises", "solutions"] {
        std::os::unix::fs::symlink(root.join(tree), course.path().join(tree))?;
    }
    Ok(course)
}

/// The path of a program of this package.
fn build(package: &str) -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo).current_dir(root()).args(["build", "--quiet", "--package", package]).status()?;
    ensure!(built.success(), "{package} does not build");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    Ok(target.join("debug").join(package).canonicalize()?)
}

fn command(here: &Path, name: &str, id: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kafkacourse"));
    let words = [name, id, "--broker", "embedded", "--cmd", "sh main.sh"];
    command.args(words).current_dir(here).stdin(Stdio::null());
    command
}

fn watch(here: &Path, id: &str) -> Result<(Child, Receiver<String>)> {
    let mut child = command(here, "watch", id).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let said = BufReader::new(child.stdout.take().context("a pipe")?);
    let (tell, lines) = channel();
    std::thread::spawn(move || said.lines().map_while(Result::ok).for_each(|line| drop(tell.send(line))));
    Ok((child, lines))
}

/// The next line that says what a check came to.
fn until_verdict(lines: &Receiver<String>) -> Result<String> {
    loop {
        let line = lines.recv_timeout(LIMIT).context("watch says nothing")?;
        let goes_on = ["watching ", "checking", "✓", "✗", "○", "?"];
        if !goes_on.iter().any(|word| line.starts_with(word)) {
            return Ok(line);
        }
    }
}

/// A source that starts the program, and is another one each time.
fn save(source: &Path, program: &Path, number: usize) -> Result<()> {
    Ok(fs::write(source, format!("exec '{}' # {number}\n", program.display()))?)
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
