//! What another command says: a key runs just the command that could be typed.

use crate::ourselves::ourselves;
use crate::report::paper::Paper;
use std::path::Path;
use std::process::Stdio;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;

/// So much of it is shown, in bytes: a timeline may be long.
const MOST: u64 = 4 << 20;

/// What `kafkacourse` says to these words, for paper like this.
pub(super) async fn kafkacourse(words: Vec<String>, course: &Path, paper: Paper) -> String {
    let asked = async {
        let mut command = Command::new(ourselves()?);
        command.args(&words).arg("--course").arg(course).env("COLUMNS", paper.width.to_string());
        match paper.colour {
            true => command.env("CLICOLOR_FORCE", "1"),
            false => command.env("NO_COLOR", "1"),
        };
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn()?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let (said, complained) = tokio::join!(text(stdout), text(stderr));
        std::io::Result::Ok(said + &complained)
    };
    asked.await.unwrap_or_else(|error| format!("kafkacourse {} cannot be run: {error}", words.join(" ")))
}

async fn text(pipe: Option<impl AsyncRead + Unpin>) -> String {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        pipe.take(MOST).read_to_end(&mut bytes).await.ok();
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
