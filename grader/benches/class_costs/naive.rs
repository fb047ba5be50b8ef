//! The loop that one would write instead: for each submission a checkout, a build folder and a broker of its own, one
//! after the other.

use super::usage::cost;
use super::{Class, root};
use crate::class::made::{Made, Recipe, Work};
use anyhow::{Context as _, Result, ensure};
use std::path::Path;
use std::process::{Command, Stdio};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    class: Class,
    #[arg(long, default_value = "embedded")]
    broker: String,
    #[arg(long, default_value_t = 2)]
    seeds: u32,
}

pub fn run(args: &Args) -> Result<()> {
    let recipe =
        Recipe { learners: args.class.learners, exercises: args.class.exercises.clone(), seed: args.class.seed };
    let made = recipe.make(&root());
    let (mut seconds, mut processors) = (0.0, 0.0);
    for (position, learner) in made.learners.iter().enumerate() {
        let folder = tempfile::tempdir()?;
        let course = folder.path().join("course");
        checkout(&course)?;
        lay_over(&made, position, &course)?;
        let build = folder.path().join("build");
        for exercise in &args.class.exercises {
            for seed in 1..=args.seeds {
                let mut command = Command::new(env!("CARGO_BIN_EXE_kafkacourse"));
                command.current_dir(&course).args(["check", exercise, "--broker", &args.broker, "--seed"]);
                command.arg(seed.to_string()).stdout(Stdio::null()).stderr(Stdio::null());
                command.env("CARGO_TARGET_DIR", &build).env("CARGO_BUILD_BUILD_DIR", &build);
                let cost = cost(&mut command)?;
                seconds += cost.seconds;
                processors += cost.processors;
            }
        }
        println!("  {}: {seconds:.0} s, {processors:.0} s of processors so far", learner.id);
    }
    let learners = made.learners.len() as f64;
    println!("the naive loop: {:.1} s a learner, {:.1} s of processors", seconds / learners, processors / learners);
    Ok(())
}

fn checkout(course: &Path) -> Result<()> {
    let output = Command::new("git").args(["clone", "--quiet", "--shared"]).arg(root()).arg(course).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

fn lay_over(made: &Made, position: usize, course: &Path) -> Result<()> {
    let Work::Programs(programs) = &made.learners[position].work else { return Ok(()) };
    for (exercise, program) in programs {
        let folder = course.join("exercises").join(&made.folders[exercise]);
        for (path, text) in &program.files {
            std::fs::write(folder.join(path), text).or_else(|_| {
                let path = folder.join(path);
                std::fs::create_dir_all(path.parent().context("a folder above")?)?;
                std::fs::write(path, text).context("a file")
            })?;
        }
    }
    Ok(())
}
