//! What there is to say to somebody whose program has just passed.

use super::paper::Paper;
use crate::course::Exercise;
use crate::theory::{Standing, Way};

/// Said once, with the first pass.
const POINTS: &str = "Points are for passing alone: attempts and hints cost nothing. They are counted until you pass, for \
                      you to look back at.";

/// The lines below a pass: points, how far that is, and with the first one what to look at in the solution. `way` has the
/// pass in it. `rust`: the program is the crate, which can be compared with the solution.
pub fn lines(exercise: &Exercise, way: Way<'_>, rust: bool, paper: &Paper) -> String {
    let standing = Standing::new(way);
    let (points, passed) = standing.in_words();
    if way.progress.passes(&exercise.id) > 1 {
        return paper.wrap(&format!("{points} · {passed}"), 2);
    }
    let won = paper.bold(&format!("{} points", exercise.points));
    let mut lines = vec![paper.wrap(&format!("{won}, which makes {points} · {passed}"), 2)];
    if standing.passed == 1 {
        lines.push(paper.wrap(&paper.dim(POINTS), 2));
    }
    if let Some(compare) = &exercise.compare {
        lines.push(paper.wrap(&format!("In the solution: {compare}"), 2));
    }
    let solution = format!("kafkacourse solution {}{}", exercise.id, if rust { " --diff" } else { "" });
    lines.push(paper.beside(&format!("  {} ", paper.dim("compare:")), &solution));
    lines.join("\n")
}
