//! `kafkacourse quiz`: questions about a module, each answer explained at once.
//!
//! Every answer is kept the moment it is given, so a round can be left in any way and goes on next time.

use super::Context;
use crate::course::{Module, find_module};
use crate::foreign;
use crate::progress::Done;
use crate::report::out::{self, out, outln};
use crate::report::quiz::{explanation, object, question};
use crate::theory::{Asked, Round, Score, Step};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::io::{BufRead, IsTerminal, Read};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Answers may come from a pipe, one line per question: printf 'b\\na c\\n' | kafkacourse quiz log --seed 7")]
pub struct Args {
    /// A module (consumers, 3), or one question of it (consumers/slow-handler); without one, the question that is next on
    /// your way, the quiz that you have begun, or that of the module where you are
    module: Option<String>,
    /// Questions and options in the order of this seed
    #[arg(long, allow_negative_numbers = true)]
    seed: Option<u64>,
    /// Begin anew, even where a round is unfinished
    #[arg(long)]
    again: bool,
    /// One JSON object at the end (`kafkacourse read json`); answers come from a pipe or not at all
    #[arg(long)]
    json: bool,
}

/// When a finished quiz counts as done: [`crate::progress::Best::good`].
pub(super) const GOOD: &str = "A quiz gets its ✓ once two thirds of a round were right.";

/// A line of an answer is no longer than this, in bytes.
const LONGEST: u64 = 4096;

pub(super) fn run(context: &mut Context, args: &Args) -> anyhow::Result<u8> {
    let on_the_way = args.module.is_none().then(|| question_on_the_way(context)).flatten();
    let word = args.module.as_deref().or(on_the_way.as_deref());
    let (word, only) = word.map_or((None, None), |word| match word.split_once('/') {
        Some((module, question)) => (Some(module), Some(question)),
        None => (Some(word), None),
    });
    let module = module(context, word)?.clone();
    if !context.course.has_quiz(&module) {
        anyhow::bail!("{} has no quiz yet", module.title);
    }
    let quiz = context.course.quiz(&module)?;
    let goes_on = |seed: u64| !args.again && args.seed.is_none_or(|wanted| wanted == seed);
    let open = context.progress.open_round(&module.id).filter(|round| goes_on(round.seed));
    let seed = open.as_ref().map(|round| round.seed).or(args.seed);
    let seed = seed.unwrap_or_else(|| u64::from(rand::random::<u32>()));
    if let Some(question) = only.filter(|only| !quiz.questions.iter().any(|question| question.id == **only)) {
        let names = quiz.questions.iter().map(|question| question.id.as_str());
        anyhow::bail!(
            "the quiz of {} has no question “{question}”; it has {}",
            module.id,
            names.collect::<Vec<_>>().join(", ")
        );
    }
    let mut round = Round::new(quiz, seed, open.map(|round| round.answers).unwrap_or_default());
    let Score { answered, of, .. } = round.score();
    if only.is_some_and(|question| !round.narrow(question)) && !args.json {
        outln!("You have answered this question in this round. All of it: kafkacourse quiz {}", module.id);
        outln!("\n  {} {}", context.out.dim("next:"), context.out.cyan(&context.way().command_onward()));
        return Ok(0);
    }

    let paper = context.out;
    let typing = std::io::stdin().is_terminal();
    if !args.json {
        let what = if only.is_some() { "one question".to_owned() } else { format!("{of} questions") };
        outln!("{} {}", paper.bold(&module.title), paper.dim(&format!("· quiz · {what} · seed {seed}")));
        if answered > 0 && only.is_none() {
            outln!("{answered} answered before, {} to go.", round.left.len());
        }
        if typing {
            outln!(
                "{}",
                paper.wrap("Type the letter of your answer (several as in “a c”), or q to stop: what you have answered is kept.", 0)
            );
        }
    }
    if typing && !args.json {
        let command = format!("kafkacourse quiz {}", module.id);
        let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
        std::thread::spawn(move || {
            if let Some(signal) = signals.forever().next() {
                outln!("\n\nstopped; your answers are kept: {command}");
                std::process::exit(128 + signal); // as a shell has it
            }
        });
    }
    for index in 0..round.left.len() {
        let asked = &round.left[index];
        if !args.json {
            let number = answered + index + 1;
            out!("{}", question(asked, only.is_none().then_some((number, of)), &paper));
        }
        let Some(chosen) = answer(asked, typing, args.json)? else { break };
        let question = asked.question.id.clone();
        let right = round.answer(index, chosen) == Some(true);
        context.keep(Done::Answered { module: module.id.clone(), seed, question, right });
        if !args.json {
            out!("{}", explanation(&round.left[index], &paper));
        }
    }

    let Score { right, answered, of } = round.score();
    if answered == of {
        context.keep(Done::Quizzed { module: module.id.clone(), seed, right, of });
    }
    if args.json {
        outln!("{}", foreign::json(&object(&module.id, &round))?);
        return Ok(0);
    }
    conclude(context, &module.id, &round, only.is_some());
    Ok(0)
}

/// How the round stands, which sections to read again, and what to do next.
fn conclude(context: &Context, module: &str, round: &Round, one: bool) {
    let (Score { right, answered, of }, again) = (round.score(), round.to_read_again());
    let paper = context.out;
    let command = format!("kafkacourse quiz {module}");
    if answered < of && one {
        let onward = context.way().command_onward();
        outln!("\n{}", paper.dim(&format!("{answered} of the {of} questions about this module answered.")));
        outln!("  {} {}", paper.dim("next:"), paper.cyan(&onward));
        return;
    }
    if answered < of {
        outln!("\n{answered} of {of} answered; your answers are kept.");
        outln!("  {} {}", paper.dim("next:"), paper.cyan(&command));
        return;
    }
    let told = format!("{right} of {of} right.");
    outln!("\n{}", paper.bold(&if right == of { paper.green(&told) } else { told }));
    if !again.is_empty() {
        outln!("  To read again:");
        again.iter().for_each(|read| outln!("    kafkacourse read {read}"));
        outln!("  Once more, in another order: {command}");
    }
    if let Some(best) = context.progress.quiz(module).filter(|best| best.right > right) {
        outln!("  Your best round so far: {} of {}.", best.right, best.of);
    }
    outln!("\n  {} {}", paper.dim("next:"), paper.cyan("kafkacourse next"));
}

/// The question or quiz that is next on the way, as `quiz` calls it.
fn question_on_the_way(context: &Context) -> Option<String> {
    match context.way().step()? {
        Step::Quiz(module, Some(question)) => Some(format!("{}/{question}", module.id)),
        _ => None,
    }
}

/// The module that is meant: by its name, else that of an unfinished round, else the one where the learner is.
fn module<'a>(context: &'a Context, word: Option<&str>) -> anyhow::Result<&'a Module> {
    if let Some(word) = word {
        return Ok(find_module(&context.course, word)?);
    }
    let with_quiz: Vec<&Module> =
        context.course.modules.iter().filter(|module| context.course.has_quiz(module)).collect();
    let begun = with_quiz.iter().find(|module| context.progress.open_round(&module.id).is_some());
    let here = || context.way().step().map(|step| step.module().id.clone());
    let here = || here().and_then(|id| with_quiz.iter().find(|module| module.id == id));
    let untaken = || with_quiz.iter().find(|module| context.progress.quiz(&module.id).is_none());
    let found = begun.or_else(here).or_else(untaken);
    found.copied().ok_or_else(|| match with_quiz.as_slice() {
        [] => anyhow::anyhow!("there is no quiz yet"),
        _ => anyhow::anyhow!("you have taken every quiz; name a module to take one again"),
    })
}

/// The answer to the question; none when the learner stops, or the input ends. Who types is asked until it is one; a
/// pipe gets one chance, since its next line is meant for the next question.
fn answer(asked: &Asked, typing: bool, json: bool) -> anyhow::Result<Option<Vec<usize>>> {
    if json && typing {
        return Ok(None);
    }
    loop {
        if typing {
            out!("\n  your answer: ");
            out::flush();
        }
        let mut line = Vec::new();
        std::io::stdin().lock().take(LONGEST).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            if typing {
                outln!();
            }
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim();
        if !typing && !json {
            outln!("\n  your answer: {}", line.escape_debug());
        }
        if ["q", "quit"].contains(&line.to_lowercase().as_str()) {
            return Ok(None);
        }
        match asked.parse(line) {
            Ok(chosen) => return Ok(Some(chosen)),
            Err(_) if typing && line.is_empty() => {}
            Err(how) if typing => outln!("  {how}"),
            Err(how) => anyhow::bail!("question “{}”: {how} The answers before it are kept.", asked.question.id),
        }
    }
}
