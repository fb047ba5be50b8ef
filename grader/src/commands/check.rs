//! `kafkacourse check`: build, run, judge, report.

use super::play;
use super::teller::Teller;
use super::{BrokerOption, Context, block_on};
use crate::broker::Brokers;
use crate::build::{self, BuildError};
use crate::checks::count;
use crate::course::{Exercise, Scenario};
use crate::progress::Done;
use crate::report::json::{self, Outcome, Seconds};
use crate::report::paper::{Paper, together};
use crate::report::{terminal, timeline};
use crate::run::RunError;
use crate::sandbox::{Program, Reaper};
use crate::verdict::{self, Played, Verdict};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

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
    /// Grade this command line instead, in any language: --cmd "python3 producer.py"
    #[arg(long, value_name = "COMMAND", conflicts_with_all = ["solution", "mistake"])]
    cmd: Option<String>,
    /// Only this scenario (repeatable)
    #[arg(long, value_name = "NAME")]
    scenario: Vec<String>,
    /// Replay the input and the faults of an earlier run
    #[arg(long)]
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
    let course = &context.course;
    let exercises: Vec<&Exercise> = match (args.all, args.exercises.as_slice()) {
        (true, _) => course.exercises.iter().collect(),
        (_, []) => vec![context.exercise(None)?],
        (_, words) => words.iter().map(|word| context.exercise(Some(word))).collect::<anyhow::Result<_>>()?,
    };
    let mut done = Vec::new();
    let code = block_on(async {
        let reaper = Arc::new(Reaper::start()?);
        let mut worst = 0;
        for exercise in exercises {
            let (verdict, entry) = one(context, args, exercise, &reaper).await?;
            worst = worst.max(verdict.exit_code());
            done.extend(entry);
        }
        Ok(worst)
    });
    for entry in done {
        context.keep(entry);
    }
    code
}

/// The check of one exercise.
struct Check<'a> {
    context: &'a Context,
    args: &'a Args,
    exercise: &'a Exercise,
    scenarios: Vec<&'a Scenario>,
    seed: u64,
    /// Fingerprint of what is about to be built.
    sources: Option<String>,
    tell: Teller,
}

/// What there is to report.
struct Judged<'a> {
    brokers: Brokers,
    seconds: Seconds,
    played: Vec<Played<'a>>,
}

/// Why there is nothing to judge.
enum Stopped {
    DidNotBuild {
        package: String,
        diagnostics: String,
    },
    /// `--cmd` names nothing that can be run.
    NoCommand(String),
    /// Ours, or the machine's.
    Fault(String),
}

impl From<BuildError> for Stopped {
    fn from(error: BuildError) -> Stopped {
        match error {
            BuildError::Broken { package, diagnostics } => Stopped::DidNotBuild { package, diagnostics },
            other => Stopped::Fault(other.to_string()),
        }
    }
}

impl From<RunError> for Stopped {
    fn from(error: RunError) -> Stopped {
        match error {
            RunError::NoCommand { .. } => Stopped::NoCommand(error.to_string()),
            other => Stopped::Fault(other.to_string()),
        }
    }
}

/// The verdict, and what is to be kept of the attempt, if it was one.
async fn one(
    context: &Context,
    args: &Args,
    exercise: &Exercise,
    reaper: &Arc<Reaper>,
) -> anyhow::Result<(Verdict, Option<Done>)> {
    let check = Check {
        context,
        args,
        exercise,
        scenarios: known(exercise, args)?,
        seed: args.seed.unwrap_or_else(|| u64::from(rand::random::<u32>())),
        sources: args.cmd.is_none().then(|| context.workspace.fingerprint(exercise)).flatten(),
        tell: Teller::new(context.out, args.json),
    };
    let judged = check.judged(reaper).await;
    check.tell.end();
    match judged {
        Ok(judged) => Ok(check.report(&judged)),
        Err(Stopped::DidNotBuild { package, diagnostics }) => Ok(check.does_not_build(&package, &diagnostics)),
        Err(Stopped::Fault(text)) => Ok(check.fault(&text)),
        Err(Stopped::NoCommand(text)) => Err(anyhow::Error::msg(text)),
    }
}

impl<'a> Check<'a> {
    /// Builds while the broker starts, and plays the scenarios.
    async fn judged(&self, reaper: &Arc<Reaper>) -> Result<Judged<'a>, Stopped> {
        let Check { context, args, exercise, scenarios, seed, tell, .. } = self;
        let paper = &tell.paper;
        tell.line(&format!("{} · {}", paper.bold(&exercise.id), paper.bold(&exercise.title)));
        tell.now("building, and starting the broker".into());
        let say = |line: &str| tell.line(&paper.wrap(&paper.dim(line), 2));
        let (built, brokers) = tokio::join!(
            timed(program(context, args, exercise, tell)),
            timed(Brokers::choose(args.broker.broker.clone(), &say))
        );
        let ((program, whose, folder), build) = (built.0?, built.1);
        let (brokers, broker) = (brokers.0.map_err(|error| Stopped::Fault(error.to_string()))?, brokers.1);
        let description = brokers.description();
        let why = description.why.trim_end_matches('.');
        say(&format!("{} · {why} · {}", description.version, together(&format!("seed {seed}"))));
        let evidence = context.workspace.evidence(&exercise.id).map_err(|error| Stopped::Fault(error.to_string()))?;
        let job = play::job(exercise, (&program, &whose), *seed, &folder);
        let mut left = scenarios.len();
        tell.now(count(left, "scenario"));
        let told = |played: &Played<'_>| {
            left -= 1;
            tell.now(format!("{} to go", count(left, "scenario")));
            tell.line(&terminal::scenario(played, paper));
        };
        let (played, run) = timed(play::all(&job, scenarios, &evidence, &brokers, reaper, told)).await;
        Ok(Judged { brokers, seconds: Seconds { build, broker, run }, played: played? })
    }

    fn report(&self, judged: &Judged<'_>) -> (Verdict, Option<Done>) {
        let Check { context, args, exercise, tell, .. } = self;
        let (verdict, diagnosis) = verdict::sum_up(exercise, &judged.played);
        let (count, all) = (judged.played.len(), exercise.scenarios.len());
        let part = verdict == Verdict::Passed && count < all;
        if part {
            let id = &exercise.id;
            let told = format!("{count} of {all} scenarios played, and passed. For all: kafkacourse check {id}");
            tell.line("");
            tell.line(&tell.paper.wrap(&told, 2));
        } else {
            let details = terminal::details(exercise, &judged.played, (verdict, diagnosis), &tell.paper, args.verbose);
            tell.line(details.trim_end_matches('\n'));
        }
        if args.verbose {
            printed(&judged.played, tell);
        }
        if !part {
            after(context, args, exercise, verdict, tell);
        }
        let broker = judged.brokers.description();
        self.json(&Outcome {
            exercise,
            verdict,
            broker: Some(broker),
            seed: self.seed,
            seconds: judged.seconds,
            played: &judged.played,
            diagnosis,
            error: None,
        });
        let entry = self.entry(verdict, &broker.version, diagnosis.map(|mistake| mistake.name.clone()));
        (verdict, entry.filter(|_| args.scenario.is_empty()))
    }

    fn does_not_build(&self, package: &str, diagnostics: &str) -> (Verdict, Option<Done>) {
        let (paper, exercise) = (&self.tell.paper, self.exercise);
        eprint!("{diagnostics}");
        self.tell.line("");
        let told = format!("{package} does not build; the compiler says why above.");
        self.tell.line(&paper.beside(&format!("  {} ", paper.red("✗")), &told));
        let check = together(&format!("kafkacourse check {}", exercise.id));
        let open = format!("{}, then {check}", exercise.stub());
        self.tell.line(&next_command(paper, &open));
        let verdict = Verdict::DidNotBuild;
        self.json(&Outcome::without_run(exercise, verdict, self.seed, diagnostics));
        (verdict, self.entry(verdict, "", None))
    }

    fn fault(&self, text: &str) -> (Verdict, Option<Done>) {
        eprintln!("{} {text}", Paper::stderr().red("not your doing:"));
        super::point_to_trouble(text);
        let verdict = Verdict::GraderFault;
        self.json(&Outcome::without_run(self.exercise, verdict, self.seed, text));
        (verdict, None)
    }

    fn json(&self, outcome: &Outcome<'_>) {
        if self.args.json {
            println!("{}", json::object(outcome));
        }
    }

    /// What is kept of it, when the program was the learner's own.
    fn entry(&self, verdict: Verdict, broker: &str, diagnosis: Option<String>) -> Option<Done> {
        let (exercise, broker, sources) = (self.exercise.id.clone(), broker.to_owned(), self.sources.clone());
        learners(self.args).then_some(Done::Checked { exercise, verdict, broker, seed: self.seed, diagnosis, sources })
    }
}

/// What comes of it, and the seconds that it took.
async fn timed<T>(work: impl Future<Output = T>) -> (T, f64) {
    let began = Instant::now();
    (work.await, began.elapsed().as_secs_f64())
}

/// Is it the learner's own program that is graded?
fn learners(args: &Args) -> bool {
    !args.solution && args.mistake.is_none()
}

/// The scenarios to play. What the command line names is there.
fn known<'a>(exercise: &'a Exercise, args: &Args) -> anyhow::Result<Vec<&'a Scenario>> {
    let mistakes = || exercise.mistakes.iter().map(|mistake| mistake.name.as_str());
    if let Some(name) = args.mistake.as_ref().filter(|name| mistakes().all(|known| known != name.as_str())) {
        let all: Vec<&str> = mistakes().collect();
        anyhow::bail!("{} has no mistake “{name}”; it has {}", exercise.id, all.join(", "));
    }
    let names = &args.scenario;
    if names.is_empty() {
        return Ok(exercise.scenarios.iter().collect());
    }
    let find = |name: &String| {
        exercise.scenarios.iter().find(|scenario| scenario.id == *name).ok_or_else(|| {
            let all: Vec<&str> = exercise.scenarios.iter().map(|scenario| scenario.id.as_str()).collect();
            anyhow::anyhow!("{} has no scenario “{name}”; it has {}", exercise.id, all.join(", "))
        })
    };
    names.iter().map(find).collect()
}

/// The program, what it is called, and where it runs.
async fn program(
    context: &Context,
    args: &Args,
    exercise: &Exercise,
    tell: &Teller,
) -> Result<(Program, String, PathBuf), BuildError> {
    let root = &context.workspace.root;
    if let Some(line) = &args.cmd {
        return Ok((Program::Command(line.clone()), line.clone(), context.here.clone()));
    }
    let (package, binary, whose) = match (&args.mistake, args.solution) {
        (Some(name), _) => (exercise.solution_package(), name.clone(), format!("mistake {name}")),
        (None, true) => (exercise.solution_package(), exercise.solution_package(), "solution".into()),
        (None, false) => (exercise.package().to_owned(), exercise.package().to_owned(), "exercise".into()),
    };
    let path = build::program(root, &package, &binary, !args.json, |about| tell.building(about)).await?;
    Ok((Program::Built(path), whose, root.join("exercises").join(&exercise.folder)))
}

/// What the program printed in the first scenario that failed, else in the first.
fn printed(played: &[Played<'_>], tell: &Teller) {
    let Some(one) = played.iter().find(|played| !played.passed()).or(played.first()) else { return };
    tell.line("");
    tell.line(&tell.paper.wrap(&tell.paper.dim(&format!("what it printed in “{}”:", one.scenario.title)), 2));
    for event in &one.evidence.events {
        if let crate::evidence::What::Output { line, .. } = &event.what {
            tell.line(&format!("    {}", tell.paper.dim(&timeline::printable(line))));
        }
    }
}

fn next_command(paper: &Paper, command: &str) -> String {
    paper.beside(&format!("  {} ", paper.dim("next:")), &paper.cyan(command))
}

/// One next command, at the very end.
fn after(context: &Context, args: &Args, exercise: &Exercise, verdict: Verdict, tell: &Teller) {
    tell.line("");
    let id = &exercise.id;
    let command = match verdict {
        Verdict::Passed if !learners(args) => "kafkacourse next".to_owned(),
        Verdict::Passed => match context.course.after(id) {
            Some(_) => "kafkacourse next".to_owned(),
            None => "kafkacourse progress".to_owned(),
        },
        Verdict::NotStarted => format!("open {}, or: {}", exercise.stub(), together(&format!("kafkacourse hint {id}"))),
        // Who has seen every hint is not sent for another one.
        _ if context.progress.attempts(id) > 1 && context.progress.hints(id) < exercise.hints.len() => {
            format!("kafkacourse hint {id}")
        }
        _ => format!("kafkacourse trace {id}"),
    };
    tell.line(&next_command(&tell.paper, &command));
}
