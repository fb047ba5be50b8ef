//! One file per subcommand; the only place where stages meet.

mod author;
mod broker;
mod check;
mod doctor;
mod hint;
mod list;
mod next;
mod progress;
mod quiz;
mod read;
mod replay;
mod reset;
mod solution;
mod step;
mod teller;
mod trace;

use crate::broker::Choice;
use crate::course::Course;
use crate::progress::Progress;
use crate::report::paper::Paper;
use crate::report::trouble;
use crate::workspace::Workspace;
use clap::{CommandFactory, Parser, Subcommand};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// Exit codes, as `--help` shows them.
const EXIT_CODES: &str = "\
Exit codes of check, replay and author check:
  0  passed              4  does not build
  1  not yet (failed)    5  timed out
  2  wrong command line  6  crashed
     or no such thing    7  fault of the grader (broker, disk): not your doing
  3  not started         130  stopped with Ctrl-C (143: with SIGTERM)";

/// Learn Apache Kafka by building with it. Your programs are graded by what they say to Kafka.
#[derive(Debug, Parser)]
#[command(name = "kafkacourse", version, after_help = EXIT_CODES, arg_required_else_help = true)]
struct KafkaCourse {
    #[command(flatten)]
    everywhere: Everywhere,
    #[command(subcommand)]
    command: Command,
}

/// Grade programs from their evidence. (Grading whole classes is being built; what is listed here works.)
#[derive(Debug, Parser)]
#[command(name = "grader", version, after_help = EXIT_CODES, arg_required_else_help = true)]
struct Grader {
    #[command(flatten)]
    everywhere: Everywhere,
    #[command(subcommand)]
    command: GraderCommand,
}

#[derive(Debug, clap::Args)]
struct Everywhere {
    /// The course's folder; else it is looked for from the current folder upwards.
    #[arg(long, global = true, value_name = "DIR", env = "KAFKACOURSE_DIR")]
    course: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Where you are, what to read, and the one command to type
    Next,
    /// All exercises with their state
    List,
    /// Read a section of the theory; without a name, the next one
    Read(read::Args),
    /// Questions about a module, each answer explained at once
    Quiz(quiz::Args),
    /// Build your program, run it against Kafka, and tell what is right, what is wrong and which events prove it
    #[command(after_help = EXIT_CODES)]
    Check(check::Args),
    /// The next hint for an exercise
    Hint(hint::Args),
    /// What you have done so far
    Progress,
    /// Put an exercise's stub back as it was; your work is kept as a backup
    Reset(reset::Args),
    /// The reference solution, once you have passed (or given up)
    Solution(solution::Args),
    /// The timeline of a recorded run
    Trace(trace::Args),
    /// Judge a recorded run again, without broker or build
    Replay(replay::Args),
    /// Start, stop or look at the Kafka that runs in Docker
    #[command(subcommand)]
    Broker(broker::Action),
    /// Is everything here that is needed? Each finding with its remedy
    Doctor,
    /// For those who write courses
    #[command(subcommand)]
    Author(author::Action),
    /// Completions for your shell
    Completions {
        /// Whose: the script goes to standard output
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Subcommand)]
enum GraderCommand {
    /// Judge recorded runs again, without broker or build
    Replay(replay::Args),
    /// The timeline of a recorded run
    Trace(trace::Args),
    /// Completions for your shell
    Completions {
        /// Whose: the script goes to standard output
        shell: clap_complete::Shell,
    },
}

/// `--broker`, wherever programs run.
#[derive(Debug, Clone, clap::Args)]
struct BrokerOption {
    /// Which Kafka: auto, embedded, docker, or HOST:PORT
    #[arg(long, value_name = "BROKER", env = "KAFKACOURSE_BROKER", default_value = "auto", value_parser = choice)]
    broker: Choice,
}

fn choice(text: &str) -> Result<Choice, String> {
    text.parse().map_err(|error: crate::broker::BrokerError| error.to_string())
}

/// What most commands need.
struct Context {
    workspace: Workspace,
    course: Arc<Course>,
    progress: Progress,
    out: Paper,
    here: PathBuf,
}

impl Context {
    fn load(everywhere: &Everywhere) -> anyhow::Result<Context> {
        let here = std::env::current_dir()?;
        let from = everywhere.course.as_ref().map_or_else(|| here.clone(), |course| here.join(course));
        let workspace = Workspace::find(&from)?;
        let course = Arc::new(Course::load(&workspace.root)?);
        let progress = Progress::load(&workspace.state())?;
        for damaged in &progress.damaged {
            eprintln!("{damaged}");
        }
        Ok(Context { workspace, course, progress, out: Paper::stdout(), here })
    }

    /// Keeps what has been done; where the course cannot be written, that is told and no more: what the learner asked
    /// for has been done all the same.
    fn keep(&mut self, what: crate::progress::Done) {
        if let Err(error) = self.progress.add(what) {
            eprintln!("{} your progress was not kept: {error}", Paper::stderr().yellow("warning:"));
        }
    }

    /// The exercise that `word` names, else that of the current folder, else the next one.
    fn exercise(&self, word: Option<&str>) -> anyhow::Result<&crate::course::Exercise> {
        if let Some(word) = word {
            return Ok(crate::course::find_exercise(&self.course, word)?);
        }
        self.workspace
            .exercise_at(&self.here, &self.course.exercises)
            .or_else(|| self.next_exercise())
            .ok_or_else(|| anyhow::anyhow!("every exercise is passed; name one to work on it again"))
    }

    /// The first exercise that has not been passed.
    fn next_exercise(&self) -> Option<&crate::course::Exercise> {
        self.course.exercises.iter().find(|exercise| !self.progress.passed(&exercise.id))
    }
}

/// A reader that has seen enough (`kafkacourse list | head -1`) is no error: `println!` panics then, and this ends us
/// quietly. (SIGPIPE's default would do so, too, but also where a pipe to a child of ours breaks.)
fn end_with_the_reader() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        match panic.payload_as_str().is_some_and(|message| message.starts_with("failed printing to stdout")) {
            true => std::process::exit(0),
            false => usual(panic),
        }
    }));
}

/// `main` of `kafkacourse`.
pub fn kafkacourse() -> ExitCode {
    if let Some(code) = hidden() {
        return code;
    }
    end_with_the_reader();
    let cli = KafkaCourse::parse();
    finish(learner(cli))
}

/// `main` of `grader`.
pub fn grader() -> ExitCode {
    if let Some(code) = hidden() {
        return code;
    }
    end_with_the_reader();
    let cli = Grader::parse();
    finish(match cli.command {
        GraderCommand::Replay(args) => Context::load(&cli.everywhere).and_then(|context| replay::run(&context, &args)),
        GraderCommand::Trace(args) => trace::run(&cli.everywhere, &args),
        GraderCommand::Completions { shell } => completions(&mut Grader::command(), shell),
    })
}

/// The binary also plays two parts in child processes of its own.
fn hidden() -> Option<ExitCode> {
    match std::env::args().nth(1).as_deref() {
        Some(crate::broker::child::ARGUMENT) => Some(crate::broker::serve_embedded()),
        Some("__reaper") => {
            crate::sandbox::serve_reaper();
            Some(ExitCode::SUCCESS)
        }
        _ => None,
    }
}

fn learner(cli: KafkaCourse) -> anyhow::Result<u8> {
    let load = || Context::load(&cli.everywhere);
    match cli.command {
        Command::Next => next::run(&load()?),
        Command::List => list::run(&load()?),
        Command::Read(args) => read::run(&mut load()?, &args),
        Command::Quiz(args) => quiz::run(&mut load()?, &args),
        Command::Check(args) => check::run(&mut load()?, &args),
        Command::Hint(args) => hint::run(&mut load()?, &args),
        Command::Progress => progress::run(&load()?),
        Command::Reset(args) => reset::run(&load()?, &args),
        Command::Solution(args) => solution::run(&mut load()?, &args),
        Command::Trace(args) => trace::run(&cli.everywhere, &args),
        Command::Replay(args) => replay::run(&load()?, &args),
        Command::Broker(action) => broker::run(&action),
        Command::Doctor => doctor::run(&cli.everywhere),
        Command::Author(action) => author::run(&cli.everywhere, &action),
        Command::Completions { shell } => completions(&mut named(KafkaCourse::command(), load().ok()), shell),
    }
}

/// With the names of the course in the places where they can be typed, so that a shell completes them.
fn named(command: clap::Command, context: Option<Context>) -> clap::Command {
    use clap::builder::PossibleValuesParser;
    let Some(Context { course, .. }) = context else { return command };
    // clap wants names that live as long as the program, which ends once the script is written.
    let pages = crate::course::all_pages(&course).iter().map(|page| &*page.name().leak()).collect();
    let modules = course.modules.iter().map(|module| &*module.id.clone().leak()).collect();
    let exercises: Vec<&'static str> = course.exercises.iter().map(|exercise| &*exercise.id.clone().leak()).collect();
    let known = |names: Vec<&'static str>| move |arg: clap::Arg| arg.value_parser(PossibleValuesParser::new(names));
    let one = ["hint", "reset", "solution"].into_iter().fold(command, |command, name| {
        command.mut_subcommand(name, |named| named.mut_arg("exercise", known(exercises.clone())))
    });
    one.mut_subcommand("check", |check| check.mut_arg("exercises", known(exercises)))
        .mut_subcommand("read", |read| read.mut_arg("page", known(pages)))
        .mut_subcommand("quiz", |quiz| quiz.mut_arg("module", known(modules)))
}

fn completions(command: &mut clap::Command, shell: clap_complete::Shell) -> anyhow::Result<u8> {
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(shell, command, name, &mut script);
    std::io::stdout().write_all(&script).ok();
    Ok(0)
}

/// Where an error that is not the learner's doing is explained, if it is.
fn point_to_trouble(text: &str) {
    if let Some(heading) = trouble::entry(text) {
        eprintln!("{} {}", Paper::stderr().dim("more:"), trouble::command(heading));
    }
}

fn finish(result: anyhow::Result<u8>) -> ExitCode {
    match result {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            let ours = error.is::<crate::broker::BrokerError>() || error.is::<crate::run::RunError>();
            eprintln!("{} {error}", Paper::stderr().red(if ours { "not your doing:" } else { "error:" }));
            if ours {
                point_to_trouble(&error.to_string());
            }
            ExitCode::from(if ours { crate::verdict::Verdict::GraderFault.exit_code() } else { 2 })
        }
    }
}

/// Runs `work` with everything asynchronous that it needs; Ctrl-C and SIGTERM end it, and dropping it ends its
/// processes, containers in the making and temporary folders.
fn block_on(work: impl Future<Output = anyhow::Result<u8>>) -> anyhow::Result<u8> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(async {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            result = work => result,
            _ = tokio::signal::ctrl_c() => { eprintln!("\nstopped"); Ok(130) }
            _ = terminate.recv() => Ok(143),
        }
    });
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    result
}
