//! A run as a page of the theory shows it: chosen events, in the timeline's words, the same in every run.

use super::lanes::Lanes;
use super::paper::Paper;
use super::words;
use crate::course::{Demo, Show};
use crate::evidence::{Event, Evidence, What};
use crate::foreign::Foreign;
use crate::wire::{Data, Request, Response};
use serde_json::Value;
use std::collections::BTreeMap;

/// How wide a line may be, so that a page is read without scrolling.
const WIDTH: usize = 88;

/// What a page shows of a demo's run: the chosen events, then who had which partition.
///
/// # Errors
/// A wait of the scenario was in vain, a pattern of `show` fits nothing, or nobody ever had a partition.
pub fn lines(evidence: &Evidence, demo: &Demo) -> Result<Vec<String>, String> {
    let mut lines = chosen_events(evidence, &demo.show)?;
    if let Some(holders) = &demo.holders {
        let paper = Paper { colour: false, width: WIDTH, ..Paper::stdout() };
        let drawn = Lanes::new(evidence, &holders.group, &holders.topic).by_steps().lines(None, &paper);
        if drawn.is_empty() {
            return Err(format!("nobody in {} ever had a partition of {}", holders.group, holders.topic));
        }
        if !lines.is_empty() {
            lines.push(String::new());
        }
        // The page has a margin of its own.
        lines.extend(drawn.iter().map(|line| line.strip_prefix("    ").unwrap_or(line).trim_end().to_owned()));
    }
    Ok(lines)
}

/// The lines of the events.
///
/// Times, versions and process ids are left out, and producer ids are numbered as they come: 1, 2, …
///
/// # Errors
/// A wait of the scenario was in vain, or a pattern of `show` fits nothing.
fn chosen_events(evidence: &Evidence, show: &[Show]) -> Result<Vec<String>, String> {
    let gave_up = evidence.iter().find_map(|(_, event)| match &event.what {
        What::GaveUp { waited_for, because } => {
            Some(format!("it waited for {waited_for}; {}", words::reason(*because)))
        }
        _ => None,
    });
    if let Some(gave_up) = gave_up {
        return Err(gave_up);
    }
    // By position; none where some were left out.
    let mut chosen: BTreeMap<usize, Option<&Show>> = BTreeMap::new();
    for show in show {
        let from = match &show.after {
            None => 0,
            Some(after) => evidence.iter().find(|(_, event)| after.matches(event)).map_or(usize::MAX, |(at, _)| at + 1),
        };
        let fitting: Vec<usize> =
            evidence.iter().filter(|(at, event)| *at >= from && show.of.matches(event)).map(|(at, _)| at).collect();
        if fitting.is_empty() {
            return Err(format!("nothing to show fits {}", show.of.event));
        }
        let (first, last) = match (show.first, show.last) {
            (None, None) => (fitting.len(), 0),
            (first, last) => (first.unwrap_or(0), last.unwrap_or(0)),
        };
        let rest = fitting.len().saturating_sub(last);
        for (index, at) in fitting.iter().enumerate() {
            if index < first || index >= rest {
                chosen.insert(*at, Some(show));
            } else if index == first && first > 0 && last > 0 {
                chosen.entry(*at).or_insert(None);
            }
        }
    }
    let lane = chosen
        .keys()
        .filter_map(|at| evidence.events.get(*at)?.role.as_deref())
        .map(|role| role.chars().count())
        .max()
        .unwrap_or(0);
    let mut producers = Producers::default();
    let mut lines = Vec::new();
    for (at, event) in evidence.iter() {
        let mut event = event.clone();
        producers.number(&mut event);
        match chosen.get(&at) {
            None => {}
            Some(None) => lines.push(format!("{:lane$} …", "")),
            Some(Some(show)) => {
                keep(&mut event, &show.fields);
                let details = details(&event, &show.fields);
                let told = words::plain(&event, &details, lane, WIDTH);
                lines.extend(told.into_iter().map(|line| line.trim_end().to_owned()));
            }
        }
    }
    Ok(lines)
}

/// Of a call's arguments, the rows of a table, and the JSON of a record of the input, only `fields`, if any are named.
fn keep(event: &mut Event, fields: &[String]) {
    if fields.is_empty() {
        return;
    }
    match &mut event.what {
        What::Call { args: Value::Object(args), .. } => args.retain(|name, _| fields.contains(name)),
        What::Collected { value: Value::Array(rows), .. } => {
            for row in rows.iter_mut().filter_map(Value::as_object_mut) {
                row.retain(|name, _| fields.contains(name));
            }
        }
        What::Input { value: Some(value), .. } => {
            if let Some(Value::Object(mut record)) = value.json() {
                record.retain(|name, _| fields.contains(name));
                *value = Data::from(Value::Object(record).to_string().as_str());
            }
        }
        _ => {}
    }
}

/// Of the records that a program sends: `key`, `value`, `headers`, as far as `fields` asks for them.
fn details(event: &Event, fields: &[String]) -> Vec<Foreign> {
    let What::Request { body: Request::Produce { batches, .. }, .. } = &event.what else { return Vec::new() };
    let wanted = |field: &str| fields.iter().any(|name| name == field);
    let text = |data: &Option<Data>| data.as_ref().map_or_else(|| "none".to_owned(), ToString::to_string);
    let mut details = Vec::new();
    for record in batches.iter().flat_map(|batch| &batch.records) {
        if wanted("key") {
            details.push(format!("key {}", text(&record.key)));
        }
        if wanted("value") {
            details.push(format!("value {}", text(&record.value)));
        }
        if wanted("headers") {
            details.extend(record.headers.iter().map(|(name, value)| format!("header {name}: {}", text(value))));
        }
    }
    details.into_iter().map(Foreign::from).collect()
}

/// Brokers give producers ids as they like; here the first producer is 1.
#[derive(Default)]
struct Producers(Vec<i64>);

impl Producers {
    fn number(&mut self, event: &mut Event) {
        match &mut event.what {
            What::Request { body, .. } => match body {
                Request::Produce { batches, .. } => batches.change(|batch| self.renumber(&mut batch.producer_id)),
                Request::InitProducerId { producer_id, .. }
                | Request::AddPartitionsToTxn { producer_id, .. }
                | Request::AddOffsetsToTxn { producer_id, .. }
                | Request::TxnOffsetCommit { producer_id, .. }
                | Request::EndTxn { producer_id, .. } => self.renumber(producer_id),
                _ => {}
            },
            What::Response { body: Response::InitProducerId { producer_id, .. }, .. } => self.renumber(producer_id),
            _ => {}
        }
    }

    fn renumber(&mut self, id: &mut i64) {
        if *id < 0 {
            return;
        }
        let at = self.0.iter().position(|known| known == id).unwrap_or_else(|| {
            self.0.push(*id);
            self.0.len() - 1
        });
        *id = at as i64 + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Because, FORMAT, Header};
    use serde_json::json;

    fn evidence(events: Vec<What>) -> Evidence {
        let header = Header {
            format: FORMAT,
            recorded_by: String::new(),
            exercise: String::new(),
            scenario: String::new(),
            program: String::new(),
            seed: 1,
            broker_kind: String::new(),
            broker_version: String::new(),
            began: String::new(),
        };
        let event = |(at, what)| Event { at, role: Some("consumer".into()), what };
        Evidence { header, events: (0..).zip(events).map(event).collect() }
    }

    fn calls(numbers: std::ops::Range<u32>) -> Vec<What> {
        let call = |n| json!({ "event": "call", "op": "process", "args": { "n": n, "noise": "x" } });
        numbers.map(|n| serde_json::from_value(call(n)).expect("a call")).collect()
    }

    fn show(spec: &str) -> Show {
        toml::from_str(spec).expect("a show")
    }

    #[test]
    fn the_first_the_last_and_what_comes_after() {
        let mut events = calls(0..6);
        events.insert(4, What::Stopping);
        let evidence = evidence(events);
        let spec = "of = { event = 'call' }\nfields = ['n']\nfirst = 1\nlast = 1";
        let told = chosen_events(&evidence, &[show(spec)]).expect("lines");
        assert_eq!(told, ["consumer ⇢ process {\"n\":0}", "         …", "consumer ⇢ process {\"n\":5}"]);
        let spec = "of = { event = 'call' }\nfields = ['n']\nfirst = 1\nafter = { event = 'stopping' }";
        assert_eq!(chosen_events(&evidence, &[show(spec)]).expect("lines"), ["consumer ⇢ process {\"n\":4}"]);
        let why = chosen_events(&evidence, &[show("of = { event = 'killed' }")]).expect_err("nobody was killed");
        assert_eq!(why, "nothing to show fits killed");
    }

    #[test]
    fn a_run_that_did_not_get_there_is_not_shown() {
        let mut events = calls(0..1);
        events.push(What::GaveUp { waited_for: "2 × call".into(), because: Because::HadEnded });
        let why = chosen_events(&evidence(events), &[show("of = { event = 'call' }")]).expect_err("in vain");
        assert_eq!(why, "it waited for 2 × call; the program had ended");
    }
}
