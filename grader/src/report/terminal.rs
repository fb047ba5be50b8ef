//! A story for the terminal: one line per scenario, then what is wrong, why, and what to do next.

use super::fell_short::{at, did_nothing, draw, fell_short, in_full};
use super::paper::{Paper, together};
use super::story::{Ending, NeverBegan, Next, Scene, State, Story, Told, Unfinished};
use super::text::Text;
use super::words;
use crate::checks::count;

/// The line of a scenario that has been played.
pub fn scenario(scene: &Scene, paper: &Paper) -> String {
    let problems;
    let (mark, aside) = match scene.state {
        State::Passed => (paper.green("✓"), ""),
        State::NotStarted => (paper.dim("○"), "not started"),
        State::NotFinished => (paper.dim("○"), "not finished"),
        State::Stuck => (paper.red("✗"), "did not come to its end"),
        State::NoEvidence => (paper.yellow("?"), "no evidence"),
        State::Problems(number) => {
            problems = count(number, "problem");
            (paper.red("✗"), problems.as_str())
        }
    };
    let aside = if aside.is_empty() { String::new() } else { together(&format!("({aside})")) };
    let text = format!("{} {}", scene.title, paper.dim(&aside));
    paper.beside(&format!("  {mark} "), text.trim_end())
}

/// The lines of all scenarios.
pub fn scenarios(story: &Story, paper: &Paper) -> String {
    story.scenes.iter().map(|scene| scenario(scene, paper) + "\n").collect()
}

/// Everything below the scenario lines; `verbose` says also what was proved, and what is usually left out.
pub fn details(story: &Story, paper: &Paper, verbose: bool) -> String {
    let mut out = Text { paper, text: String::new() };
    match &story.ending {
        Ending::NoRun => {}
        Ending::Passed => passed(story, &mut out, verbose),
        Ending::PartPassed => {
            let (played, of, id) = (story.scenes.len(), story.of, &story.exercise);
            let text = format!("{played} of {of} scenarios played, and passed. For all: kafkacourse check {id}");
            out.line("");
            out.line(&paper.wrap(&text, 2));
        }
        Ending::NotStarted(unfinished) => not_started(story, unfinished, &mut out, verbose),
        Ending::NeverBegan(words) => {
            never_began(words, story.scenes.len(), &mut out);
            if verbose {
                fell_short(story, &mut out, verbose);
            }
        }
        Ending::DidNothing if !verbose => did_nothing(story, &mut out),
        Ending::DidNothing | Ending::FellShort => fell_short(story, &mut out, verbose),
    }
    out.text
}

/// What the program printed in the first scenario that failed, else in the first.
pub fn printed(story: &Story, paper: &Paper) -> String {
    let mut out = Text { paper, text: String::new() };
    if let Some(scene) = story.scenes.iter().find(|scene| !scene.passed()).or(story.scenes.first()) {
        out.line("");
        out.line(&paper.wrap(&paper.dim(&format!("what it printed in “{}”:", scene.title)), 2));
        for line in &scene.printed {
            out.line(&format!("    {}", paper.dim(&line.to_string())));
        }
    }
    out.text
}

/// The one command to type next.
pub fn next(Next { first, command }: &Next, paper: &Paper) -> String {
    let first = first.iter().map(|first| format!("{first} ")).collect::<String>();
    paper.beside(&format!("  {} ", paper.dim("next:")), &paper.cyan(&format!("{first}{}", together(command))))
}

fn passed(story: &Story, out: &mut Text<'_>, verbose: bool) {
    story.scenes.iter().for_each(|scene| draw(scene, out));
    out.line("");
    out.line(&out.paper.wrap(&out.paper.bold(&out.paper.green(&format!("{} passed.", story.title))), 2));
    out.line(&out.paper.wrap(&format!("Proved from the wire: {}", story.proves), 2));
    for check in story.scenes.iter().flat_map(|scene| &scene.checks) {
        match &check.status {
            Told::Proved(seen) if verbose => out.labelled("proved", &format!("{}: {seen}", check.title)),
            Told::NotChecked(why) => out.labelled("not here", &format!("{}: {why}", check.title)),
            _ => {}
        }
    }
}

fn not_started(story: &Story, unfinished: &Unfinished, out: &mut Text<'_>, verbose: bool) {
    let title = out.paper.bold(&story.title);
    let state = match unfinished.step.as_ref().filter(|_| unfinished.is_begun()) {
        Some(step) => format!("{title} is not finished yet: {step} is next."),
        None => format!("{title} is not started yet."),
    };
    out.line("");
    out.line(&out.paper.wrap(&state, 2));
    unfinished.place.iter().for_each(|place| at(place, out));
    if let Some(task) = &unfinished.task {
        out.labelled("to do", &task.lines());
    }
    let wrong = story.scenes.iter().filter(|scene| {
        let stopped = matches!(scene.state, State::NotStarted | State::NotFinished);
        !stopped && !scene.passed()
    });
    for scene in wrong.filter(|_| verbose) {
        in_full(scene, out);
    }
    if !verbose && unfinished.others_failed {
        out.line("");
        out.line(&out.paper.wrap("A ✗ above may only want the steps that are missing; -v shows what it is about.", 2));
    }
}

fn never_began(words: &NeverBegan, scenarios: usize, out: &mut Text<'_>) {
    let NeverBegan { how, place, said, read } = words;
    let ended = words::ending(how);
    let each = if scenarios > 1 { ", in each scenario" } else { "" };
    let heading = format!("the program {ended} before it had sent or read anything{each}");
    out.heading(&out.paper.red("✗"), &heading);
    place.iter().for_each(|place| at(place, out));
    if said.is_empty() {
        out.labelled("it said", "nothing, neither on standard error nor on standard output");
    }
    for (line, nth) in said.iter().zip(0..) {
        out.labelled(if nth == 0 { "it said" } else { "" }, &line.to_string());
    }
    out.labelled("read", read);
}
