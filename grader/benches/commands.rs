//! How long the commands take that only look something up, against a program that does nothing.

use anyhow::{Result, ensure};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

const PROGRAM: &str = env!("CARGO_BIN_EXE_kafkacourse");
const ROUNDS: usize = 60;

fn main() -> Result<()> {
    let state = tempfile::tempdir()?;
    let course = course(state.path())?;
    println!("commands, {ROUNDS} rounds, medians (goal: below 5 ms)");
    let commands: [&[&str]; 5] = [&["--version"], &["next"], &["list"], &["hint", "ex1"], &["progress"]];
    let mut times = vec![Vec::new(); commands.len() + 1];
    // Round by round, so that a busy moment of the machine meets all of them.
    for _ in 0..ROUNDS {
        times[0].push(milliseconds(&mut Command::new("true"))?);
        for (arguments, times) in commands.iter().zip(&mut times[1..]) {
            times.push(milliseconds(Command::new(PROGRAM).args(*arguments).arg("--course").arg(&course))?);
        }
    }
    let floor = median(&mut times[0]);
    println!("  {:<12} {floor:5.1} ms", "true");
    for (arguments, times) in commands.iter().zip(&mut times[1..]) {
        let time = median(times);
        println!("  {:<12} {time:5.1} ms, {:4.1} × the floor", arguments[0], time / floor);
    }
    Ok(())
}

/// The course with a state of its own: asking for hints changes what the learner has done.
fn course(folder: &Path) -> Result<std::path::PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
    for tree in ["modules", "exercises", "solutions"] {
        std::os::unix::fs::symlink(root.join(tree), folder.join(tree))?;
    }
    Ok(folder.to_owned())
}

fn milliseconds(command: &mut Command) -> Result<f64> {
    let began = Instant::now();
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    let taken = began.elapsed().as_secs_f64() * 1e3;
    ensure!(status.success(), "{command:?}: {status}");
    Ok(taken)
}

fn median(numbers: &mut [f64]) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
