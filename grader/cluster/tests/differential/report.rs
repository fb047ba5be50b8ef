//! Where answers differ, in words.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::compare::{self, Lines};
use crate::play::Played;
use crate::script::Script;

/// Differences of one answer that are shown.
const MOST_LINES: usize = 8;

/// Differences that a script says there are, by line and place: those that were seen.
pub type Seen = BTreeSet<(usize, String)>;

/// Where the answers of a run differ though the script does not say so. Empty where they do not.
pub fn report(script: &Script, run: i16, kafka: &[Played], ours: &[Played], seen: &mut Seen) -> String {
    let mut told = String::new();
    if std::env::var_os("SHOW").is_some() {
        for played in kafka {
            writeln!(told, "  line {}: {}: {:?}", played.line, played.request, played.answer).expect("a string");
        }
    }
    for (kafka, ours) in kafka.iter().zip(ours) {
        // An older version may not be able to say what is asked; the newest is.
        if run == 0 && kafka.answer.iter().any(|(place, _)| place == "not asked") {
            writeln!(told, "  line {}: not asked: {:?}", kafka.line, kafka.answer).expect("a string");
        }
        let mut unknown = compare::differences(&kafka.answer, &ours.answer);
        unknown.retain(|(place, ..)| match known(script, kafka.line, place) {
            Some(known) => {
                seen.insert((kafka.line, known.to_owned()));
                false
            }
            None => true,
        });
        // Whoever closes the connection, or cannot ask, differs in all of it.
        if let Some(place) = unknown.iter().position(|(place, ..)| place == "answered" || place == "not asked") {
            unknown = vec![unknown.swap_remove(place)];
        }
        for (place, theirs, mine) in unknown.iter().take(MOST_LINES) {
            writeln!(told, "  line {}: {}: {place}: Kafka {theirs}, here {mine}", kafka.line, kafka.request)
                .expect("a string");
        }
        if unknown.len() > MOST_LINES {
            writeln!(told, "  line {}: and {} more", kafka.line, unknown.len() - MOST_LINES).expect("a string");
        }
    }
    if kafka.len() != ours.len() {
        writeln!(told, "  {} answers by Kafka, {} here", kafka.len(), ours.len()).expect("a string");
    }
    told
}

/// Differences that the script says there are, and that no run has shown.
pub fn gone(script: &Script, seen: &Seen) -> String {
    let mut told = String::new();
    for statement in &script.statements {
        for (place, _) in &statement.differs {
            if !seen.contains(&(statement.line, place.clone())) {
                writeln!(told, "  line {}: {place} differs no longer: remove the line", statement.line)
                    .expect("a string");
            }
        }
    }
    told
}

/// An answer without what the script says differs.
pub fn without_known(script: &Script, line: usize, answer: &Lines) -> Lines {
    answer.iter().filter(|(place, _)| known(script, line, place).is_none()).cloned().collect()
}

/// The difference at this place of which the script says that it is there.
fn known<'a>(script: &'a Script, line: usize, place: &str) -> Option<&'a str> {
    let statement = script.statements.iter().find(|statement| statement.line == line)?;
    statement.differs.iter().map(|(known, _)| known.as_str()).find(|known| is_at(place, known))
}

/// `Topics.ErrorCode` is at every `Topics[n].ErrorCode`, and so is what is below.
fn is_at(place: &str, known: &str) -> bool {
    let mut plain = String::new();
    let mut inside = false;
    for c in place.chars() {
        match c {
            '[' => inside = true,
            ']' => inside = false,
            c if !inside => plain.push(c),
            _ => {}
        }
    }
    plain == known || plain.strip_prefix(known).is_some_and(|rest| rest.starts_with('.'))
}
