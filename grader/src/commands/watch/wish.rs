//! What a key means to `watch`.

use super::view::Scroll;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What somebody wants who watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    Hint,
    Trace,
    Again,
    Next,
    List,
    Help,
    Back,
    Quit,
    Interrupt,
    Redraw,
    Scroll(Scroll),
}

/// The wish behind a key, if there is one.
pub(super) fn wish(key: KeyEvent) -> Option<Wish> {
    use Scroll::{End, Line, Screen, Top};
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return match key.code {
            KeyCode::Char('c') => Some(Wish::Interrupt),
            KeyCode::Char('d') => Some(Wish::Quit),
            KeyCode::Char('l') => Some(Wish::Redraw),
            _ => None,
        };
    }
    Some(match key.code {
        KeyCode::Char('h') => Wish::Hint,
        KeyCode::Char('t') => Wish::Trace,
        KeyCode::Char('r') => Wish::Again,
        KeyCode::Char('n') => Wish::Next,
        KeyCode::Char('l') => Wish::List,
        KeyCode::Char('?') => Wish::Help,
        KeyCode::Char('q') => Wish::Quit,
        KeyCode::Esc | KeyCode::Backspace => Wish::Back,
        KeyCode::Up | KeyCode::Char('k') => Wish::Scroll(Line(-1)),
        KeyCode::Down | KeyCode::Char('j') | KeyCode::Enter => Wish::Scroll(Line(1)),
        KeyCode::PageUp | KeyCode::Char('b') => Wish::Scroll(Screen(-1)),
        KeyCode::PageDown | KeyCode::Char(' ') => Wish::Scroll(Screen(1)),
        KeyCode::Home | KeyCode::Char('g') => Wish::Scroll(Top),
        KeyCode::End | KeyCode::Char('G') => Wish::Scroll(End),
        _ => return None,
    })
}
