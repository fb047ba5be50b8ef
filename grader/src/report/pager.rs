//! Long text, for whoever watches: through a pager where it is longer than the screen.

use super::out;
use super::paper::Paper;
use crate::foreign::fit_for_stream;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io::{self, ErrorKind, Write};
use std::process::{ChildStdin, Command, Stdio};
use std::time::Duration;
use terminal_size::{Height, Width, terminal_size_of};
use textwrap::core::display_width;

/// Between two looks at whether a pager wants more: it has just taken a line, or somebody is reading.
const SHORTEST_PAUSE: Duration = Duration::from_micros(200);
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// Print `text` on stdout: through a pager when somebody watches and it is longer than the screen. Says whether all of it
/// was shown, as far as can be known: a pager may be left before the end.
pub fn page(text: &str, paper: &Paper) -> bool {
    let paged = paper.terminal && longer_than_screen(text);
    match paged.then(|| through_pager(&fit_for_stream(text, paper.colour))).flatten() {
        Some(to_the_end) => to_the_end,
        None => {
            out::print(format_args!("{text}"));
            true
        }
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

/// Shows `text` through a pager, and says whether that was to the end; none where no pager has shown anything.
fn through_pager(text: &str) -> Option<bool> {
    let mut command = match std::env::var_os("PAGER") {
        Some(pager) if pager.is_empty() || pager == "cat" => return None,
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
    let mut pager = command.stdin(Stdio::piped()).spawn().ok()?;
    let to_the_end = pager.stdin.take().is_some_and(|pipe| feed(pipe, text).is_ok());
    // The shell answers 126 or 127 when there is no such pager: then nothing was shown.
    let status = pager.wait().ok()?;
    (!matches!(status.code(), Some(126 | 127))).then_some(to_the_end)
}

/// Gives the pager the first screen, and then line by line what it asks for: so we know how far the reader came.
///
/// # Errors
/// The pager was left before it had asked for the last line.
fn feed(mut pipe: ChildStdin, text: &str) -> io::Result<()> {
    let rows = terminal_size_of(io::stdout()).map_or(0, |(_, Height(rows))| usize::from(rows));
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let (screen, rest) = lines.split_at(rows.min(lines.len()));
    pipe.write_all(screen.concat().as_bytes())?;
    for line in rest {
        until_taken(&pipe)?;
        pipe.write_all(line.as_bytes())?;
    }
    until_taken(&pipe)
}

/// Waits until the reader has taken everything out of the pipe.
fn until_taken(pipe: &ChildStdin) -> io::Result<()> {
    let mut pause = SHORTEST_PAUSE;
    // Where the system cannot tell, everything counts as taken.
    while rustix::io::ioctl_fionread(pipe).is_ok_and(|left| left > 0) {
        let mut pipe = [PollFd::new(pipe, PollFlags::empty())];
        // It ends early with the reader.
        let pause_as_time = Timespec::try_from(pause).map_err(io::Error::other)?;
        if poll(&mut pipe, Some(&pause_as_time))? > 0 {
            return Err(ErrorKind::BrokenPipe.into());
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    Ok(())
}
