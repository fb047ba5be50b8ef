//! A question, the answer's explanation and the end of a round, for the terminal and as JSON.

use super::markdown::render;
use super::paper::Paper;
use crate::theory::{Asked, LETTERS, Round, Score};
use serde_json::{Value, json};

/// The question with its options; `place`: its number, and of how many.
pub fn question(asked: &Asked, place: Option<(usize, usize)>, paper: &Paper) -> String {
    let how = if asked.question.right() > 1 { "several are right: choose them all" } else { "one is right" };
    let title = place.map_or_else(|| "Question".to_owned(), |(number, of)| format!("Question {number} of {of}"));
    let head = format!("{} {}", paper.bold(&title), paper.dim(&format!("· {how}")));
    let mut text = format!("\n{head}\n\n{}\n", render(&asked.question.text, paper, true));
    for (letter, option) in LETTERS.iter().zip(&asked.question.options) {
        text.push_str(&beside(&format!("  {}  ", paper.bold(letter)), &option.text, paper));
    }
    text
}

/// What the answer was worth, and why: of the options that were chosen and of the right ones.
pub fn explanation(asked: &Asked, paper: &Paper) -> String {
    let chosen = asked.chosen.as_deref().unwrap_or_default();
    let verdict = match (asked.right(), asked.right_letters().as_slice()) {
        (Some(true), _) => paper.green("Right."),
        (_, [one]) => paper.red(&format!("Not quite: {one} is right.")),
        (_, several) => paper.red(&format!("Not quite: {} are right.", listed(several))),
    };
    let mut text = format!("\n  {verdict}\n");
    for ((letter, option), index) in LETTERS.iter().zip(&asked.question.options).zip(0..) {
        if option.right || chosen.contains(&index) {
            let mark = if option.right { paper.green("✓") } else { paper.red("✗") };
            text.push_str(&beside(&format!("  {mark} {letter}  "), &option.why, paper));
        }
    }
    if asked.right() == Some(false) {
        text.push_str(&format!("  {}\n", paper.dim(&format!("more: kafkacourse read {}", asked.question.read))));
    }
    text
}

/// `a`, `a and c`, `a, c and d`.
fn listed(letters: &[&str]) -> String {
    match letters {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// Markdown behind `mark`, which may be painted.
fn beside(mark: &str, markdown: &str, paper: &Paper) -> String {
    let columns = textwrap::core::display_width(mark);
    let narrower = Paper { width: paper.width.saturating_sub(columns), ..*paper };
    let margin = " ".repeat(columns);
    let margins = std::iter::once(mark).chain(std::iter::repeat(margin.as_str()));
    let page = render(markdown, &narrower, true);
    margins.zip(page.lines()).map(|(margin, line)| format!("{}\n", format!("{margin}{line}").trim_end())).collect()
}

/// The object of `quiz --json`: `modules/reference/json.md` is the schema.
pub fn object(module: &str, round: &Round) -> Value {
    let Score { right, answered, of } = round.score();
    let question = |asked: &Asked| {
        let answered = asked.chosen.is_some();
        let options: Vec<Value> = LETTERS
            .iter()
            .zip(&asked.question.options)
            .map(|(letter, option)| {
                let (right, why) = (answered.then_some(option.right), answered.then_some(&option.why));
                json!({ "letter": letter, "text": option.text, "right": right, "why": why })
            })
            .collect();
        json!({
            "id": asked.question.id,
            "text": asked.question.text,
            "several": asked.question.right() > 1,
            "options": options,
            "answer": asked.chosen.as_ref().map(|chosen| asked.letters(|index| chosen.contains(&index))),
            "right": asked.right(),
            "read": asked.question.read,
        })
    };
    json!({
        "module": module,
        "seed": round.seed,
        "complete": answered == of,
        "right": right,
        "answered": answered,
        "of": of,
        "questions": round.left.iter().map(question).collect::<Vec<Value>>(),
    })
}
