//! A run as a page of the theory shows it: chosen events, in the timeline's words, the same in every run.

use super::timeline;
use crate::course::Show;
use crate::evidence::{Event, Evidence, What};
use crate::wire::{Request, Response};
use serde_json::Value;
use std::collections::BTreeMap;

/// How wide a line may be, so that a page is read without scrolling.
const WIDTH: usize = 88;

/// The lines of a transcript.
///
/// Times, versions and process ids are left out, and producer ids are numbered as they come: 1, 2, …
///
/// # Errors
/// A wait of the scenario was in vain, or a pattern of `show` fits nothing.
pub fn lines(evidence: &Evidence, show: &[Show]) -> Result<Vec<String>, String> {
    let gave_up = evidence.iter().find_map(|(_, event)| match &event.what {
        What::GaveUp { waited_for, because } => Some(format!("it waited for {waited_for}; {because}")),
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
                lines.push(timeline::plain(&event, lane, WIDTH).trim_end().to_owned());
            }
        }
    }
    Ok(lines)
}

/// Of a call's arguments, only `fields`, if any are named.
fn keep(event: &mut Event, fields: &[String]) {
    if let What::Call { args: Value::Object(args), .. } = &mut event.what
        && !fields.is_empty()
    {
        args.retain(|name, _| fields.contains(name));
    }
}

/// Brokers give producers ids as they like; here the first producer is 1.
#[derive(Default)]
struct Producers(Vec<i64>);

impl Producers {
    fn number(&mut self, event: &mut Event) {
        match &mut event.what {
            What::Request { body, .. } => match body {
                Request::Produce { batches, .. } => {
                    batches.iter_mut().for_each(|batch| self.one(&mut batch.producer_id))
                }
                Request::InitProducerId { producer_id, .. }
                | Request::AddPartitionsToTxn { producer_id, .. }
                | Request::AddOffsetsToTxn { producer_id, .. }
                | Request::TxnOffsetCommit { producer_id, .. }
                | Request::EndTxn { producer_id, .. } => self.one(producer_id),
                _ => {}
            },
            What::Response { body: Response::InitProducerId { producer_id, .. }, .. } => self.one(producer_id),
            _ => {}
        }
    }

    fn one(&mut self, id: &mut i64) {
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
