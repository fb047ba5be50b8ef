//! What a program said as it died: evidence for its author, in any language.

use super::words::Line;
use crate::evidence::{Ended, Event, Evidence, Stream, What};
use crate::foreign::Foreign;

/// What a program is asked to stop with.
const SIGTERM: i32 = 15;

/// A program that nobody had killed ended with an error.
#[derive(Debug, Clone)]
pub struct LastWords {
    pub role: Foreign,
    pub how: Ended,
    /// Had it been asked to stop?
    pub asked: bool,
    /// The first line of its error, the one that says what it was, and the last; each once.
    pub said: Vec<Foreign>,
    /// What was refused to it shortly before.
    pub refused: Option<Line>,
}

impl LastWords {
    /// Those of the first such process of a run. A panic is told with its place, and not here.
    pub fn new(evidence: &Evidence) -> Option<LastWords> {
        let exits = evidence.iter().filter(|(_, event)| matches!(event.what, What::Exited { .. }));
        exits.filter_map(|(at, event)| LastWords::of_process(evidence, event.role.as_deref()?, at)).next()
    }

    /// Those of the process of `role` whose end is the event `at`.
    fn of_process(evidence: &Evidence, role: &str, at: usize) -> Option<LastWords> {
        let What::Exited { how, .. } = &evidence.events[at].what else { return None };
        let earlier = evidence.events[..at].iter().filter(|event| event.role.as_deref() == Some(role));
        let mut life: Vec<&Event> =
            earlier.rev().take_while(|event| !matches!(event.what, What::Started { .. })).collect();
        life.reverse();
        let was = |wanted: fn(&What) -> bool| life.iter().any(|event| wanted(&event.what));
        let asked = was(|what| matches!(what, What::Stopping));
        // Whoever has been replaced is meant to find out, and to end.
        let replaced = |event: &Event| matches!(&event.what, What::Replaces { role: of } if of == role);
        let ours = was(|what| matches!(what, What::Killed | What::Panicked { .. }))
            || evidence.events[..at].iter().any(replaced)
            || evidence.events[..at].iter().any(|event| matches!(event.what, What::GaveUp { .. }));
        let died = match how {
            Ended::Code(code) => *code != 0,
            Ended::Signal(signal) => !(asked && *signal == SIGTERM),
        };
        if !died || ours {
            return None;
        }
        let lines = said(life.iter().copied());
        Some(LastWords {
            role: role.into(),
            how: how.clone(),
            asked,
            said: decisive(&lines).into_iter().map(Foreign::from).collect(),
            refused: refused(evidence, role, at),
        })
    }
}

/// What was printed on standard error, or else on standard output, without its empty lines.
pub(super) fn said<'e>(events: impl Iterator<Item = &'e Event> + Clone) -> Vec<&'e str> {
    let printed = |wanted: Stream| -> Vec<&'e str> {
        let lines = events.clone().filter_map(|event| match &event.what {
            What::Output { stream, line } if *stream == wanted && !line.trim().is_empty() => Some(line.as_str()),
            _ => None,
        });
        lines.collect()
    };
    match printed(Stream::Stderr) {
        lines if lines.is_empty() => printed(Stream::Stdout),
        lines => lines,
    }
}

/// Of what a program printed, the lines that say why it ended. A trace of calls begins with one of these words, whatever
/// the language, and the error itself has one of them in it.
fn decisive<'l>(lines: &[&'l str]) -> Vec<&'l str> {
    const WORDS: [&str; 8] = ["Traceback", "Exception", "Error", "error:", "panic", "fatal", "Fatal", "FATAL"];
    // Below these stands where, not what.
    let is_frame = |line: &str| line.starts_with(char::is_whitespace) || line.starts_with("goroutine ");
    let names = |line: &&&str| WORDS.iter().any(|word| line.contains(word)) && !is_frame(line);
    let (first, last) = (lines.iter().find(names), lines.iter().rev().find(names));
    let mut chosen: Vec<&str> = first.into_iter().chain(last).copied().collect();
    if chosen.is_empty() {
        chosen = lines.iter().skip(lines.len().saturating_sub(2)).copied().collect();
    }
    chosen.dedup();
    chosen
}

/// The last answer with an error among the few that the program got before event `at`.
fn refused(evidence: &Evidence, role: &str, at: usize) -> Option<Line> {
    const FEW: usize = 6;
    let answers = evidence
        .iter()
        .take(at)
        .filter(|(_, event)| event.role.as_deref() == Some(role) && matches!(event.what, What::Response { .. }));
    let answers: Vec<usize> = answers.map(|(at, _)| at).collect();
    let failed = |at: &&usize| matches!(&evidence.events[**at].what, What::Response { body, .. } if body.error() != 0);
    answers.iter().rev().take(FEW).find(failed).and_then(|at| Line::at(evidence, *at))
}

#[cfg(test)]
mod tests {
    use super::decisive;

    #[test]
    fn the_lines_that_say_why_are_found_in_any_language() {
        let python = [
            "processing o-1",
            "Traceback (most recent call last):",
            "  File \"main.py\", line 3, in <module>",
            "    consumer.commit(asynchronous=False)",
            "cimpl.KafkaException: KafkaError{code=_NO_OFFSET}",
        ];
        let node = [
            "/app/main.mjs:3",
            "    throw new Error('no');",
            "Error: no",
            "    at main (/app/main.mjs:3:9)",
            "Node.js v20.1.0",
        ];
        let go = ["panic: runtime error: index out of range", "goroutine 1 [running]:", "main.main()", "exit status 2"];
        let java = ["Exception in thread \"main\" java.lang.RuntimeException: no", "\tat Main.main(Main.java:3)"];
        let shell = ["one", "two", "three"];
        assert_eq!(decisive(&python), [python[1], python[4]]);
        assert_eq!(decisive(&node), [node[2]]);
        assert_eq!(decisive(&go), [go[0]]);
        assert_eq!(decisive(&java), [java[0]]);
        assert_eq!(decisive(&shell), ["two", "three"]);
    }
}
