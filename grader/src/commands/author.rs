//! `kafkacourse author`: does the course do what it says?

mod new;
mod transcripts;

use super::teller::build_says;
use super::{BrokerOption, Context, Everywhere, block_on};
use crate::build;
use crate::checks::count;
use crate::course::{Exercise, find_exercise};
use crate::grade::{Candidate, Grader, Notice, Order};
use crate::proofread;
use crate::report::out::{errln, out, outln};
use crate::report::paper::Paper;
use crate::report::story::Story;
use crate::report::terminal;
use crate::verdict::Verdict;
use futures_util::{StreamExt, TryStreamExt, stream};
use std::collections::HashMap;
use std::path::PathBuf;
use std::pin::pin;
use std::time::Instant;
use tokio::sync::Semaphore;

#[derive(Debug, clap::Subcommand)]
pub enum Action {
    /// Every stub is not started, every solution and every other style passes, every mistake gets its own diagnosis
    Check(Args),
    /// The transcripts in the pages (```wire NAME), from runs on the embedded broker: do they say what the runs say?
    Transcripts(transcripts::Args),
    /// The page of all known mistakes, modules/reference/faults.md, from the exercises' files
    Faults,
    /// A new exercise: its folders in both trees, with everything that the course requires of it
    New {
        /// The folder's name: ex03-group-scaling
        name: String,
        /// A title for people
        title: String,
    },
}

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Exercises; all without one
    exercises: Vec<String>,
    #[command(flatten)]
    broker: BrokerOption,
    /// Only the texts (links, minutes, front pages, terms, quizzes); nothing is built or run
    #[arg(long, conflicts_with_all = ["exercises", "only", "right", "times", "jobs"])]
    text: bool,
    /// Only programs whose name contains this
    #[arg(long, value_name = "PART")]
    only: Option<String>,
    /// Only programs without a mistake: stubs, solutions, other styles
    #[arg(long)]
    right: bool,
    /// So many times in a row
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    times: u32,
    /// So many programs at the same time; they mostly wait
    #[arg(long, default_value_t = 3)]
    jobs: usize,
}

pub(super) fn run(everywhere: &Everywhere, action: &Action) -> anyhow::Result<u8> {
    match action {
        Action::Check(args) => check(&Context::load(everywhere)?, args),
        Action::Transcripts(args) => transcripts::run(&Context::load(everywhere)?, args),
        Action::Faults => faults(&Context::load(everywhere)?),
        Action::New { name, title } => new::run(&Context::load(everywhere)?, name, title),
    }
}

/// So many programs for each that runs may have run, or wait to, until the one before them is told.
const AHEAD: usize = 8;

/// A program of the course and what must become of it.
#[derive(Clone)]
struct Expected<'a> {
    exercise: &'a Exercise,
    name: String,
    path: PathBuf,
    verdict: Verdict,
    diagnosis: Option<String>,
}

fn check(context: &Context, args: &Args) -> anyhow::Result<u8> {
    let course = &context.course;
    let exercises: Vec<&Exercise> = match args.exercises.as_slice() {
        [] => course.exercises.iter().collect(),
        words => words.iter().map(|word| Ok(find_exercise(course, word)?)).collect::<anyhow::Result<_>>()?,
    };
    let complaints = proofread::course(course);
    for complaint in &complaints {
        outln!("{} {complaint}", context.out.red("✗"));
    }
    if args.text {
        let told = format!("{} things in the texts are not as they should be", complaints.len());
        outln!("{}", if complaints.is_empty() { "the texts are as they should be" } else { &told });
        return Ok(u8::from(!complaints.is_empty()));
    }
    one_program_for_each_name(context)?;
    block_on(async {
        let grader = Grader::new(&context.workspace.root, args.broker.broker.clone(), args.jobs)?;
        let description = grader.brokers(&watch).await?.description();
        outln!("{}", context.out.wrap(&format!("{} · {}", description.version, description.why), 0));
        let (mut right, mut wrong) = (0, complaints.len());
        // The next exercise is built while programs of this one run.
        let chosen = stream::iter(exercises).then(|exercise| chosen(context, exercise, args));
        let slots = Semaphore::new(args.jobs.max(1));
        let proofs = chosen.map_ok(|chosen| stream::iter(chosen).map(Ok)).try_flatten().map_ok(async |expected| {
            let _slot = slots.acquire().await;
            prove(context, &expected, &grader).await
        });
        // They are told in their order, and a slow one holds up nothing but the telling.
        let mut proofs = pin!(proofs.try_buffered(args.jobs.max(1) * AHEAD));
        while let Some((as_expected, text)) = proofs.try_next().await? {
            out!("{text}");
            if as_expected { right += 1 } else { wrong += 1 }
        }
        if let Some(part) = args.only.as_ref().filter(|_| right == 0 && wrong == complaints.len()) {
            anyhow::bail!("there is no program whose name contains “{part}”");
        }
        if args.exercises.is_empty() && args.only.is_none() && !args.right {
            wrong += transcripts::compare(context, &transcripts::Args::every()).await?;
        }
        outln!("{right} as they should be, {wrong} not");
        Ok(u8::from(wrong > 0))
    })
}

/// Cargo puts the programs of all solutions into one folder, where one replaces another of its name.
fn one_program_for_each_name(context: &Context) -> anyhow::Result<()> {
    let mut of = HashMap::new();
    for exercise in &context.course.exercises {
        let folder = format!("solutions/{}/src/bin", exercise.folder);
        for entry in std::fs::read_dir(context.workspace.root.join(&folder)).into_iter().flatten().flatten() {
            let name = entry.file_name();
            if let Some(other) = of.insert(name.clone(), folder.clone()) {
                let name = name.display();
                anyhow::bail!(
                    "{other}/{name} and {folder}/{name} are built in one place: give one of them another name"
                );
            }
        }
    }
    Ok(())
}

/// Writes the page of all known mistakes, where it is not what it should be.
fn faults(context: &Context) -> anyhow::Result<u8> {
    let path = context.workspace.root.join(proofread::faults::FILE);
    let page = proofread::faults::page(&context.course);
    let same = std::fs::read_to_string(&path).is_ok_and(|there| there == page);
    if !same {
        std::fs::write(&path, page).map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))?;
    }
    outln!("{}: {}", proofread::faults::FILE, if same { "as it should be" } else { "written" });
    Ok(0)
}

/// Those of an exercise's programs that are asked for, as often as they are asked for.
async fn chosen<'a>(context: &Context, exercise: &'a Exercise, args: &Args) -> anyhow::Result<Vec<Expected<'a>>> {
    let mut programs = programs(context, exercise).await?;
    programs.retain(|program| {
        let named = args.only.as_ref().is_none_or(|part| program.name.contains(part));
        named && (!args.right || program.diagnosis.is_none())
    });
    Ok((0..args.times).flat_map(|_| programs.clone()).collect())
}

async fn programs<'a>(context: &Context, exercise: &'a Exercise) -> anyhow::Result<Vec<Expected<'a>>> {
    let root = &context.workspace.root;
    let mut programs = Vec::new();
    if is_stub(context, exercise) {
        let path =
            build::program(root, exercise.package(), exercise.package(), Paper::stderr().colour, build_says).await?;
        programs.push(Expected { exercise, name: "stub".into(), path, verdict: Verdict::NotStarted, diagnosis: None });
    } else {
        outln!("- {} stub: changed since it was cloned, left out", exercise.id);
    }
    let package = exercise.solution_package();
    let mut built = build::programs(
        root,
        &package,
        &root.join("solutions").join(&exercise.folder),
        Paper::stderr().colour,
        build_says,
    )
    .await?;
    built.sort();
    for (name, path) in built {
        let mistake = exercise.mistakes.iter().find(|mistake| mistake.program() == name);
        let verdict = if mistake.is_some() { Verdict::Failed } else { Verdict::Passed };
        let is_solution = name == package;
        let diagnosis = mistake.map(|mistake| mistake.name.clone());
        let name = if is_solution { "solution".into() } else { name };
        programs.push(Expected { exercise, name, path, verdict, diagnosis });
    }
    for mistake in &exercise.mistakes {
        if !programs.iter().any(|program| program.name == mistake.program()) {
            anyhow::bail!(
                "{}: the mistake “{}” has no program in solutions/{}/src/bin",
                exercise.id,
                mistake.name,
                exercise.folder
            );
        }
    }
    Ok(programs)
}

/// Is the stub still what was cloned? A learner's course proves everything but the stubs.
fn is_stub(context: &Context, exercise: &Exercise) -> bool {
    let now = std::fs::read(context.workspace.stub(exercise)).ok();
    context.workspace.original(exercise).map_or(true, |original| now == Some(original))
}

async fn prove(context: &Context, expected: &Expected<'_>, grader: &Grader) -> anyhow::Result<(bool, String)> {
    let exercise = expected.exercise;
    let evidence = context.workspace.store().begin(&format!("author-{}-{}", exercise.id, expected.name))?;
    let order = Order {
        exercise,
        candidate: Candidate::Built { path: &expected.path, name: &expected.name },
        scenarios: exercise.scenarios.iter().collect(),
        seed: u64::from(rand::random::<u32>()),
        confinement: None,
        coloured_compiler: false,
    };
    let line = |mark: String, told: &str| format!("{mark} {} {:<28} {told}\n", exercise.id, expected.name);
    let began = Instant::now();
    let graded = async {
        let ready = grader.prepare(&order, &watch).await?;
        grader.grade(&order, &ready, evidence.folder(), &watch).await
    };
    let graded = match graded.await {
        Ok(graded) => graded,
        // One run that could not be judged is not the end of all others.
        Err(why) => return Ok((false, line(context.out.red("✗"), &format!("no verdict: {why}")))),
    };
    let verdict = graded.verdict;
    let diagnosis = graded.diagnosis.map(|mistake| mistake.name.clone());
    let story = Story::graded(&graded, None);
    let named = verdict == expected.verdict && diagnosis == expected.diagnosis;
    // A known mistake is one problem: what follows from it is no second one.
    let unexplained: Vec<&str> = story.faults.others.iter().map(|fault| fault.problem.code.as_str()).collect();
    let right = named && (expected.diagnosis.is_none() || unexplained.is_empty());
    // Straight after `author new`: nothing is wrong, and there is nothing to look into.
    if (verdict, expected.verdict) == (Verdict::NotStarted, Verdict::Passed) {
        let told = format!("not started yet: solutions/{}/src", exercise.folder);
        return Ok((false, line(context.out.yellow("○"), &told)));
    }
    let mark = if right { context.out.green("✓") } else { context.out.red("✗") };
    let outcome = match &diagnosis {
        None => verdict.in_words().to_owned(),
        Some(name) if named && !right => {
            format!("diagnosed as {name}, which does not explain {}", unexplained.join(", "))
        }
        Some(name) => format!("diagnosed as {name} in {}", count(lines(&story), "line")),
    };
    let seconds = began.elapsed().as_secs_f64();
    let mut text = line(mark, &format!("{outcome} ({seconds:.1} s)"));
    if !right {
        text.push_str(&format!("    seed {}, evidence in {}\n", order.seed, evidence.folder().display()));
        for line in terminal::details(&story, &context.out, false).lines() {
            text.push_str(&format!("    {line}\n"));
        }
    }
    evidence.end();
    Ok((right, text))
}

/// How long the report is on a terminal of 80 columns.
fn lines(story: &Story) -> usize {
    let paper = Paper { width: 80, colour: false, terminal: false };
    (terminal::scenarios(story, &paper) + &terminal::details(story, &paper, false)).lines().count()
}

/// What the broker takes its time for; the rest is told when it is over.
fn watch(notice: Notice<'_>) {
    if let Notice::Broker(line) = notice {
        errln!("{line}");
    }
}
