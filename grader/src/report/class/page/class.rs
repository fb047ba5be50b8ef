//! What the page says of the class as a whole.

use super::super::markup;
use super::super::points::{Sum, figure};
use super::super::standing::{Kind, Standing};
use super::rates::Rates;
use crate::checks::count;
use crate::class::marks::{ClassResults, ExerciseInfo, LearnerResult};
use crate::class::record::Outcome;
use crate::foreign::Foreign;
use maud::{Markup, PreEscaped, html};
use std::collections::BTreeMap;

/// Learners that are named where a mistake is told; all of them are in the table.
const NAMED: usize = 24;

/// The head of the page, up to and with the opening of its main part.
pub fn head(results: &ClassResults) -> Markup {
    let facts = &results.facts;
    let learners = results.learners.len();
    let complete =
        |learner: &&LearnerResult| learner.exercises.iter().all(|result| Standing::new(result) == Standing::Passed);
    let all_passed = results.learners.iter().filter(complete).count();
    let sums: Vec<Sum> = results.learners.iter().map(Sum::new).filter(|sum| sum.unmarked == 0).collect();
    let most: f64 = results.exercises.iter().map(|exercise| exercise.points).sum();
    let mut reached: Vec<f64> = sums.iter().map(|sum| sum.mark.points).collect();
    reached.sort_by(f64::total_cmp);
    html! {
        a.skip href="#results" { "To the results" }
        header.top {
            p.kicker { "Class report" }
            h1 { (markup::name(&results.title)) }
            p.lead {
                (count(learners, "learner")) ", " (count(results.exercises.len(), "exercise")) ". "
                (all_passed) " passed everything."
                @if let Some(median) = reached.get(reached.len() / 2) {
                    " The median is " (figure(*median)) " of " (figure(most)) " points."
                }
            }
            dl.facts {
                div { dt { "Graded" } dd { (markup::moment(&facts.at)) } }
                div { dt { "Broker" } dd { (markup::name(&facts.broker)) } }
                div { dt { "Sandbox" } dd { (markup::name(&facts.sandbox.replace('+', " + "))) } }
                div { dt { "Runs of each" } dd { (count(facts.seeds as usize, "seed")) } }
                div { dt { "Graded by" } dd { "kafkacourse " (markup::name(&facts.version)) ", run " (facts.session) } }
            }
            nav aria-label="On this page" {
                ul {
                    li { a href="#results" { "Results" } }
                    li { a href="#exercises" { "Exercises" } }
                    li { a href="#mistakes" { "Mistakes" } }
                    li { a href="#ungraded" { "Not graded" } }
                    li { a href="#learners" { "Learners" } }
                }
            }
        }
        (PreEscaped("<main>"))
    }
}

/// How each exercise went, and each of its checks.
pub fn exercises(results: &ClassResults) -> Markup {
    html! {
        section #exercises aria-labelledby="exercises-h" {
            h2 #exercises-h { "Exercises" }
            @for (info, position) in results.exercises.iter().zip(0..) {
                (exercise(info, &Rates::new(results, position)))
            }
        }
    }
}

fn exercise(info: &ExerciseInfo, rates: &Rates<'_>) -> Markup {
    let (passed, judged) = rates.passed();
    html! {
        article.rates {
            h3 { (info.id) " · " (info.title) }
            p { (bar(passed, judged)) (share(passed, judged)) " passed" }
            ul.standings {
                @for (standing, learners) in rates.standings.iter().filter(|(standing, _)| **standing != Standing::Passed) {
                    li { (markup::badge(*standing)) " " (learners) }
                }
            }
            @if !rates.checks.is_empty() {
                details {
                    summary { "Check by check" }
                    div.scroller role="region" aria-label={ "Checks of " (info.id) } tabindex="0" {
                        table.by_check {
                            thead { tr { th scope="col" { "Check" } th scope="col" { "Scenario" } th scope="col" { "Passed, of programs that ran" } } }
                            tbody {
                                @for check in &info.checks {
                                    @let (passed, judged) = rates.checks.get(&(check.scenario.as_str(), check.check.as_str())).copied().unwrap_or_default();
                                    tr {
                                        th scope="row" { (check.title) }
                                        td { (check.scenario_title) }
                                        td { @if judged > 0 { (bar(passed, judged)) (share(passed, judged)) } @else { "not judged" } }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A bar for the eye; the figures stand beside it.
fn bar(part: usize, of: usize) -> Markup {
    let percent = if of == 0 { 0.0 } else { part as f64 * 100.0 / of as f64 };
    html! {
        // An attribute of the drawing and no style, so that the page needs no style of its own.
        svg.bar viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
            rect.whole width="100" height="8" {}
            rect.part width=(format!("{percent:.1}")) height="8" {}
        }
    }
}

fn share(part: usize, of: usize) -> String {
    match of {
        0 => "0 of 0".into(),
        of => format!("{part} of {of} ({} %)", (part * 100 + of / 2) / of),
    }
}

/// Which known mistakes were made, and by whom.
pub fn mistakes(results: &ClassResults) -> Markup {
    let mut made: Vec<(&ExerciseInfo, &str, Vec<&LearnerResult>)> = Vec::new();
    for (info, position) in results.exercises.iter().zip(0..) {
        made.extend(Rates::new(results, position).mistakes.into_iter().map(|(name, learners)| (info, name, learners)));
    }
    made.sort_by_key(|(.., learners)| std::cmp::Reverse(learners.len()));
    html! {
        section #mistakes aria-labelledby="mistakes-h" {
            h2 #mistakes-h { "Mistakes" }
            @if made.is_empty() { p { "Nobody made a mistake that the course knows by name." } }
            @for (info, name, learners) in made {
                @let known = info.mistakes.iter().find(|mistake| mistake.name == name);
                article.mistake {
                    h3 {
                        (known.map_or(name, |mistake| &mistake.title))
                        " " span.id { (info.id) }
                    }
                    p.many { (count(learners.len(), "learner")) ": " (names(&learners, info)) }
                    @if let Some(mistake) = known {
                        p.explained { (mistake.explanation) " " code { "kafkacourse read " (mistake.read) } }
                    }
                }
            }
        }
    }
}

/// Links to where the page speaks of what they did there.
fn names(learners: &[&LearnerResult], info: &ExerciseInfo) -> Markup {
    let link = |learner: &LearnerResult| {
        html! { a href={ "#" (super::anchor(learner)) "-" (info.id) } { (markup::learner(&learner.learner)) } }
    };
    let more = learners.len().saturating_sub(NAMED);
    html! {
        @for (learner, nth) in learners.iter().take(NAMED).zip(0..) {
            @if nth > 0 { ", " }
            (link(learner))
        }
        @if more > 0 { " and " (more) " more" }
    }
}

/// What was not graded and why: our faults, then theirs, then what was noticed besides.
pub fn ungraded(results: &ClassResults) -> Markup {
    html! {
        section #ungraded aria-labelledby="ungraded-h" {
            h2 #ungraded-h { "Not graded" }
            (reasons(results, Kind::Ours, "Faults of the grader", "None of these costs anybody points. The next run of the grader tries them again."))
            (reasons(results, Kind::Nothing, "Nothing that could be graded", "These count as not passed."))
            @if !results.facts.complaints.is_empty() {
                h3 { "Noticed while reading the submissions" }
                ul { @for complaint in &results.facts.complaints { li { (Foreign::from(complaint)) } } }
            }
        }
    }
}

fn reasons(results: &ClassResults, kind: Kind, title: &str, meaning: &str) -> Markup {
    // By reason, so that one reason for a whole class is one line.
    let mut by_reason: BTreeMap<(&str, String), Vec<&LearnerResult>> = BTreeMap::new();
    for learner in &results.learners {
        for (info, result) in results.exercises.iter().zip(&learner.exercises) {
            let standing = Standing::new(result);
            if standing.kind() == kind {
                let reason = match result.decisive().map(|record| &record.outcome) {
                    Some(Outcome::Fault { what }) => what.clone(),
                    Some(Outcome::Invalid(invalid)) => invalid.what.clone(),
                    _ => standing.in_words().to_owned(),
                };
                by_reason.entry((&info.id, reason)).or_default().push(learner);
            }
        }
    }
    let info = |id: &str| results.exercises.iter().find(|info| info.id == id);
    html! {
        h3 { (title) }
        @if by_reason.is_empty() { p { "None." } } @else {
            p.meaning { (meaning) }
            ul {
                @for ((id, reason), learners) in &by_reason {
                    li {
                        span.id { (id) } " " (markup::name(reason)) ": "
                        @if let Some(info) = info(id) { (names(learners, info)) }
                    }
                }
            }
        }
    }
}

/// The foot of the page.
pub fn foot(results: &ClassResults) -> Markup {
    html! {
        footer {
            p {
                "Marks come from the grader's own runs, from what each program said to Kafka. "
                "Seeds and recorded runs are for you; " code { "feedback/" } " holds a page for each learner that names none. "
                "kafkacourse " (markup::name(&results.facts.version)) "."
            }
        }
    }
}
