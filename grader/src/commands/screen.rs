//! The terminal while a command has it for itself: keys one by one, a screen of its own, and everything as it was in the end.

use crate::foreign::fit_for_stream;
use crate::report::out;
use crate::report::paper::Paper;
use crossterm::event::{self, Event, KeyEvent, KeyEventKind};
use crossterm::terminal::{self, Clear, ClearType, DisableLineWrap, EnableLineWrap};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen};
use crossterm::{cursor, queue};
use std::io;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// Is the terminal ours?
static OURS: AtomicBool = AtomicBool::new(false);

/// What somebody wants of a screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Input {
    Key(KeyEvent),
    Resized,
    /// There are no more keys: the terminal is gone.
    Gone,
}

/// The terminal. Dropping it gives it back.
pub(super) struct Screen {
    inputs: UnboundedReceiver<Input>,
    /// What it shows at the moment.
    shown: Vec<String>,
}

impl Screen {
    /// Takes the terminal.
    ///
    /// # Errors
    /// It is none that can be taken.
    pub fn open() -> io::Result<Screen> {
        restore_on_panic();
        terminal::enable_raw_mode()?;
        OURS.store(true, Ordering::SeqCst);
        let mut bytes = Vec::new();
        queue!(bytes, EnterAlternateScreen, cursor::Hide, DisableLineWrap, Clear(ClearType::All)).ok();
        write(&bytes);
        let (tell, inputs) = unbounded_channel();
        let listen = move || {
            loop {
                let input = match event::read() {
                    Ok(Event::Key(key)) if key.kind != KeyEventKind::Release => Input::Key(key),
                    Ok(Event::Resize(..)) => Input::Resized,
                    Ok(_) => continue,
                    Err(_) => Input::Gone,
                };
                if tell.send(input).is_err() || input == Input::Gone {
                    return;
                }
            }
        };
        thread::Builder::new().name("keys".into()).spawn(listen).inspect_err(|_| restore())?;
        Ok(Screen { inputs, shown: Vec::new() })
    }

    /// Waits for the next input. Nothing is lost where this is dropped.
    pub async fn input(&mut self) -> Input {
        self.inputs.recv().await.unwrap_or(Input::Gone)
    }

    /// The rows of the terminal, and its paper as it is now.
    pub fn size() -> (Paper, usize) {
        let rows = terminal::size().map_or(24, |(_, rows)| usize::from(rows));
        (Paper::stdout(), if rows == 0 { 24 } else { rows })
    }

    /// Shows these lines: only what has changed is written, for those who are far away.
    pub fn show(&mut self, lines: Vec<String>, paper: &Paper) {
        let mut bytes = Vec::new();
        for (row, line) in lines.iter().enumerate() {
            if self.shown.get(row) != Some(line) {
                queue!(bytes, cursor::MoveTo(0, row as u16), Clear(ClearType::CurrentLine)).ok();
                bytes.extend_from_slice(fit_for_stream(line, paper.colour).as_bytes());
            }
        }
        write(&bytes);
        self.shown = lines;
    }

    /// Forgets what it shows, so that all of it is drawn again.
    pub fn clear(&mut self) {
        let mut bytes = Vec::new();
        queue!(bytes, Clear(ClearType::All)).ok();
        write(&bytes);
        self.shown.clear();
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

fn write(bytes: &[u8]) {
    if !bytes.is_empty() {
        out::print_bytes(bytes);
        out::flush();
    }
}

/// Gives the terminal back as it was, where it is ours. To be called before the process ends in any way but by itself.
pub(super) fn restore() {
    if OURS.swap(false, Ordering::SeqCst) {
        let mut bytes = Vec::new();
        queue!(bytes, EnableLineWrap, cursor::Show, LeaveAlternateScreen).ok();
        write(&bytes);
        terminal::disable_raw_mode().ok();
    }
}

/// A panic that ends us is told on a terminal that shows it. One of a task's is caught, and told in another way.
fn restore_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        let main = thread::current().id();
        std::panic::set_hook(Box::new(move |panic| {
            if thread::current().id() == main {
                restore();
            }
            if !OURS.load(Ordering::SeqCst) {
                before(panic);
            }
        }));
    });
}
