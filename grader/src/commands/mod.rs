//! The subcommands: each parses, calls and prints.
//!
//! `cli` is the command line, `context` what most commands need, `runtime` what those need that wait for something; each
//! subcommand is a file of its own.

mod author;
mod broker;
mod check;
mod cli;
mod completions;
mod context;
mod doctor;
mod hint;
mod list;
mod next;
mod progress;
mod quiz;
mod read;
mod replay;
mod reset;
mod runtime;
mod solution;
mod teller;
mod trace;

use crate::report::paper::Paper;
use crate::report::trouble;
use clap::{CommandFactory, Parser};
use cli::{BrokerOption, Command, Everywhere, Grader, GraderCommand, KafkaCourse};
use context::Context;
use runtime::block_on;
use std::process::ExitCode;

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
        GraderCommand::Completions { shell } => completions::print(&mut Grader::command(), shell),
    })
}

/// The binary also plays three parts in child processes of its own.
fn hidden() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    match arguments.next()?.to_str()? {
        crate::broker::child::ARGUMENT => return Some(crate::broker::serve_embedded()),
        crate::process::REAPER => crate::process::serve_reaper(),
        crate::process::SUPERVISOR => crate::process::serve_supervisor(arguments),
        _ => return None,
    }
    Some(ExitCode::SUCCESS)
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
        Command::Completions { shell } => {
            completions::print(&mut completions::with_names(KafkaCourse::command(), load().ok()), shell)
        }
    }
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
