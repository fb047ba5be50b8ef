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
            Said::About(about) => about,
            Said::Warnings(text) => return self.warnings(text),
        };
        let compiling = about.strip_prefix("Compiling ").and_then(|what| what.split(" (").next());
        match (about.starts_with(BLOCKED), &self.spinner) {
            (true, Some(_)) => self.now(WAITING.into()),
            (true, None) => self.line(&format!("  {}", self.paper.dim(WAITING))),
            (false, _) => {
                compiling.inspect(|what| self.now(format!("compiling {what}")));
            }
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

/// Of what cargo says, a command that builds one program after the other passes on only that it waits, and warnings to a
/// terminal.
pub(super) fn build_says(said: Said<'_>) {
    match said {
        Said::About(about) if about.starts_with(BLOCKED) => errln!("{WAITING}"),
        Said::Warnings(text) if Paper::stderr().terminal => out::complain(format_args!("{text}")),
        _ => {}
    }
}
