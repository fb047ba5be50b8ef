//! A benchmark's figures beside what the wire says: two bars for each run, and what they mean.

use super::paper::Paper;
use super::words::cut;
use crate::evidence::{Evidence, Figures, Run};
use crate::foreign::Foreign;
use crate::wire::Codec;
use serde::Serialize;
use textwrap::core::display_width;

/// A bar's columns.
const BAR: usize = 24;

/// The bars of one benchmark, and what they mean.
#[derive(Debug, Clone)]
pub struct Bars {
    /// In the order in which the runs were sent; none where nothing was sent.
    pub rows: Vec<Row>,
    /// What nobody answers, and what acks cost here; none where there are no figures.
    pub notes: Vec<Foreign>,
}

impl Bars {
    /// The runs on `topic` beside the figures of `file`; with notes where they are to be `explained`.
    pub fn new(evidence: &Evidence, topic: &str, file: &str, explained: bool) -> Bars {
        let figures = figures(evidence, file);
        let runs = runs(evidence, topic, &figures);
        let notes = match explained && !figures.is_empty() {
            true => [unanswered(&runs), price(evidence, &runs), small(&runs, &figures)]
                .into_iter()
                .flatten()
                .map(Foreign::from)
                .collect(),
            false => Vec::new(),
        };
        Bars { rows: runs.iter().map(|run| Row::new(evidence, run, &figures)).collect(), notes }
    }

    /// Two lines for each run, the program's rate and the wire's, then the notes. Empty where nothing was sent.
    pub fn lines(&self, paper: &Paper) -> Vec<String> {
        let Bars { rows, notes } = self;
        if rows.is_empty() {
            return Vec::new();
        }
        // The wire's are the measure: what nobody answers, what one batch brings or nobody has measured, must not make the
        // others invisible.
        let fastest = |any: bool| {
            let measured = rows.iter().filter(|row| any || row.answered && row.batches > 1);
            measured.filter_map(|row| row.wire).fold(0.0, f64::max)
        };
        let scale = if fastest(false) > 0.0 { fastest(false) } else { fastest(true).max(1.0) };
        let width = rows.iter().map(|row| display_width(&row.name.to_string())).max().unwrap_or(0).min(14);
        let mut lines =
            vec![paper.dim("    records/s: yours, and the wire's from the first request to the last answer")];
        for row in rows {
            let name = cut(row.name.to_string(), width);
            let [yours, wires] = [bar(row.yours, scale, '█'), bar(row.wire, scale, '▒')];
            let [yours_rate, wires_rate] = [rate(row.yours), rate(row.wire)];
            let (yours, wires) = (paper.cyan(&yours), paper.dim(&wires));
            let settings = paper.dim(&row.settings.join(" and "));
            lines.push(format!("    {name:<width$} you  {yours} {yours_rate:>8}  {settings}"));
            lines.push(format!("    {:width$} wire {wires} {wires_rate:>8}  {}", "", paper.dim(&row.load())));
        }
        for note in notes {
            lines.extend(paper.wrap(&note.to_string(), 4).lines().map(str::to_owned));
        }
        lines
    }
}

fn figures(evidence: &Evidence, file: &str) -> Vec<Figures> {
    evidence.figures(file).and_then(|(_, figures)| figures.ok()).unwrap_or_default()
}

/// What the figures are about. Records that warm a producer up are no run.
fn runs<'e>(evidence: &'e Evidence, topic: &str, figures: &[Figures]) -> Vec<Run<'e>> {
    let named = |run: &Run<'_>| figures.is_empty() || figures.iter().any(|row| row.name == run.key);
    evidence.runs(topic).into_iter().filter(named).collect()
}

/// One run of the benchmark.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    name: Foreign,
    /// Records per second, as the program wrote, if it did.
    yours: Option<f64>,
    /// Records per second: accepted ones by the time from the first request to the last answer.
    wire: Option<f64>,
    /// Did the broker answer at all? With acks=0 it does not.
    answered: bool,
    /// `acks=all, lz4`: of each batch, and each once.
    settings: Vec<String>,
    /// On the wire.
    records: usize,
    batches: usize,
    /// As the program wrote.
    failed: u64,
}

impl Row {
    fn new(evidence: &Evidence, run: &Run<'_>, figures: &[Figures]) -> Row {
        let row = figures.iter().find(|row| row.name == run.key);
        let accepted: usize = run.sent.iter().filter(|sent| sent.accepted()).map(|sent| sent.records.len()).sum();
        let last = run.last_answer().or(run.sent.iter().map(|sent| sent.event).max());
        let at = |position: Option<usize>| position.map_or(0, |position| evidence.at(position));
        let seconds = at(last).saturating_sub(at(run.first())) as f64 / 1e6;
        Row {
            name: run.key.as_str().into(),
            yours: row.map(|row| row.records_per_second),
            wire: (seconds > 0.0).then(|| accepted as f64 / seconds),
            answered: run.last_answer().is_some(),
            settings: settings_of(run),
            records: run.sent.iter().map(|sent| sent.records.len()).sum(),
            batches: run.sent.len(),
            failed: row.map_or(0, |row| row.failed),
        }
    }

    /// `12 × 84 records, 3 failed`.
    fn load(&self) -> String {
        let failed = if self.failed > 0 { format!(", {} failed", self.failed) } else { String::new() };
        format!("{} × {} records{failed}", self.batches, self.records.div_ceil(self.batches.max(1)))
    }
}

/// The settings of all batches of a run, each once.
fn settings_of(run: &Run<'_>) -> Vec<String> {
    let mut settings: Vec<String> = run.sent.iter().map(|sent| settings(sent.acks, sent.batch.codec)).collect();
    settings.sort();
    settings.dedup();
    settings
}

fn settings(acks: i16, codec: Codec) -> String {
    let acks = if acks == -1 { "all".to_owned() } else { acks.to_string() };
    match codec {
        Codec::None => format!("acks={acks}"),
        codec => format!("acks={acks}, {}", format!("{codec:?}").to_lowercase()),
    }
}

/// Full columns and an eighth; an arrow where it goes beyond the paper.
fn bar(rate: Option<f64>, scale: f64, full: char) -> String {
    let rate = rate.unwrap_or(0.0);
    let columns = (rate / scale * BAR as f64).clamp(0.0, (BAR + 1) as f64);
    let bar: String = if columns > BAR as f64 {
        std::iter::repeat_n(full, BAR - 1).chain(['▶']).collect()
    } else {
        std::iter::repeat_n(full, (columns.round() as usize).max(usize::from(rate > 0.0))).collect()
    };
    format!("{bar:<BAR$}")
}

/// `8 140`, `1.2 M`, `–`.
fn rate(rate: Option<f64>) -> String {
    match rate {
        None => "–".into(),
        Some(rate) if rate >= 1e9 => format!("{rate:.1e}"),
        Some(rate) if rate >= 1e6 => format!("{:.1} M", rate / 1e6),
        Some(rate) if rate >= 1e3 => format!("{} {:03}", rate.round() as u64 / 1000, rate.round() as u64 % 1000),
        Some(rate) => format!("{rate:.0}"),
    }
}

fn unanswered(runs: &[Run<'_>]) -> Option<String> {
    let names: Vec<&str> =
        runs.iter().filter(|run| run.last_answer().is_none()).map(|run| run.key.as_str()).take(3).collect();
    let names = (!names.is_empty()).then(|| names.join(", "))?;
    Some(format!(
        "{names}: nobody answers. Your clock stops when your own socket has the bytes, the wire's when the last \
         request has come. The two may differ by any factor, and neither says that anything was stored."
    ))
}

/// What acks cost here, and what they would cost with copies. Two runs are compared that are alike in all else.
fn price(evidence: &Evidence, runs: &[Run<'_>]) -> Option<String> {
    let plain =
        |run: &&Run<'_>, acks: i16| run.sent.iter().all(|sent| sent.acks == acks && sent.batch.codec == Codec::None);
    let one = runs.iter().find(|run| plain(run, 1))?;
    let alike = |run: &&Run<'_>| run.sent.len().abs_diff(one.sent.len());
    let all = runs.iter().filter(|run| plain(run, -1)).min_by_key(alike)?;
    let (one, all) = (answered_within(evidence, one)?, answered_within(evidence, all)?);
    Some(format!(
        "Half of the answers came within {one:.1} ms with acks=1, and within {all:.1} ms with acks=all. Where a topic \
         has one replica, as here, \"all\" is the leader alone, and the difference is noise. With three replicas \
         acks=all also waits until the followers have fetched: about a round trip more for each request, of which \
         little is left in the rate while many requests are in flight."
    ))
}

/// What the size of records does to the two rates: the run with the smallest beside one that is alike in its settings.
fn small(runs: &[Run<'_>], figures: &[Figures]) -> Option<String> {
    let rates = runs.iter().filter_map(|run| {
        let row = figures.iter().find(|row| row.name == run.key)?;
        let records = run.sent.iter().filter(|sent| sent.accepted()).map(|sent| sent.records.len() as u64).sum::<u64>();
        Some(BySize { row, bytes: run.bytes().checked_div(records)?, settings: settings_of(run) })
    });
    let rates: Vec<BySize<'_>> = rates.collect();
    let small = rates.iter().min_by_key(|one| one.bytes)?;
    let large = rates.iter().find(|one| one.settings == small.settings && one.bytes >= 4 * small.bytes)?;
    let (small, large) = (small.told()?, large.told()?);
    Some(format!("{small}; {large}. Neither rate says much without the size."))
}

/// A run and the size of its records.
struct BySize<'f> {
    row: &'f Figures,
    /// Of a value, on average.
    bytes: u64,
    settings: Vec<String>,
}

impl BySize<'_> {
    /// Both of its rates, if it has both.
    fn told(&self) -> Option<String> {
        let Figures { name, records_per_second, megabytes_per_second, .. } = self.row;
        let (records, megabytes) = (rate(Some(*records_per_second)), (*megabytes_per_second)?);
        Some(format!("{name}, {} bytes a record: {records} records/s and {megabytes:.2} MB/s", self.bytes))
    }
}

/// Half of the run's good answers came within so many milliseconds.
fn answered_within(evidence: &Evidence, run: &Run<'_>) -> Option<f64> {
    let waits = run.sent.iter().filter_map(|sent| {
        let answer = sent.answer.filter(|answer| answer.error == 0)?.event;
        Some(evidence.events.get(answer)?.at.saturating_sub(evidence.events.get(sent.event)?.at))
    });
    let mut waits: Vec<u64> = waits.collect();
    waits.sort_unstable();
    waits.get(waits.len() / 2).map(|micros| *micros as f64 / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{By, Event, What};
    use crate::wire::{Batch, Data, Produced, Record, Request, Response};
    use serde_json::json;

    fn event(at: u64, what: What) -> Event {
        Event { at, role: Some("benchmark".into()), what }
    }

    fn produce(at: u64, key: &str, acks: i16, codec: Codec) -> Event {
        let record = Record { key: Some(Data::from(key)), ..Record::default() };
        let batch = Batch { topic: "benchmark".into(), codec, records: vec![record; 50], ..Batch::default() };
        let body = Request::Produce { acks, transactional_id: None, timeout_ms: 1, batches: vec![batch].into() };
        event(at, What::Request { conn: 1, correlation: 1, version: 10, body })
    }

    fn answer(at: u64, to: usize, error: i16) -> Event {
        let partitions = vec![Produced { topic: "benchmark".into(), partition: 0, error, base_offset: 0 }];
        event(at, What::Response { conn: 1, to, by: By::Broker, body: Response::Produce { partitions } })
    }

    fn evidence(events: Vec<Event>) -> Evidence {
        let header = json!({"format": 1, "recorded_by": "", "exercise": "", "scenario": "", "program": "", "seed": 1,
            "broker_kind": "", "broker_version": "", "began": ""});
        Evidence { header: serde_json::from_value(header).unwrap(), events }
    }

    fn collected(value: serde_json::Value) -> Event {
        event(9_000_000, What::Collected { file: "b.json".into(), table: None, value, error: String::new() })
    }

    fn drawn(evidence: &Evidence) -> String {
        let paper = Paper { width: 80, colour: false, terminal: false };
        let lines = Bars::new(evidence, "benchmark", "b.json", true).lines(&paper);
        assert!(lines.iter().all(|line| line.chars().count() <= 80), "{lines:#?}");
        lines.join("\n")
    }

    #[test]
    fn two_bars_for_each_run_and_what_they_mean() {
        let row = |name, rate: f64, failed| json!({"name": name, "delivered": 50, "failed": failed, "seconds": 0.01, "records_per_second": rate});
        let events = vec![
            produce(0, "acks-0", 0, Codec::None),
            produce(1_000_000, "acks-1", 1, Codec::None),
            answer(1_020_000, 1, 0),
            produce(2_000_000, "acks-all", -1, Codec::None),
            produce(2_010_000, "acks-all", -1, Codec::None),
            answer(2_020_000, 3, 0),
            answer(2_050_000, 4, 87),
            produce(3_000_000, "warm-up", -1, Codec::None),
            collected(json!([row("acks-0", 90_000.0, 0), row("acks-1", 2400.0, 0), row("acks-all", 1e12, 50)])),
        ];
        insta::assert_snapshot!(drawn(&evidence(events)));
    }

    #[test]
    fn sizes_are_compared_where_they_are_far_apart() {
        let row = |name: &str, megabytes: f64| {
            json!({"name": name, "delivered": 50, "failed": 0, "seconds": 0.01,
            "records_per_second": 5000, "megabytes_per_second": megabytes})
        };
        let sent = |at: u64, key: &str, bytes: usize| {
            let mut sent = produce(at, key, -1, Codec::None);
            if let What::Request { body: Request::Produce { batches, .. }, .. } = &mut sent.what {
                let mut batch = batches[0].clone();
                batch.records.truncate(1);
                batch.records[0].value = Some(Data::from("x".repeat(bytes).as_str()));
                *batches = vec![batch].into();
            }
            sent
        };
        let both = |small: usize| {
            let events = vec![
                sent(0, "acks-all", 800),
                answer(10_000, 0, 0),
                sent(20_000, "small", small),
                answer(30_000, 2, 0),
                collected(json!([row("acks-all", 4.0), row("small", 0.13)])),
            ];
            drawn(&evidence(events)).replace("\n    ", " ")
        };
        let told = "small, 25 bytes a record: 5 000 records/s and 0.13 MB/s; acks-all, 800 bytes a record";
        assert!(both(25).contains(told), "{}", both(25));
        assert!(!both(300).contains("bytes a record"));
    }

    #[test]
    fn nothing_sent_or_no_figures_is_no_reason_to_panic() {
        assert_eq!(drawn(&evidence(Vec::new())), "");
        let mut events = vec![produce(0, &"x".repeat(300), 1, Codec::None), answer(0, 0, 0)];
        assert!(drawn(&evidence(events.clone())).contains("–"));
        events.push(collected(json!("no list")));
        assert!(drawn(&evidence(events)).contains("–"));
    }
}
