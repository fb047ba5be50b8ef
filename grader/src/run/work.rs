//! The work that a program is given: waited for, or given in small portions until a state holds.

use super::stage::Stage;
use super::wait::{Halt, until_or_at_rest};
use crate::course::{Feed, Work};
use crate::evidence::{Event, Following, What, canonical};
use std::collections::HashSet;
use std::sync::Arc;

/// Puts record after record, each when the one before it is processed, until the state holds or there are no more.
/// What could not be arranged is no fault of the program's: one that commits each record never has any uncommitted.
pub(super) async fn feed(stage: &mut Stage, feed: &Feed) -> Result<(), Halt> {
    let topic = feed.input.topic.clone().unwrap_or_default();
    let work = Work::Op(feed.op.clone());
    let mut state = Following::new(&feed.until);
    let mut came = stage.recorder.look(|events| state.holds(events));
    for (record, turn) in stage.make(&feed.input).into_iter().zip(0..) {
        if came {
            break;
        }
        stage.put(&topic, vec![record], feed.input.spread.then_some(turn)).await?;
        processed(stage, &work).await?;
        came = stage.recorder.look(|events| state.holds(events));
    }
    stage.recorder.record(None, What::Arranged { state: feed.until.told(), came });
    Ok(())
}

/// Every good record of the input has an answered call of the op with the same contents.
pub(super) async fn processed(stage: &Stage, work: &Work) -> Result<(), Halt> {
    let (op, except) = match work {
        Work::Op(op) => (op, &[][..]),
        Work::Except { op, except } => (op, except.as_slice()),
    };
    let inputs: HashSet<String> = stage.recorder.look(|events| {
        let good = events.iter().filter_map(|event| match &event.what {
            What::Input { value: Some(value), poison: false, mark, .. }
                if !mark.as_ref().is_some_and(|mark| except.contains(mark)) =>
            {
                value.json()
            }
            _ => None,
        });
        good.map(|value| canonical(&value)).collect()
    });
    let (mut open, mut seen) = (inputs, 0);
    let words = format!("a call “{op}” for each of the {} records", open.len());
    let done = move |events: &[Arc<Event>]| {
        for event in events.get(seen..).unwrap_or_default() {
            if let What::Answer { to, op: of, ok: true, .. } = &event.what
                && of == op
                && let Some(What::Call { args, .. }) = events.get(*to).map(|event| &event.what)
            {
                open.remove(&canonical(args));
            }
        }
        seen = events.len();
        open.is_empty()
    };
    until_or_at_rest(stage, &words, done).await
}
