//! The timeline: one line for each event, with who it concerns, which way it goes, and what it says.

use super::paper::Paper;
use crate::checks::count;
use crate::evidence::{By, Ended, Event, Evidence, What, canonical};
use crate::wire::{Batch, Codec, Request, Response, error_name};
use std::collections::HashMap;

/// One line for the event at `position`; none for what nobody wants to read (heartbeats, empty fetches, metadata),
/// unless `all`.
pub fn line(evidence: &Evidence, position: usize, paper: &Paper, all: bool) -> Option<String> {
    let event = evidence.events.get(position)?;
    let Told { arrow, text, aside, weight } = told(event);
    if weight == Weight::Noise && !all {
        return None;
    }
    let at = format!("{:>9.1} ms", event.at as f64 / 1000.0);
    let role = event.role.as_deref().unwrap_or("grader");
    let head = format!("{position:>5} {at}  {role:<9} {arrow} ");
    let room = paper.width.saturating_sub(head.chars().count()).max(20);
    let text = shortened(text + &aside, room);
    let text = match weight {
        Weight::Fault => paper.red(&text),
        Weight::Process => paper.cyan(&text),
        Weight::World => paper.yellow(&text),
        Weight::Wire => text,
        Weight::Noise => paper.dim(&text),
    };
    Some(format!("{}{text}", paper.dim(&head)))
}

/// What of a run is to be seen.
#[derive(Debug, Clone, Default)]
pub struct View {
    /// Only what lies around this event.
    pub around: Option<usize>,
    /// Only what this role's processes do.
    pub role: Option<String>,
    /// Of what is about partitions, only what is about this one.
    pub partition: Option<i32>,
    /// What nobody wants to read, too.
    pub all: bool,
}

impl View {
    /// Is each event to be seen?
    fn chosen(&self, evidence: &Evidence) -> Vec<bool> {
        let mut places: HashMap<String, i32> = HashMap::new();
        let mut chosen: Vec<bool> = Vec::with_capacity(evidence.events.len());
        for (at, event) in evidence.iter() {
            const NEAR: usize = 12;
            let near = self.around.is_none_or(|around| at.abs_diff(around) <= NEAR);
            let of_role = self.role.is_none() || event.role == self.role;
            let of_partition = self.partition.is_none_or(|wanted| match &event.what {
                What::Call { args, .. } => places.get(&canonical(args)) == Some(&wanted),
                What::Answer { to, .. } | What::Fault { on: to, .. } => chosen.get(*to) == Some(&true),
                _ => {
                    let about = event.partitions();
                    about.is_empty() || about.contains(&wanted)
                }
            });
            if let What::Input { partition, value: Some(value), .. } = &event.what {
                value.json().map(|value| places.insert(canonical(&value), *partition));
            }
            chosen.push(near && of_role && of_partition);
        }
        chosen
    }
}

/// The whole run, or what `view` lets through.
pub fn whole(evidence: &Evidence, paper: &Paper, view: &View) -> String {
    let View { around, all, .. } = *view;
    let header = &evidence.header;
    let (name, scenario, program, seed) =
        (paper.bold(&header.exercise), &header.scenario, &header.program, header.seed);
    let began = second(&header.began);
    let title = format!("{name} · {scenario} · {program} · {} · seed {seed} · {began}", header.broker_version);
    let mut text = paper.wrap(&title, 0) + "\n";
    let arrows = "→ to the broker  ← from it  ⇢ outside  ⇠ from it";
    text.push_str(&paper.dim(&format!("{:>6} {:>12}  {:<9} {arrows}\n", "event", "time", "who")));
    let beside_mark = Paper { width: paper.width.saturating_sub(1), ..*paper };
    let chosen = view.chosen(evidence);
    for position in (0..evidence.events.len()).filter(|at| chosen[*at]) {
        if let Some(line) = line(evidence, position, &beside_mark, all || around == Some(position)) {
            let mark = if around == Some(position) { paper.bold("▶") } else { " ".into() };
            text.push_str(&format!("{mark}{line}\n"));
        }
    }
    text
}

/// A moment in RFC 3339, to the second: 2026-11-21T15:57:55Z.
fn second(moment: &str) -> String {
    match moment.split_once('.') {
        Some((seconds, fraction)) => format!("{seconds}{}", fraction.trim_start_matches(|c: char| c.is_ascii_digit())),
        None => moment.to_owned(),
    }
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

/// An event in words.
struct Told {
    arrow: &'static str,
    text: String,
    /// What is another number in each run, or of interest only to those who look for a fault.
    aside: String,
    weight: Weight,
}

/// A line of a transcript: who, which way, what, with `details` behind it, or below it where they are several.
/// Nothing in it depends on the clock or on the machine.
pub(super) fn plain(event: &Event, details: &[String], lane: usize, width: usize) -> Vec<String> {
    let Told { arrow, text, .. } = told(event);
    let role = event.role.as_deref().unwrap_or("grader");
    let text = format!("{role:<lane$} {arrow} {text}");
    match details {
        [one] if text.chars().count() + one.chars().count() + 2 <= width => vec![format!("{text}, {one}")],
        _ => {
            let below = details.iter().map(|detail| format!("{:lane$}     {}", "", printable(detail)));
            std::iter::once(text).chain(below).map(|line| shortened(line, width)).collect()
        }
    }
}

fn shortened(text: String, width: usize) -> String {
    match text.chars().count() > width {
        true => text.chars().take(width - 1).chain(['…']).collect(),
        false => text,
    }
}

fn told(event: &Event) -> Told {
    use Weight::*;
    let mut aside = String::new();
    let (arrow, text, weight) = match &event.what {
        What::Request { body, version, .. } => {
            let (text, noise) = request(body);
            aside = format!(" (v{version})");
            ("→", text, if noise { Noise } else { Wire })
        }
        What::Response { body, by, to, .. } => {
            let (text, noise) = response(body);
            aside = format!(" (to {to})");
            let by = if *by == By::Grader && !noise { ", answered by the grader" } else { "" };
            ("←", format!("{text}{by}"), if noise { Noise } else { Wire })
        }
        What::Call { op, args, .. } => ("⇢", format!("{op} {args}"), World),
        What::Answer { op, ok: true, .. } => ("⇠", format!("{op}: done"), World),
        What::Answer { op, error, .. } => ("⇠", format!("{op}: refused, {error}"), Fault),
        What::Started { run, pid } => {
            aside = format!(" (run {run}, process {pid})");
            let again = if *run > 1 { " again" } else { "" };
            ("·", format!("started{again}"), Process)
        }
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
            let nth =
                if *nth > 1 { format!(", the {} from here", super::crashes::ordinal(*nth)) } else { String::new() };
            ("·", format!("crash {number} of {of} will come {moment}{nth}"), Process)
        }
        What::Collected { file, table, value, error } => {
            let what = table.as_ref().map_or_else(|| file.clone(), |table| format!("{file}, table {table}"));
            match (error.as_str(), value.as_array()) {
                ("", Some(rows)) => ("·", format!("{what}: {}", count(rows.len(), "row")), Process),
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
    };
    Told { arrow, text, aside, weight }
}

/// Text of a learner's program: no control characters reach the terminal.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '·' } else { c }).collect()
}

/// What a request says, and whether it is only noise.
fn request(body: &Request) -> (String, bool) {
    match body {
        Request::Produce { acks, batches, .. } => (format!("Produce acks={} {}", all(*acks), sent(batches)), false),
        Request::OffsetCommit { group, offsets, .. } => {
            let offsets = offsets.iter().map(|at| (at.topic.as_str(), at.partition, format!("={}", at.offset)));
            (format!("OffsetCommit {} for {group}", places(offsets)), false)
        }
        Request::JoinGroup { group, protocols, .. } => (format!("JoinGroup {group} ({})", protocols.join(", ")), false),
        Request::SyncGroup { group, .. } => (format!("SyncGroup {group}"), false),
        Request::LeaveGroup { group, .. } => (format!("LeaveGroup {group}"), false),
        Request::ConsumerGroupHeartbeat { group, epoch, .. } => {
            (format!("ConsumerGroupHeartbeat {group} epoch {epoch}"), *epoch > 0)
        }
        Request::InitProducerId { .. } => ("InitProducerId".into(), false),
        Request::Fetch { partitions, max_wait_ms, .. } => {
            let from = match partitions.as_slice() {
                [one] => format!(" {}[{}] from offset {}", one.topic, one.partition, one.offset),
                [] => String::new(),
                all => {
                    let all = all.iter().map(|from| (from.topic.as_str(), from.partition, format!("@{}", from.offset)));
                    format!(" {}", places(all))
                }
            };
            (format!("Fetch{from}, wait up to {max_wait_ms} ms"), true)
        }
        Request::ListOffsets { partitions, .. } => {
            let asked = partitions.iter().map(|query| {
                let what = match query.timestamp {
                    -1 => "end".to_owned(),
                    -2 => "beginning".to_owned(),
                    at => format!("at {at}"),
                };
                (query.topic.as_str(), query.partition, format!(" {what}"))
            });
            (format!("ListOffsets {}", places(asked)), true)
        }
        other => (api(other.name()), true),
    }
}

fn all(acks: i16) -> String {
    if acks == -1 { "all".into() } else { acks.to_string() }
}

/// The batches of a Produce request, and who vouches for their order.
fn sent(batches: &[Batch]) -> String {
    let producer = |batch: &Batch| (batch.producer_id >= 0).then_some((batch.producer_id, batch.epoch));
    let common = batches.first().and_then(producer).filter(|id| batches.iter().all(|one| producer(one) == Some(*id)));
    let parts: Vec<String> = batches
        .iter()
        .map(|batch| {
            let count = batch.records.len();
            let records = if count == 1 { "record" } else { "records" };
            let sequence = producer(batch).map(|_| format!(" from seq {}", batch.base_sequence)).unwrap_or_default();
            let codec = match batch.codec {
                Codec::None => String::new(),
                codec => format!(" ({})", format!("{codec:?}").to_lowercase()),
            };
            format!("{}[{}] {count} {records}{sequence}{codec}", batch.topic, batch.partition)
        })
        .collect();
    let common = common.map(|(id, epoch)| format!("pid {id} epoch {epoch}: ")).unwrap_or_default();
    format!("{common}{}", parts.join(", "))
}

/// Partitions with what there is to say of each; the topic once, where it is the same.
fn places<'a>(of: impl Iterator<Item = (&'a str, i32, String)>) -> String {
    let mut before = None;
    let parts: Vec<String> = of
        .map(|(topic, partition, text)| {
            let name = if before == Some(topic) { "" } else { topic };
            before = Some(topic);
            format!("{name}[{partition}]{text}")
        })
        .collect();
    parts.join(" ")
}

/// `find_coordinator` as Kafka writes it: FindCoordinator.
fn api(name: &str) -> String {
    name.split('_').map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

fn response(body: &Response) -> (String, bool) {
    let error = body.error();
    let outcome = if error == 0 { "ok".to_owned() } else { error_name(error) };
    match body {
        Response::Produce { partitions } => {
            let at = partitions.iter().map(|answer| {
                let text = match answer.error {
                    0 => format!("@{}", answer.base_offset),
                    error => format!(" {}", error_name(error)),
                };
                (answer.topic.as_str(), answer.partition, text)
            });
            let outcome = if error == 0 { "ok, " } else { "" };
            (format!("Produce {outcome}{}", places(at)), false)
        }
        Response::Fetch { partitions, .. } => {
            let records: u64 = partitions.iter().map(|answer| answer.count).sum();
            let found = partitions.iter().filter_map(|answer| {
                let (first, last) = answer.records.filter(|_| answer.count > 0)?;
                Some((answer.topic.as_str(), answer.partition, format!(" offsets {first} to {last}")))
            });
            let found = match records {
                0 => "no records".to_owned(),
                _ => places(found),
            };
            (format!("Fetch {outcome}, {found}"), records == 0 && error == 0)
        }
        Response::OffsetCommit { .. } => (format!("OffsetCommit {outcome}"), false),
        Response::OffsetFetch { offsets, .. } => {
            let known = offsets.iter().map(|at| {
                let text = if at.offset < 0 { " none".into() } else { format!("={}", at.offset) };
                (at.topic.as_str(), at.partition, text)
            });
            (format!("OffsetFetch {outcome}: {}", places(known)), error == 0)
        }
        Response::ListOffsets { partitions } => {
            let known = partitions.iter().map(|at| (at.topic.as_str(), at.partition, format!("={}", at.offset)));
            (format!("ListOffsets {outcome}: {}", places(known)), error == 0)
        }
        Response::JoinGroup { error: 0, generation, member, leader, members, .. } => {
            let part = if member == leader { format!(", leader of {}", members.len()) } else { String::new() };
            (format!("JoinGroup ok, generation {generation}{part}"), true)
        }
        Response::SyncGroup { error: 0, partitions, .. } => {
            let mine = partitions.iter().map(|one| (one.topic.as_str(), one.partition, String::new()));
            let mine = if partitions.is_empty() { "nothing".into() } else { places(mine) };
            (format!("SyncGroup ok: {mine}"), false)
        }
        Response::InitProducerId { error: 0, producer_id, epoch } => {
            (format!("InitProducerId ok: pid {producer_id} epoch {epoch}"), true)
        }
        other => (format!("{} {outcome}", api(other.name())), error == 0),
    }
}
