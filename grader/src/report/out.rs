//! Standard output and standard error, for everything that is printed.
//!
//! Printing never panics, and never decides how a command ends: a full disk behind standard output, or a reader that has
//! seen enough (`| head`), must not swallow a verdict. The first error is remembered, what follows is dropped, and at its
//! end a command asks [`unwritten`]. Whatever is printed has its control characters taken out at the last moment.

use super::paper::Paper;
use crate::foreign::fit_for_stream;
use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write};
use std::sync::OnceLock;

/// Why standard output takes no more.
static LOST: OnceLock<io::Error> = OnceLock::new();
static STDOUT_TAKES_COLOUR: OnceLock<bool> = OnceLock::new();
static STDERR_TAKES_COLOUR: OnceLock<bool> = OnceLock::new();

/// Prints to standard output, as `print!` does.
macro_rules! out {
    ($($text:tt)*) => { $crate::report::out::print(format_args!($($text)*)) };
}

/// Prints a line to standard output, as `println!` does.
macro_rules! outln {
    () => { $crate::report::out::print(format_args!("\n")) };
    ($($text:tt)*) => { $crate::report::out::print(format_args!("{}\n", format_args!($($text)*))) };
}

/// Prints a line to standard error, as `eprintln!` does.
macro_rules! errln {
    ($($text:tt)*) => { $crate::report::out::complain(format_args!("{}\n", format_args!($($text)*))) };
}

pub(crate) use {errln, out, outln};

/// Prints to standard output.
pub fn print(text: Arguments<'_>) {
    let colour = *STDOUT_TAKES_COLOUR.get_or_init(|| Paper::stdout().colour);
    print_bytes(fit_for_stream(&text.to_string(), colour).as_bytes());
}

/// Puts `bytes` to standard output as they are: a script for a shell, in which a tab is a tab.
pub fn print_bytes(bytes: &[u8]) {
    if LOST.get().is_none()
        && let Err(error) = io::stdout().lock().write_all(bytes)
    {
        LOST.set(error).ok();
    }
}

/// Standard output for libraries that write bytes of their own making.
#[derive(Debug, Clone, Copy)]
pub struct Stdout;

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        print_bytes(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        flush();
        Ok(())
    }
}

/// Prints to standard error. Where that cannot be written, nobody can be told.
pub fn complain(text: Arguments<'_>) {
    let colour = *STDERR_TAKES_COLOUR.get_or_init(|| Paper::stderr().colour);
    io::stderr().lock().write_all(fit_for_stream(&text.to_string(), colour).as_bytes()).ok();
}

/// Makes sure that a prompt is seen, or that all is written.
pub fn flush() {
    if LOST.get().is_none()
        && let Err(error) = io::stdout().lock().flush()
    {
        LOST.set(error).ok();
    }
}

/// Does standard output take no more? Then nobody reads what a command that goes on and on would say.
pub fn is_lost() -> bool {
    LOST.get().is_some()
}

/// Why not everything could be written to standard output, if so. A reader that has gone is no reason.
pub fn unwritten() -> Option<&'static io::Error> {
    flush();
    LOST.get().filter(|error| error.kind() != ErrorKind::BrokenPipe)
}
