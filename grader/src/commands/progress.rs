//! `kafkacourse progress`: what you have done so far, and what is left.

use super::Context;
use crate::course::{Exercise, Module};
use crate::foreign;
use crate::report::keepsake;
use crate::report::out::{out, outln};
use crate::report::steps::{self, mark};
use crate::theory::{Leg, Standing, State, Step};

/// Points are for passing alone: attempts and hints cost nothing. They are counted until an exercise has passed, for you
/// to look back at; hints that you take later are not.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// One JSON object (`kafkacourse read json`)
    #[arg(long)]
    json: bool,
    /// A page to keep, as Markdown: what you built, what it proved, what is left
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
}

pub(super) fn run(context: &Context, args: &Args) -> anyhow::Result<u8> {
    let stale = stale(context);
    if args.json {
        let remembered = context.remembered()?;
        let command = |id: &str| remembered.command(id).map(|command| command.line);
        outln!("{}", foreign::json(&keepsake::object(context.way(), &stale, command))?);
        return Ok(0);
    }
    if args.markdown {
        out!("{}", keepsake::markdown(context.way()));
        return Ok(0);
    }
    let (paper, way) = (context.out, context.way());
    outln!("{}", paper.bold(&context.course.title));
    for leg in way.legs() {
        self::leg(context, &leg, &stale);
    }
    let with_quiz: Vec<&Module> =
        context.course.modules.iter().filter(|module| context.course.has_quiz(module)).collect();
    if !with_quiz.is_empty() {
        outln!();
    }
    with_quiz.iter().for_each(|module| quiz(context, module));
    let standing = Standing::new(way);
    outln!("\n{}", paper.wrap(&steps::standing(&standing), 0));
    if with_quiz.iter().filter_map(|module| context.progress.quiz(&module.id)).any(|best| !best.good()) {
        outln!("{}", paper.wrap(&paper.dim(super::quiz::GOOD), 0));
    }
    way_to_go(context, standing.minutes_left, &stale);
    Ok(0)
}

/// The exercises that have passed and are now something else.
fn stale(context: &Context) -> Vec<&str> {
    let exercises = context.course.exercises.iter();
    let stale = exercises.filter(|exercise| {
        let passed = context.progress.passed(&exercise.id);
        passed && context.progress.stale(&exercise.id, context.workspace.fingerprint(exercise).as_deref())
    });
    stale.map(|exercise| exercise.id.as_str()).collect()
}

/// One line for the exercise at the end of the leg, and how much has been read on the way to it.
fn leg(context: &Context, leg: &Leg<'_>, stale: &[&str]) {
    let paper = context.out;
    let pages = leg.stages.iter().filter(|stage| matches!(stage.step, Step::Read(..)));
    let read = pages.clone().filter(|stage| stage.state == State::Done).count();
    let of = pages.count();
    let reading = (of > 0).then(|| format!("{read} of {of} read"));
    let (Some(exercise), Some(last)) = (leg.exercise, leg.stages.last()) else {
        if let Some(reading) = reading {
            outln!("{}", paper.row("    behind the last exercise", 49, &paper.dim(&reading)));
        }
        return;
    };
    let changed = stale.contains(&exercise.id.as_str());
    let mark = match changed {
        true => paper.yellow("~"),
        false => mark(
            &paper,
            last,
            context.way().step().is_some_and(|here| here.name() == last.step.name()),
            &context.progress,
        ),
    };
    let what = format!("{} {}", exercise.id, exercise.title);
    let left = format!("  {mark} {what:<32} {:>3} points", exercise.points);
    let details: Vec<String> = details(context, exercise, changed).into_iter().chain(reading).collect();
    outln!("{}", paper.row(&left, 49, &paper.dim(&details.join(", "))));
}

/// What is known of the work on the exercise; `changed`: it is not what has passed.
fn details(context: &Context, exercise: &Exercise, changed: bool) -> Vec<String> {
    let progress = &context.progress;
    let some = |count: usize, what: &str| match count {
        0 => None,
        1 => Some(format!("1 {what}")),
        n => Some(format!("{n} {what}s")),
    };
    let mut details = Vec::new();
    details.extend(some(progress.attempts(&exercise.id), "attempt"));
    details.extend(some(progress.hints(&exercise.id), "hint"));
    if progress.gave_up(&exercise.id) {
        details.push("solution seen".into());
    }
    if changed {
        details.push("changed since it passed".into());
    }
    details
}

/// One line for the module's quiz.
fn quiz(context: &Context, module: &Module) {
    let (paper, progress) = (context.out, &context.progress);
    let what = format!("quiz {}", module.id);
    let open = progress.open_round(&module.id).map(|round| format!("{} answered so far", round.answers.len()));
    match progress.quiz(&module.id) {
        Some(best) => {
            let result = format!("{} of {}", best.right, best.of);
            let rounds = Some(best.rounds).filter(|rounds| *rounds > 1).map(|n| format!("best of {n} rounds"));
            let details: Vec<String> = rounds.into_iter().chain(open).collect();
            let mark = if best.good() { paper.green("✓") } else { "○".into() };
            outln!("  {mark} {what:<32} {result:>10}  {}", paper.dim(&details.join(", ")));
        }
        None => outln!("  ○ {what:<43}  {}", paper.dim(&open.unwrap_or_else(|| "not taken".into()))),
    }
}

/// How long what is left may take, and the one command to type.
fn way_to_go(context: &Context, minutes: u32, stale: &[&str]) {
    let paper = context.out;
    if let [id, ..] = stale {
        let told = format!("~ is not what has passed: kafkacourse check {id} tells whether it still does");
        outln!("{}", paper.wrap(&paper.dim(&told), 0));
    }
    let next = match (context.way().step(), stale) {
        (None, [id, ..]) => format!("kafkacourse check {id}"),
        _ => "kafkacourse next".to_owned(),
    };
    let time = match (minutes / 60, minutes % 60) {
        (0, 0) => String::new(),
        (0, minutes) => format!("about {minutes} min to go · "),
        (hours, minutes) => format!("about {hours} h {minutes:02} min to go · "),
    };
    outln!("{time}{} {}", paper.dim("next:"), paper.cyan(&next));
}
