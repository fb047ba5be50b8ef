//! Records that a program was given to send, and whose fate is open.

use super::{Event, What};
use crate::wire::{Batch, Request};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// Follows them through the events of a run. A record is unsettled from the moment when the program is given it, until the
/// broker has answered for it, or the program has told what became of it: a call with its id. One that is sent again is
/// unsettled again.
#[derive(Debug)]
pub struct Unsettled {
    topic: String,
    id: String,
    given: HashSet<String>,
    open: HashSet<String>,
    /// The ids in each Produce request that has no answer yet, by the request's position.
    asked: HashMap<usize, Vec<String>>,
}

impl Unsettled {
    /// Those for `topic`, told apart by this field of their value, and of the arguments of a call.
    pub fn new(topic: &str, id: &str) -> Unsettled {
        let (topic, id) = (topic.to_owned(), id.to_owned());
        Unsettled { topic, id, given: HashSet::new(), open: HashSet::new(), asked: HashMap::new() }
    }

    /// What comes of the event at this position. To be asked about each event of a run, in order.
    pub fn see(&mut self, at: usize, event: &Event) {
        match &event.what {
            What::Given { value } => {
                if let Some(id) = self.id_of(value) {
                    self.given.insert(id.clone());
                    self.open.insert(id);
                }
            }
            What::Request { body: Request::Produce { acks, batches, .. }, .. } => {
                let ids: Vec<String> = batches.iter().flat_map(|batch| self.ids(batch)).collect();
                if *acks == 0 {
                    // Nobody will answer.
                    ids.iter().for_each(|id| _ = self.open.remove(id));
                } else {
                    self.open.extend(ids.iter().cloned());
                    self.asked.insert(at, ids);
                }
            }
            What::Response { to, .. } => {
                self.asked.remove(to).into_iter().flatten().for_each(|id| _ = self.open.remove(&id));
            }
            What::Call { args, .. } => {
                if let Some(id) = self.id_of(args) {
                    self.open.remove(&id);
                }
            }
            _ => {}
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.open.len()
    }

    fn ids(&self, batch: &Batch) -> Vec<String> {
        if batch.topic != self.topic {
            return Vec::new();
        }
        let values = batch.records.iter().filter_map(|record| record.value.as_ref()?.json());
        values.filter_map(|value| self.id_of(&value)).filter(|id| self.given.contains(id)).collect()
    }

    fn id_of(&self, value: &Value) -> Option<String> {
        super::id(value, &self.id)
    }
}
