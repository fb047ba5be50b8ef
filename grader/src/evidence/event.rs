//! One thing that happened.

use super::because::{self, Because};
use crate::wire::{Data, Request, Response};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// One thing that happened, in the order in which the grader saw it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Microseconds since the run began. For people's eyes: checks compare positions, never times.
    pub at: u64,
    /// The role of the program that it concerns, `consumer` say; none for what the grader did to the broker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    #[serde(flatten)]
    pub what: What,
}

/// What happened. The name of a variant, in kebab-case, is the `event` of a file's line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum What {
    /// The program was handed this value to send (a line of its input file).
    Given { value: Value },
    /// The grader put this record into a topic before or while the program ran.
    Input {
        topic: String,
        partition: i32,
        offset: i64,
        key: Option<Data>,
        value: Option<Data>,
        poison: bool,
        /// What the scenario calls it, where its rules single it out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mark: Option<String>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        headers: Vec<(String, Option<Data>)>,
    },
    /// The grader put this record into a topic in a transaction that it aborted: nobody is to act on it.
    Aborted { topic: String, partition: i32, offset: i64, key: Option<Data>, value: Option<Data> },
    /// What the grader found in a partition at this point, as a reader of committed records finds it.
    Read {
        topic: String,
        partition: i32,
        /// The last stable offset: no such reader gets past it. Less than `end` where a transaction is open.
        stable: i64,
        end: i64,
        records: Vec<Found>,
    },
    /// The process of the role that starts next takes the place of this role's, which may still be there; it is told that
    /// it is this role.
    Replaces {
        #[serde(rename = "of")]
        role: String,
    },
    /// A process of the role began; `run` counts them from 1.
    Started { run: u32, pid: u32 },
    /// The program wrote a line (lossily decoded).
    Output { stream: Stream, line: String },
    /// A Rust panic was announced on standard error.
    Panicked { file: String, line: u32, message: String },
    /// The grader sent SIGTERM.
    Stopping,
    /// The grader sent SIGKILL.
    Killed,
    /// The `run`th process of the role has ended, and everything that it printed is recorded.
    Exited {
        run: u32,
        #[serde(flatten)]
        how: Ended,
    },
    /// A connection to the broker: the scenario's `conn`th, by which wire events name it.
    Connected {
        conn: u32,
        /// The broker node that it is to; none where the program began, at the address that it was given.
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "node")]
        node: Option<i32>,
    },
    /// That connection is gone: nothing is answered on it any more.
    Disconnected { conn: u32 },
    /// Another process of the machine spoke on a port that is the program's; it was not heard.
    Stranger { who: String },
    /// The program asked Kafka for something, recorded before it was forwarded.
    Request { conn: u32, correlation: i32, version: i16, body: Request },
    /// The answer to the request at position `to`, recorded before the program could see it.
    Response { conn: u32, to: usize, by: By, body: Response },
    /// Bytes that could not be decoded; they were forwarded as they came, or the connection was closed.
    Undecoded { conn: u32, bytes: usize, reason: String },
    /// The program asked the broker for something that this broker does not serve, so the connection was closed.
    NotServed { conn: u32, request: String, version: i16 },
    /// The program asked the outside world for something.
    Call {
        op: String,
        args: Value,
        /// That of the record of the input which has these contents.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mark: Option<String>,
    },
    /// The answer to the call at position `to`, recorded before the program could see it.
    Answer {
        to: usize,
        op: String,
        ok: bool,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        error: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mark: Option<String>,
    },
    /// A scripted fault of the scenario struck the event at position `on`.
    Fault {
        on: usize,
        action: String,
        /// The answer that it struck was dropped. Older evidence does not say so.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        lost: bool,
        /// A database of the program's was locked for a moment.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        locked: bool,
    },
    /// The grader told the broker that the killed member is gone, in place of the session timeout.
    Expired { group: String, member: String },
    /// The scenario changed the cluster: a leader moved, a replica stopped, a node went away.
    Changed { change: String },
    /// A step gave the program work until this state should hold; did it come to that?
    Arranged { state: String, came: bool },
    /// The machine was busy: for so many milliseconds before this the grader saw nothing, and what came is recorded late.
    Late { ms: u64 },
    /// The grader set the group back to the beginning of every topic.
    Reset { group: String },
    /// What the program has left in a file of its folder: JSON, or the rows of a table of a database. `error` says why
    /// there is nothing to be had from it.
    Collected {
        file: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        table: Option<String>,
        #[serde(default, skip_serializing_if = "Value::is_null")]
        value: Value,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        error: String,
    },
    /// The seed drew this moment for the crash that comes next.
    Crash {
        number: u32,
        of: u32,
        moment: String,
        /// It strikes at the nth such event from here on.
        nth: u32,
    },
    /// A step of the scenario waited in vain.
    GaveUp {
        waited_for: String,
        #[serde(deserialize_with = "because::read")]
        because: Because,
    },
    /// How a topic, and the groups that read it, stood when the grader asked the broker.
    Observed {
        topic: String,
        partitions: Vec<Extent>,
        /// What the groups have committed there; whatever is not named has no commit.
        committed: Vec<Committed>,
    },
    /// Something on our side went wrong: the broker died, the disk is full.
    GraderFault { what: String },
}

/// Which offsets a partition has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extent {
    pub partition: i32,
    /// Of the first record that is still there.
    pub start: i64,
    /// The last stable offset: what lies behind it waits for a transaction to end.
    pub stable: i64,
    /// Of the next record: the high watermark.
    pub end: i64,
}

/// What a group has committed in a partition: the offset of the next record that it would read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Committed {
    pub group: String,
    pub partition: i32,
    pub offset: i64,
}

/// Reads a node's number; files of format 2 and older have -1 for none.
fn node<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i32>, D::Error> {
    Ok(Option::deserialize(deserializer)?.filter(|node| *node >= 0))
}

/// A record that the grader found in a topic.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Found {
    pub offset: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Data>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Data>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stream {
    Stdout,
    Stderr,
}

/// Who answered a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    Broker,
    /// A scripted refusal, or ApiVersions: the broker never saw the request.
    Grader,
}

/// How a process ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ended {
    Code(i32),
    Signal(i32),
}
