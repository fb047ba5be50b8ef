//! The table of learners and exercises.

use super::super::markup;
use super::super::points::{self, figure};
use super::super::standing::{Kind, Standing};
use crate::class::marks::{ClassResults, ExerciseResult, LearnerResult};
use maud::{Markup, PreEscaped, html};
use std::io::Error;

/// The section with the table, row by row.
pub fn pieces(results: &ClassResults, put: &mut dyn FnMut(Markup) -> Result<(), Error>) -> Result<(), Error> {
    let fresh = super::marks_fresh(results);
    put(head(results, fresh))?;
    for learner in &results.learners {
        put(row(learner, fresh))?;
    }
    put(html! { (PreEscaped("</tbody></table></div></section>")) })
}

fn head(results: &ClassResults, fresh: bool) -> Markup {
    html! {
        (PreEscaped("<section id=\"results\" aria-labelledby=\"results-h\">"))
        h2 #results-h { "Results" }
        // The script shows it, because without the script it would do nothing.
        div #filter role="search" hidden {
            label { "Find " input #find type="search" autocomplete="off" spellcheck="false" placeholder="name, id or mistake"; }
            label {
                "Show "
                select #standing {
                    option value="" { "everybody" }
                    @for standing in Standing::ALL { option value=(standing.code()) { (standing.in_words()) } }
                }
            }
            output #shown for="find standing" {}
        }
        p.legend {
            @for kind in [Kind::Passed, Kind::Fell, Kind::Nothing, Kind::Ours] {
                span { span class={ "sign " (markup::class(kind)) } aria-hidden="true" { (markup::sign(kind)) } " " (kind.in_words()) }
            }
            @if fresh { span { span.new { "new" } " graded in this run" } }
        }
        (PreEscaped("<div class=\"scroller\" role=\"region\" aria-labelledby=\"results-h\" tabindex=\"0\"><table id=\"table\">"))
        thead {
            tr {
                th scope="col" { "Learner" }
                th.number scope="col" { "Points" }
                @for exercise in &results.exercises {
                    th scope="col" { abbr title=(exercise.title) { (exercise.id) } }
                }
                th.number scope="col" { "Days late" }
                th.number scope="col" { "Notes" }
            }
        }
        (PreEscaped("<tbody>"))
    }
}

fn row(learner: &LearnerResult, fresh: bool) -> Markup {
    let sum = points::Sum::new(learner);
    html! {
        tr {
            th scope="row" data-v=(markup::plain_name(&learner.learner)) {
                (super::link(learner))
                @if learner.learner.name.is_some() { span.id { (learner.learner.id) } }
            }
            td.number data-v=(figure(sum.mark.points)) {
                (figure(sum.mark.points))
                @if sum.unmarked > 0 { span.of { " + " (sum.unmarked) " open" } }
            }
            @for result in &learner.exercises { (cell(learner, result, fresh)) }
            @match learner.days_late {
                Some(days) => (number(days as usize)),
                None => td.number data-v="-1" {},
            }
            (number(learner.notes.len()))
        }
    }
}

/// A figure that is of interest where it is not zero.
fn number(figure: usize) -> Markup {
    html! { td class={ "number" @if figure == 0 { " none" } } data-v=(figure) { (figure) } }
}

fn cell(learner: &LearnerResult, result: &ExerciseResult, fresh: bool) -> Markup {
    let standing = Standing::new(result);
    let kind = standing.kind();
    let points = result.mark.map(|mark| mark.points);
    // What has no mark is sorted below what has none of its points.
    let value = points.map_or("-1".to_owned(), figure);
    let mistake = result.decisive().and_then(|record| record.outcome.diagnosis());
    html! {
        td data-v=(value) data-s=(standing.code()) data-m=[mistake] {
            a.cell href={ "#" (super::exercise_anchor(learner, result)) } {
                span class={ "sign " (markup::class(kind)) } aria-hidden="true" { (markup::sign(kind)) }
                @if let Some(points) = points { span.figure { (figure(points)) } " " }
                span.word { (standing.in_words()) }
            }
            @if fresh && result.fresh { " " span.new { "new" } }
        }
    }
}
