//! Events in words: what the timeline, a report and a page of the theory say of each.

use super::trouble;
use crate::checks::count;
use crate::evidence::{Because, By, Ended, Event, Evidence, Limit, What};
use crate::foreign::Foreign;
use crate::wire::{Batch, Codec, Request, Response, error_name};
use textwrap::core::display_width;

/// An event in words.
#[derive(Debug, Clone)]
pub struct Line {
    /// Its position in the evidence.
    pub event: usize,
    /// Since the run began.
    pub ms: f64,
    /// The role whose process it concerns, or `grader`.
    pub who: Foreign,
    /// Which way it goes: `→` to the broker, `⇠` from the outside world…
    pub arrow: &'static str,
    pub text: Foreign,
    /// What is another number in each run, or of interest only to those who look for a fault.
    pub aside: String,
    pub weight: Weight,
}

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    Wire,
    World,
    Process,
    Fault,
    /// Nobody wants to read it: heartbeats, empty fetches, metadata.
    Noise,
}

impl Line {
    /// The event at `position`; none where the evidence has ended before.
    pub fn at(evidence: &Evidence, position: usize) -> Option<Line> {
        evidence.events.get(position).map(|event| Line::of(position, event))
    }

    /// This event, at its position in the evidence.
    pub fn of(position: usize, event: &Event) -> Line {
        let Words { arrow, text, aside, weight } = words(event);
        let who = Foreign::from(event.role.as_deref().unwrap_or("grader"));
        Line { event: position, ms: event.at as f64 / 1000.0, who, arrow, text: text.into(), aside, weight }
    }
}

struct Words {
    arrow: &'static str,
    text: String,
    aside: String,
    weight: Weight,
}

/// How a process ended, as a sentence goes on: `ended with status 1`.
pub fn ending(how: &Ended) -> String {
    match how {
        Ended::Code(code) => format!("ended with status {code}"),
        Ended::Signal(signal) => format!("was ended by signal {signal}"),
    }
}

/// The events that a finding points at, each with the answer it got.
pub fn slice(evidence: &Evidence, positions: &[usize]) -> Vec<Line> {
    let mut chosen: Vec<usize> = Vec::new();
    for position in positions.iter().copied().take(4) {
        chosen.push(position);
        chosen.extend(evidence.response(position).map(|(at, ..)| at));
        chosen.extend(faults(evidence, position));
    }
    chosen.sort_unstable();
    chosen.dedup();
    chosen.into_iter().filter_map(|position| Line::at(evidence, position)).collect()
}

fn faults(evidence: &Evidence, struck: usize) -> impl Iterator<Item = usize> + '_ {
    evidence
        .iter()
        .filter(move |(_, event)| matches!(event.what, What::Fault { on, .. } if on == struck))
        .map(|(at, _)| at)
}

/// A line of a transcript: who, which way, what, with `details` behind it, or below it where they are several.
/// Nothing in it depends on the clock or on the machine.
pub(super) fn plain(event: &Event, details: &[Foreign], lane: usize, width: usize) -> Vec<String> {
    let Line { who, arrow, text, .. } = Line::of(0, event);
    let text = format!("{who:<lane$} {arrow} {text}");
    match details {
        [detail] if display_width(&format!("{text}, {detail}")) <= width => vec![format!("{text}, {detail}")],
        _ => {
            let below = details.iter().map(|detail| format!("{:lane$}     {detail}", ""));
            std::iter::once(text).chain(below).map(|line| cut(line, width)).collect()
        }
    }
}

/// As much of `text` as `width` columns hold, with a mark where there was more.
pub(super) fn cut(text: String, width: usize) -> String {
    if display_width(&text) <= width {
        return text;
    }
    let mut room = width.saturating_sub(1);
    let fits = |c: &char| {
        let columns = display_width(c.encode_utf8(&mut [0; 4]));
        let fits = columns <= room;
        room -= if fits { columns } else { 0 };
        fits
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

/// `text`, of which the middle is left out where it has more than `most` characters, with a word of how much that was.
pub(super) fn middle_out(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned(); // the usual case, without counting
    }
    let characters = text.chars().count();
    if characters <= most {
        return text.to_owned();
    }
    let (first, last) = (most * 2 / 3, most / 3);
    let at = |nth: usize| text.char_indices().nth(nth).map_or(text.len(), |(at, _)| at);
    let (head, tail) = (&text[..at(first)], &text[at(characters - last)..]);
    format!("{head} … ({} characters left out) … {tail}", characters - first - last)
}

fn words(event: &Event) -> Words {
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
        What::Output { line, .. } => ("│", line.clone(), Noise),
        What::Fault { action, .. } => ("⚡", action.clone(), Fault),
        What::Expired { group, .. } => ("·", format!("the broker drops its membership in “{group}”"), Process),
        What::Reset { group } => ("·", format!("the group “{group}” is set back to the beginning"), Process),
        What::Arranged { state, came: true } => ("·", format!("the occasion has come: {state}"), Process),
        What::Arranged { state, came: false } => ("·", format!("the occasion did not come: {state}"), Process),
        What::Late { ms } => ("·", format!("the machine was busy: nothing was seen for {ms} ms"), Noise),
        What::Changed { change } => ("⚡", change.clone(), Fault),
        What::Crash { number, of, moment, nth } => {
            let nth =
                if *nth > 1 { format!(", the {} from here", super::crashes::ordinal(*nth)) } else { String::new() };
            ("·", format!("crash {number} of {of} will come {moment}{nth}"), Process)
        }
        What::Collected { file, table, value, error } => {
            let what = table.as_ref().map_or_else(|| file.clone(), |table| format!("{file}, table {table}"));
            match (error.as_str(), value.as_array().map(Vec::as_slice)) {
                ("", Some([row])) => ("·", format!("{what}: {row}"), Process),
                ("", Some(rows)) => ("·", format!("{what}: {}", count(rows.len(), "row")), Process),
                ("", None) => ("·", format!("{what}: {value}"), Process),
                (error, _) => ("·", format!("{what}: {error}"), Fault),
            }
        }
        What::Observed { topic, partitions, committed } => {
            let ends = partitions.iter().map(|at| (topic.as_str(), at.partition, format!("{}..{}", at.start, at.end)));
            let mut text = format!("the broker has {}", places(ends));
            for at in committed {
                text.push_str(&format!(", {}[{}]={}", at.group, at.partition, at.offset));
            }
            ("·", text, Process)
        }
        What::GaveUp { waited_for, because } => ("·", format!("waited for {waited_for}; {}", reason(*because)), Fault),
        What::GraderFault { what } => ("·", format!("fault of the grader: {what}"), Fault),
        What::Input { topic, partition, offset, value, poison, .. } => {
            let value = value.as_ref().map(ToString::to_string).unwrap_or_default();
            let kind = if *poison { "poison" } else { "record" };
            ("+", format!("{topic}[{partition}]@{offset}: {kind} {value}"), Noise)
        }
        What::Aborted { topic, partition, offset, value, .. } => {
            let value = value.as_ref().map(ToString::to_string).unwrap_or_default();
            ("+", format!("{topic}[{partition}]@{offset}: record of an aborted transaction {value}"), Noise)
        }
        What::Read { topic, partition, stable, end, records } => {
            let records = count(records.len(), "committed record");
            let (more, weight) = match stable < end {
                true => (format!(", and a transaction open from offset {stable} on"), Fault),
                false => (String::new(), Process),
            };
            ("·", format!("{topic}[{partition}] holds {records}{more}"), weight)
        }
        What::Replaces { role } => ("·", format!("takes the place of {role}"), Process),
        What::Given { value } => ("+", format!("given {value}"), Noise),
        What::Connected { conn, .. } => ("·", format!("connection {conn} opened"), Noise),
        What::Stranger { who } => {
            ("·", format!("a stranger spoke on a port of the program's and was not heard: {who}"), Process)
        }
        What::Disconnected { conn } => ("·", format!("connection {conn} closed"), Noise),
        What::NotServed { request, version, .. } => {
            ("?", format!("{request} v{version}, which this Kafka does not serve"), Fault)
        }
        What::Undecoded { bytes, reason, .. } => ("?", format!("{bytes} bytes not understood: {reason}"), Fault),
    };
    Words { arrow, text, aside, weight }
}

/// What a request says, and whether it is only noise.
fn request(body: &Request) -> (String, bool) {
    match body {
        Request::Produce { acks, batches, .. } => (format!("Produce acks={} {}", acks_of(*acks), sent(batches)), false),
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
        Request::AddPartitionsToTxn { partitions, .. } => {
            let partitions = partitions.iter().map(|at| (at.topic.as_str(), at.partition, String::new()));
            (format!("AddPartitionsToTxn {}", places(partitions)), false)
        }
        Request::AddOffsetsToTxn { group, .. } => (format!("AddOffsetsToTxn of {group}"), false),
        Request::TxnOffsetCommit { group, offsets, .. } => {
            let offsets = offsets.iter().map(|at| (at.topic.as_str(), at.partition, format!("={}", at.offset)));
            (format!("TxnOffsetCommit {} for {group}", places(offsets)), false)
        }
        Request::EndTxn { committed: true, .. } => ("EndTxn commit".into(), false),
        Request::EndTxn { .. } => ("EndTxn abort".into(), false),
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

fn acks_of(acks: i16) -> String {
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

/// Why a wait was given up: the second half of a sentence that begins with what was waited for.
pub fn reason(because: Because) -> String {
    match because {
        Because::HadEnded => trouble::HAD_ENDED.into(),
        Because::AtRest => "it was at the end of every partition, had nothing in hand, and only asked for more".into(),
        Because::AskedForMore => "it had read every record, and asked for more again and again".into(),
        Because::NothingMovedOn { seconds } => format!("for {seconds} s nothing moved on"),
        Because::DidNotEnd { seconds } => format!("for {seconds} s it did nothing more"),
        Because::TookTooLong { seconds } => format!("it went on for {seconds} s"),
        Because::NoMoment => "the program has done none of the things at which it was to be killed".into(),
        Because::MomentGone => "that moment did not come again".into(),
        Because::Limit(Limit::Events(most)) => format!("it reached the limit of {most} events in one scenario"),
        Because::Limit(Limit::OpenConnections(most)) => {
            format!("it had {most} connections open at once, which is the limit")
        }
        Because::Limit(Limit::Connections(most)) => {
            format!("it reached the limit of {most} connections in one scenario")
        }
        Because::Limit(Limit::Calls(most)) => format!("it reached the limit of {most} calls in one scenario"),
        Because::Limit(Limit::Bytes(most)) => {
            format!("it reached the limit of {} MiB of evidence in one scenario", most >> 20)
        }
        Because::Limit(Limit::Output(most)) => format!("it printed more than {} MiB", most >> 20),
        Because::Limit(Limit::Folder(most)) => format!("it put more than {} MiB into its folder", most >> 20),
        Because::Limit(Limit::Memory(most)) => format!("it needed more than {} MiB of memory", most >> 20),
        Because::Limit(Limit::Processes(most)) => format!("it had more than {most} processes and threads"),
        Because::Limit(Limit::CpuSeconds(most)) => format!("it computed for more than {most} s"),
        Because::Limit(Limit::FileBytes(most)) => format!("it wrote a file of more than {} MiB", most >> 20),
        Because::Limit(Limit::Seconds(most)) => format!("it had not ended after {most} s"),
    }
}
