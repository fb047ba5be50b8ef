//! Long text, for whoever watches: through a pager where it is longer than the screen.

use super::out;
use super::paper::Paper;
use crate::foreign::fit_for_stream;
use std::io::{self, Write};
use std::process::{Command, Stdio};
use terminal_size::{Height, Width, terminal_size_of};
use textwrap::core::display_width;

/// Print `text` on stdout: through a pager when somebody watches and it is longer than the screen.
pub fn page(text: &str, paper: &Paper) {
    let shown = paper.terminal && longer_than_screen(text) && through_pager(&fit_for_stream(text, paper.colour));
    if !shown {
        out::print(format_args!("{text}"));
    }
}

fn longer_than_screen(text: &str) -> bool {
    let Some((Width(columns), Height(rows))) = terminal_size_of(io::stdout()) else {
        return false;
    };
    let columns = usize::from(columns).max(1);
    let taken: usize = text.lines().map(|line| display_width(line).div_ceil(columns).max(1)).sum();
    taken >= usize::from(rows) // the prompt wants a line too
}

/// Whether a pager has shown `text`.
fn through_pager(text: &str) -> bool {
    let mut command = match std::env::var_os("PAGER") {
        Some(pager) if pager.is_empty() || pager == "cat" => return false,
        Some(pager) => {
            // As git and man do: the variable may hold options and quotes.
            let mut shell = Command::new("sh");
            shell.arg("-c").arg(pager);
            shell
        }
        None => {
            let mut less = Command::new("less");
            less.arg("-FRX");
            less
        }
    };
    // A bare `PAGER=less` must not show our colours and box lines as `ESC[1m` and `<E2>`.
    for (name, value) in [("LESS", "FRX"), ("LESSCHARSET", "utf-8")] {
        if std::env::var_os(name).is_none() {
            command.env(name, value);
        }
    }
    let Ok(mut pager) = command.stdin(Stdio::piped()).spawn() else {
        return false;
    };
    if let Some(mut pipe) = pager.stdin.take() {
        let _ = pipe.write_all(text.as_bytes()); // the reader quit before the end
    }
    // The shell answers 126 or 127 when there is no such pager: then nothing was shown.
    pager.wait().is_ok_and(|status| !matches!(status.code(), Some(126 | 127)))
}
