//! What a learner reads after a check: one line per scenario, then what is wrong, why, and what to do next.

use super::paper::{Paper, together};
use super::text::Text;
use super::{never_began, picture, timeline, trouble};
use crate::checks::count;
use crate::course::{Exercise, Mistake};
use crate::verdict::{self, Checked, Played, Status, Verdict};

/// The line of a scenario that has been played.
pub fn scenario(played: &Played<'_>, paper: &Paper) -> String {
    let failed = played.checks.iter().filter(|check| matches!(check.status, Status::Failed(_))).count();
    let open = played.checks.iter().filter(|check| matches!(check.status, Status::NoEvidence(_))).count();
    let title = &played.scenario.title;
    let line = |mark: String, aside: &str| {
        let aside = if aside.is_empty() { String::new() } else { together(&format!("({aside})")) };
        let text = format!("{title} {}", paper.dim(&aside));
        paper.beside(&format!("  {mark} "), text.trim_end())
    };
    if played.not_started() {
        return line(paper.dim("○"), if step(played).is_some_and(later) { "not finished" } else { "not started" });
    }
    match (played.passed(), failed, open) {
        (true, ..) => line(paper.green("✓"), ""),
        (_, 0, 0) => line(paper.red("✗"), "did not come to its end"),
        (_, 0, _) => line(paper.yellow("?"), "no evidence"),
        (_, n, _) => line(paper.red("✗"), &count(n, "problem")),
    }
}

/// Everything below the scenario lines.
pub fn details(
    exercise: &Exercise,
    played: &[Played<'_>],
    (verdict, diagnosis): (Verdict, Option<&Mistake>),
    paper: &Paper,
    verbose: bool,
) -> String {
    let mut out = Text { paper, text: String::new() };
    match verdict {
        Verdict::Passed => passed(exercise, played, &mut out, verbose),
        Verdict::NotStarted => not_started(exercise, played, &mut out, verbose),
        _ => failed(played, (verdict, diagnosis), &mut out, verbose),
    }
    out.text
}

/// What the scenario wants drawn of its evidence.
fn draw(played: &Played<'_>, out: &mut Text<'_>) {
    let lines = picture::lines(played, out.paper);
    if !lines.is_empty() {
        out.line("");
        out.line(&out.paper.wrap(&out.paper.bold(&played.scenario.title), 2));
        lines.iter().for_each(|line| out.line(line));
    }
}

fn passed(exercise: &Exercise, played: &[Played<'_>], out: &mut Text<'_>, verbose: bool) {
    played.iter().for_each(|played| draw(played, out));
    out.line("");
    out.line(&format!("  {}", out.paper.bold(&out.paper.green(&format!("{} passed.", exercise.title)))));
    out.line(&out.paper.wrap(&format!("Proved from the wire: {}", exercise.proves), 2));
    for check in played.iter().flat_map(|played| &played.checks) {
        match &check.status {
            Status::Passed(seen) if verbose => out.labelled("proved", &format!("{}: {seen}", check.spec.title)),
            Status::NotChecked(why) => out.labelled("not here", &format!("{}: {why}", check.spec.title)),
            _ => {}
        }
    }
}

/// What the `todo!()` where it stopped wants: of `step 2 of 4: queue each order` both parts, of another text the second.
fn step<'p>(played: &'p Played<'_>) -> Option<(&'p str, &'p str)> {
    let (.., message) = played.panic.as_ref().filter(|_| played.not_started())?;
    let (_, task) = message.split_once(": ")?;
    Some(task.split_once(": ").filter(|(step, _)| step.starts_with("step ")).unwrap_or(("", task)))
}

/// Is it a step that is only reached when something has been done?
fn later((step, _): (&str, &str)) -> bool {
    !step.is_empty() && !step.starts_with("step 1 ")
}

fn not_started(exercise: &Exercise, played: &[Played<'_>], out: &mut Text<'_>, verbose: bool) {
    let stopped = played.iter().find(|played| played.not_started());
    let next = stopped.and_then(step);
    let title = out.paper.bold(&exercise.title);
    let told = match next.filter(|next| later(*next)) {
        Some((step, _)) => format!("{title} is not finished yet: {step} is next."),
        None => format!("{title} is not started yet."),
    };
    out.line("");
    out.line(&out.paper.wrap(&told, 2));
    if let Some((file, line, _)) = stopped.and_then(|played| played.panic.as_ref()) {
        out.labelled("where", &format!("{file}:{line}"));
    }
    if let Some((_, task)) = next {
        out.labelled("to do", task);
    }
    let wrong = |played: &&Played<'_>| !played.not_started() && !played.passed();
    for played in played.iter().filter(wrong).filter(|_| verbose) {
        played.checks.iter().for_each(|check| problem(played, check, out, verbose));
    }
    if !verbose && played.iter().any(|played| wrong(&played)) {
        out.line("");
        out.line(&out.paper.wrap("A ✗ above may only want the steps that are missing; -v shows what it is about.", 2));
    }
}

fn failed(played: &[Played<'_>], (verdict, diagnosis): (Verdict, Option<&Mistake>), out: &mut Text<'_>, verbose: bool) {
    if verdict::never_began(played) {
        never_began::tell(played, out);
        if !verbose {
            return;
        }
    } else if !verbose && played.len() > 1 && played.iter().all(did_nothing) {
        return nothing_done(played, diagnosis, out);
    }
    for played in played {
        draw(played, out);
        for check in &played.checks {
            problem(played, check, out, verbose);
        }
        if let Some((file, line, message)) = &played.panic {
            let heading = format!("the program panicked in “{}”", played.scenario.title);
            out.heading(&out.paper.red("✗"), &heading);
            out.labelled("where", &format!("{file}:{line}"));
            out.labelled("it said", message);
            out.labelled("read", &trouble::command(trouble::entry(message).unwrap_or(trouble::PANICKED)));
        } else {
            gave_up(played, out);
        }
    }
    let mut checks = played.iter().flat_map(|played| &played.checks);
    if checks.any(|check| matches!(check.status, Status::NoEvidence(_))) {
        out.line("");
        out.labelled("?", &format!("means no evidence: {}", trouble::command(trouble::NO_EVIDENCE)));
    }
    if verdict == Verdict::Crashed && played.iter().all(|played| played.panic.is_none()) {
        out.labelled("read", &trouble::command(trouble::CRASHED));
    }
    if diagnosis.is_none() {
        printed(played, out);
    }
    looks_like(diagnosis, out);
}

fn looks_like(diagnosis: Option<&Mistake>, out: &mut Text<'_>) {
    if let Some(mistake) = diagnosis {
        let heading = format!("{} {}", out.paper.bold("This looks like:"), out.paper.yellow(&mistake.title));
        out.line("");
        out.line(&out.paper.beside("  ", &heading));
        out.line(&out.paper.wrap(&mistake.explanation, 4));
        out.labelled("read", &format!("kafkacourse read {}", mistake.read));
    }
}

fn gave_up(played: &Played<'_>, out: &mut Text<'_>) {
    let Some((waited_for, because)) = &played.gave_up else { return };
    let heading = format!("“{}” did not come to its end", played.scenario.title);
    out.heading(&out.paper.red("✗"), &heading);
    out.labelled("awaited", waited_for);
    out.labelled("gave up", because);
    out.labelled("read", &trouble::command(trouble::entry(because).unwrap_or(trouble::STUCK)));
}

fn did_nothing(played: &Played<'_>) -> bool {
    !played.did_something() && played.panic.is_none()
}

/// The program neither sent nor processed anything, in any scenario: the first thing that was found stands for all.
fn nothing_done(played: &[Played<'_>], diagnosis: Option<&Mistake>, out: &mut Text<'_>) {
    let failed = |check: &&Checked<'_>| matches!(check.status, Status::Failed(_));
    let found = played.iter().find_map(|played| Some((played, played.checks.iter().find(failed)?)));
    if let Some((played, check)) = found {
        problem(played, check, out, false);
    }
    if (found.is_none() || diagnosis.is_none())
        && let Some(first) = played.iter().find(|played| played.gave_up.is_some())
    {
        gave_up(first, out);
    }
    out.line("");
    let rest = format!(
        "In none of the {} scenarios did the program send, process or commit anything. What follows from that is left \
         out here; -v shows all of it.",
        played.len()
    );
    out.line(&out.paper.wrap(&rest, 2));
    if diagnosis.is_none() {
        printed(played, out);
    }
    looks_like(diagnosis, out);
}

/// Errors of the Kafka client among what the program printed, where no diagnosis says more: a few, each once.
fn printed(played: &[Played<'_>], out: &mut Text<'_>) {
    const FEW: usize = 3;
    let failed = played.iter().filter(|played| !played.passed());
    let mut told = Vec::new();
    for (line, heading) in failed.flat_map(|played| trouble::printed(&played.evidence)) {
        if told.len() < FEW && !told.contains(&heading) {
            if told.is_empty() {
                out.line("");
                out.line("  Among what it printed, and not necessarily the reason:");
            }
            out.labelled("it said", &timeline::printable(line));
            out.labelled("read", &trouble::command(heading));
            told.push(heading);
        }
    }
}

fn problem(played: &Played<'_>, check: &Checked<'_>, out: &mut Text<'_>, verbose: bool) {
    let heading = |mark: String, out: &mut Text<'_>| {
        out.heading(&mark, &out.paper.bold(&check.spec.title));
    };
    match &check.status {
        Status::Passed(seen) if verbose => {
            heading(out.paper.green("✓"), out);
            out.labelled("proved", seen);
        }
        Status::Passed(_) | Status::NotChecked(_) => {}
        Status::NoEvidence(why) => {
            heading(out.paper.yellow("?"), out);
            out.labelled("missing", why);
        }
        Status::Failed(findings) => {
            heading(out.paper.red("✗"), out);
            for finding in findings {
                out.labelled("required", &finding.required);
                out.labelled("seen", &timeline::printable(&finding.seen));
                let narrower = Paper { width: out.paper.width.saturating_sub(4), ..*out.paper };
                for line in timeline::slice(&played.evidence, &finding.events, &narrower) {
                    out.line(&format!("    {line}"));
                }
            }
            out.labelled("why", &check.spec.why);
            out.labelled("read", &format!("kafkacourse read {}", check.spec.read));
        }
    }
}
