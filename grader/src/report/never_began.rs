//! A program that ended with an error before it had done anything: what it said itself is all there is to say.

use super::text::Text;
use super::{timeline, trouble};
use crate::evidence::{Ended, Stream, What};
use crate::verdict::Played;

/// The same in each scenario, so it is told once.
pub(super) fn tell(played: &[Played<'_>], out: &mut Text<'_>) {
    const LAST: usize = 6;
    let Some((first, how)) = played.iter().find_map(|played| Some((played, played.ended_at_once()?))) else { return };
    let ended = match how {
        Ended::Code(code) => format!("ended with status {code}"),
        Ended::Signal(signal) => format!("was ended by signal {signal}"),
    };
    let each = if played.len() > 1 { ", in each scenario" } else { "" };
    let heading = format!("the program {ended} before it had sent or read anything{each}");
    out.heading(&out.paper.red("✗"), &heading);
    if let Some((file, line, _)) = &first.panic {
        out.labelled("where", &format!("{file}:{line}"));
    }
    let printed = |wanted: Stream| -> Vec<&str> {
        let lines = first.evidence.events.iter().filter_map(|event| match &event.what {
            What::Output { stream, line } if *stream == wanted && !line.trim().is_empty() => Some(line.as_str()),
            _ => None,
        });
        lines.collect()
    };
    let lines = match printed(Stream::Stderr) {
        lines if lines.is_empty() => printed(Stream::Stdout),
        lines => lines,
    };
    if lines.is_empty() {
        out.labelled("it said", "nothing, neither on standard error nor on standard output");
    }
    for (nth, line) in lines.iter().skip(lines.len().saturating_sub(LAST)).enumerate() {
        out.labelled(if nth == 0 { "it said" } else { "" }, &timeline::printable(line));
    }
    let known = lines.iter().find_map(|line| trouble::entry(line));
    let panicked = first.panic.as_ref().map(|_| trouble::PANICKED);
    out.labelled("read", &trouble::command(known.or(panicked).unwrap_or(trouble::AT_ONCE)));
}
