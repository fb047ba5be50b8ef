//! `kafkacourse progress`: what you have done so far, and what is left.

use super::Context;
use crate::course::{Exercise, Module};
use crate::report::out::outln;
use crate::theory::Step;

/// What a round of a quiz takes.
const QUIZ_MINUTES: u32 = 5;

pub(super) fn run(context: &Context) -> anyhow::Result<u8> {
    let (paper, course, progress) = (context.out, &context.course, &context.progress);
    let (mut quizzes, mut taken, mut minutes, mut stale) = (0, 0, 0, Vec::new());
    let mut poor = false;
    for module in &course.modules {
        heading(context, module);
        minutes += context.unread(module).map(|section| section.minutes).sum::<u32>();
        for exercise in module.exercises.iter().filter_map(|id| course.exercise(id)) {
            let changed = progress.stale(&exercise.id, context.workspace.fingerprint(exercise).as_deref());
            self::exercise(context, exercise, changed);
            stale.extend(changed.then_some(exercise.id.as_str()));
            minutes += if progress.passed(&exercise.id) { 0 } else { exercise.minutes };
        }
        for coming in &module.coming {
            outln!("    {}", paper.dim(&format!("{:<47} coming", format!("{} {}", coming.id, coming.title))));
        }
        if course.has_quiz(module) {
            quizzes += 1;
            let passed = quiz(context, module);
            taken += usize::from(passed);
            poor |= progress.quiz(&module.id).is_some_and(|best| !best.good());
            minutes += if passed { 0 } else { QUIZ_MINUTES };
        }
    }
    let points = |passed: bool| {
        let counted = course.exercises.iter().filter(|exercise| !passed || progress.passed(&exercise.id));
        counted.map(|exercise| exercise.points).sum::<u32>()
    };
    let sections = || course.modules.iter().flat_map(|module| module.sections.iter().map(|s| module.section_id(s)));
    let read = sections().filter(|id| progress.read(id)).count();
    let quizzes = if quizzes > 0 { format!(" · {taken} of {quizzes} quizzes taken") } else { String::new() };
    outln!("\n{} of {} points · {read} of {} sections read{quizzes}", points(true), points(false), sections().count());
    if poor {
        outln!("{}", paper.wrap(&paper.dim(super::quiz::GOOD), 0));
    }
    way_to_go(context, minutes, &stale);
    Ok(0)
}

fn heading(context: &Context, module: &Module) {
    let unread = context.unread(module).count();
    let sections = module.sections.len();
    let read = if sections == 0 { "coming".to_owned() } else { format!("{} of {sections} read", sections - unread) };
    outln!("{} {}", context.out.bold(&module.heading()), context.out.dim(&format!("· {read}")));
}

/// One line for the exercise; `changed`: not what has passed.
fn exercise(context: &Context, exercise: &Exercise, changed: bool) {
    let (paper, progress) = (context.out, &context.progress);
    let mark = match (progress.passed(&exercise.id), changed) {
        (true, false) => paper.green("✓"),
        (true, true) => paper.yellow("~"),
        (false, _) => "○".into(),
    };
    let mut details = vec![match progress.attempts(&exercise.id) {
        1 => "1 attempt".to_owned(),
        n => format!("{n} attempts"),
    }];
    match progress.hints(&exercise.id) {
        0 => {}
        1 => details.push("1 hint".into()),
        n => details.push(format!("{n} hints")),
    }
    if progress.gave_up(&exercise.id) {
        details.push("solution seen".into());
    }
    if changed {
        details.push("changed since it passed".into());
    }
    let what = format!("{} {}", exercise.id, exercise.title);
    let left = format!("  {mark} {what:<36} {:>3} points", exercise.points);
    outln!("{}", paper.row(&left, 53, &paper.dim(&details.join(", "))));
}

/// One line for the module's quiz; has a round of it been finished?
fn quiz(context: &Context, module: &Module) -> bool {
    let (paper, progress) = (context.out, &context.progress);
    let what = format!("quiz {}", module.id);
    let open = progress.open_round(&module.id).map(|round| format!("{} answered so far", round.answers.len()));
    let best = progress.quiz(&module.id);
    match best {
        Some(best) => {
            let result = format!("{} of {}", best.right, best.of);
            let rounds = Some(best.rounds).filter(|rounds| *rounds > 1).map(|n| format!("best of {n} rounds"));
            let details: Vec<String> = rounds.into_iter().chain(open).collect();
            let mark = if best.good() { paper.green("✓") } else { "○".into() };
            outln!("  {mark} {what:<36} {result:>10}  {}", paper.dim(&details.join(", ")));
        }
        None => outln!("  ○ {what:<47}  {}", paper.dim(&open.unwrap_or_else(|| "not taken".into()))),
    }
    best.is_some()
}

/// How long what is left may take, and the one command to type.
fn way_to_go(context: &Context, minutes: u32, stale: &[&str]) {
    let paper = context.out;
    if let [id, ..] = stale {
        let told = format!("~ is not what has passed: kafkacourse check {id} tells whether it still does");
        outln!("{}", paper.wrap(&paper.dim(&told), 0));
    }
    let next = match (context.step(), stale) {
        (Some(Step::Quiz(module)), _) => format!("kafkacourse quiz {}", module.id),
        (Some(_), _) => "kafkacourse next".to_owned(),
        (None, [id, ..]) => format!("kafkacourse check {id}"),
        (None, []) if context.course.modules.iter().any(|module| context.unread(module).next().is_some()) => {
            "kafkacourse read".to_owned()
        }
        (None, []) => return,
    };
    let time = match (minutes / 60, minutes % 60) {
        (0, 0) => None,
        (0, minutes) => Some(format!("about {minutes} min to go")),
        (hours, minutes) => Some(format!("about {hours} h {minutes:02} min to go")),
    };
    let time = time.map(|time| format!("{time} · ")).unwrap_or_default();
    outln!("{time}{} {}", paper.dim("next:"), paper.cyan(&next));
}
