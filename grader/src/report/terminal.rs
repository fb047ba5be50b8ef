//! A story for the terminal: one line per scenario, then what is wrong, why, and what to do next.

use super::paper::{Paper, together};
use super::story::{Ending, GaveUp, Judged, NeverBegan, Next, Place, Scene, State, Story, Told, Unfinished};
use super::text::Text;
use super::{timeline, trouble};
use crate::checks::count;
use crate::evidence::Ended;
use crate::verdict::Verdict;

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

/// What the scenario wants drawn of its evidence.
fn draw(scene: &Scene, out: &mut Text<'_>) {
    let lines = scene.picture.as_ref().map(|picture| picture.lines(out.paper)).unwrap_or_default();
    if !lines.is_empty() {
        out.line("");
        out.line(&out.paper.wrap(&out.paper.bold(&scene.title), 2));
        lines.iter().for_each(|line| out.line(line));
    }
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
        scene.checks.iter().for_each(|check| problem(check, out, verbose));
    }
    if !verbose && unfinished.others_failed {
        out.line("");
        out.line(&out.paper.wrap("A ✗ above may only want the steps that are missing; -v shows what it is about.", 2));
    }
}

fn never_began(words: &NeverBegan, scenarios: usize, out: &mut Text<'_>) {
    let NeverBegan { how, place, said, read } = words;
    let ended = match how {
        Ended::Code(code) => format!("ended with status {code}"),
        Ended::Signal(signal) => format!("was ended by signal {signal}"),
    };
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

fn fell_short(story: &Story, out: &mut Text<'_>, verbose: bool) {
    for scene in &story.scenes {
        draw(scene, out);
        scene.checks.iter().for_each(|check| problem(check, out, verbose));
        if let Some(panic) = &scene.panic {
            out.heading(&out.paper.red("✗"), &format!("the program panicked in “{}”", scene.title));
            at(&panic.place, out);
            out.labelled("it said", &panic.message.lines());
            out.labelled("read", &panic.read);
        } else {
            gave_up(scene, out);
        }
    }
    let mut checks = story.scenes.iter().flat_map(|scene| &scene.checks);
    if checks.any(|check| matches!(check.status, Told::NoEvidence(_))) {
        out.line("");
        out.labelled("?", &format!("means no evidence: {}", trouble::command(trouble::NO_EVIDENCE)));
    }
    if story.verdict == Verdict::Crashed && story.scenes.iter().all(|scene| scene.panic.is_none()) {
        out.labelled("read", &trouble::command(trouble::CRASHED));
    }
    client_errors(story, out);
    looks_like(story, out);
}

/// The first thing that was found stands for all.
fn did_nothing(story: &Story, out: &mut Text<'_>) {
    let mut checks = story.scenes.iter().flat_map(|scene| &scene.checks);
    let found = checks.find(|check| matches!(check.status, Told::Failed(_)));
    if let Some(check) = found {
        problem(check, out, false);
    }
    if (found.is_none() || story.diagnosis.is_none())
        && let Some(first) = story.scenes.iter().find(|scene| scene.gave_up.is_some())
    {
        gave_up(first, out);
    }
    out.line("");
    let rest = format!(
        "In none of the {} scenarios did the program send, process or commit anything. What follows from that is left \
         out here; -v shows all of it.",
        story.scenes.len()
    );
    out.line(&out.paper.wrap(&rest, 2));
    client_errors(story, out);
    looks_like(story, out);
}

fn looks_like(story: &Story, out: &mut Text<'_>) {
    if let Some(mistake) = &story.diagnosis {
        let heading = format!("{} {}", out.paper.bold("This looks like:"), out.paper.yellow(&mistake.title));
        out.line("");
        out.line(&out.paper.beside("  ", &heading));
        out.line(&out.paper.wrap(&mistake.explanation, 4));
        out.labelled("read", &mistake.read);
    }
}

fn gave_up(scene: &Scene, out: &mut Text<'_>) {
    let Some(GaveUp { awaited, because, read }) = &scene.gave_up else { return };
    out.heading(&out.paper.red("✗"), &format!("“{}” did not come to its end", scene.title));
    out.labelled("awaited", &awaited.lines());
    out.labelled("gave up", &because.lines());
    out.labelled("read", read);
}

fn client_errors(story: &Story, out: &mut Text<'_>) {
    if !story.not_served.is_empty() {
        let asked: Vec<String> = story.not_served.iter().map(ToString::to_string).collect();
        let text = format!(
            "It asked for what this Kafka does not serve ({}). Should it fail because of that, check it with \
             `--broker docker`.",
            asked.join(", ")
        );
        out.line("");
        out.line(&out.paper.wrap(&text, 2));
    }
    if !story.client_errors.is_empty() {
        out.line("");
        out.line("  Among what it printed, and not necessarily the reason:");
    }
    for error in &story.client_errors {
        out.labelled("it said", &error.line.to_string());
        out.labelled("read", &error.read);
    }
}

fn at(Place { file, line }: &Place, out: &mut Text<'_>) {
    out.labelled("where", &format!("{file}:{line}"));
}

fn problem(check: &Judged, out: &mut Text<'_>, verbose: bool) {
    let heading = |mark: String, out: &mut Text<'_>| out.heading(&mark, &out.paper.bold(&check.title));
    match &check.status {
        Told::Proved(seen) if verbose => {
            heading(out.paper.green("✓"), out);
            out.labelled("proved", &seen.lines());
        }
        Told::Proved(_) | Told::NotChecked(_) => {}
        Told::NoEvidence(why) => {
            heading(out.paper.yellow("?"), out);
            out.labelled("missing", &why.lines());
        }
        Told::Failed(problems) => {
            heading(out.paper.red("✗"), out);
            for problem in problems {
                out.labelled("required", &problem.required.lines());
                out.labelled("seen", &problem.seen.to_string());
                let narrower = Paper { width: out.paper.width.saturating_sub(4), ..*out.paper };
                for line in &problem.lines {
                    timeline::line(line, &narrower).lines().for_each(|line| out.line(&format!("    {line}")));
                }
            }
            out.labelled("why", &check.why);
            out.labelled("read", &check.read);
        }
    }
}
