//! From saving a file to the verdict in `watch`, against a bare `check` of the same program, on the embedded broker.

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
    for (id, folder) in [("ex1", "ex01-producer-basics"), ("ex2", "ex02-manual-commits")] {
        let course = course(folder)?;
        let source = course.path().join("exercises").join(folder).join("src/main.rs");
        let (mut watch, lines) = watch(course.path(), id)?;
        until_verdict(&lines)?;
        let (mut watched, mut checked, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..=ROUNDS {
            save(&source, 2 * round)?;
            let began = Instant::now();
            ensure!(until_verdict(&lines)?.contains("passed"), "{id} does not pass in watch");
            let in_watch = began.elapsed().as_secs_f64();
            // It would run beside the check that is measured.
            suspend(&watch, rustix::process::Signal::STOP)?;
            save(&source, 2 * round + 1)?;
            let began = Instant::now();
            let check = command(course.path(), &["check", id]).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
            ensure!(check.success(), "{id} does not pass in check");
            let in_check = began.elapsed().as_secs_f64();
            suspend(&watch, rustix::process::Signal::CONT)?;
            until_verdict(&lines)?; // of the save that it had slept through
            if round > 0 {
                watched.push(in_watch);
                checked.push(in_check);
                ratios.push(in_watch / in_check);
            }
        }
        watch.kill()?;
        watch.wait()?;
        let [watch, check, ratio] = [watched, checked, ratios].map(median);
        println!("  {id}: watch {watch:.2} s, check {check:.2} s, ratio {ratio:.2}");
    }
    Ok(())
}

/// The course with the solution as the learner's program, built in the folder that the course's own builds use.
fn course(folder: &str) -> Result<tempfile::TempDir> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
    let course = tempfile::tempdir()?;
    for name in ["modules", "solutions", "grader", "Cargo.toml", "Cargo.lock", ".cargo"] {
        std::os::unix::fs::symlink(root.join(name), course.path().join(name))?;
    }
    copy(&root.join("exercises"), &course.path().join("exercises"))?;
    let (from, to) = (root.join("solutions").join(folder), course.path().join("exercises").join(folder));
    fs::copy(from.join("src/main.rs"), to.join("src/main.rs"))?;
    Ok(course)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let (path, to) = {
            let entry = entry?;
            (entry.path(), to.join(entry.file_name()))
        };
        if path.is_dir() { copy(&path, &to)? } else { drop(fs::copy(path, to)?) }
    }
    Ok(())
}

fn command(course: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kafkacourse"));
    command.args(words).args(["--broker", "embedded"]).current_dir(course).stdin(Stdio::null());
    command
}

fn watch(course: &Path, id: &str) -> Result<(Child, Receiver<String>)> {
    let mut child = command(course, &["watch", id]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
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

fn suspend(child: &Child, signal: rustix::process::Signal) -> Result<()> {
    Ok(rustix::process::kill_process(rustix::process::Pid::from_child(child), signal)?)
}

/// Another comment at the end, so that the compiler has something to do.
fn save(source: &PathBuf, number: usize) -> Result<()> {
    let text = fs::read_to_string(source)?;
    let text = text.split("\n// save ").next().unwrap_or_default();
    Ok(fs::write(source, format!("{text}\n// save {number}\n"))?)
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
