//! States of a run: what a rule, a hold or a step can wait for besides an event.
//!
//! A state is a pure function of the evidence so far, the last event included. So whether it holds is the same on every
//! broker and however busy the machine is.

use super::Pattern;
use serde::Deserialize;

/// What holds at some events of a run and not at others.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum State {
    /// An event has fitted `begin`, and none has fitted `end` since: a database transaction is open, say.
    Between { begin: Pattern, end: Pattern },
    /// Records whose call has been made and not answered.
    InHand(Work),
    /// Records whose call was answered with yes, and whose offset the group has not committed.
    Uncommitted(Work),
    /// A group has told a member to give up partitions of a topic, and it has not given them up yet.
    Moving(Moving),
    /// Records that were sent to a topic and not answered; at the answer itself they still are.
    InFlight(Sent),
    /// Records that a client has been given, and that no call has been made for.
    Fetched(Fetched),
    /// Records that the program was given to send and whose fate is open: not answered for, and no call tells of them.
    Unsettled(Given),
}

/// How many records of a topic must be in a state of work. Without `least` and `most` it is one or more.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Work {
    pub group: String,
    pub topic: String,
    /// The call that is the work.
    pub op: String,
    /// The field that tells one record from another, in its value and in the arguments of the call.
    pub id: String,
    /// Only calls of this role.
    pub role: Option<String>,
    /// Only records of partitions that the group has told their holder to give up, and that it has not given up yet.
    #[serde(default)]
    pub moving: bool,
    pub least: Option<usize>,
    pub most: Option<usize>,
    /// They lie in so many partitions, at least.
    #[serde(default)]
    pub partitions: usize,
}

/// Who is to give up something.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moving {
    pub group: String,
    pub topic: String,
    /// Only a member of this role.
    pub role: Option<String>,
}

/// How many records must be in flight. Without `least` and `most` it is one or more.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sent {
    pub topic: String,
    pub role: Option<String>,
    pub least: Option<usize>,
    pub most: Option<usize>,
}

/// How many records must have been fetched and wait for their call. Without `least` and `most` it is one or more.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fetched {
    pub topic: String,
    /// The call that is the work.
    pub op: String,
    /// The field that tells one record from another, in its value and in the arguments of the call.
    pub id: String,
    /// Only by clients of this role.
    pub role: Option<String>,
    pub least: Option<usize>,
    pub most: Option<usize>,
}

/// How many records must be unsettled. Without `least` and `most` it is one or more.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    pub topic: String,
    /// The field that tells one record from another, in its value and in the arguments of a call.
    pub id: String,
    pub least: Option<usize>,
    pub most: Option<usize>,
}

/// Do so many fit the bounds?
pub(super) fn within(count: usize, least: Option<usize>, most: Option<usize>) -> bool {
    count >= least.unwrap_or(usize::from(most.is_none())) && most.is_none_or(|most| count <= most)
}

impl State {
    /// Can it ever hold?
    ///
    /// # Errors
    /// What is wrong.
    pub fn validate(&self) -> Result<(), String> {
        let (least, most) = match self {
            State::Between { begin, end } => {
                begin.validate()?;
                return end.validate();
            }
            State::InHand(work) | State::Uncommitted(work) => {
                if work.most.is_some_and(|most| most < work.partitions) {
                    return Err("fewer records than partitions: this would never hold".into());
                }
                (work.least, work.most)
            }
            State::Moving(_) => return Ok(()),
            State::InFlight(sent) => (sent.least, sent.most),
            State::Fetched(fetched) => (fetched.least, fetched.most),
            State::Unsettled(given) => (given.least, given.most),
        };
        match (least, most) {
            (Some(least), Some(most)) if least > most => {
                Err(format!("least = {least} is more than most = {most}: this would never hold"))
            }
            (Some(0), _) => Err("least = 0 always holds; write most = 0 for none".into()),
            _ => Ok(()),
        }
    }

    /// In words, for the timeline.
    pub fn told(&self) -> String {
        let count = |least: Option<usize>, most: Option<usize>| match (least, most) {
            (_, Some(0)) => "no record is".to_owned(),
            (None, Some(most)) => format!("at most {most} records are"),
            (None | Some(1), None) => "a record is".to_owned(),
            (Some(least), None) => format!("{least} records are"),
            (Some(least), Some(most)) => format!("{least} to {most} records are"),
        };
        let work = |work: &Work, what: &str| {
            let place = match (work.moving, work.partitions) {
                (true, _) => ", in a partition that is to be given up".to_owned(),
                (false, 0 | 1) => String::new(),
                (false, partitions) => format!(", in {partitions} partitions"),
            };
            format!("{} {what}{place}", count(work.least, work.most))
        };
        match self {
            State::Between { begin, end } => format!("{} has been seen, and {} has not since", begin.event, end.event),
            State::InHand(of) => work(of, "in hand"),
            State::Uncommitted(of) if of.partitions > 1 && of.least.is_none() && of.most.is_none() => {
                format!("records of {} partitions are processed and not committed", of.partitions)
            }
            State::Uncommitted(of) => work(of, "processed and not committed"),
            State::Moving(of) => format!("a member of {} has partitions to give up", of.group),
            State::InFlight(sent) => format!("{} in flight to {}", count(sent.least, sent.most), sent.topic),
            State::Fetched(of) => format!("{} fetched and not handed on", count(of.least, of.most)),
            State::Unsettled(given) => format!("{} given and not settled", count(given.least, given.most)),
        }
    }
}
