//! `kafkacourse next`: where you are, the ways from here, and the one command to type.

use super::Context;
use crate::checks::count;
use crate::course::Module;
use crate::progress::Done;
use crate::report::out::outln;
use crate::report::steps;
use crate::theory::{Standing, State, Step};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Leave this step for later, and show the one behind it; it will be offered again
    #[arg(long)]
    skip: bool,
}

/// Steps that were left out and are named; the rest is counted.
const FEW: usize = 3;
/// Where the second column begins: what a command leads to.
const AT: usize = 31;

pub(super) fn run(context: &mut Context, args: &Args) -> anyhow::Result<u8> {
    if args.skip {
        skip(context)?;
    }
    let (paper, way) = (context.out, context.way());
    let Some(step) = way.step() else { return Ok(end(context)) };
    let (points, passed) = Standing::new(way).in_words();
    outln!("{}\n", paper.dim(&format!("{passed} · {points}")));
    match step {
        Step::Read(_, section) => {
            outln!("{} {}", paper.bold(&section.title), paper.dim(&format!("· {} min to read", section.minutes)));
        }
        Step::Do(module, exercise) => {
            let title = format!("{} · {}", exercise.id, exercise.title);
            outln!("{} {}", paper.bold(&title), paper.dim(&format!("· about {} min", exercise.minutes)));
            outln!("  The task:  kafkacourse read {}", exercise.id);
            outln!("  Your code: {}", exercise.stub());
            outln!("  Then:      kafkacourse check {}", exercise.id);
            announce(context, module);
        }
        Step::Quiz(module, question) => {
            let what = if question.is_some() { "A question" } else { "The quiz" };
            let minutes = format!("· about {} min, if you like", step.minutes());
            outln!("{} {}", paper.bold(&format!("{what} · {}", module.title)), paper.dim(&minutes));
            let open = context.progress.open_round(&module.id).filter(|_| question.is_none());
            if let Some(round) = open {
                outln!("  You have answered {}; it goes on where you stopped.", round.answers.len());
            }
        }
    }
    other_ways(context, &step);
    outln!("\n  {} {}", paper.dim("next:"), paper.cyan(&way.command(&step)));
    Ok(0)
}

/// Leaves the step that is next for later.
fn skip(context: &mut Context) -> anyhow::Result<()> {
    let step = context.way().step().map(|step| (step.name(), step.title()));
    let Some((step, title)) = step else {
        anyhow::bail!("there is nothing left to skip: this is the end of the path");
    };
    outln!("{}", context.out.dim(&format!("Left for later: {title}.")));
    context.keep(Done::Skipped { step });
    Ok(())
}

/// Where the next exercise is, what else can be done from here, and what was left out before.
fn other_ways(context: &Context, step: &Step<'_>) {
    let (paper, way) = (context.out, context.way());
    let stages = way.stages();
    let ahead: Vec<Step<'_>> =
        stages.iter().filter(|stage| stage.state == State::Ahead).map(|stage| stage.step).collect();
    let mut rows: Vec<String> = Vec::new();
    let mut add = |command: String, why: String| rows.push(row(&command, &paper.dim(&why)));
    let following = ahead.iter().skip(1).find(|other| !matches!((step, other), (Step::Do(..), Step::Quiz(..))));
    if let (Step::Quiz(..), Some(following)) = (step, following) {
        add(way.command(following), format!("{} · {} min", following.title(), following.minutes()));
    }
    let exercise = ahead.iter().find_map(|step| match step {
        Step::Do(_, exercise) => Some(exercise),
        _ => None,
    });
    if let (Step::Read(..), Some(exercise)) = (step, exercise) {
        add(format!("kafkacourse read {}", exercise.id), format!("{} {}, at once", exercise.id, exercise.title));
    }
    if let (Step::Do(..), Some(page)) = (step, ahead.iter().find(|step| matches!(step, Step::Read(..)))) {
        add(way.command(page), format!("{} · {} min", page.title(), page.minutes()));
    }
    add("kafkacourse next --skip".into(), "leave this for later".into());
    outln!("  Or:");
    rows.iter().for_each(|row| outln!("{row}"));
    left_out(context, &way.skipped());
    if let (Step::Read(..) | Step::Quiz(..), Some(exercise)) = (step, exercise) {
        let pages = ahead.iter().take_while(|step| !matches!(step, Step::Do(..)));
        let (pages, minutes) = steps::pages(pages);
        if pages > 0 {
            let told = format!("{} · {}", exercise.id, exercise.title);
            let told = format!("{}, {minutes} min of reading, to {told}.", count(pages, "page"));
            outln!("{}", paper.wrap(&paper.dim(&told), 2));
        }
    }
}

/// What was skipped, offered again.
fn left_out(context: &Context, skipped: &[Step<'_>]) {
    if skipped.is_empty() {
        return;
    }
    let (paper, way) = (context.out, context.way());
    outln!("  Skipped so far:");
    for step in skipped.iter().take(FEW) {
        outln!("{}", row(&way.command(step), &paper.dim(&format!("{} · {} min", step.title(), step.minutes()))));
    }
    if skipped.len() > FEW {
        outln!("    {}", paper.dim(&format!("and {} more: kafkacourse list", skipped.len() - FEW)));
    }
}

/// A command, and what it leads to: behind it, or below it where the command is long.
fn row(command: &str, leads_to: &str) -> String {
    let command = format!("    {command}");
    match command.len() < AT {
        true => format!("{command:<AT$}{leads_to}"),
        false => format!("{command}\n{:AT$}{leads_to}", ""),
    }
}

/// Nothing is ahead any more.
fn end(context: &Context) -> u8 {
    let (paper, way) = (context.out, context.way());
    let (standing, skipped) = (Standing::new(way), way.skipped());
    let all = standing.passed == standing.exercises;
    let head = if all { "You have passed every exercise. Well done." } else { "This is the end of the path." };
    outln!("{}", paper.bold(&if all { paper.green(head) } else { head.into() }));
    outln!("{}", paper.wrap(&steps::standing(&standing), 2));
    left_out(context, &skipped);
    context.course.modules.iter().for_each(|module| announce(context, module));
    let summary = "kafkacourse progress --markdown > my-kafka-course.md";
    let next = skipped.first().map(|step| way.command(step));
    match next {
        Some(next) => {
            outln!("{}", paper.beside("  A summary to keep: ", summary));
            outln!("\n  {} {}", paper.dim("next:"), paper.cyan(&next));
        }
        None => outln!("\n  {} {}", paper.dim("a summary to keep:"), paper.cyan(summary)),
    }
    0
}

/// The exercises of the module that are still being built.
fn announce(context: &Context, module: &Module) {
    for coming in &module.coming {
        outln!("  {}", context.out.dim(&format!("Coming: {} {}", coming.id, coming.title)));
    }
}
