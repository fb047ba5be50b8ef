//! The crashes of a drill: one line each, with the moment in words.

use super::paper::Paper;
use crate::evidence::{Event, Evidence, What};

/// One line for each crash that came: when, at which moment, and how long it took until the program was back at work.
pub fn lines(evidence: &Evidence, paper: &Paper) -> Vec<String> {
    let drawn = evidence.iter().filter_map(|(at, event)| match &event.what {
        What::Crash { number, of, moment, nth } => Some((at, *number, *of, moment, *nth)),
        _ => None,
    });
    drawn
        .filter_map(|(at, number, of, moment, nth)| {
            let killed = evidence.iter().skip(at).find(|(_, event)| matches!(event.what, What::Killed))?;
            let moment = if nth > 1 { format!("{moment} ({})", ordinal(nth)) } else { moment.clone() };
            let when = format!("{number:>2} of {of} {:>6} ms", killed.1.at / 1000);
            let again = match back_at_work(evidence, killed.0) {
                Some(event) => format!("back after {} ms", (event.at - killed.1.at) / 1000),
                None => "never came back".to_owned(),
            };
            Some(format!("    {}  {moment:<45} {}", paper.dim(&when), paper.dim(&again)))
        })
        .collect()
}

/// The first thing that the restarted program asked of anybody but its group's coordinator.
fn back_at_work(evidence: &Evidence, killed: usize) -> Option<&Event> {
    let later = evidence.events.iter().skip(killed);
    later
        .skip_while(|event| !matches!(event.what, What::Started { .. }))
        .find(|event| matches!(event.kind().as_str(), "call" | "fetch.request" | "produce.request"))
}

/// `1st`, `2nd`, `11th`, `21st`.
pub(super) fn ordinal(n: u32) -> String {
    let ending = match (n % 100, n % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{n}{ending}")
}

#[cfg(test)]
mod tests {
    use super::ordinal;

    #[test]
    fn ordinals() {
        assert_eq!(
            [1, 2, 3, 4, 11, 12, 21, 102, 113].map(ordinal).join(" "),
            "1st 2nd 3rd 4th 11th 12th 21st 102nd 113th"
        );
    }
}
