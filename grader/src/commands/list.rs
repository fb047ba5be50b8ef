//! `kafkacourse list`: the whole path, with the state of each step.

use super::Context;
use crate::course::{Page, all_pages, short_name};
use crate::report::out::outln;
use crate::report::steps::{mark, pages};
use crate::theory::{Leg, Stage, State, Step};

/// Where the second column begins: what to type.
const AT: usize = 45;

pub(super) fn run(context: &Context) -> anyhow::Result<u8> {
    let (paper, way) = (context.out, context.way());
    outln!("{}", paper.bold(&context.course.title));
    let here = way.step().map(|step| step.name());
    let names = all_pages(&context.course);
    for leg in way.legs() {
        heading(context, &leg);
        for stage in &leg.stages {
            line(context, stage, here.as_ref() == Some(&stage.step.name()), &names);
        }
    }
    let coming: Vec<_> = context.course.modules.iter().flat_map(|module| &module.coming).collect();
    if !coming.is_empty() {
        outln!("\n{}", paper.bold("Coming"));
    }
    for coming in coming {
        outln!("{}", paper.dim(&format!("    {} {}", coming.id, coming.title)));
    }
    let poor = context.course.modules.iter().filter_map(|module| context.progress.quiz(&module.id));
    if poor.into_iter().any(|best| !best.good()) {
        outln!("\n{}", paper.wrap(&paper.dim(super::quiz::GOOD), 0));
    }
    Ok(0)
}

fn heading(context: &Context, leg: &Leg<'_>) {
    let paper = context.out;
    let (_, minutes) = pages(leg.stages.iter().map(|stage| &stage.step));
    let reading = if minutes == 0 { String::new() } else { format!("· {minutes} min of reading") };
    let title = match leg.exercise {
        Some(exercise) => format!("To {} · {}", exercise.id, exercise.title),
        None => "To the end".to_owned(),
    };
    outln!("\n{} {}", paper.bold(&title), paper.dim(&reading));
}

/// One step: its state, its title, and what to type.
fn line(context: &Context, stage: &Stage<'_>, here: bool, names: &[Page<'_>]) {
    let (paper, step) = (context.out, stage.step);
    let mark = mark(&paper, stage, here, &context.progress);
    let more = match step {
        Step::Do(_, exercise) => format!(" · {} points", exercise.points),
        Step::Quiz(module, None) => {
            let best = context.progress.quiz(&module.id);
            best.map_or_else(String::new, |best| format!(" · {} of {}", best.right, best.of))
        }
        _ => String::new(),
    };
    let command = match step {
        Step::Read(module, section) => format!("read {}", short_name(names, &Page::Section(module, section))),
        Step::Do(..) | Step::Quiz(..) => step.name(),
    };
    let title = step.title();
    let title = if stage.state == State::Skipped { paper.dim(&title) } else { title };
    outln!("{}", paper.row(&format!("  {mark} {title}"), AT, &paper.dim(&format!("{command}{more}"))));
}
