//! What became of each record that the program was given to send.

use crate::checks::{decoded, field, given};
use crate::evidence::{Evidence, Produce, stored_by};
use crate::wire::Record;
use std::collections::{BTreeMap, HashSet};

/// What became of one record, by its last trip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// No request carried it.
    NeverSent,
    /// A request carried it at this position, and nobody answered.
    Unanswered(usize),
    /// The last request that carried it was refused with this error, at this position.
    Refused(i16, usize),
    /// It was taken, by the answer at this position, or without one where none is asked for (`acks=0`).
    Taken(usize),
}

/// The id of a record: the field `id` of its value, also where that was encoded twice.
pub(super) fn id_of(record: &Record, id: &str) -> Option<String> {
    field(&decoded(record)?.0, id)
}

/// How many records were sent to `topic` before the event at `end` that nobody can tell by their ids. What seems never sent
/// may be among them.
pub(super) fn unrecognised(evidence: &Evidence, topic: &str, id: &str, end: usize) -> usize {
    let known = given(evidence, id);
    let sent = evidence.produces(topic).into_iter().filter(|produce| produce.event < end);
    let unknown = |record: &&Record| id_of(record, id).is_none_or(|id| !known.contains_key(&id));
    let of = |produce: Produce<'_>| -> usize {
        produce.batches_for(topic).flat_map(|batch| &batch.records).filter(unknown).count()
    };
    sent.map(of).sum()
}

/// The fate of each record that was given, by id, as it was known before the event at `end`. Once taken is taken.
pub(super) fn fates(evidence: &Evidence, topic: &str, id: &str, end: usize) -> BTreeMap<String, Fate> {
    fates_without(&HashSet::new(), evidence, topic, id, end)
}

/// The same as the program knows it: what the broker took and an answer in `lost` told of is not answered for.
pub(super) fn fates_without(
    lost: &HashSet<usize>,
    evidence: &Evidence,
    topic: &str,
    id: &str,
    end: usize,
) -> BTreeMap<String, Fate> {
    let mut fates: BTreeMap<String, Fate> = given(evidence, id).into_keys().map(|id| (id, Fate::NeverSent)).collect();
    for produce in evidence.produces(topic).into_iter().filter(|produce| produce.event < end) {
        for batch in produce.batches_for(topic) {
            let fate = trip(&produce, topic, batch.partition, end, lost);
            for id in batch.records.iter().filter_map(|record| id_of(record, id)) {
                if let Some(known) = fates.get_mut(&id).filter(|known| !matches!(known, Fate::Taken(_))) {
                    *known = fate;
                }
            }
        }
    }
    fates
}

/// The fate of each record that was sent, by partition and value, as the program knew it before the event at `end`.
pub(super) fn fates_of_batches(
    lost: &HashSet<usize>,
    evidence: &Evidence,
    topic: &str,
    end: usize,
) -> BTreeMap<String, Fate> {
    let mut fates: BTreeMap<String, Fate> = BTreeMap::new();
    for produce in evidence.produces(topic).into_iter().filter(|produce| produce.event < end) {
        for batch in produce.batches_for(topic) {
            let fate = trip(&produce, topic, batch.partition, end, lost);
            for record in &batch.records {
                let known = fates.entry(format!("{} {:?}", batch.partition, record.value)).or_insert(fate);
                if !matches!(known, Fate::Taken(_)) {
                    *known = fate;
                }
            }
        }
    }
    fates
}

/// What came of one request for one partition.
fn trip(produce: &Produce<'_>, topic: &str, partition: i32, end: usize, lost: &HashSet<usize>) -> Fate {
    match produce.answer.filter(|answer| answer.event < end && !lost.contains(&answer.event)) {
        None if produce.acks == 0 => Fate::Taken(produce.event),
        None => Fate::Unanswered(produce.event),
        Some(answer) => match answer.about(topic, partition) {
            Some(about) if stored_by(about.error) => Fate::Taken(answer.event),
            Some(about) => Fate::Refused(about.error, answer.event),
            None => Fate::Unanswered(produce.event),
        },
    }
}
