//! A question, the answer's explanation and the end of a round, for the terminal and as JSON.

use super::markdown::render;
use super::paper::Paper;
use crate::course::Question;
use serde_json::{Value, json};

/// The letters of options, in the order in which they are shown.
const LETTERS: [&str; 5] = ["a", "b", "c", "d", "e"];

/// A question with its options in the order in which they are shown, and what was answered: their indices.
#[derive(Debug)]
pub struct Asked {
    pub question: Question,
    pub chosen: Option<Vec<usize>>,
}

impl Asked {
    /// Has it been answered with exactly the right options?
    pub fn right(&self) -> Option<bool> {
        let chosen = self.chosen.as_ref()?;
        let mut options = self.question.options.iter().enumerate();
        Some(options.all(|(index, option)| option.right == chosen.contains(&index)))
    }

    /// The options that an answer such as `b`, `a c`, `A,C` or `ac` names.
    ///
    /// # Errors
    /// With a sentence: it is none.
    pub fn parse(&self, answer: &str) -> Result<Vec<usize>, String> {
        let letters = answer.trim().to_lowercase();
        let letters = letters.chars().filter(|c| !c.is_whitespace() && *c != ',');
        let known = LETTERS.iter().take(self.question.options.len());
        let index = |letter: char| known.clone().position(|known| known.chars().eq([letter]));
        let mut chosen: Vec<usize> = letters.map(index).collect::<Option<_>>().unwrap_or_default();
        chosen.sort_unstable();
        chosen.dedup();
        let several = self.question.right() > 1;
        match chosen.len() {
            0 => Err(format!("“{}” is no answer here; {}", answer.trim(), self.how())),
            2.. if !several => Err(format!("One of the options is right; {}", self.how())),
            _ => Ok(chosen),
        }
    }

    /// What can be typed.
    fn how(&self) -> String {
        let last = LETTERS[self.question.options.len() - 1];
        let several = if self.question.right() > 1 { ", or several as in “a c”" } else { "" };
        format!("type a letter from a to {last}{several}.")
    }

    fn letters(&self, wanted: impl Fn(usize) -> bool) -> Vec<&'static str> {
        LETTERS
            .into_iter()
            .take(self.question.options.len())
            .zip(0..)
            .filter(|(_, n)| wanted(*n))
            .map(|(l, _)| l)
            .collect()
    }

    fn right_letters(&self) -> Vec<&'static str> {
        self.letters(|index| self.question.options[index].right)
    }
}

/// The question with its options, as number `number` of `of`.
pub fn question(asked: &Asked, number: usize, of: usize, paper: &Paper) -> String {
    let how = if asked.question.right() > 1 { "several are right: choose them all" } else { "one is right" };
    let head = format!("{} {}", paper.bold(&format!("Question {number} of {of}")), paper.dim(&format!("· {how}")));
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

/// How far a round has come.
#[derive(Debug, Clone, Copy)]
pub struct Score {
    pub right: usize,
    pub answered: usize,
    pub of: usize,
}

/// The object of `quiz --json`: `modules/reference/json.md` is the schema.
pub fn object(module: &str, seed: u64, score: Score, asked: &[Asked]) -> Value {
    let question = |asked: &Asked| {
        let told = asked.chosen.is_some();
        let options: Vec<Value> = LETTERS
            .iter()
            .zip(&asked.question.options)
            .map(|(letter, option)| {
                let (right, why) = (told.then_some(option.right), told.then_some(&option.why));
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
        "seed": seed,
        "complete": score.answered == score.of,
        "right": score.right,
        "answered": score.answered,
        "of": score.of,
        "questions": asked.iter().map(question).collect::<Vec<Value>>(),
    })
}
