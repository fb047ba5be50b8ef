//! What a child wrote on standard error, kept short: the reason why it ended, if it ends.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use crate::foreign::visible;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

const LINES: usize = 5;
const LINE_CHARS: usize = 300;

/// The last lines of a stream that a task drains, so that the writer never blocks on a full pipe.
#[derive(Clone, Debug, Default)]
pub struct LastWords(Arc<Mutex<VecDeque<String>>>);

impl LastWords {
    pub fn listen(stream: impl AsyncRead + Send + Unpin + 'static) -> Self {
        let words = Self::default();
        let kept = words.clone();
        tokio::spawn(async move {
            let mut lines = BufReader::new(stream).split(b'\n');
            while let Ok(Some(line)) = lines.next_segment().await {
                kept.push(String::from_utf8_lossy(&line).trim());
            }
        });
        words
    }

    fn push(&self, line: &str) {
        if line.is_empty() {
            return;
        }
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == LINES {
            lines.pop_front();
        }
        lines.push_back(visible(&line.chars().take(LINE_CHARS).collect::<String>()));
    }

    /// Empty where nothing was written.
    pub fn text(&self) -> String {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().map(String::as_str).collect::<Vec<_>>().join("; ")
    }
}
