//! The timeline: lanes for the program, the broker's partitions and the outside world, and what passes between them.

use super::paper::Paper;
use crate::evidence::{By, Ended, Event, Evidence, What};
use crate::wire::{Request, Response, error_name};

/// One line for the event at `position`; none for what nobody wants to read (heartbeats, empty fetches, metadata),
/// unless `all`.
pub fn line(evidence: &Evidence, position: usize, paper: &Paper, all: bool) -> Option<String> {
    let event = evidence.events.get(position)?;
    let (arrow, text, weight) = told(event)?;
    if weight == Weight::Noise && !all {
        return None;
    }
    let at = format!("{:>9.1} ms", event.at as f64 / 1000.0);
    let role = event.role.as_deref().unwrap_or("grader");
    let head = format!("{position:>5} {at}  {role:<9} {arrow} ");
    let room = paper.width.saturating_sub(head.chars().count()).max(20);
    let text: String = match text.chars().count() > room {
        true => text.chars().take(room - 1).chain(['…']).collect(),
        false => text,
    };
    let text = match weight {
        Weight::Fault => paper.red(&text),
        Weight::Process => paper.cyan(&text),
        Weight::World => paper.yellow(&text),
        Weight::Wire => text,
        Weight::Noise => paper.dim(&text),
    };
    Some(format!("{}{text}", paper.dim(&head)))
}

/// The whole run, or what lies around one event.
pub fn whole(evidence: &Evidence, paper: &Paper, around: Option<usize>, all: bool) -> String {
    let header = &evidence.header;
    let mut text = format!(
        "{} · {} · {} · {} · seed {} · {}\n",
        paper.bold(&header.exercise),
        header.scenario,
        header.program,
        header.broker_version,
        header.seed,
        header.began
    );
    text.push_str(
        &paper.dim("event        time  who       → to the broker  ← from it  ⇢ to the outside world  ⇠ from it\n"),
    );
    const NEAR: usize = 12;
    let chosen = 0..evidence.events.len();
    for position in chosen.filter(|at| around.is_none_or(|around| at.abs_diff(around) <= NEAR)) {
        if let Some(line) = line(evidence, position, paper, all || around == Some(position)) {
            let mark = if around == Some(position) { paper.bold("▶") } else { " ".into() };
            text.push_str(&format!("{mark}{line}\n"));
        }
    }
    text
}

/// The events that a finding points at, each with the answer it got.
pub fn slice(evidence: &Evidence, positions: &[usize], paper: &Paper) -> Vec<String> {
    let mut chosen: Vec<usize> = Vec::new();
    for position in positions.iter().copied().take(4) {
        chosen.push(position);
        chosen.extend(evidence.response(position).map(|(at, ..)| at));
        chosen.extend(faults(evidence, position));
    }
    chosen.sort_unstable();
    chosen.dedup();
    chosen.into_iter().filter_map(|position| line(evidence, position, paper, true)).collect()
}

fn faults(evidence: &Evidence, struck: usize) -> impl Iterator<Item = usize> + '_ {
    evidence
        .iter()
        .filter(move |(_, event)| matches!(event.what, What::Fault { on, .. } if on == struck))
        .map(|(at, _)| at)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Weight {
    Wire,
    World,
    Process,
    Fault,
    Noise,
}

fn told(event: &Event) -> Option<(&'static str, String, Weight)> {
    use Weight::*;
    Some(match &event.what {
        What::Request { body, version, .. } => {
            let (text, noise) = request(body);
            ("→", format!("{text} (v{version})"), if noise { Noise } else { Wire })
        }
        What::Response { body, by, to, .. } => {
            let (text, noise) = response(body);
            let by = if *by == By::Grader && !noise { ", answered by the grader" } else { "" };
            ("←", format!("{text} (to {to}){by}"), if noise { Noise } else { Wire })
        }
        What::Call { op, args, .. } => ("⇢", format!("{op} {args}"), World),
        What::Answer { op, ok: true, .. } => ("⇠", format!("{op}: done"), World),
        What::Answer { op, error, .. } => ("⇠", format!("{op}: refused, {error}"), Fault),
        What::Started { run, pid } => ("·", format!("started (run {run}, pid {pid})"), Process),
        What::Stopping => ("·", "asked to stop (SIGTERM)".into(), Process),
        What::Killed => ("·", "killed (SIGKILL)".into(), Process),
        What::Exited { how: Ended::Code(code), .. } => ("·", format!("ended with status {code}"), Process),
        What::Exited { how: Ended::Signal(signal), .. } => ("·", format!("ended by signal {signal}"), Process),
        What::Panicked { file, line, message } => ("·", format!("panicked at {file}:{line}: {message}"), Fault),
        What::Output { line, .. } => ("│", printable(line), Noise),
        What::Fault { action, .. } => ("⚡", action.clone(), Fault),
        What::Expired { group, .. } => ("·", format!("the broker drops its membership in “{group}”"), Process),
        What::Reset { group } => ("·", format!("the group “{group}” is set back to the beginning"), Process),
        What::Crash { number, of, moment, nth } => {
            let nth = if *nth > 1 { format!(", the {nth}th from here") } else { String::new() };
            ("·", format!("crash {number} of {of} will come {moment}{nth}"), Process)
        }
        What::Collected { file, table, value, error } => {
            let what = table.as_ref().map_or_else(|| file.clone(), |table| format!("{file}, table {table}"));
            match (error.as_str(), value.as_array()) {
                ("", Some(rows)) => ("·", format!("{what}: {} rows", rows.len()), Process),
                ("", None) => ("·", format!("{what}: {value}"), Process),
                (error, _) => ("·", format!("{what}: {error}"), Fault),
            }
        }
        What::GaveUp { waited_for, because } => ("·", format!("waited for {waited_for}; {because}"), Fault),
        What::GraderFault { what } => ("·", format!("fault of the grader: {what}"), Fault),
        What::Input { topic, partition, offset, value, poison, .. } => {
            let value = value.as_ref().map(ToString::to_string).unwrap_or_default();
            let kind = if *poison { "poison" } else { "record" };
            ("+", format!("{topic}[{partition}]@{offset}: {kind} {}", printable(&value)), Noise)
        }
        What::Given { value } => ("+", format!("given {value}"), Noise),
        What::Connected { conn, .. } => ("·", format!("connection {conn} opened"), Noise),
        What::Disconnected { conn } => ("·", format!("connection {conn} closed"), Noise),
        What::Undecoded { bytes, reason, .. } => ("?", format!("{bytes} bytes not understood: {reason}"), Fault),
    })
}

/// Text of a learner's program: no control characters reach the terminal.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '·' } else { c }).collect()
}

/// What a request says, and whether it is only noise.
fn request(body: &Request) -> (String, bool) {
    match body {
        Request::Produce { acks, batches, .. } => {
            let parts: Vec<String> = batches
                .iter()
                .map(|batch| {
                    let sequence = match batch.producer_id {
                        ..0 => String::new(),
                        id => format!(" pid {id} seq {}", batch.base_sequence),
                    };
                    format!("{}[{}] {} records{sequence}", batch.topic, batch.partition, batch.records.len())
                })
                .collect();
            (format!("Produce acks={acks} {}", parts.join(", ")), false)
        }
        Request::OffsetCommit { group, offsets, .. } => {
            let offsets: Vec<String> = offsets.iter().map(|at| format!("[{}]={}", at.partition, at.offset)).collect();
            let topic = offsets_topic(body).unwrap_or_default();
            (format!("OffsetCommit {topic}{} for {group}", offsets.join(" ")), false)
        }
        Request::JoinGroup { group, protocols, .. } => (format!("JoinGroup {group} ({})", protocols.join(", ")), false),
        Request::SyncGroup { group, .. } => (format!("SyncGroup {group}"), false),
        Request::LeaveGroup { group, .. } => (format!("LeaveGroup {group}"), false),
        Request::ConsumerGroupHeartbeat { group, epoch, .. } => {
            (format!("ConsumerGroupHeartbeat {group} epoch {epoch}"), *epoch > 0)
        }
        Request::InitProducerId { .. } => ("InitProducerId".into(), false),
        Request::Fetch { partitions, .. } => {
            let at: Vec<String> = partitions.iter().map(|p| format!("[{}]@{}", p.partition, p.offset)).collect();
            (format!("Fetch {}", at.join(" ")), true)
        }
        other => (other.name().replace('_', " "), true),
    }
}

/// The topic whose offsets are committed, where it is only one.
fn offsets_topic(body: &Request) -> Option<&str> {
    let Request::OffsetCommit { offsets, .. } = body else { return None };
    let first = offsets.first()?.topic.as_str();
    offsets.iter().all(|at| at.topic == first).then_some(first)
}

fn response(body: &Response) -> (String, bool) {
    let error = body.error();
    let outcome = if error == 0 { "ok".to_owned() } else { error_name(error) };
    match body {
        Response::Produce { partitions } => {
            let at: Vec<String> = partitions
                .iter()
                .map(|answer| match answer.error {
                    0 => format!("[{}]@{}", answer.partition, answer.base_offset),
                    error => format!("[{}] {}", answer.partition, error_name(error)),
                })
                .collect();
            (format!("Produce {}", at.join(" ")), false)
        }
        Response::Fetch { partitions, .. } => {
            let records: u64 = partitions.iter().map(|answer| answer.count).sum();
            (format!("Fetch {outcome}, {records} records"), records == 0 && error == 0)
        }
        Response::OffsetCommit { .. } => (format!("OffsetCommit {outcome}"), false),
        Response::SyncGroup { partitions, .. } => {
            let mine: Vec<String> = partitions.iter().map(|p| format!("{}[{}]", p.topic, p.partition)).collect();
            (format!("SyncGroup {outcome}: {}", mine.join(" ")), false)
        }
        other => (format!("{} {outcome}", other.name().replace('_', " ")), error == 0),
    }
}
