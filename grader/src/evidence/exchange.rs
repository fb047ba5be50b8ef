//! Requests with their answers.

use super::{By, Evidence, What};
use crate::wire::{Batch, Produced, Record, Request, Response};
use std::collections::HashMap;

/// A request, and what was answered.
#[derive(Debug, Clone, Copy)]
pub struct Exchange<'a> {
    /// Position of the request.
    pub event: usize,
    pub role: Option<&'a str>,
    pub request: &'a Request,
    pub answer: Option<Answer<'a>>,
}

/// The answer to a request.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// Position of the response.
    pub event: usize,
    pub by: By,
    pub body: &'a Response,
}

/// A Produce request, and what was answered.
#[derive(Debug, Clone, Copy)]
pub struct Produce<'a> {
    /// Position of the request.
    pub event: usize,
    pub acks: i16,
    /// All that it carries, for whichever topic.
    pub batches: &'a [Batch],
    pub answer: Option<ProduceAnswer<'a>>,
}

/// The answer to a Produce request.
#[derive(Debug, Clone, Copy)]
pub struct ProduceAnswer<'a> {
    /// Position of the response.
    pub event: usize,
    pub by: By,
    pub partitions: &'a [Produced],
}

impl<'a> Produce<'a> {
    /// The batches for `topic`.
    pub fn batches_for(&self, topic: &str) -> impl Iterator<Item = &'a Batch> {
        self.batches.iter().filter(move |batch| batch.topic == topic)
    }

    /// The records for `topic`, of all its batches.
    pub fn records_for(&self, topic: &str) -> impl Iterator<Item = &'a Record> {
        self.batches_for(topic).flat_map(|batch| &batch.records)
    }
}

impl ProduceAnswer<'_> {
    /// What was answered about this partition.
    pub fn about(&self, topic: &str, partition: i32) -> Option<&Produced> {
        self.partitions.iter().find(|answer| answer.topic == topic && answer.partition == partition)
    }
}

impl Evidence {
    /// The requests that are `wanted`, in order, each with its first answer.
    pub fn exchanges(&self, wanted: impl Fn(&Request) -> bool) -> Vec<Exchange<'_>> {
        let (mut exchanges, mut open): (Vec<Exchange<'_>>, HashMap<usize, usize>) = Default::default();
        for (event, found) in self.iter() {
            match &found.what {
                What::Request { body, .. } if wanted(body) => {
                    open.insert(event, exchanges.len());
                    let role = found.role.as_deref();
                    exchanges.push(Exchange { event, role, request: body, answer: None });
                }
                What::Response { to, by, body, .. } => {
                    if let Some(exchange) = open.remove(to) {
                        exchanges[exchange].answer = Some(Answer { event, by: *by, body });
                    }
                }
                _ => {}
            }
        }
        exchanges
    }

    /// Produce requests with batches for `topic`, in order.
    pub fn produces(&self, topic: &str) -> Vec<Produce<'_>> {
        let carries = |request: &Request| match request {
            Request::Produce { batches, .. } => batches.iter().any(|batch| batch.topic == topic),
            _ => false,
        };
        let exchanges = self.exchanges(carries).into_iter();
        let produces = exchanges.filter_map(|Exchange { event, request, answer, .. }| {
            let Request::Produce { acks, batches, .. } = request else { return None };
            let answer = answer.and_then(|Answer { event, by, body }| match body {
                Response::Produce { partitions } => Some(ProduceAnswer { event, by, partitions }),
                _ => None,
            });
            Some(Produce { event, acks: *acks, batches, answer })
        });
        produces.collect()
    }
}
