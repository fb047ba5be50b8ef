//! The parts of the bench `class`.

mod kills;
mod measure;
mod naive;
mod usage;

use crate::class::made::{Expectation, Made, Recipe};
use crate::class::packed::PACKINGS;
use crate::class::verdicts;
use anyhow::{Context as _, Result, ensure};
use std::io::Write;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Parser)]
pub enum Measurement {
    /// Makes a class: its submissions, what must become of them, and the same as an export of Canvas
    Make {
        folder: PathBuf,
        #[command(flatten)]
        class: Class,
    },
    /// Holds what became of a class against what must become of it
    Verdicts {
        folder: PathBuf,
        out: PathBuf,
        #[arg(long, default_value_t = 2)]
        seeds: u32,
    },
    /// Grades a class and says what it cost
    Measure(measure::Args),
    /// Grades a few learners in a loop, with a build folder and a broker of their own
    Naive(naive::Args),
    /// Kills the grader at random moments, and lets the next one go on
    Kills(kills::Args),
}

#[derive(Debug, Clone, clap::Args)]
pub struct Class {
    #[arg(long, default_value_t = 40)]
    learners: usize,
    #[arg(long, value_delimiter = ',', default_values = ["ex1", "ex2", "ex3", "ex4", "ex5", "ex6"])]
    exercises: Vec<String>,
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

impl Measurement {
    pub fn run(self) -> Result<()> {
        match self {
            Measurement::Make { folder, class } => make(&class, &folder).map(drop),
            Measurement::Verdicts { folder, out, seeds } => compare(&folder, &out, seeds),
            Measurement::Measure(args) => measure::run(&args),
            Measurement::Naive(args) => naive::run(&args),
            Measurement::Kills(args) => kills::run(&args),
        }
    }
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A class in `folder`.
fn make(class: &Class, folder: &Path) -> Result<Made> {
    std::fs::create_dir_all(folder)?;
    let recipe = Recipe { learners: class.learners, exercises: class.exercises.clone(), seed: class.seed };
    let made = recipe.make(&root());
    made.write(&folder.join("submissions"), &PACKINGS);
    made.write_canvas(&folder.join("canvas"), &folder.join("gradebook.csv"));
    let mut file = std::io::BufWriter::new(std::fs::File::create(folder.join("expected.jsonl"))?);
    for expectation in made.expectations() {
        serde_json::to_writer(&mut file, &expectation)?;
        file.write_all(b"\n")?;
    }
    file.flush()?;
    Ok(made)
}

fn compare(folder: &Path, out: &Path, seeds: u32) -> Result<()> {
    let path = folder.join("expected.jsonl");
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let expectations: Vec<Expectation> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    tell(&expectations, &verdicts::differences(&expectations, out, seeds), seeds)
}

/// Says how many verdicts are as expected.
fn tell(expectations: &[Expectation], differences: &[String], seeds: u32) -> Result<()> {
    let units = expectations.len() * seeds as usize;
    println!("verdicts as expected: {} of {units}", units.saturating_sub(differences.len()));
    differences.iter().for_each(|difference| println!("  {difference}"));
    ensure!(differences.is_empty(), "verdicts differ");
    Ok(())
}
