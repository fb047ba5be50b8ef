//! `kafkacourse completions`, `grader completions`: scripts for shells.

use super::context::Context;
use crate::course::all_pages;
use clap::builder::PossibleValuesParser;

/// With the names of the course in the places where they can be typed, so that a shell completes them.
pub(super) fn with_names(command: clap::Command, context: Option<Context>) -> clap::Command {
    let Some(Context { course, .. }) = context else { return command };
    // clap wants names that live as long as the program, which ends once the script is written.
    let pages = all_pages(&course).iter().map(|page| &*page.name().leak()).collect();
    let modules = course.modules.iter().map(|module| &*module.id.clone().leak()).collect();
    let exercises: Vec<&'static str> = course.exercises.iter().map(|exercise| &*exercise.id.clone().leak()).collect();
    let one_of = |names: Vec<&'static str>| move |arg: clap::Arg| arg.value_parser(PossibleValuesParser::new(names));
    let command = ["hint", "reset", "solution", "run", "watch"].into_iter().fold(command, |command, name| {
        command.mut_subcommand(name, |named| named.mut_arg("exercise", one_of(exercises.clone())))
    });
    command
        .mut_subcommand("check", |check| check.mut_arg("exercises", one_of(exercises)))
        .mut_subcommand("read", |read| read.mut_arg("page", one_of(pages)))
        .mut_subcommand("quiz", |quiz| quiz.mut_arg("module", one_of(modules)))
}

pub(super) fn print(command: &mut clap::Command, shell: clap_complete::Shell) -> anyhow::Result<u8> {
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(shell, command, name, &mut script);
    crate::report::out::print_bytes(&script);
    Ok(0)
}
