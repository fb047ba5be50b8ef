//! A rule at work: it counts the events that fit, and says when it strikes.

use crate::evidence::{Action, Event, Following, Pattern, Per, Rule, What, canonical};
use crate::wire::{Batch, Request};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How a rule ends a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// SIGTERM: it may end in good order.
    Asked,
    /// SIGKILL.
    Killed,
}

/// Whose process the action ends, and how, where it ends one.
pub(super) fn ending(action: &Action) -> Option<(&str, Ending)> {
    match action {
        Action::Stop(role) => Some((role, Ending::Asked)),
        Action::Kill(role) => Some((role, Ending::Killed)),
        _ => None,
    }
}

/// A rule and how often it has fitted.
#[derive(Debug)]
pub(super) struct Armed {
    rule: Rule,
    states: Vec<Following>,
    counts: BTreeMap<String, u32>,
    /// Per partition, the sequence number of the first batch that fitted: an outage ends when *that* batch has been
    /// tried often enough. Else later batches in flight would use up its tries, one of them would get through before
    /// it, and no broker does such a thing.
    first: BTreeMap<String, i32>,
    /// The partition that was the first to fit.
    lane: Option<String>,
    /// Per topic and partition, the first batch that was refused and has not been let through: its producer's id and epoch,
    /// and its sequence number.
    refused: BTreeMap<(String, i32), (i64, i16, i32)>,
}

impl Armed {
    pub(super) fn new(rule: Rule) -> Armed {
        let states = rule.states.iter().map(Following::new).collect();
        Armed { rule, states, counts: BTreeMap::new(), first: BTreeMap::new(), lane: None, refused: BTreeMap::new() }
    }

    pub(super) fn on(&self) -> &Pattern {
        &self.rule.on
    }

    /// Does it kill or stop `role`?
    pub(super) fn ends(&self, role: &str) -> bool {
        ending(&self.rule.action).is_some_and(|(ended, _)| ended == role)
    }

    /// The action to take on the last of the events so far, if any.
    pub(super) fn strikes(&mut self, events: &[Arc<Event>]) -> Option<Action> {
        let event = events.last()?;
        if !self.rule.on.matches(event) || !self.states.iter_mut().all(|state| state.holds(events)) {
            return None;
        }
        let keys = match self.rule.per {
            None => vec![(String::new(), None)],
            Some(Per::Role) => vec![(event.role.clone().unwrap_or_default(), None)],
            Some(Per::Partition) => partitions(event),
            Some(Per::FirstPartition) => {
                let mut keys = partitions(event);
                if let Some((key, _)) = keys.first() {
                    let lane = self.lane.get_or_insert_with(|| key.clone());
                    keys.retain(|(key, _)| key == lane);
                }
                keys
            }
            Some(Per::Args) => match &event.what {
                What::Call { op, args, .. } => vec![(format!("{op} {}", canonical(args)), None)],
                _ => Vec::new(),
            },
        };
        let mut strikes = false;
        for (key, sequence) in keys {
            let first = sequence.is_none_or(|sequence| *self.first.entry(key.clone()).or_insert(sequence) == sequence);
            let count = self.counts.entry(key).or_default();
            *count += u32::from(first);
            strikes |= self.rule.when.includes(*count);
        }
        if let (Some(Per::Partition | Per::FirstPartition), Action::Refuse(_)) = (self.rule.per, &self.rule.action) {
            strikes = self.leaves_no_gap(event, strikes);
        }
        strikes.then(|| self.rule.action.clone())
    }

    /// Whether a request is refused, that is to be refused or not. It is refused as a whole, so batches may be that are in
    /// it by chance; and a broker that knows nothing yet of a producer takes the batch that follows such a one, whatever
    /// its sequence number, and then never the one that was refused. So what follows is refused as long as that is not
    /// let through.
    fn leaves_no_gap(&mut self, event: &Event, strikes: bool) -> bool {
        let What::Request { body: Request::Produce { batches, .. }, .. } = &event.what else { return strikes };
        let follows = |refused: &BTreeMap<_, (i64, i16, i32)>, batch: &Batch| {
            let first = refused.get(&(batch.topic.clone(), batch.partition));
            first.is_some_and(|(producer, epoch, sequence)| {
                (batch.producer_id, batch.epoch) == (*producer, *epoch) && batch.base_sequence > *sequence
            })
        };
        let strikes = strikes || batches.iter().any(|batch| follows(&self.refused, batch));
        for batch in batches.iter().filter(|batch| batch.producer_id >= 0) {
            if follows(&self.refused, batch) {
                continue;
            }
            let place = (batch.topic.clone(), batch.partition);
            match strikes {
                true => _ = self.refused.insert(place, (batch.producer_id, batch.epoch, batch.base_sequence)),
                false => _ = self.refused.remove(&place),
            }
        }
        strikes
    }
}

/// The partitions that the event is about; of a batch with a sequence number, that too.
fn partitions(event: &Event) -> Vec<(String, Option<i32>)> {
    if let What::Request { body: Request::Produce { batches, .. }, .. } = &event.what {
        let sequence = |batch: &Batch| (batch.producer_id >= 0).then_some(batch.base_sequence);
        return batches.iter().map(|batch| (batch.partition.to_string(), sequence(batch))).collect();
    }
    event.partitions().iter().map(|partition| (partition.to_string(), None)).collect()
}
