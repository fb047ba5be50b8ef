//! What the learner has done: a journal with one record for each thing.

use crate::journal::{Contents, DamagedLine, Journal, JournalError};
use crate::verdict::Verdict;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Version of the lines; a newer one is refused. 2: quizzes. 3: steps of the path that were skipped.
const FORMAT: u32 = 3;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub format: u32,
    /// UTC, RFC 3339.
    pub at: String,
    #[serde(flatten)]
    pub what: Done,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "done", rename_all = "kebab-case")]
pub enum Done {
    Checked {
        exercise: String,
        verdict: Verdict,
        broker: String,
        seed: u64,
        diagnosis: Option<String>,
        /// Of the crate that was checked: see [`crate::workspace::Workspace::fingerprint`]. None for a command line, and
        /// in lines from before there was one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sources: Option<String>,
    },
    Hinted {
        exercise: String,
        stage: usize,
    },
    /// A section, the front page of a module or the task of an exercise, by what `read` calls it.
    Read {
        section: String,
    },
    GaveUp {
        exercise: String,
    },
    /// A step of the path was left for later: by what [`crate::theory::Step::name`] calls it.
    Skipped {
        step: String,
    },
    /// A question of a module's quiz, in the round that was drawn from this seed.
    Answered {
        module: String,
        seed: u64,
        question: String,
        right: bool,
    },
    /// The end of such a round.
    Quizzed {
        module: String,
        seed: u64,
        right: usize,
        of: usize,
    },
}

/// A round of a quiz that has not come to its end.
#[derive(Debug, Clone, PartialEq)]
pub struct Round {
    pub seed: u64,
    /// Questions, and whether they were answered rightly, in the order of the answers.
    pub answers: Vec<(String, bool)>,
}

/// The best of the finished rounds of a quiz.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Best {
    pub right: usize,
    pub of: usize,
    /// How many rounds have been finished.
    pub rounds: usize,
}

impl Best {
    /// Were two thirds right, or more?
    pub fn good(&self) -> bool {
        3 * self.right as u128 >= 2 * self.of as u128
    }
}

/// What has been done in a course, as its journal says.
#[derive(Debug, Clone)]
pub struct Progress {
    journal: Journal,
    pub entries: Vec<Entry>,
    pub damaged: Vec<DamagedLine>,
}

impl Progress {
    /// Reads what has been done; no file means nothing yet. `state` is the folder `.kafkacourse`.
    ///
    /// # Errors
    /// The file cannot be read, or comes from a newer version.
    pub fn load(state: &Path) -> Result<Progress, JournalError> {
        let journal = Journal::new(state.join("progress.jsonl"), FORMAT);
        let Contents { records, damaged } = journal.read()?;
        Ok(Progress { journal, entries: records, damaged })
    }

    /// Keeps one thing that was done, on disk at once, whole or not at all.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn add(&mut self, what: Done) -> Result<(), JournalError> {
        let entry = Entry { format: FORMAT, at: jiff::Timestamp::now().to_string(), what };
        self.journal.append(&entry)?;
        self.entries.push(entry);
        Ok(())
    }

    /// Has the exercise been passed?
    pub fn passed(&self, exercise: &str) -> bool {
        self.first_pass(exercise).is_some()
    }

    /// Has the exercise been passed, and its crate been changed into something that has not? `now` is its fingerprint.
    pub fn stale(&self, exercise: &str, now: Option<&str>) -> bool {
        let passes = self.entries.iter().filter_map(|entry| match &entry.what {
            Done::Checked { exercise: of, verdict: Verdict::Passed, sources, .. } if of == exercise => {
                Some(sources.as_deref())
            }
            _ => None,
        });
        let passes: Vec<Option<&str>> = passes.collect();
        // The last one may have been a program in another language, or from before there were fingerprints.
        passes.last().is_some_and(Option::is_some) && (now.is_none() || !passes.contains(&now))
    }

    /// How often it was checked until it passed, that time included.
    pub fn attempts(&self, exercise: &str) -> usize {
        let verdicts = self.entries.iter().filter_map(|entry| match &entry.what {
            Done::Checked { exercise: of, verdict, .. } if of == exercise => Some(*verdict),
            _ => None,
        });
        let verdicts: Vec<Verdict> = verdicts.collect();
        verdicts.iter().position(|verdict| *verdict == Verdict::Passed).map_or(verdicts.len(), |pass| pass + 1)
    }

    /// How many of its hints were shown before it passed: those count.
    pub fn hints(&self, exercise: &str) -> usize {
        let until = self.first_pass(exercise).map_or(self.entries.len(), |(at, _)| at);
        hints_among(&self.entries[..until], exercise)
    }

    /// How many of its hints have been shown, whenever that was.
    pub fn hints_shown(&self, exercise: &str) -> usize {
        hints_among(&self.entries, exercise)
    }

    /// How often it has passed.
    pub fn passes(&self, exercise: &str) -> usize {
        let passed = |entry: &&Entry| matches!(&entry.what, Done::Checked { exercise: of, verdict: Verdict::Passed, .. } if of == exercise);
        self.entries.iter().filter(passed).count()
    }

    /// When the exercise first passed; UTC, RFC 3339.
    pub fn passed_at(&self, exercise: &str) -> Option<&str> {
        self.first_pass(exercise).map(|(_, entry)| entry.at.as_str())
    }

    fn first_pass(&self, exercise: &str) -> Option<(usize, &Entry)> {
        self.entries.iter().enumerate().find(|(_, entry)| {
            matches!(&entry.what, Done::Checked { exercise: of, verdict: Verdict::Passed, .. } if of == exercise)
        })
    }

    /// Has the learner asked to see the solution before passing?
    pub fn gave_up(&self, exercise: &str) -> bool {
        self.entries.iter().any(|entry| matches!(&entry.what, Done::GaveUp { exercise: of } if of == exercise))
    }

    /// The round of the module's quiz that goes on, if one does.
    pub fn open_round(&self, module: &str) -> Option<Round> {
        let mut open: Option<Round> = None;
        for entry in &self.entries {
            match &entry.what {
                Done::Answered { module: of, seed, question, right } if of == module => {
                    let round = open.take().filter(|round| round.seed == *seed);
                    let mut round = round.unwrap_or(Round { seed: *seed, answers: Vec::new() });
                    // Two terminals may have answered the same one: the first answer counts.
                    if !round.answers.iter().any(|(known, _)| known == question) {
                        round.answers.push((question.clone(), *right));
                    }
                    open = Some(round);
                }
                Done::Quizzed { module: of, .. } if of == module => open = None,
                _ => {}
            }
        }
        open
    }

    /// The best finished round of the module's quiz, by its share of right answers.
    pub fn quiz(&self, module: &str) -> Option<Best> {
        let rounds: Vec<(usize, usize)> = self
            .entries
            .iter()
            .filter_map(|entry| match &entry.what {
                Done::Quizzed { module: name, right, of, .. } if name == module => Some((*right, *of)),
                _ => None,
            })
            .collect();
        let (right, of) =
            *rounds.iter().max_by(|a, b| (a.0 as u128 * b.1 as u128).cmp(&(b.0 as u128 * a.1 as u128)))?;
        Some(Best { right, of, rounds: rounds.len() })
    }

    /// Has this question of the module's quiz been answered, in whichever round?
    pub fn answered(&self, module: &str, question: &str) -> bool {
        self.entries.iter().any(
            |entry| matches!(&entry.what, Done::Answered { module: of, question: q, .. } if of == module && q == question),
        )
    }

    /// Has this step of the path been left for later?
    pub fn skipped(&self, step: &str) -> bool {
        self.entries.iter().any(|entry| matches!(&entry.what, Done::Skipped { step: of } if of == step))
    }

    /// The same, as if this had been done, too. Nothing is written.
    #[must_use]
    pub fn with(&self, what: Done) -> Progress {
        let mut progress = self.clone();
        progress.entries.push(Entry { format: FORMAT, at: jiff::Timestamp::now().to_string(), what });
        progress
    }

    /// Has the page of this name been read?
    pub fn read(&self, section: &str) -> bool {
        self.entries.iter().any(|entry| matches!(&entry.what, Done::Read { section: of } if of == section))
    }
}

/// The highest stage of the exercise's hints among these.
fn hints_among(entries: &[Entry], exercise: &str) -> usize {
    let stages = entries.iter().filter_map(|entry| match &entry.what {
        Done::Hinted { exercise: of, stage } if of == exercise => Some(*stage),
        _ => None,
    });
    stages.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(verdict: Verdict, sources: Option<&str>) -> Done {
        let (exercise, broker, sources) = ("ex1".to_owned(), String::new(), sources.map(str::to_owned));
        Done::Checked { exercise, verdict, broker, seed: 1, diagnosis: None, sources }
    }

    #[test]
    fn two_thirds_are_good() {
        let good = |right, of| Best { right, of, rounds: 1 }.good();
        assert_eq!((good(2, 9), good(5, 9), good(6, 9), good(9, 9), good(3, 5)), (false, false, true, true, false));
        assert!(good(usize::MAX, usize::MAX) && !good(0, usize::MAX));
    }

    #[test]
    fn what_has_passed_is_stale_once_it_is_something_else() {
        let folder = tempfile::tempdir().unwrap();
        let mut progress = Progress::load(folder.path()).unwrap();
        progress.add(checked(Verdict::Failed, Some("a"))).unwrap();
        assert!(!progress.stale("ex1", Some("b")), "not passed yet");
        progress.add(checked(Verdict::Passed, None)).unwrap();
        assert!(!progress.stale("ex1", Some("b")), "a command line, or a line from before");
        progress.add(checked(Verdict::Passed, Some("b"))).unwrap();
        progress.add(checked(Verdict::Passed, Some("c"))).unwrap();
        progress.add(checked(Verdict::Failed, Some("d"))).unwrap();
        let stale = |now| progress.stale("ex1", now);
        assert_eq!((stale(Some("b")), stale(Some("c")), stale(Some("d")), stale(None)), (false, false, true, true));
        assert!(!progress.stale("ex2", Some("d")));
        assert_eq!(Progress::load(folder.path()).unwrap().entries, progress.entries);
    }
}
