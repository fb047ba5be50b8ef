//! `kafkacourse check`: build, run, judge, report.

use super::teller::Teller;
use super::{BrokerOption, Context, block_on};
use crate::build::BuildError;
use crate::checks::count;
use crate::course::{Exercise, Scenario};
use crate::foreign::Foreign;
use crate::grade::{Candidate, Graded, Grader, NotGraded, Notice, Order};
use crate::progress::Done;
use crate::remembered::CommandLine;
use crate::report::out::{self, errln, outln};
use crate::report::pager::page;
use crate::report::paper::{Paper, together};
use crate::report::story::{Facts, Next, Scene, Story};
use crate::report::{json, passing, terminal};
use crate::run::RunError;
use crate::theory::Way;
use crate::verdict::Verdict;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Exercises: ex1, 1, producer-basics…; without one, that of the current folder, else your next one
    exercises: Vec<String>,
    /// All exercises
    #[arg(long, conflicts_with = "exercises")]
    all: bool,
    /// Grade the reference solution instead of your program
    #[arg(long)]
    solution: bool,
    /// Grade one of the known mistakes instead of your program
    #[arg(long, value_name = "NAME", conflicts_with = "solution")]
    mistake: Option<String>,
    /// Grade this command line instead, in any language: --cmd "python3 producer.py". It is remembered (not with
    /// --json): from then on, `check` alone grades it
    #[arg(long, value_name = "COMMAND", conflicts_with_all = ["solution", "mistake"])]
    cmd: Option<String>,
    /// Grade the crate in exercises/ again, and forget the command line that was remembered
    #[arg(long, conflicts_with_all = ["cmd", "solution", "mistake"])]
    no_cmd: bool,
    /// Only this scenario (repeatable)
    #[arg(long, value_name = "NAME")]
    scenario: Vec<String>,
    /// Replay the input and the faults of an earlier run
    #[arg(long, allow_negative_numbers = true)]
    seed: Option<u64>,
    #[command(flatten)]
    broker: BrokerOption,
    /// One JSON object per exercise on standard output, and nothing else there
    #[arg(long)]
    json: bool,
    /// Also what was proved, and what the program printed
    #[arg(short, long)]
    verbose: bool,
}

pub(super) fn run(context: &mut Context, args: &Args) -> anyhow::Result<u8> {
    let course = context.course.clone();
    let ids = match (args.all, args.exercises.as_slice()) {
        (true, _) => course.exercises.iter().map(|exercise| exercise.id.clone()).collect(),
        (_, []) => vec![context.exercise(None)?.id.clone()],
        (_, words) => words
            .iter()
            .map(|word| Ok(context.exercise(Some(word))?.id.clone()))
            .collect::<anyhow::Result<Vec<String>>>()?,
    };
    block_on(async {
        let grader = Grader::new(&context.workspace.root, args.broker.broker.clone(), 1)?;
        let mut worst = 0;
        for exercise in ids.iter().filter_map(|id| course.exercise(id)) {
            worst = worst.max(check(context, args, exercise, &grader).await?.exit_code());
        }
        Ok(worst)
    })
}

/// Grades one exercise, says what came of it, and keeps it if it was an attempt of the learner's.
async fn check(context: &mut Context, args: &Args, exercise: &Exercise, grader: &Grader) -> anyhow::Result<Verdict> {
    let command = match args.solution || args.mistake.is_some() {
        true => None,
        // A script names its program each time, and must not change what a learner's plain `check` grades.
        false
            if args.json
                && let Some(line) = &args.cmd =>
        {
            Some(given(line, &context.here)?)
        }
        false => command_line(context, exercise, args.cmd.as_deref(), args.no_cmd)?,
    };
    let candidate = candidate(args, exercise, command.as_ref())?;
    let order = Order {
        exercise,
        candidate,
        scenarios: scenarios(args, exercise)?,
        seed: args.seed.unwrap_or_else(|| u64::from(rand::random::<u32>())),
        confinement: None,
        coloured_compiler: !args.json && Paper::stderr().colour,
    };
    let sources = command.is_none().then(|| context.workspace.fingerprint(exercise)).flatten();
    let teller = Teller::new(context.out, args.json);
    let result = graded(context, &order, grader, &teller).await;
    teller.end();
    let attempt = attempt(&order, &result, sources);
    let verdict = match &result {
        Ok(graded) => {
            report(context, args, &order, graded, attempt.as_ref(), &teller);
            graded.verdict
        }
        Err(error) => {
            let Some(verdict) = error.verdict() else { anyhow::bail!("{error}") };
            not_graded(error, &order, verdict, &teller, args.json);
            verdict
        }
    };
    if let Some(attempt) = attempt {
        context.keep(attempt);
    }
    Ok(verdict)
}

/// What is kept of an attempt of the learner's at the whole exercise, whose crate had the fingerprint `sources`; none
/// where it was something else, or came to no verdict on the program.
pub(super) fn attempt(
    order: &Order<'_>,
    result: &Result<Graded<'_>, NotGraded>,
    sources: Option<String>,
) -> Option<Done> {
    let whole = order.scenarios.len() == order.exercise.scenarios.len();
    let (verdict, graded) = match result {
        Ok(graded) if whole => (graded.verdict, Some(graded)),
        Err(error) => (error.verdict().filter(|verdict| *verdict == Verdict::DidNotBuild)?, None),
        Ok(_) => return None,
    };
    order.candidate.is_learners().then(|| Done::Checked {
        exercise: order.exercise.id.clone(),
        verdict,
        broker: graded.map_or_else(String::new, |graded| graded.broker.version.clone()),
        seed: order.seed,
        diagnosis: graded.and_then(|graded| graded.diagnosis).map(|mistake| mistake.name.clone()),
        sources,
    })
}

/// Grades, and says what goes on meanwhile.
async fn graded<'a>(
    context: &Context,
    order: &Order<'a>,
    grader: &Grader,
    teller: &Teller,
) -> Result<Graded<'a>, NotGraded> {
    let (paper, exercise) = (&teller.paper, order.exercise);
    teller.line(&format!("{} · {}", paper.bold(&exercise.id), paper.bold(&exercise.title)));
    teller.now("building, and starting the broker".into());
    let say = |line: &str| teller.line(&paper.wrap(&paper.dim(line), 2));
    if let Candidate::Command { line, .. } = order.candidate {
        let line = Foreign::from(line);
        say(&format!("your program: {line} · remembered; {} for the crate", together("--no-cmd")));
    }
    let left = AtomicUsize::new(order.scenarios.len());
    let watch = |notice: Notice<'_>| match notice {
        Notice::Building(said) => teller.building(said),
        Notice::Broker(line) => say(line),
        Notice::Judged(played) => {
            let left = left.fetch_sub(1, Ordering::Relaxed) - 1;
            teller.now(format!("{} to go", count(left, "scenario")));
            teller.line(&terminal::scenario(&Scene::new(played), paper));
        }
    };
    let ready = grader.prepare(order, &watch).await?;
    let description = grader.brokers_for(&order.scenarios, &watch).await?.description();
    let why = description.why.trim_end_matches('.');
    say(&format!(
        "{} · {} · {}",
        Foreign::from(&description.version),
        Foreign::from(why),
        together(&format!("seed {}", order.seed))
    ));
    let evidence = context.workspace.store().begin(&exercise.id)?;
    teller.now(count(order.scenarios.len(), "scenario"));
    let graded = grader.grade(order, &ready, evidence.folder(), &watch).await?;
    evidence.end();
    Ok(graded)
}

/// What there is to say of a graded program, with the next command for this learner.
pub(super) fn story(context: &Context, order: &Order<'_>, graded: &Graded<'_>) -> Story {
    let part = graded.verdict == Verdict::Passed && graded.played.len() < order.exercise.scenarios.len();
    let mut story = Story::graded(graded, None);
    story.facts.next = (!part).then(|| next(context, order, &story));
    story
}

/// What there is to read of a graded program below its scenarios. `attempt`: what is kept of it, where it is one.
pub(super) fn text(
    context: &Context,
    order: &Order<'_>,
    story: &Story,
    attempt: Option<&Done>,
    paper: &Paper,
    verbose: bool,
) -> String {
    let mut text = terminal::details(story, paper, verbose);
    if verbose {
        text += &terminal::printed(story, paper);
    }
    if let Some(attempt) = attempt.filter(|_| story.verdict == Verdict::Passed) {
        let progress = context.progress.with(attempt.clone());
        let way = Way { course: &context.course, progress: &progress };
        let rust = matches!(order.candidate, Candidate::Exercise);
        text += &format!("\n{}\n", passing::lines(order.exercise, way, rust, paper));
    }
    if let Some(next) = &story.facts.next {
        text += &format!("\n{}\n", terminal::next(next, paper));
    }
    text
}

/// `attempt`: what is kept of it, where it is one.
fn report(
    context: &Context,
    args: &Args,
    order: &Order<'_>,
    graded: &Graded<'_>,
    attempt: Option<&Done>,
    teller: &Teller,
) {
    let story = story(context, order, graded);
    let text = text(context, order, &story, attempt, &teller.paper, args.verbose);
    match args.json {
        true => {}
        false if args.verbose => _ = page(&text, &teller.paper),
        false => teller.text(&text),
    }
    print_json(args.json, &story);
}

/// Says why there is no verdict from a run.
fn not_graded(error: &NotGraded, order: &Order<'_>, verdict: Verdict, teller: &Teller, json: bool) {
    let (paper, exercise) = (&teller.paper, order.exercise);
    let text = match error {
        NotGraded::Build(BuildError::Broken { package, diagnostics }) => {
            out::complain(format_args!("{diagnostics}"));
            teller.line("");
            let told = format!("{package} does not build; the compiler says why above.");
            teller.line(&paper.beside(&format!("  {} ", paper.red("✗")), &told));
            let first = Some(format!("{}, then", exercise.stub()));
            let command = format!("kafkacourse check {}", exercise.id);
            teller.line(&terminal::next(&Next { first, command }, paper));
            diagnostics.clone()
        }
        other => {
            let text = other.to_string();
            let lines = Foreign::from(text.as_str()).lines();
            errln!("{} {lines}", Paper::stderr().red("not your doing:"));
            super::point_to_trouble(&text);
            text
        }
    };
    let facts = Facts { seed: order.seed, error: Some(text.into()), ..Facts::default() };
    print_json(json, &Story::without_run(exercise, verdict, facts));
}

fn print_json(wanted: bool, story: &Story) {
    if wanted {
        outln!("{}", json::line(story));
    }
}

/// What the command line asks for. A mistake that it names is there.
fn candidate<'a>(
    args: &'a Args,
    exercise: &Exercise,
    command: Option<&'a CommandLine>,
) -> anyhow::Result<Candidate<'a>> {
    Ok(match (&args.mistake, args.solution) {
        (Some(name), _) => {
            let names: Vec<&str> = exercise.mistakes.iter().map(|mistake| mistake.name.as_str()).collect();
            if !names.contains(&name.as_str()) {
                anyhow::bail!("{} has no mistake “{name}”; it has {}", exercise.id, names.join(", "));
            }
            Candidate::Mistake(name)
        }
        (None, true) => Candidate::Solution,
        (None, false) => learners(command),
    })
}

/// A command line that is given to run `here`, as far as it is one.
fn given(line: &str, here: &Path) -> anyhow::Result<CommandLine> {
    if line.lines().map(str::trim).all(|line| line.is_empty() || line.starts_with('#')) {
        anyhow::bail!("--cmd wants a command line: --cmd \"python3 producer.py\"");
    }
    match misspelt(line) {
        Some(why) => anyhow::bail!("{}", RunError::NoCommand { line: line.to_owned(), why }),
        None => Ok(CommandLine { line: line.to_owned(), folder: here.to_owned() }),
    }
}

/// The learner's program: this command line, or else the crate.
pub(super) fn learners(command: Option<&CommandLine>) -> Candidate<'_> {
    match command {
        Some(CommandLine { line, folder }) => Candidate::Command { line, folder },
        None => Candidate::Exercise,
    }
}

/// The command line that stands for the learner's program, with the folder where it runs: the one that is given, which
/// is remembered, else the one that was remembered before; none where it is the crate. `forget`: it is the crate again.
pub(super) fn command_line(
    context: &Context,
    exercise: &Exercise,
    line: Option<&str>,
    forget: bool,
) -> anyhow::Result<Option<CommandLine>> {
    let (id, here) = (&exercise.id, &context.here);
    let mut remembered = context.remembered()?;
    if let Some(line) = line {
        let command = given(line, here)?;
        if let Err(error) = remembered.keep(id, line, here) {
            let why = Foreign::from(error.to_string()).lines();
            errln!("{} the command line is not remembered: {why}", Paper::stderr().yellow("warning:"));
        }
        return Ok(Some(command));
    }
    if forget {
        remembered.forget(id)?;
    }
    let known = remembered.command(id);
    if let Some(CommandLine { line, folder }) = known.as_ref().filter(|known| !known.folder.is_dir()) {
        let (line, folder) = (Foreign::from(line.as_str()), Foreign::from(folder.display().to_string()));
        anyhow::bail!(
            "{id} is graded with `{line}` in {folder}, and that folder is no longer there. Another command: \
             kafkacourse check {id} --cmd \"…\". The crate in exercises/: kafkacourse check {id} --no-cmd"
        );
    }
    Ok(known)
}

/// What the shell says of a command line that it cannot read: a quote is not closed, say. Nothing is run.
fn misspelt(line: &str) -> Option<String> {
    let read = Command::new("sh").args(["-n", "-c", line]).stdin(Stdio::null()).output().ok()?;
    let said = String::from_utf8_lossy(&read.stderr).lines().next().map(ToOwned::to_owned);
    said.filter(|_| !read.status.success())
}

/// The scenarios to play. What the command line names is there.
fn scenarios<'a>(args: &Args, exercise: &'a Exercise) -> anyhow::Result<Vec<&'a Scenario>> {
    if args.scenario.is_empty() {
        return Ok(exercise.scenarios.iter().collect());
    }
    let mut chosen: Vec<&Scenario> = Vec::new();
    for name in &args.scenario {
        let scenario = scenario(exercise, name)?;
        if !chosen.iter().any(|known| known.id == scenario.id) {
            chosen.push(scenario);
        }
    }
    Ok(chosen)
}

/// The scenario of this name.
pub(super) fn scenario<'e>(exercise: &'e Exercise, name: &str) -> anyhow::Result<&'e Scenario> {
    exercise.scenarios.iter().find(|scenario| scenario.id == name).ok_or_else(|| {
        let names: Vec<&str> = exercise.scenarios.iter().map(|scenario| scenario.id.as_str()).collect();
        anyhow::anyhow!("{} has no scenario “{name}”; it has {}", exercise.id, names.join(", "))
    })
}

/// One next command, at the very end.
fn next(context: &Context, order: &Order<'_>, story: &Story) -> Next {
    let exercise = order.exercise;
    let id = &exercise.id;
    match story.verdict {
        Verdict::Passed => Next::command("kafkacourse next"),
        Verdict::NotStarted => {
            let first = Some(format!("open {}, or:", exercise.stub()));
            Next { first, command: format!("kafkacourse hint {id}") }
        }
        // Who has seen every hint is not sent for another one.
        _ if context.progress.attempts(id) > 1 && context.progress.hints(id) < exercise.hints.len() => {
            Next::command(format!("kafkacourse hint {id}"))
        }
        _ => {
            let trace = story.faults.first().map(|fault| fault.trace.clone());
            Next::command(trace.unwrap_or_else(|| format!("kafkacourse trace {id}")))
        }
    }
}
