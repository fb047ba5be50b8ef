//! The crashes of a drill: one line each, with the moment in words.

use super::paper::Paper;
use crate::evidence::{Event, Evidence, What};
use crate::foreign::Foreign;
use serde::Serialize;

/// A crash that came.
#[derive(Debug, Clone, Serialize)]
pub struct Crash {
    /// From 1.
    number: u32,
    /// How many the drill makes.
    of: u32,
    /// In words.
    moment: Foreign,
    /// The first such moment since the crash before, or a later one.
    nth: u32,
    /// Position of the kill.
    event: usize,
    /// When that was, in milliseconds since the run began.
    ms: f64,
    /// How long it took until the program was back at work; none where it never came back.
    back_after_ms: Option<f64>,
}

/// The crashes that came, in their order.
pub fn crashes(evidence: &Evidence) -> Vec<Crash> {
    let drawn = evidence.iter().filter_map(|(at, event)| match &event.what {
        What::Crash { number, of, moment, nth } => Some((at, *number, *of, moment, *nth)),
        _ => None,
    });
    let came = drawn.filter_map(|(at, number, of, moment, nth)| {
        let (event, killed) = evidence.iter().skip(at).find(|(_, event)| matches!(event.what, What::Killed))?;
        let back = back_at_work(evidence, event).map(|back| milliseconds(back.at.saturating_sub(killed.at)));
        Some(Crash { number, of, moment: moment.into(), nth, event, ms: milliseconds(killed.at), back_after_ms: back })
    });
    came.collect()
}

fn milliseconds(micros: u64) -> f64 {
    micros as f64 / 1000.0
}

/// One line for each crash that came: when, at which moment, and how long it took until the program was back at work.
pub fn lines(crashes: &[Crash], paper: &Paper) -> Vec<String> {
    let line = |crash: &Crash| {
        let Crash { number, of, moment, nth, ms, .. } = crash;
        let moment = if *nth > 1 { format!("{moment} ({})", ordinal(*nth)) } else { moment.to_string() };
        let when = format!("{number:>2} of {of} {:>6} ms", *ms as u64);
        let again =
            crash.back_after_ms.map_or_else(|| "never came back".to_owned(), |ms| format!("back in {} ms", ms as u64));
        paper.row(&format!("    {}  {moment}", paper.dim(&when)), 64, &paper.dim(&again))
    };
    crashes.iter().map(line).collect()
}

/// The first thing that the restarted program asked of anybody but its group's coordinator.
fn back_at_work(evidence: &Evidence, killed: usize) -> Option<&Event> {
    let later = evidence.events.iter().skip(killed);
    later
        .skip_while(|event| !matches!(event.what, What::Started { .. }))
        .find(|event| matches!(event.kind(), "call" | "fetch.request" | "produce.request"))
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
