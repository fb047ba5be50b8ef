//! The subcommands: each parses, calls and prints.
//!
//! `cli` is the command line, `context` what most commands need, `runtime` what those need that wait for something; each
//! subcommand is a file of its own.

mod author;
mod broker;
mod check;
mod class;
mod cli;
mod completions;
mod context;
mod doctor;
mod hint;
mod list;
mod next;
mod play;
mod progress;
mod quiz;
mod read;
mod recording;
mod replay;
mod reset;
mod run;
mod runtime;
mod screen;
mod solution;
mod teller;
mod trace;
mod watch;

use crate::build::BuildError;
use crate::class::ClassError;
use crate::files;
use crate::foreign::Foreign;
use crate::report::class::NotWritten;
use crate::report::out::{self, errln};
use crate::report::paper::Paper;
use crate::report::trouble;
use clap::{CommandFactory, Parser};
use cli::{BrokerOption, Command, Everywhere, Grader, GraderCommand, KafkaCourse};
use context::Context;
use runtime::block_on;
use rustix::fs::FileType;
use std::process::ExitCode;
use std::sync::Arc;

/// Exit code where all went well, and could not be printed.
const UNWRITTEN: u8 = 8;

/// `main` of `kafkacourse`.
pub fn kafkacourse() -> ExitCode {
    if let Some(code) = prepare() {
        return code;
    }
    match KafkaCourse::try_parse() {
        Ok(cli) => finish(learner(cli)),
        Err(error) => explain(&error),
    }
}

/// `main` of `grader`.
pub fn grader() -> ExitCode {
    if let Some(code) = prepare() {
        return code;
    }
    let cli = match Grader::try_parse() {
        Ok(cli) => cli,
        Err(error) => return explain(&error),
    };
    finish(match cli.command {
        GraderCommand::Run(args) => class::run(&cli.everywhere, &args),
        GraderCommand::Regrade(args) => class::regrade(&cli.everywhere, &args),
        GraderCommand::Show(args) => class::show(&cli.everywhere, &args),
        GraderCommand::Similar(args) => class::similar(&cli.everywhere, &args),
        GraderCommand::Report(args) => class::report(&cli.everywhere, &args),
        GraderCommand::Grades(args) => class::grades(&cli.everywhere, &args),
        GraderCommand::Merge(args) => class::merge(&cli.everywhere, &args),
        GraderCommand::Pack(args) => class::pack(&cli.everywhere, &args),
        GraderCommand::Secret { file } => class::secret(&file),
        GraderCommand::Replay(args) => Context::load(&cli.everywhere).and_then(|context| replay::run(&context, &args)),
        GraderCommand::Trace(args) => trace::run(&cli.everywhere, &args),
        GraderCommand::Completions { shell } => completions::print(&mut Grader::command(), shell),
    })
}

/// What goes before every command. Whoever has started us may ignore SIGCHLD, and so would our children, none of whose
/// children could be waited for. A handler ends that, for them as well; what it sets is of no interest.
fn prepare() -> Option<ExitCode> {
    signal_hook::flag::register(signal_hook::consts::SIGCHLD, Arc::default()).ok();
    hidden()
}

/// The binary also plays some parts in child processes of its own, which get their work from their parent.
fn hidden() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    let first = arguments.next()?;
    let input = FileType::from_raw_mode(rustix::fs::fstat(std::io::stdin()).ok()?.st_mode);
    match (first.to_str()?, input) {
        (crate::process::REAPER, FileType::Fifo) => Some(crate::process::serve_reaper()),
        (crate::process::SUPERVISOR, FileType::Socket) => {
            Some(crate::process::serve_supervisor(arguments).unwrap_or_else(not_a_command))
        }
        // Its parent has given it no input, and an outside world.
        (crate::play::CLIENT, FileType::CharacterDevice) if std::env::var_os("KAFKACOURSE_DOWNSTREAM").is_some() => {
            let ended = crate::play::serve_client().inspect_err(|error| errln!("{error}"));
            Some(if ended.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        (crate::sandbox::SUPERVISOR, FileType::Socket) => Some(crate::process::serve_confiner()),
        (crate::sandbox::INIT, FileType::Socket) => Some(crate::sandbox::serve_init()),
        (
            crate::process::REAPER | crate::process::SUPERVISOR | crate::sandbox::SUPERVISOR | crate::sandbox::INIT,
            _,
        ) => Some(not_a_command()),
        _ => {
            let error = crate::build::serve_wrapper(std::env::args_os().skip(1))?;
            errln!("the call of the compiler cannot be recorded: {error}");
            Some(ExitCode::FAILURE)
        }
    }
}

/// Somebody has typed the name of a part of ours.
fn not_a_command() -> ExitCode {
    errln!(
        "{} that is a part of kafkacourse that it starts itself, and no command: see --help",
        Paper::stderr().red("error:")
    );
    ExitCode::from(2)
}

fn learner(cli: KafkaCourse) -> anyhow::Result<u8> {
    let load = || Context::load(&cli.everywhere);
    let outline = || Context::outline(&cli.everywhere);
    match cli.command {
        Command::Next(args) => next::run(&mut outline()?, &args),
        Command::List => list::run(&outline()?),
        Command::Read(args) => read::run(&mut outline()?, &args),
        Command::Quiz(args) => quiz::run(&mut outline()?, &args),
        Command::Check(args) => check::run(&mut load()?, &args),
        Command::Run(args) => run::run(&mut load()?, &args),
        Command::Play(args) => play::run(&load()?, &args),
        Command::Watch(args) => watch::run(&mut load()?, &args),
        Command::Hint(args) => hint::run(&mut outline()?, &args),
        Command::Progress(args) => progress::run(&outline()?, &args),
        Command::Reset(args) => reset::run(&outline()?, &args),
        Command::Solution(args) => solution::run(&mut outline()?, &args),
        Command::Trace(args) => trace::run(&cli.everywhere, &args),
        Command::Replay(args) => replay::run(&load()?, &args),
        Command::Broker(action) => broker::run(&action),
        Command::Doctor => doctor::run(&cli.everywhere),
        Command::Author(action) => author::run(&cli.everywhere, &action),
        Command::Completions { shell } => {
            completions::print(&mut completions::with_names(KafkaCourse::command(), outline().ok()), shell)
        }
    }
}

/// Where an error that is not the learner's doing is explained, if it is.
fn point_to_trouble(text: &str) {
    if let Some(heading) = trouble::entry(text) {
        errln!("{} {}", Paper::stderr().dim("more:"), trouble::command(heading));
    }
}

/// The end of a command: why it failed, where it did, and its exit code, which a full disk behind standard output does
/// not change unless it would say that all is well.
fn finish(result: anyhow::Result<u8>) -> ExitCode {
    let code = result.unwrap_or_else(|error| {
        if let Some(BuildError::Broken { diagnostics, .. }) = error.downcast_ref() {
            out::complain(format_args!("{diagnostics}"));
        }
        let ours = is_ours(&error);
        let text = Foreign::from(error.to_string()).lines();
        errln!("{} {text}", Paper::stderr().red(if ours { "not your doing:" } else { "error:" }));
        if ours {
            point_to_trouble(&error.to_string());
        }
        if ours { crate::verdict::Verdict::GraderFault.exit_code() } else { 2 }
    });
    ExitCode::from(match (out::unwritten(), code) {
        (Some(why), code) => {
            errln!("{} standard output could not be written: {why}", Paper::stderr().red("error:"));
            if code == 0 { UNWRITTEN } else { code }
        }
        (None, code) => code,
    })
}

/// Is it the fault of the machine or ours, and of nothing that was typed or written?
fn is_ours(error: &anyhow::Error) -> bool {
    let of_build = error.downcast_ref().is_some_and(|error| !matches!(error, BuildError::Broken { .. }));
    let of_class = error.downcast_ref().is_some_and(ClassError::is_ours);
    let of_report = error.downcast_ref().is_some_and(|report: &NotWritten| files::is_full(&report.error));
    let of_run = error.is::<crate::broker::BrokerError>() || error.is::<crate::run::RunError>();
    of_build || of_class || of_report || of_run
}

/// Prints why a command line is none, or the help that it asks for.
fn explain(error: &clap::Error) -> ExitCode {
    let paper = if error.use_stderr() { Paper::stderr() } else { Paper::stdout() };
    let text = error.render();
    // Not as clap would print it: what was typed may have been pasted.
    let text = if paper.colour { text.ansi().to_string() } else { text.to_string() };
    if error.use_stderr() {
        out::complain(format_args!("{text}"));
        return ExitCode::from(2);
    }
    out::print(format_args!("{text}"));
    finish(Ok(0))
}
