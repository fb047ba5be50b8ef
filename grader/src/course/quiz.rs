//! `modules/*/quiz.toml`: questions about a module, each option with its own explanation.

use super::Course;
use super::file::{CourseError, File};
use serde::Deserialize;
use std::collections::HashSet;
use std::ops::RangeInclusive;
use std::path::Path;
use toml::Spanned;

/// How many questions a quiz has, and how many options a question.
const QUESTIONS: RangeInclusive<usize> = 5..=20;
const OPTIONS: RangeInclusive<usize> = 3..=5;

/// The questions about one module, in the order of the file.
#[derive(Debug)]
pub struct Quiz {
    pub questions: Vec<Question>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Questions {
    #[serde(default, rename = "question")]
    questions: Vec<Spanned<Question>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Stable, unique in the module: progress names it.
    pub id: String,
    /// Markdown.
    pub text: String,
    /// The section that explains it: `consumers/03-offsets-and-commits`.
    pub read: String,
    /// The options stay in the order of the file: they name things of the text by their letters or numbers.
    #[serde(default)]
    pub in_order: bool,
    #[serde(rename = "option")]
    pub options: Vec<Choice>,
}

/// One of the options of a question.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Markdown.
    pub text: String,
    #[serde(default)]
    pub right: bool,
    /// Why it is right, or which misunderstanding it shows.
    pub why: String,
}

impl Question {
    /// How many of the options are right.
    pub fn right(&self) -> usize {
        self.options.iter().filter(|option| option.right).count()
    }
}

/// The quiz in this file.
///
/// # Errors
/// With file, line and column.
pub(super) fn load(course: &Course, path: &Path) -> Result<Quiz, CourseError> {
    let file = File::read(path.to_owned())?;
    let (quiz, _): (Questions, _) = file.data()?;
    let fail = |at: usize, message: String| Err(file.wrong_at(at, message));
    if !QUESTIONS.contains(&quiz.questions.len()) {
        return fail(0, format!("a quiz has {} questions, not {}", in_words(&QUESTIONS), quiz.questions.len()));
    }
    let mut ids = HashSet::new();
    for spanned in &quiz.questions {
        let (from, question) = (spanned.span().start, spanned.get_ref());
        // Of the question: the first place where the value stands in quotes, else its beginning.
        let at = |value: &str| file.text[from..].find(&format!("\"{value}\"")).map_or(from, |at| from + at + 1);
        if !ids.insert(&question.id) {
            return fail(at(&question.id), format!("two questions are called “{}”", question.id));
        }
        let sensible = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if question.id.is_empty() || !question.id.chars().all(sensible) {
            return fail(at(&question.id), format!("the id “{}” is not like-this-1", question.id));
        }
        if !course.has_section(&question.read) {
            return fail(at(&question.read), format!("there is no section “{}” in modules/course.toml", question.read));
        }
        let options = question.options.len();
        if !OPTIONS.contains(&options) {
            return fail(
                from,
                format!("“{}” has {options} options; a question has {}", question.id, in_words(&OPTIONS)),
            );
        }
        if question.right() == 0 || question.right() == options {
            let how = if question.right() == 0 { "no" } else { "only" };
            return fail(from, format!("“{}” has {how} right options; it needs right and wrong ones", question.id));
        }
        let empty = |text: &str| text.trim().is_empty();
        if empty(&question.text) || question.options.iter().any(|option| empty(&option.text) || empty(&option.why)) {
            return fail(from, format!("“{}” has a text or a why that says nothing", question.id));
        }
        let mut texts = HashSet::new();
        if let Some(option) = question.options.iter().find(|option| !texts.insert(option.text.trim())) {
            return fail(from, format!("“{}” has the option “{}” twice", question.id, option.text.trim()));
        }
    }
    Ok(Quiz { questions: quiz.questions.into_iter().map(Spanned::into_inner).collect() })
}

fn in_words(range: &RangeInclusive<usize>) -> String {
    format!("{} to {}", range.start(), range.end())
}
