//! What the page says of one learner.

use super::super::account::{Account, Reader};
use super::super::markup::{self, Room};
use super::super::points;
use super::super::standing::{Kind, Standing};
use crate::class::marks::{ClassResults, ExerciseInfo, ExerciseResult, LearnerResult};
use maud::{Markup, html};

/// Enough to understand it; the page of feedback holds the rest.
const ROOM: Room = Room { entries: 6, characters: 700 };

/// Everything about one learner.
pub fn article(results: &ClassResults, learner: &LearnerResult) -> Markup {
    let id = &learner.learner.id;
    let sum = points::Sum::new(learner);
    let name = markup::learner(&learner.learner);
    html! {
        article.learner id=(super::anchor(learner)) {
            h3 { (name) @if learner.learner.name.is_some() { " " span.id { (id) } } }
            p.line {
                (points::in_words(&sum.mark))
                @if let Some(days) = learner.days_late.filter(|days| *days > 0) { " · " (crate::checks::count(days as usize, "day")) " late" }
                @if let Some(at) = &learner.handed_in { " · handed in " (markup::moment(at)) }
                " · " a href={ "feedback/" (id) ".html" } { "their feedback" span.unseen { " (" (name) ")" } }
            }
            @if !learner.notes.is_empty() {
                ul.notes {
                    @for note in &learner.notes {
                        li { (markup::name(&note.what)) @if let Some(place) = &note.place { ": " code { (markup::name(place)) } } }
                    }
                }
            }
            @for (info, result) in results.exercises.iter().zip(&learner.exercises) {
                (exercise(results, learner, info, result))
            }
        }
    }
}

fn exercise(results: &ClassResults, learner: &LearnerResult, info: &ExerciseInfo, result: &ExerciseResult) -> Markup {
    let anchor = super::exercise_anchor(learner, result);
    let points = result.mark.map(|mark| points::in_words(&mark)).unwrap_or_default();
    let head =
        html! { span.name { (info.id) } " " (markup::badge(Standing::new(result))) " " span.points { (points) } };
    if Standing::new(result).kind() == Kind::Passed {
        return html! { div.done id=(anchor) { (head) (repeated(result)) } };
    }
    let account = Account::new(info, result, Reader::Instructor);
    html! {
        details id=(anchor) {
            summary { (head) (repeated(result)) }
            div.body {
                (markup::account(&account, ROOM))
                @if !result.records.is_empty() { (sittings(results, result)) }
            }
        }
    }
}

fn repeated(result: &ExerciseResult) -> Markup {
    html! {
        @if result.records.iter().any(|record| record.repeated) {
            " " span.aside { "repeated alone, because the machine was busy" }
        }
    }
}

/// How each went; of broker and sandbox only what the head of the page does not say already.
fn sittings(results: &ClassResults, result: &ExerciseResult) -> Markup {
    html! {
        ul.sittings {
            @for record in &result.records {
                li {
                    "seed " code { (record.seed) } ": " (Standing::from(&record.outcome).in_words())
                    " · built in " (format!("{:.1} s", record.seconds.0)) ", ran " (format!("{:.1} s", record.seconds.1))
                    " · run " (record.session)
                    @if !record.broker.is_empty() && record.broker != results.facts.broker {
                        " · " (markup::name(&record.broker))
                    }
                    @if record.sandbox != results.facts.sandbox { " · sandbox " (markup::name(&record.sandbox)) }
                }
            }
        }
    }
}
