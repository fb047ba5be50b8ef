//! `kafkacourse check`: build, run, judge, report.

use super::play::{self, Subject};
use super::{BrokerOption, Context, block_on};
use crate::broker::Brokers;
use crate::build::{self, BuildError};
use crate::course::{Exercise, Scenario};
use crate::progress::Done;
use crate::report::json::{self, Outcome, Seconds};
use crate::report::paper::Paper;
use crate::report::{terminal, timeline};
use crate::sandbox::{Program, Reaper};
use crate::verdict::{self, Played, Verdict};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

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
            let verdict = one(context, args, exercise, &reaper, &mut done).await?;
            worst = worst.max(verdict.exit_code());
        }
        Ok(worst)
    });
    for entry in done {
        context.keep(entry);
    }
    code
}

/// Standard output, or nothing where that is for JSON alone.
struct Teller {
    paper: Paper,
    silent: bool,
    spinner: Option<ProgressBar>,
}

impl Teller {
    fn new(paper: Paper, silent: bool) -> Teller {
        let spinner = (Paper::stderr().terminal && !silent).then(|| {
            let spinner = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("  {spinner} {msg} {elapsed:.dim}") {
                spinner.set_style(style);
            }
            spinner.enable_steady_tick(Duration::from_millis(80));
            spinner
        });
        Teller { paper, silent, spinner }
    }

    /// What is going on right now.
    fn now(&self, what: String) {
        if let Some(spinner) = &self.spinner {
            spinner.set_message(what);
        }
    }

    fn line(&self, line: &str) {
        let print = || {
            use std::io::Write;
            // A reader that has seen enough (`| head`) is not an error.
            writeln!(std::io::stdout(), "{line}").ok();
        };
        match (&self.spinner, self.silent) {
            (_, true) => {}
            (Some(spinner), _) => spinner.suspend(print),
            (None, _) => print(),
        }
    }

    fn end(&self) {
        if let Some(spinner) = &self.spinner {
            spinner.finish_and_clear();
        }
    }
}

async fn one(
    context: &Context,
    args: &Args,
    exercise: &Exercise,
    reaper: &Arc<Reaper>,
    done: &mut Vec<Done>,
) -> anyhow::Result<Verdict> {
    let scenarios = chosen(exercise, &args.scenario)?;
    let seed = args.seed.unwrap_or_else(|| u64::from(rand::random::<u32>()));
    let paper = context.out;
    let tell = Teller::new(paper, args.json);
    tell.line(&format!("{} · {}", paper.bold(&exercise.id), paper.bold(&exercise.title)));
    tell.now("building, and starting the broker".into());
    let say = |line: &str| tell.line(&format!("  {}", paper.dim(line)));
    let building = async {
        let began = Instant::now();
        let built = subject(context, args, exercise).await;
        (built, began.elapsed().as_secs_f64())
    };
    let starting = async {
        let began = Instant::now();
        let brokers = Brokers::choose(args.broker.broker.clone(), &say).await;
        (brokers, began.elapsed().as_secs_f64())
    };
    let ((built, build), (brokers, broker)) = tokio::join!(building, starting);
    let mut seconds = Seconds { build, broker, run: 0.0 };
    let fault = |text: String| {
        tell.end();
        eprintln!("{} {text}", Paper::stderr().red("not your doing:"));
        super::point_to_trouble(&text);
        if args.json {
            println!("{}", json::object(&Outcome::without_run(exercise, Verdict::GraderFault, seed, &text)));
        }
        Ok(Verdict::GraderFault)
    };
    let (program, whose, folder) = match built {
        Ok(built) => built,
        Err(BuildError::Broken { package, diagnostics }) => {
            tell.end();
            eprint!("{diagnostics}");
            tell.line("");
            tell.line(&format!("  {} {package} does not build; the compiler says why above.", paper.red("✗")));
            tell.line(&next_command(&paper, &format!("{}, then kafkacourse check {}", exercise.stub(), exercise.id)));
            if args.json {
                println!("{}", json::object(&Outcome::without_run(exercise, Verdict::DidNotBuild, seed, &diagnostics)));
            }
            let entry = Done::Checked {
                exercise: exercise.id.clone(),
                verdict: Verdict::DidNotBuild,
                broker: String::new(),
                seed,
                diagnosis: None,
            };
            if learners(args) {
                done.push(entry);
            }
            return Ok(Verdict::DidNotBuild);
        }
        Err(other) => return fault(other.to_string()),
    };
    let brokers = match brokers {
        Ok(brokers) => brokers,
        Err(error) => return fault(error.to_string()),
    };
    let description = brokers.description();
    tell.line(&format!("  {}", paper.dim(&format!("{} · {} · seed {seed}", description.version, description.why))));
    let evidence = match context.workspace.evidence(&exercise.id) {
        Ok(evidence) => evidence,
        Err(error) => return fault(error.to_string()),
    };
    let subject = Subject { exercise, program: &program, whose: &whose, seed, folder: &folder, evidence: &evidence };
    let began = Instant::now();
    let mut left = scenarios.len();
    tell.now(format!("{left} scenarios"));
    let played = play::all(&subject, &scenarios, &brokers, reaper, |played: &Played<'_>| {
        left -= 1;
        tell.now(format!("{left} scenarios to go"));
        tell.line(&terminal::scenario(played, &paper));
    });
    let played = match played.await {
        Ok(played) => played,
        Err(error) => return fault(error.to_string()),
    };
    seconds.run = began.elapsed().as_secs_f64();
    tell.end();
    let (verdict, diagnosis) = verdict::sum_up(exercise, &played);
    let part = verdict == Verdict::Passed && played.len() < exercise.scenarios.len();
    if part {
        let (passed, all) = (played.len(), exercise.scenarios.len());
        tell.line(&format!(
            "\n  {passed} of {all} scenarios played, and passed. For all: kafkacourse check {}",
            exercise.id
        ));
    } else {
        let details = terminal::details(exercise, &played, (verdict, diagnosis), &paper, args.verbose);
        tell.line(details.trim_end_matches('\n'));
    }
    if args.verbose {
        printed(&played, &tell);
    }
    if !part {
        after(context, args, exercise, verdict, &tell);
    }
    let outcome = Outcome {
        exercise,
        verdict,
        broker: Some(description),
        seed,
        seconds,
        played: &played,
        diagnosis,
        error: None,
    };
    if args.json {
        println!("{}", json::object(&outcome));
    }
    if learners(args) && args.scenario.is_empty() {
        done.push(Done::Checked {
            exercise: exercise.id.clone(),
            verdict,
            broker: description.version.clone(),
            seed,
            diagnosis: diagnosis.map(|mistake| mistake.name.clone()),
        });
    }
    Ok(verdict)
}

/// Is it the learner's own program that is graded?
fn learners(args: &Args) -> bool {
    !args.solution && args.mistake.is_none()
}

fn chosen<'a>(exercise: &'a Exercise, names: &[String]) -> anyhow::Result<Vec<&'a Scenario>> {
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
async fn subject(
    context: &Context,
    args: &Args,
    exercise: &Exercise,
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
    let path = build::program(root, &package, &binary, !args.json).await?;
    Ok((Program::Built(path), whose, root.join("exercises").join(&exercise.folder)))
}

/// What the program printed in the first scenario that failed, else in the first.
fn printed(played: &[Played<'_>], tell: &Teller) {
    let Some(one) = played.iter().find(|played| !played.passed()).or(played.first()) else { return };
    tell.line("");
    tell.line(&tell.paper.dim(&format!("  what it printed in “{}”:", one.scenario.title)));
    for event in &one.evidence.events {
        if let crate::evidence::What::Output { line, .. } = &event.what {
            tell.line(&format!("    {}", tell.paper.dim(&timeline::printable(line))));
        }
    }
}

fn next_command(paper: &Paper, command: &str) -> String {
    format!("  {} {}", paper.dim("next:"), paper.cyan(command))
}

/// One next command, at the very end.
fn after(context: &Context, args: &Args, exercise: &Exercise, verdict: Verdict, tell: &Teller) {
    tell.line("");
    let id = &exercise.id;
    let command = match verdict {
        Verdict::Passed if !learners(args) => return,
        Verdict::Passed => match context.course.after(id) {
            Some(_) => "kafkacourse next".to_owned(),
            None => "kafkacourse progress".to_owned(),
        },
        Verdict::NotStarted => format!("open {}, or: kafkacourse hint {id}", exercise.stub()),
        _ if context.progress.attempts(id) > 1 => format!("kafkacourse hint {id}"),
        _ => format!("kafkacourse trace {id}"),
    };
    tell.line(&next_command(&tell.paper, &command));
}
