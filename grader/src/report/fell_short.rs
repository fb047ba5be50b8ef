//! What is not as required, for the terminal: the diagnosis first with the events that prove it, and each thing once.

use super::fault::Fault;
use super::last_words::LastWords;
use super::paper::Paper;
use super::problem::Problem;
use super::story::{GaveUp, Judged, Place, Scene, Story, Told};
use super::text::Text;
use super::words::{self, Line};
use super::{timeline, trouble};
use crate::verdict::Verdict;

/// So many events prove a finding, where not all of them are wanted.
const MOST_EVENTS: usize = 4;

/// The report of a program that fell short. `verbose` adds what each check found, and what the scenarios draw.
pub(super) fn fell_short(story: &Story, out: &mut Text<'_>, verbose: bool) {
    looks_like(story, out);
    died(story, out);
    if verbose {
        story.scenes.iter().for_each(|scene| in_full(scene, out));
    } else {
        // Where the time ran out, or a limit was reached, that is the first thing to say; where nothing was found it is the
        // only one.
        let always = story.verdict == Verdict::TimedOut || story.faults.first().is_none();
        let of_limit = |scene: &&Scene| scene.gave_up.as_ref().is_some_and(|gave_up| gave_up.of_limit);
        let stuck = story
            .scenes
            .iter()
            .find(|scene| scene.panic.is_none() && scene.gave_up.is_some() && (always || of_limit(scene)));
        stuck.into_iter().for_each(|scene| gave_up(scene, out));
        others(story, out);
    }
    unproved(story, out);
    client_errors(story, out);
}

/// The report of a program that did nothing in any of several scenarios: the first thing that was found stands for all.
pub(super) fn did_nothing(story: &Story, out: &mut Text<'_>) {
    looks_like(story, out);
    died(story, out);
    if story.diagnosis.is_none() {
        story.faults.others.iter().take(1).for_each(|fault| in_events(fault, out));
        story.scenes.iter().filter(|scene| scene.gave_up.is_some()).take(1).for_each(|scene| gave_up(scene, out));
    }
    out.line("");
    let rest = format!(
        "In none of the {} scenarios did the program send, process or commit anything. What follows from that is left \
         out here; -v shows all of it.",
        story.scenes.len()
    );
    out.line(&out.paper.wrap(&rest, 2));
    client_errors(story, out);
}

/// What the checks of a scenario found, and how it ended.
pub(super) fn in_full(scene: &Scene, out: &mut Text<'_>) {
    draw(scene, out);
    scene.checks.iter().for_each(|check| checked(check, out));
    gave_up(scene, out);
}

/// What the scenario wants drawn of its evidence.
pub(super) fn draw(scene: &Scene, out: &mut Text<'_>) {
    let lines = scene.picture.as_ref().map(|picture| picture.lines(out.paper)).unwrap_or_default();
    if !lines.is_empty() {
        out.line("");
        out.line(&out.paper.wrap(&out.paper.bold(&scene.title), 2));
        lines.iter().for_each(|line| out.line(line));
    }
}

pub(super) fn at(Place { file, line }: &Place, out: &mut Text<'_>) {
    out.labelled("where", &format!("{file}:{line}"));
}

/// The diagnosis, and what it was made from.
fn looks_like(story: &Story, out: &mut Text<'_>) {
    let Some(mistake) = &story.diagnosis else { return };
    let looks_like = if mistake.certain { "This looks like:" } else { "This may be:" };
    let heading = format!("{} {}", out.paper.bold(looks_like), out.paper.yellow(&mistake.title));
    out.line("");
    out.line(&out.paper.beside("  ", &heading));
    out.line(&out.paper.wrap(&mistake.explanation, 4));
    if !mistake.certain {
        out.labelled("unsure", "a scenario that was not played here could rule it out");
    }
    if let Some(fault) = &story.faults.diagnosed {
        out.labelled("seen", &seen(fault));
        few_events(&fault.problem, out);
        out.labelled("trace", &fault.trace);
    }
    out.labelled("read", &mistake.read);
    if let Some(fault) = &story.faults.diagnosed {
        also(fault, out);
    }
}

/// What the diagnosis does not explain: the most harmful in full, and of the rest a line each.
fn others(story: &Story, out: &mut Text<'_>) {
    let faults = &story.faults.others;
    let Some((first, rest)) = faults.split_first() else { return };
    if story.diagnosis.is_some() {
        out.line("");
        out.line(&out.paper.wrap("And apart from that:", 2));
    }
    in_events(first, out);
    for fault in rest {
        out.heading(&out.paper.red("✗"), &out.paper.bold(&fault.title));
        let room = out.paper.width.saturating_sub(15);
        out.labelled("seen", &words::cut(fault.problem.seen.to_string(), room));
        out.labelled("trace", &fault.trace);
    }
    if !rest.is_empty() {
        out.line("");
        out.line(&out.paper.wrap(&out.paper.dim("-v shows all of these with their events."), 2));
    }
}

/// A fault with the events that show it.
fn in_events(fault: &Fault, out: &mut Text<'_>) {
    out.heading(&out.paper.red("✗"), &out.paper.bold(&fault.title));
    out.labelled("required", &fault.problem.required.lines());
    out.labelled("seen", &seen(fault));
    few_events(&fault.problem, out);
    out.labelled("why", &fault.why);
    out.labelled("trace", &fault.trace);
    out.labelled("read", &fault.read);
    also(fault, out);
}

/// What was seen, and where: the beginning of a scenario's title names it well enough.
fn seen(fault: &Fault) -> String {
    let name = fault.scene.split([':', ',']).next().unwrap_or_default();
    format!("{} (in “{name}”)", fault.problem.seen)
}

fn also(fault: &Fault, out: &mut Text<'_>) {
    if !fault.also.is_empty() {
        out.labelled("and so", &fault.also.join(" · "));
    }
}

/// The events that the finding points at, and as many of their answers as there is room for.
fn few_events(problem: &Problem, out: &mut Text<'_>) {
    let mut room = MOST_EVENTS.saturating_sub(problem.lines.iter().filter(|line| is_pointed_at(problem, line)).count());
    let chosen = problem.lines.iter().filter(|line| {
        is_pointed_at(problem, line) || {
            let fits = room > 0;
            room = room.saturating_sub(1);
            fits
        }
    });
    events(chosen.take(MOST_EVENTS), out);
}

fn is_pointed_at(problem: &Problem, line: &Line) -> bool {
    problem.events.contains(&line.event)
}

fn events<'l>(lines: impl Iterator<Item = &'l Line>, out: &mut Text<'_>) {
    let narrower = Paper { width: out.paper.width.saturating_sub(4), ..*out.paper };
    for line in lines {
        timeline::line(line, &narrower).lines().for_each(|line| out.line(&format!("    {line}")));
    }
}

/// How the program ended, where nobody had asked it to end like that, and what it said.
fn died(story: &Story, out: &mut Text<'_>) {
    let panicked = story.scenes.iter().find_map(|scene| Some((scene, scene.panic.as_ref()?)));
    if let Some((scene, panic)) = panicked {
        out.heading(&out.paper.red("✗"), &format!("the program panicked in “{}”", scene.title));
        at(&panic.place, out);
        out.labelled("it said", &panic.message.lines());
        out.labelled("read", &panic.read);
        return;
    }
    if let Some(LastWords { role, how, asked, said, refused }) = &story.last_words {
        let ended = words::ending(how);
        let when = if *asked { ", when it was asked to stop" } else { "" };
        out.heading(&out.paper.red("✗"), &format!("“{role}” {ended}{when}"));
        for (line, nth) in said.iter().zip(0..) {
            out.labelled(if nth == 0 { "it said" } else { "" }, &line.to_string());
        }
        if said.is_empty() {
            out.labelled("it said", "nothing");
        }
        if let Some(line) = refused {
            out.labelled("before", "this was refused:");
            events(std::iter::once(line), out);
        }
    }
    if story.verdict == Verdict::Crashed {
        out.labelled("read", &trouble::command(trouble::CRASHED));
    }
}

/// What came to no verdict, in one line.
fn unproved(story: &Story, out: &mut Text<'_>) {
    let checks = story.scenes.iter().flat_map(|scene| &scene.checks);
    let titles: Vec<&str> =
        checks.filter(|check| matches!(check.status, Told::NoEvidence(_))).map(|check| check.title.as_str()).collect();
    if titles.is_empty() {
        return;
    }
    out.line("");
    let told = match (titles.as_slice(), story.faults.first()) {
        ([title], _) => format!("no evidence for: {title}"),
        (titles, None) => format!("no evidence for: {}", titles.join(" · ")),
        (titles, Some(_)) => format!("no evidence for {} more things; -v names them", titles.len()),
    };
    out.labelled("?", &told);
    out.labelled("", &trouble::command(trouble::NO_EVIDENCE));
}

fn gave_up(scene: &Scene, out: &mut Text<'_>) {
    let Some(GaveUp { awaited, because, read, .. }) = &scene.gave_up else { return };
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

/// Everything that a check has to say.
fn checked(check: &Judged, out: &mut Text<'_>) {
    let heading = |mark: String, out: &mut Text<'_>| out.heading(&mark, &out.paper.bold(&check.title));
    match &check.status {
        Told::Proved(seen) => {
            heading(out.paper.green("✓"), out);
            out.labelled("proved", &seen.lines());
        }
        Told::NotChecked(_) => {}
        Told::NoEvidence(why) => {
            heading(out.paper.yellow("?"), out);
            out.labelled("missing", &why.lines());
        }
        Told::Failed(problems) => {
            heading(out.paper.red("✗"), out);
            for problem in problems {
                out.labelled("required", &problem.required.lines());
                out.labelled("seen", &problem.seen.to_string());
                events(problem.lines.iter(), out);
            }
            out.labelled("why", &check.why);
            out.labelled("read", &check.read);
        }
    }
}
