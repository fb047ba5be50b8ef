//! What a run came to, in a few lines.

use crate::checks::count;
use crate::class::folder::ClassFolder;
use crate::class::marks::ClassResults;
use crate::foreign::visible;
use crate::report::class::{Kind, Standing};
use crate::report::out::outln;
use crate::report::paper::Paper;
use std::collections::BTreeSet;

/// Prints how many have passed what, and where to look.
pub(super) fn print(results: &ClassResults, folder: &ClassFolder, complete: bool) {
    let paper = Paper::stdout();
    outln!();
    outln!("{}", paper.bold(&visible(&results.title)));
    for (position, exercise) in results.exercises.iter().enumerate() {
        let standings: Vec<Standing> =
            results.learners.iter().filter_map(|learner| learner.exercises.get(position)).map(Standing::new).collect();
        let of_kind = |kind: Kind| standings.iter().filter(|standing| standing.kind() == kind).count();
        let mut parts = vec![format!("{} of {} passed", of_kind(Kind::Passed), standings.len())];
        let nothing = of_kind(Kind::Nothing);
        let ours = standings.iter().filter(|standing| **standing == Standing::Fault).count();
        let open = standings.iter().filter(|standing| **standing == Standing::Open).count();
        if nothing > 0 {
            parts.push(format!("{nothing} with nothing to grade"));
        }
        if ours > 0 {
            parts.push(paper.yellow(&format!("{ours} not graded for a fault of ours")));
        }
        if open > 0 {
            parts.push(paper.yellow(&format!("{open} not graded yet")));
        }
        outln!("  {:5} {}", exercise.id, parts.join(", "));
    }
    for complaint in results.facts.complaints.iter().take(20) {
        outln!("  {} {}", paper.yellow("!"), visible(complaint));
    }
    if results.facts.complaints.len() > 20 {
        outln!("  and {} more, which the report lists", count(results.facts.complaints.len() - 20, "complaint"));
    }
    let report = folder.root().join("report.html");
    outln!();
    outln!("report: {}", report.display());
    if !complete {
        outln!("What was graded is kept. The same command goes on from here.");
    }
}

/// Is there anybody among the chosen of whose work nothing is known, because of a fault of ours?
pub(super) fn has_faults(results: &ClassResults, chosen: &BTreeSet<String>) -> bool {
    let learners = results.learners.iter().filter(|learner| chosen.contains(learner.learner.id.as_str()));
    learners.flat_map(|learner| &learner.exercises).any(|exercise| Standing::new(exercise).kind() == Kind::Ours)
}
