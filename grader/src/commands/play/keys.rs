//! What can be asked for, and by which key.

use crate::play::CONSUMERS;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A wish of somebody who plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    /// One group for all, or a group for each.
    Groups,
    /// Start the consumer, or ask it to stop.
    Toggle(usize),
    /// End a consumer without goodbye.
    Kill(usize),
    Faster,
    Slower,
    Batch,
    Lose,
    Poison,
    Help,
    Up,
    Down,
    Redraw,
    Quit,
}

/// The keys, as the help shows them.
pub(super) const KEYS: [(&str, &str); 9] = [
    ("g", "one group for all consumers, or a group for each"),
    ("↑ ↓", "choose a consumer"),
    ("s", "start the chosen consumer, or ask it to stop (SIGTERM)"),
    ("k", "kill the chosen consumer: no goodbye"),
    ("+ -", "the producer sends twice as fast, half as fast"),
    ("b", "each record by itself, batches by size, batches by time"),
    ("l", "lose the next acknowledgement to the producer"),
    ("p", "a record that is no JSON"),
    ("q", "quit; so does Ctrl-C"),
];

/// The wish behind a key, with the consumer that is chosen.
pub(super) fn wish(key: KeyEvent, chosen: usize) -> Option<Wish> {
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return match key.code {
            KeyCode::Char('c' | 'd') => Some(Wish::Quit),
            KeyCode::Char('l') => Some(Wish::Redraw),
            _ => None,
        };
    }
    match key.code {
        KeyCode::Char(letter) => letter_wish(letter, chosen),
        KeyCode::Up => Some(Wish::Up),
        KeyCode::Down | KeyCode::Tab => Some(Wish::Down),
        KeyCode::Esc => Some(Wish::Help),
        _ => None,
    }
}

fn letter_wish(letter: char, chosen: usize) -> Option<Wish> {
    Some(match letter {
        'g' => Wish::Groups,
        's' => Wish::Toggle(chosen),
        'k' => Wish::Kill(chosen),
        '+' | '=' => Wish::Faster,
        '-' => Wish::Slower,
        'b' => Wish::Batch,
        'l' => Wish::Lose,
        'p' => Wish::Poison,
        '?' => Wish::Help,
        'q' => Wish::Quit,
        _ => return None,
    })
}

/// The wish behind a line that was typed: a key, and for `s` and `k` the consumer's name (`k zulu`).
///
/// # Errors
/// What can be typed.
pub(super) fn wish_of_line(line: &str) -> Result<Option<Wish>, String> {
    let mut words = line.split_whitespace();
    let Some(key) = words.next() else { return Ok(None) };
    let named = words.next().map(str::to_lowercase);
    let chosen = match &named {
        None => 1, // ZULU
        Some(name) => CONSUMERS.iter().position(|role| role == name).ok_or_else(|| {
            format!("There is no consumer “{name}”. They are called {}.", CONSUMERS.join(", ").to_uppercase())
        })?,
    };
    let mut letters = key.chars();
    match letters.next().filter(|_| letters.next().is_none()).and_then(|letter| letter_wish(letter, chosen)) {
        Some(wish) => Ok(Some(wish)),
        None => Err(format!("“{key}” is no key. Type ? and Enter for those that there are.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_a_key_and_perhaps_a_consumer() {
        assert_eq!(wish_of_line("k bravo"), Ok(Some(Wish::Kill(0))));
        assert_eq!(wish_of_line(" s DELTA "), Ok(Some(Wish::Toggle(3))));
        assert_eq!(wish_of_line("k"), Ok(Some(Wish::Kill(1))));
        assert_eq!(wish_of_line(""), Ok(None));
        insta::assert_snapshot!(wish_of_line("k oscar").unwrap_err(), @"There is no consumer “oscar”. They are called BRAVO, ZULU, ALPHA, DELTA.");
        insta::assert_snapshot!(wish_of_line("kill").unwrap_err(), @"“kill” is no key. Type ? and Enter for those that there are.");
    }
}
