//! How far somebody has come, in numbers.

use super::way::{State, Step, Way};

/// What has been done of what there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    pub points: u32,
    pub of_points: u32,
    pub passed: usize,
    pub exercises: usize,
    pub read: usize,
    pub sections: usize,
    /// Quizzes of which a round has been finished.
    pub taken: usize,
    pub quizzes: usize,
    /// What is left may take so long, skipped or not.
    pub minutes_left: u32,
}

impl Standing {
    pub fn new(way: Way<'_>) -> Standing {
        let mut standing = Standing::default();
        for stage in way.stages() {
            let done = stage.state == State::Done;
            match stage.step {
                Step::Read(..) => {
                    standing.sections += 1;
                    standing.read += usize::from(done);
                }
                Step::Do(_, exercise) => {
                    standing.exercises += 1;
                    standing.passed += usize::from(done);
                    standing.of_points += exercise.points;
                    standing.points += if done { exercise.points } else { 0 };
                }
                Step::Quiz(_, None) => {
                    standing.quizzes += 1;
                    standing.taken += usize::from(done);
                }
                Step::Quiz(_, Some(_)) => {}
            }
            standing.minutes_left += if done { 0 } else { stage.step.minutes() };
        }
        standing
    }

    /// `15 of 80 points`, and `2 of 7 exercises passed`.
    pub fn in_words(&self) -> (String, String) {
        let points = format!("{} of {} points", self.points, self.of_points);
        (points, format!("{} of {} exercises passed", self.passed, self.exercises))
    }
}
