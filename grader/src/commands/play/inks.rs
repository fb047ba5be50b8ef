//! One colour for each consumer, on the screen and in lines.

use crate::report::paper::{Ink, Paper};
use colored::Colorize;
use ratatui::style::Color;

const INKS: [(&str, Color, Ink); 4] = [
    ("bravo", Color::Cyan, |text| text.cyan()),
    ("zulu", Color::Magenta, |text| text.magenta()),
    ("alpha", Color::Yellow, |text| text.yellow()),
    ("delta", Color::Green, |text| text.green()),
];

/// That of a client on the screen.
pub(super) fn colour(role: &str) -> Color {
    INKS.iter().find(|(of, ..)| *of == role).map_or(Color::Reset, |(_, colour, _)| *colour)
}

/// What is said of a client in a line, in its colour.
pub(super) fn painted(role: &str, text: &str, paper: &Paper) -> String {
    INKS.iter().find(|(of, ..)| *of == role).map_or_else(|| text.to_owned(), |(_, _, ink)| paper.paint(text, *ink))
}
