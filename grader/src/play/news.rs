//! What just happened, in a sentence.

use super::{CONSUMERS, PRODUCER, SESSION_SECONDS};
use crate::checks::count;

/// One thing that is worth a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// Microseconds since the playground began.
    pub at: u64,
    /// The client that it is about.
    pub role: Option<String>,
    pub text: String,
    /// The page that explains it.
    pub read: Option<&'static str>,
    /// It happens all the time: a line of its own, and no place among what is worth remembering.
    pub usual: bool,
}

/// What a member of a group got, and from whom.
pub(super) enum Given {
    /// Nobody had them.
    First(Vec<i32>),
    /// Their owner gave them up, or left the group, in good order.
    Handed { partitions: Vec<i32>, again: i64 },
    /// The group gave their owner up.
    TakenOver { partitions: Vec<i32>, from: String, seconds: Option<f64>, offsets: Vec<i64>, again: i64 },
}

impl News {
    pub(super) fn new(at: u64, role: &str, text: impl Into<String>, read: Option<&'static str>) -> News {
        News { at, role: Some(role.to_owned()), text: text.into(), read, usual: false }
    }

    pub(super) fn given(at: u64, role: &str, given: &Given) -> News {
        let (text, read) = match given {
            Given::First(partitions) => (format!("was given {}", told(partitions)), "consumers/02-groups"),
            Given::Handed { partitions, again } => {
                let comes = match again {
                    0 => "all of it was committed, so nothing comes again".to_owned(),
                    again => format!("{} not committed: {} again", were(*again), come(*again)),
                };
                (format!("was handed {}: {comes}", told(partitions)), "consumers/07-rebalances")
            }
            Given::TakenOver { partitions, from, seconds, offsets, again } => {
                let after = seconds.map(|seconds| format!(" after {seconds:.1} s")).unwrap_or_default();
                let comes = match again {
                    0 => "nothing comes again".to_owned(),
                    again => format!("{} again", come(*again)),
                };
                let at = match offsets.as_slice() {
                    [offset] => format!("at offset {offset}"),
                    offsets => format!("at offsets {}", listed(offsets)),
                };
                let text = format!(
                    "took over {} {at}, the last that was committed: {comes}. The session of {} had ended{after}",
                    told(partitions),
                    name(from)
                );
                (text, "consumers/07-rebalances")
            }
        };
        News::new(at, role, text, Some(read))
    }

    pub(super) fn started(at: u64, role: &str, run: u32) -> News {
        let again = if run > 1 { " again" } else { "" };
        let what =
            if role == PRODUCER { format!("sends{again}") } else { format!("starts{again}, and joins its group") };
        News::new(at, role, what, None)
    }

    pub(super) fn killed(at: u64, role: &str) -> News {
        let text = if role == PRODUCER {
            "was killed. What was not acknowledged may or may not be in the topic".to_owned()
        } else {
            format!(
                "was killed without goodbye. Its group waits {SESSION_SECONDS} s for a heartbeat before it gives it up"
            )
        };
        News::new(at, role, text, Some("consumers/04-shutdown"))
    }

    pub(super) fn left(at: u64, role: &str, partitions: &[i32]) -> News {
        let text = format!("said goodbye (LeaveGroup): {} to be had at once", are(partitions));
        News::new(at, role, text, Some("consumers/04-shutdown"))
    }

    pub(super) fn lost(at: u64) -> News {
        let text = "did not get an answer: Kafka had stored the records, and the acknowledgement was lost on its way";
        News::new(at, PRODUCER, text, Some("producers/04-idempotence"))
    }

    pub(super) fn sent_again(at: u64, partition: i32, sequence: i32) -> News {
        let text = format!(
            "sent them again to partition {partition}, as number {sequence} once more. Kafka knows that number, and \
             stores them once"
        );
        News::new(at, PRODUCER, text, Some("producers/04-idempotence"))
    }

    pub(super) fn poison(at: u64, role: &str, (partition, offset): (i64, i64)) -> News {
        let text = format!("met a record that is no JSON, at {offset} of partition {partition}, and went past it");
        News::new(at, role, text, Some("consumers/05-poison-messages"))
    }

    pub(super) fn batch(at: u64, role: &str, size: u64, records: &[(i64, i64, i64)]) -> News {
        let ranges = records.iter().map(|(partition, first, last)| match first == last {
            true => format!("partition {partition} at {first}"),
            false => format!("partition {partition} at {first} to {last}"),
        });
        let text = format!("batch of {size}: {}", ranges.collect::<Vec<_>>().join(", "));
        News { usual: true, ..News::new(at, role, text, None) }
    }
}

/// A client as people call it.
pub fn name(role: &str) -> String {
    if CONSUMERS.contains(&role) { role.to_uppercase() } else { role.to_owned() }
}

fn told(partitions: &[i32]) -> String {
    format!("partition{} {}", if partitions.len() == 1 { "" } else { "s" }, listed(partitions))
}

/// "0, 2 and 3"
fn listed(numbers: &[impl ToString]) -> String {
    let list: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    match list.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        list => list.concat(),
    }
}

fn are(partitions: &[i32]) -> String {
    format!("{} {}", told(partitions), if partitions.len() == 1 { "is" } else { "are" })
}

fn come(records: i64) -> String {
    format!("{} {}", count(records as usize, "record"), if records == 1 { "comes" } else { "come" })
}

fn were(records: i64) -> String {
    format!("{} {}", count(records as usize, "record"), if records == 1 { "was" } else { "were" })
}
