//! What a program prints: recorded line by line, within bounds, never in its way.

use crate::evidence::{Limit, Stream, What};
use crate::limits::{OUTPUT_BYTES, OUTPUT_LINE_BYTES, OUTPUT_LINES, OUTPUT_READ_BYTES};
use crate::recorder::Recorder;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::task::JoinHandle;

/// How long the pipes of a dead process may stay open: a grandchild that left its group can hold them.
pub(super) const LAST_WORDS: Duration = Duration::from_millis(500);

/// Records what comes out of `pipe` until it closes. Bytes that are not UTF-8 are replaced.
pub(super) fn record(
    pipe: impl AsyncRead + Unpin + Send + 'static,
    stream: Stream,
    recorder: Arc<Recorder>,
    role: String,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut pipe = pipe;
        let mut teller = Teller { recorder, role, stream, told: 0, panic: None };
        let (mut line, mut buffer, mut bytes, mut dropped) = (Vec::new(), vec![0; 64 << 10], 0, 0);
        while let Ok(read @ 1..) = pipe.read(&mut buffer).await {
            bytes += read as u64;
            if teller.told >= OUTPUT_LINES || bytes > OUTPUT_READ_BYTES {
                // Read on, so that the program is not kept waiting, but no longer looked at.
                dropped += read as u64;
                if bytes > OUTPUT_BYTES {
                    teller.recorder.reach(Limit::Output(OUTPUT_BYTES));
                }
                continue;
            }
            for byte in buffer.iter().take(read) {
                if *byte == b'\n' {
                    teller.tell(&line);
                    line.clear();
                } else if line.len() < OUTPUT_LINE_BYTES {
                    line.push(*byte);
                }
            }
        }
        if !line.is_empty() {
            teller.tell(&line);
        }
        teller.end(dropped);
    })
}

struct Teller {
    recorder: Arc<Recorder>,
    role: String,
    stream: Stream,
    told: usize,
    /// A panic's place; its message is the next line.
    panic: Option<(String, u32)>,
}

impl Teller {
    fn tell(&mut self, line: &[u8]) {
        self.told += 1;
        if self.told > OUTPUT_LINES {
            return;
        }
        let line = String::from_utf8_lossy(line).trim_end_matches('\r').to_owned();
        if let Some((file, at)) = self.panic.take() {
            let what = What::Panicked { file, line: at, message: line.clone() };
            self.recorder.record(Some(&self.role), what);
        }
        if self.stream == Stream::Stderr {
            self.panic = panic_place(&line);
        }
        let what = What::Output { stream: self.stream, line };
        self.recorder.record(Some(&self.role), what);
    }

    fn end(&mut self, dropped: u64) {
        let lines = self.told.saturating_sub(OUTPUT_LINES);
        let more = match (lines, dropped) {
            (0, 0) => return,
            (lines, 0) => format!("{lines} more lines"),
            (_, dropped) => format!("{dropped} more bytes"),
        };
        let line = format!("… and {more}, which are not recorded");
        self.recorder.record(Some(&self.role), What::Output { stream: self.stream, line });
    }
}

/// Rust's own announcement: `thread 'main' (123) panicked at src/main.rs:12:5:`.
fn panic_place(line: &str) -> Option<(String, u32)> {
    let (_, place) = line.strip_prefix("thread '")?.split_once("panicked at ")?;
    let mut parts = place.trim_end_matches(':').rsplitn(3, ':');
    let (_column, line, file) = (parts.next()?, parts.next()?, parts.next()?);
    Some((file.to_owned(), line.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::panic_place;

    #[test]
    fn rusts_announcement_of_a_panic_is_understood() {
        let place = panic_place("thread 'main' (4711) panicked at exercises/ex01/src/main.rs:12:5:");
        assert_eq!(place, Some(("exercises/ex01/src/main.rs".into(), 12)));
        assert_eq!(panic_place("thread 'main' panicked at src/a.rs:1:2:"), Some(("src/a.rs".into(), 1)));
        assert_eq!(panic_place("all is well"), None);
    }
}
