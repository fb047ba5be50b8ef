//! A round of a quiz: its questions in the order of a seed, what was answered, and what that was worth.

use crate::course::{Question, Quiz};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use std::collections::BTreeSet;

/// The letters of options, in the order in which they are shown.
pub const LETTERS: [&str; 5] = ["a", "b", "c", "d", "e"];

/// A round that may have been begun in an earlier call.
#[derive(Debug)]
pub struct Round {
    pub seed: u64,
    /// The questions that are left, in the order in which they are asked.
    pub left: Vec<Asked>,
    /// How many questions the quiz has.
    of: usize,
    /// Each question, and the section that explains it.
    reads: Vec<(String, String)>,
    /// Questions, and whether they were answered rightly, in the order of the answers.
    answers: Vec<(String, bool)>,
}

/// How far a round has come.
#[derive(Debug, Clone, Copy)]
pub struct Score {
    pub right: usize,
    pub answered: usize,
    pub of: usize,
}

impl Round {
    /// The round of this seed, of which some questions have been answered. Answers to questions that have since been
    /// taken out of the quiz count no more.
    pub fn new(quiz: Quiz, seed: u64, mut answers: Vec<(String, bool)>) -> Round {
        let reads = quiz.questions.iter().map(|question| (question.id.clone(), question.read.clone()));
        let reads: Vec<(String, String)> = reads.collect();
        answers.retain(|(id, _)| reads.iter().any(|(known, _)| known == id));
        let mut left = in_order(quiz, seed);
        left.retain(|asked| !answers.iter().any(|(id, _)| *id == asked.question.id));
        Round { seed, left, of: reads.len(), reads, answers }
    }

    /// The same round with nothing left but this question; false where it was answered before, or is none of the quiz.
    pub fn narrow(&mut self, question: &str) -> bool {
        self.left.retain(|asked| asked.question.id == question);
        !self.left.is_empty()
    }

    /// Keeps the answer to a question that is left, and says whether it is right.
    pub fn answer(&mut self, index: usize, chosen: Vec<usize>) -> Option<bool> {
        let asked = self.left.get_mut(index)?;
        asked.chosen = Some(chosen);
        let right = asked.right()?;
        self.answers.push((asked.question.id.clone(), right));
        Some(right)
    }

    pub fn score(&self) -> Score {
        let right = self.answers.iter().filter(|(_, right)| *right).count();
        Score { right, answered: self.answers.len(), of: self.of }
    }

    /// The sections that explain what was not answered rightly.
    pub fn to_read_again(&self) -> BTreeSet<&str> {
        let wrong = |id: &String| self.answers.iter().any(|(answered, right)| answered == id && !right);
        self.reads.iter().filter(|(id, _)| wrong(id)).map(|(_, read)| read.as_str()).collect()
    }
}

/// The questions in the order of the seed, each with its options in an order of their own, unless they have to stay.
fn in_order(quiz: Quiz, seed: u64) -> Vec<Asked> {
    let mut random = StdRng::seed_from_u64(seed);
    let mut drawn: Vec<Asked> = quiz.questions.into_iter().map(|question| Asked { question, chosen: None }).collect();
    let mixed = drawn.iter_mut().filter(|asked| !asked.question.in_order);
    mixed.for_each(|asked| asked.question.options.shuffle(&mut random));
    drawn.shuffle(&mut random);
    drawn
}

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

    /// The letters of the options that are `wanted`, by their index.
    pub fn letters(&self, wanted: impl Fn(usize) -> bool) -> Vec<&'static str> {
        let letters = LETTERS.into_iter().take(self.question.options.len()).zip(0..);
        letters.filter(|(_, index)| wanted(*index)).map(|(letter, _)| letter).collect()
    }

    pub fn right_letters(&self) -> Vec<&'static str> {
        self.letters(|index| self.question.options[index].right)
    }
}
