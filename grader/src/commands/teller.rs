//! What a check says while it goes on.

use crate::build::{BLOCKED, Said};
use crate::foreign::visible;
use crate::report::out::{self, errln, outln};
use crate::report::paper::Paper;
use indicatif::{ProgressBar, ProgressStyle};
use std::time::Duration;

/// Standard output, or nothing where that is for JSON alone.
pub(super) struct Teller {
    pub paper: Paper,
    silent: bool,
    spinner: Option<ProgressBar>,
}

impl Teller {
    pub(super) fn new(paper: Paper, silent: bool) -> Teller {
        let spinner = (Paper::stderr().terminal && !silent).then(|| {
            let spinner = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("  {spinner} {msg} {elapsed:.dim}") {
                spinner.set_style(style);
            }
            spinner.enable_steady_tick(Duration::from_millis(80));
            spinner
        });
        Teller { paper, silent, spinner }
    }

    /// Says what is going on right now.
    pub(super) fn now(&self, what: String) {
        if let Some(spinner) = &self.spinner {
            spinner.set_message(visible(&what));
        }
    }

    /// Says what cargo is about; to those who see no spinner only what may take long without a reason of theirs.
    pub(super) fn building(&self, said: Said<'_>) {
        let about = match said {
            Said::About(said) => about(said),
            Said::Warnings(text) => return self.warnings(text),
        };
        match about {
            Some(about) if self.spinner.is_some() => self.now(about),
            Some(about) if about == WAITING => self.line(&format!("  {}", self.paper.dim(WAITING))),
            _ => {}
        }
    }

    /// Shows the compiler's warnings to whoever watches.
    fn warnings(&self, text: &str) {
        if let Some(spinner) = &self.spinner {
            spinner.suspend(|| out::complain(format_args!("{text}")));
        }
    }

    /// Prints a line, past the one that says what is going on.
    pub(super) fn line(&self, line: &str) {
        let print = || outln!("{line}");
        match (&self.spinner, self.silent) {
            (_, true) => {}
            (Some(spinner), _) => spinner.suspend(print),
            (None, _) => print(),
        }
    }

    /// Prints lines, as a report makes them.
    pub(super) fn text(&self, text: &str) {
        if !text.is_empty() {
            self.line(text.trim_end_matches('\n'));
        }
    }

    /// What went on is over.
    pub(super) fn end(&self) {
        if let Some(spinner) = &self.spinner {
            spinner.finish_and_clear();
        }
    }
}

const WAITING: &str = "waiting for another cargo";

/// What cargo says it is about, in our words, where that may take long.
pub(super) fn about(said: &str) -> Option<String> {
    match said.starts_with(BLOCKED) {
        true => Some(WAITING.to_owned()),
        false => Some(format!("compiling {}", said.strip_prefix("Compiling ")?.split(" (").next()?)),
    }
}

/// Of what cargo says, a command that builds one program after the other passes on only that it waits, and warnings to a
/// terminal.
pub(super) fn build_says(said: Said<'_>) {
    match said {
        Said::About(about) if about.starts_with(BLOCKED) => errln!("{WAITING}"),
        Said::Warnings(text) if Paper::stderr().terminal => out::complain(format_args!("{text}")),
        _ => {}
    }
}
