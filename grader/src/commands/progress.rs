//! `kafkacourse progress`: what you have done so far.

use super::Context;
use crate::course::Exercise;

pub(super) fn run(context: &Context) -> anyhow::Result<u8> {
    let (paper, course, progress) = (context.out, &context.course, &context.progress);
    let (mut quizzes, mut taken) = (0, 0);
    for module in &course.modules {
        for exercise in module.exercises.iter().filter_map(|id| course.exercise(id)) {
            self::exercise(context, exercise);
        }
        for coming in &module.coming {
            println!("  {}", paper.dim(&format!("{:<47} coming", format!("{} {}", coming.id, coming.title))));
        }
        if course.has_quiz(module) {
            quizzes += 1;
            let what = format!("quiz {}", module.id);
            let open = progress.open_round(&module.id).map(|round| format!("{} answered so far", round.answers.len()));
            match progress.quiz(&module.id) {
                Some(best) => {
                    taken += 1;
                    let result = format!("{} of {}", best.right, best.of);
                    let rounds = Some(best.rounds).filter(|rounds| *rounds > 1).map(|n| format!("best of {n} rounds"));
                    let details: Vec<String> = rounds.into_iter().chain(open).collect();
                    println!("{} {what:<36} {result:>10}  {}", paper.green("✓"), paper.dim(&details.join(", ")));
                }
                None => println!("○ {what:<47}  {}", paper.dim(&open.unwrap_or_else(|| "not taken".into()))),
            }
        }
    }
    let points = |passed: bool| {
        let counted = course.exercises.iter().filter(|exercise| !passed || progress.passed(&exercise.id));
        counted.map(|exercise| exercise.points).sum::<u32>()
    };
    let sections = || course.modules.iter().flat_map(|module| module.sections.iter().map(|s| module.section_id(s)));
    let read = sections().filter(|id| progress.read(id)).count();
    let quizzes = if quizzes > 0 { format!(" · {taken} of {quizzes} quizzes taken") } else { String::new() };
    println!(
        "\n{} of {} points · {read} of {} sections read{quizzes}",
        points(true),
        points(false),
        sections().count()
    );
    Ok(0)
}

fn exercise(context: &Context, exercise: &Exercise) {
    let (paper, progress) = (context.out, &context.progress);
    let mark = if progress.passed(&exercise.id) { paper.green("✓") } else { "○".into() };
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
    let what = format!("{} {}", exercise.id, exercise.title);
    println!("{mark} {what:<36} {:>3} points  {}", exercise.points, paper.dim(&details.join(", ")));
}
