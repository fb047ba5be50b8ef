//! Points in words and figures.

use crate::class::marks::{ExerciseResult, LearnerResult, Mark};

/// At most two digits after the point, and none that say nothing: `12`, `12.5`, `0.33`.
pub(super) fn figure(points: f64) -> String {
    // Adding zero makes of a rounded -0 a 0.
    let rounded = (points * 100.0).round() / 100.0 + 0.0;
    format!("{rounded}")
}

/// `12.5 of 20 points, 2.5 taken off because it was late`.
pub(super) fn in_words(mark: &Mark) -> String {
    let late = match mark.late > 0.0 {
        true => format!(", {} taken off because it was late", figure(mark.late)),
        false => String::new(),
    };
    format!("{} of {} points{late}", figure(mark.points), figure(mark.of))
}

/// All of a learner's: what was reached, of what was marked, and how many exercises have no mark yet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sum {
    pub mark: Mark,
    pub unmarked: usize,
}

impl Sum {
    pub fn new(learner: &LearnerResult) -> Sum {
        let nothing = Mark { points: 0.0, of: 0.0, late: 0.0 };
        let add = |sum: Mark, mark: Mark| Mark {
            points: sum.points + mark.points,
            of: sum.of + mark.of,
            late: sum.late + mark.late,
        };
        let marks = learner.exercises.iter().filter_map(|result: &ExerciseResult| result.mark);
        Sum {
            mark: marks.fold(nothing, add),
            unmarked: learner.exercises.iter().filter(|result| result.mark.is_none()).count(),
        }
    }
}
