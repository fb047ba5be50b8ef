//! The work that a program is given: waited for, or given in small portions until a state holds.

use super::stage::Stage;
use super::wait::{Halt, over, until_or_at_rest};
use crate::course::{Feed, Trickle, Work};
use crate::evidence::{self, Event, Following, What, about, canonical};
use crate::wire::Response;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

/// Puts record after record, each when the one before it is processed, until the state holds or there are no more.
/// What could not be arranged is no fault of the program's: one that commits each record never has any uncommitted.
pub(super) async fn feed(stage: &mut Stage, feed: &Feed) -> Result<(), Halt> {
    let topic = feed.input.topic.clone().unwrap_or_default();
    let work = Work::Op(feed.op.clone());
    let mut state = Following::new(&feed.until);
    let mut came = stage.recorder.look(|events| state.holds(events));
    for (turn, record) in stage.make(&feed.input).into_iter().enumerate() {
        if came {
            break;
        }
        let lane = stage.lane(&feed.input, turn);
        stage.put(&topic, vec![record], lane.as_slice()).await?;
        processed(stage, &work).await?;
        came = stage.recorder.look(|events| state.holds(events)) && lasts(stage, &mut state).await;
    }
    stage.recorder.record(None, What::Arranged { state: feed.until.told(), came });
    Ok(())
}

/// So many times the program finds nothing new. The tap lets no broker keep it waiting for longer than 20 ms.
const ASKED: usize = 10;
/// For a client that asks less often.
const LASTS: Duration = Duration::from_secs(1);

/// Does the state still hold when the program has done all that it does after a record, and asks for more again and again?
/// One that commits after every tenth record has uncommitted ones, for a moment, after the tenth as well.
async fn lasts(stage: &Stage, state: &mut Following) -> bool {
    let (mut seen, mut asked, mut holds) = (stage.recorder.look(<[_]>::len), 0, true);
    let done = |events: &[Arc<Event>]| {
        let newer = events.get(seen..).unwrap_or_default().iter();
        asked += newer.filter(|event| finds_nothing(event)).count();
        seen = events.len();
        holds = state.holds(events);
        !holds || asked >= ASKED
    };
    stage.recorder.until(LASTS, |_| false, done).await;
    holds
}

fn finds_nothing(event: &Event) -> bool {
    let What::Response { body: Response::Fetch { partitions, .. }, .. } = &event.what else { return false };
    partitions.iter().all(|told| told.count == 0)
}

/// Puts record after record, each so long after the one before it, until the state holds or there are no more. For
/// contracts that are about time: nothing is waited for here, and what came of it is in the evidence.
pub(super) async fn trickle(stage: &mut Stage, trickle: &Trickle) -> Result<(), Halt> {
    let topic = trickle.input.topic.clone().unwrap_or_default();
    let mut state = trickle.until.as_ref().map(Following::new);
    let mut came = false;
    for (record, turn) in stage.make(&trickle.input).into_iter().zip(0..) {
        let lane = stage.lane(&trickle.input, turn);
        stage.put(&topic, vec![record], lane.as_slice()).await?;
        tokio::time::sleep(Duration::from_millis(trickle.every_ms.into())).await;
        came = state.as_mut().is_some_and(|state| stage.recorder.look(|events| state.holds(events)));
        if came || stage.recorder.reached().is_some() {
            break;
        }
    }
    if let Some(state) = &trickle.until {
        stage.recorder.record(None, What::Arranged { state: state.told(), came });
    }
    Ok(())
}

/// Each record that the program was given to send has a call of the op, or so much time has passed, or the program has
/// ended. The scenario goes on in any case: who has not said its word by then may say it later, and is judged by that.
pub(super) async fn settled(stage: &Stage, (op, id): (&str, &str), limit: Duration) {
    let (mut open, mut seen, mut over) = (HashSet::new(), 0, over());
    let done = move |events: &[Arc<Event>]| {
        for event in events.get(seen..).unwrap_or_default() {
            match &event.what {
                What::Given { value } => open.extend(evidence::id(value, id)),
                What::Call { op: of, args, .. } if of == op => _ = evidence::id(args, id).map(|id| open.remove(&id)),
                _ => {}
            }
        }
        seen = events.len();
        open.is_empty() || over(events)
    };
    stage.recorder.until(limit, |_| false, done).await;
}

/// Every good record of the input has an answered call of the op with the same contents.
pub(super) async fn processed(stage: &Stage, work: &Work) -> Result<(), Halt> {
    let (op, except, role) = match work {
        Work::Op(op) => (op, &[][..], None),
        Work::Of { op, except, role } => (op, except.as_slice(), role.as_deref()),
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
    let who = role.map(|role| format!(" by {role}")).unwrap_or_default();
    let words = format!("a call “{}”{who} for each of the {} records", op.trim_end_matches("[]"), open.len());
    let done = move |events: &[Arc<Event>]| {
        for event in events.get(seen..).unwrap_or_default() {
            if let What::Answer { to, ok: true, .. } = &event.what
                && role.is_none_or(|role| event.role.as_deref() == Some(role))
                && let Some(What::Call { op: of, args, .. }) = events.get(*to).map(|event| &event.what)
            {
                about(op, of, args).iter().for_each(|args| _ = open.remove(&canonical(args)));
            }
        }
        seen = events.len();
        open.is_empty()
    };
    until_or_at_rest(stage, &words, done).await
}
