//! The embedded broker: librdkafka's test cluster in a child process of the grader.

pub mod child;
mod last_words;
#[cfg(test)]
mod tests;

use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::exchange::exchange;
use super::{BrokerError, Description, Kind, watch};
use crate::process;
use crate::wire;
use child::Ready;
use last_words::LastWords;

/// Which program to start as the child, where that is not this one: an integration test names `kafkacourse` here.
const SELF: &str = "KAFKACOURSE_SELF";
#[cfg(test)]
const TEST_MARK: &str = "KAFKACOURSE_TEST_BROKER";

/// It takes milliseconds; this bounds a machine that is out of memory, not a slow one.
const START_LIMIT: Duration = Duration::from_secs(10);
const ANSWER_LIMIT: Duration = Duration::from_secs(5);
/// How long the system may take to clear away a process that has stopped listening.
const END_LIMIT: Duration = Duration::from_millis(500);

pub(super) fn describe(why: String) -> Description {
    let (_, version) = rdkafka::util::get_rdkafka_version();
    Description { kind: Kind::Embedded, version: format!("librdkafka {version} test cluster"), why }
}

/// One running child. Dropping it ends the child.
#[derive(Debug)]
pub(super) struct Embedded {
    address: String,
    process: Mutex<Child>,
    line: Mutex<Line>,
    last_words: LastWords,
}

/// The two pipes, held together: one command, one answer.
#[derive(Debug)]
struct Line {
    commands: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Embedded {
    pub async fn start() -> Result<Self, BrokerError> {
        let program = program()?;
        let mut command = Command::new(&program);
        command
            .arg(child::ARGUMENT)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true);
        #[cfg(test)]
        command.env(TEST_MARK, "1");
        let mut process = command.spawn().map_err(|error| {
            let remedy = process::remedy(&error).trim_end_matches('.'); // the error goes on
            failed(format!("{} cannot be run: {error}{remedy}", program.display()))
        })?;
        let (Some(commands), Some(answers), Some(errors)) =
            (process.stdin.take(), process.stdout.take(), process.stderr.take())
        else {
            return Err(failed("its pipes are missing".to_owned()));
        };
        let last_words = LastWords::listen(errors);
        let mut line = Line { commands, answers: BufReader::new(answers).lines() };
        match timeout(START_LIMIT, line.ready()).await {
            Ok(Some(Ready { bootstrap })) => {
                Ok(Self { address: bootstrap, process: Mutex::new(process), line: Mutex::new(line), last_words })
            }
            Ok(None) => {
                let status = timeout(END_LIMIT, process.wait()).await;
                let status = status.ok().and_then(Result::ok);
                Err(failed(farewell("it ended before it listened", status, &last_words)))
            }
            Err(_) => Err(failed(format!("it said nothing for {} s", START_LIMIT.as_secs()))),
        }
    }

    /// `127.0.0.1:PORT`.
    pub fn address(&self) -> &str {
        &self.address
    }

    pub async fn create_topic(&self, name: &str, partitions: i32) -> Result<(), BrokerError> {
        let refused = |why: String| BrokerError::Topic { topic: name.to_owned(), why };
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err(refused("a topic's name is one word".to_owned()));
        }
        let mut line = self.line.lock().await;
        let answer = timeout(ANSWER_LIMIT, line.ask(&format!("topic {name} {partitions}\n"))).await;
        drop(line);
        match answer {
            Ok(Some(Ok(()))) => Ok(()),
            Ok(Some(Err(why))) => Err(refused(why)),
            Ok(None) => Err(refused(self.died().await.unwrap_or_else(|| "the embedded broker hung up".to_owned()))),
            Err(_) => Err(refused("the embedded broker did not answer".to_owned())),
        }
    }

    /// Why the child is gone, or `None` while it lives.
    pub async fn died(&self) -> Option<String> {
        let mut process = self.process.lock().await;
        let mut status = process.try_wait().ok().flatten();
        if status.is_none() && TcpStream::connect(&self.address).await.is_err() {
            // It listens no more, so it is on its way out: an abort closes the sockets before the parent hears of it.
            status = timeout(END_LIMIT, process.wait()).await.ok().and_then(Result::ok);
            if status.is_none() {
                return Some(farewell("the embedded broker does not listen any more", None, &self.last_words));
            }
        }
        let status = status?;
        tokio::time::sleep(Duration::from_millis(20)).await; // its last words may still be in the pipe
        Some(farewell("the embedded broker ended", Some(status), &self.last_words))
    }

    /// Returns when the child is gone or has fallen silent, and says why.
    pub async fn death(&self) -> String {
        loop {
            watch::until_silent(&self.address).await;
            if let Some(why) = self.died().await {
                return why;
            }
            if exchange(&self.address, wire::api_versions_request(1)).await.is_err() {
                return farewell("the embedded broker does not answer any more", None, &self.last_words);
            }
        }
    }

    #[cfg(test)]
    pub async fn process_id(&self) -> Option<u32> {
        self.process.lock().await.id()
    }

    /// Closes the child's standard input, as the end of the grader would.
    #[cfg(test)]
    pub async fn hang_up(self) -> Option<ExitStatus> {
        let mut process = self.process.into_inner();
        let Line { commands, answers: _still_read } = self.line.into_inner();
        drop(commands);
        timeout(Duration::from_secs(5), process.wait()).await.ok().and_then(Result::ok)
    }
}

impl Line {
    /// Skips what a test runner prints before it reaches the child's code.
    async fn ready(&mut self) -> Option<Ready> {
        while let Ok(Some(line)) = self.answers.next_line().await {
            if let Ok(ready) = serde_json::from_str(&line) {
                return Some(ready);
            }
        }
        None
    }

    async fn ask(&mut self, command: &str) -> Option<Result<(), String>> {
        self.commands.write_all(command.as_bytes()).await.ok()?;
        self.commands.flush().await.ok()?;
        while let Ok(Some(line)) = self.answers.next_line().await {
            match line.split_once(' ') {
                _ if line == "ok" => return Some(Ok(())),
                Some(("error", why)) => return Some(Err(why.to_owned())),
                _ => {} // a test runner's line
            }
        }
        None
    }
}

fn program() -> Result<PathBuf, BrokerError> {
    match std::env::var_os(SELF) {
        Some(path) => Ok(path.into()),
        None => std::env::current_exe().map_err(|error| failed(format!("this program cannot be found: {error}"))),
    }
}

fn failed(why: String) -> BrokerError {
    BrokerError::EmbeddedStart(why)
}

/// "the embedded broker ended (aborted, signal 6): *** rdkafka_mock_cgrp.c:372 … ***"
fn farewell(what: &str, status: Option<ExitStatus>, last_words: &LastWords) -> String {
    let mut text = what.to_owned();
    if let Some(status) = status {
        text.push_str(&format!(" ({})", manner(status)));
    }
    let words = last_words.text();
    if !words.is_empty() {
        text.push_str(&format!(": {words}"));
    }
    text
}

fn manner(status: ExitStatus) -> String {
    let Some(signal) = status.signal() else {
        return format!("exit code {}", status.code().unwrap_or_default());
    };
    let name = match signal {
        4 => "illegal instruction",
        6 => "aborted",
        7 | 11 => "bad memory access",
        9 => "killed",
        15 => "terminated",
        _ => "ended",
    };
    format!("{name}, signal {signal}")
}
