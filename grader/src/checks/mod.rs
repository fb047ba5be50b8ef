//! Pure functions from evidence to an outcome: one file per kind, in a folder per subject, and one line each in the
//! registry below.
//!
//! A parameter of this name means the same in every kind; what else there is, the kind's own type says.
//!
//! | parameter | what it names |
//! | --- | --- |
//! | `role` | whose processes are judged, as a step `start` calls it |
//! | `topic`, `group` | one of the exercise's `topics` or `groups` |
//! | `from` | the topic that records come from, where `topic` is the one that they go to |
//! | `op` | a call of the outside world, by its `op` |
//! | `id` | the field that tells one record from another, in its value and in the arguments of a call about it |
//! | `by` | the field whose value decides where a record belongs |
//! | `file` | what a step `collect` took, by its name |
//! | `except` | marks of records that are left out, as in `marks` of the input |

mod code;
mod consuming;
mod effects;
mod events;
mod figures;
mod groups;
mod monitoring;
mod outcome;
mod processes;
mod producing;
#[cfg(test)]
mod testing;
mod transactions;
mod values;
mod words;

use code::codes;
pub use code::{Codes, Harm};
pub use outcome::{Finding, Outcome};
use outcome::{Gathered, Seen};
pub(crate) use values::{decoded, field, given, places, same};
pub(crate) use words::{count, only, some};

use crate::evidence::Evidence;
use serde::Deserialize;

/// One way to judge evidence, with its parameters.
pub trait Check {
    /// What its findings can be called; a mistake is recognised by them.
    type Code: Codes;

    /// Judges; never looks at anything but the evidence.
    fn judge(&self, evidence: &Evidence) -> Outcome<Self::Code>;
}

/// The registry: the name of each kind in `exercise.toml`, its type, and what it requires of a program.
macro_rules! kinds {
    ($($name:literal: $subject:ident::$kind:ident = $requires:literal,)*) => {
        /// A kind of check with its parameters, as `exercise.toml` gives them.
        #[derive(Debug, Clone, Deserialize)]
        pub enum Kind { $(#[serde(rename = $name)] $kind($subject::$kind),)* }

        impl Kind {
            /// The name of each kind, and what its findings can be called.
            pub const ALL: &[(&'static str, &'static [&'static str])] =
                &[$(($name, <<$subject::$kind as Check>::Code as Codes>::NAMES),)*];

            /// The name of each kind, and what it requires of a program.
            pub const REQUIREMENTS: &[(&'static str, &'static str)] = &[$(($name, $requires),)*];

            /// Judges the evidence.
            pub fn judge(&self, evidence: &Evidence) -> Outcome {
                match self { $(Kind::$kind(check) => check.judge(evidence).named(),)* }
            }

            /// As in [`Kind::ALL`].
            pub fn name(&self) -> &'static str {
                match self { $(Kind::$kind(_) => $name,)* }
            }

            /// What its findings can be called: the names of its [`Check::Code`].
            pub fn codes(&self) -> &'static [&'static str] {
                match self { $(Kind::$kind(_) => <<$subject::$kind as Check>::Code as Codes>::NAMES,)* }
            }
        }
    };
}

kinds! {
    "accounted": producing::Accounted =
        "each record that the program took is told of once, as delivered or as failed, and truly",
    "acknowledged": producing::Acknowledged =
        "a record with a value reaches the topic, and the broker acknowledges it before the program ends",
    "acks": producing::Acks =
        "each Produce request asks for acks=all",
    "affinity": producing::Affinity =
        "whatever belongs together lies in one partition, in the order in which it was given",
    "batched": producing::Batched =
        "records travel together: batches hold more than one",
    "delivered": producing::Delivered =
        "every value that was given arrives exactly once, unchanged",
    "flushed": producing::Flushed =
        "the program does not end before the broker has answered for every record",
    "idempotent": producing::Idempotent =
        "each batch carries a producer id and a sequence number, by which the broker recognises a repetition (KIP-98)",
    "kept": producing::Kept =
        "in the end the log holds what was acknowledged, each record once, unchanged, in one partition for each key and in order; with `all`, everything that was given",
    "keyed": producing::Keyed =
        "the key of each record is the field of its value that the check names",
    "outcomes": producing::Outcomes =
        "one call for each record says what became of it, `acknowledged`, `failed` or `unknown`, in time, and the wire and the log say the same",
    "pipelined": producing::Pipelined =
        "the program does not wait for each answer before it sends the next record",
    "reported": producing::Reported =
        "what the program reports about its deliveries is what the wire shows",
    "retried": producing::Retried =
        "what is refused with this error is sent again until it is taken, or has been tried for so long",
    "series": producing::Series =
        "what each source reports is plausible: in time, at the stated rate, within limits, without jumps, each reading once",
    "stops-taking": producing::StopsTaking =
        "once it is asked to stop, the program takes up no more work",
    "window": producing::Window =
        "the program takes up as many records as it may while Kafka is slow, and no more",
    "batches": consuming::Batches =
        "records are handed on in lists, of so many at most, and none waits longer for the others than it may",
    "commit-after-work": consuming::CommitAfterWork =
        "no commit runs ahead of the work: whatever lies before a committed offset has been processed",
    "commit-every": consuming::CommitEvery =
        "a commit after every n processed records",
    "final-commit": consuming::FinalCommit =
        "on shutdown, what was processed is committed: the next start repeats nothing",
    "processed": consuming::Processed =
        "every record of the input was handed to the outside world, as it was",
    "resumes": consuming::Resumes =
        "after a crash the next start resumes at the last multiple of n: nothing is lost, and no more is repeated than must be",
    "translated": consuming::Translated =
        "each record of a version was handed to the outside world as what it means",
    "agrees": groups::Agrees =
        "the members of a group have an assignor in common, and no two are the same static member",
    "handed-over": groups::HandedOver =
        "a member that gives up a partition in a planned rebalance has committed what it did there, and no later commit moves the group back; the next owner begins at the committed offset, and repeats nothing",
    "in-groups": groups::InGroups =
        "each role is a member of the group that is named for it, and of no other",
    "keeps": groups::Keeps =
        "a partition that stays with its member through a rebalance is never given up meanwhile",
    "leaves": groups::Leaves =
        "a member that stops says goodbye, so that the group need not wait for its session to time out",
    "owned-once": groups::OwnedOnce =
        "no partition has two readers at once",
    "reads-on": groups::ReadsOn =
        "a member asks for more in each partition that it holds, as long as it holds it",
    "shares": groups::Shares =
        "a group shares its partitions as it grows and shrinks: these numbers for each role, in this order",
    "stays-member": groups::StaysMember =
        "a member stays in its group until it is asked to stop",
    "works-on-own": groups::WorksOnOwn =
        "a member works only on its own partitions: no call for a record of one that it has given up",
    "applied-once": effects::AppliedOnce =
        "what the database holds in the end is the sum of everything that was to be applied, each once and none missing",
    "attempts": effects::Attempts =
        "what fails is tried again as often as required and no more; what succeeds is not tried again",
    "backoff": effects::Backoff =
        "the pauses between attempts grow",
    "commit-after-letter": effects::CommitAfterLetter =
        "the offset of a record that was set aside is committed only once its letter is acknowledged",
    "crossings": effects::Crossings =
        "one record for each time that a value reaches a limit, edges included, and for nothing else",
    "dead-letters": effects::DeadLetters =
        "what could not be processed lies in the dead letter topic, complete, and nothing else lies there",
    "put-off": effects::PutOff =
        "what failed waits in a topic, labelled with the number of its next attempt and the time before which that is not made",
    "moves-on": effects::MovesOn =
        "a topic moves on while a record that failed waits for its next attempt",
    "called-once": events::CalledOnce =
        "one call for each thing that happened, however often its event comes",
    "meanwhile": events::Meanwhile =
        "while a call of one service is in hand, another gets on to the end of the topic",
    "own-group": events::OwnGroup =
        "a service reads in a group of its own, and so it sees every event",
    "passed-by": events::PassedBy =
        "the offset of each group moves past the events that are not for it, too",
    "published": events::Published =
        "what is published are events, whole and each under an `event_id` of its own that stays the same",
    "reserved": events::Reserved =
        "each order is answered, all of its items are taken from the stock or none, and no more than there was",
    "totals": events::Totals =
        "totals over the items of all events are exact",
    "configured": figures::Configured =
        "every run that was asked for is on the wire with its own settings, and all runs do the same work",
    "counted": figures::Counted =
        "what the figures count as delivered and as failed is what the broker answered",
    "figures": figures::Figures =
        "the program wrote its figures: a JSON list with one object for each run, and numbers in it",
    "timed": figures::Timed =
        "the seconds in the figures are possible, given what happened before and after them on the wire",
    "ends-transactions": transactions::EndsTransactions =
        "a program that is asked to stop while a transaction is open commits or aborts it before its end",
    "fences": transactions::Fences =
        "a process in whose place another one has begun commits no transaction any more",
    "offsets-in-transaction": transactions::OffsetsInTransaction =
        "a transaction that holds the result of a record holds the record's offset, too; nothing is committed beside it, and no record is passed over",
    "reads-committed": transactions::ReadsCommitted =
        "nothing comes of a record whose transaction was aborted",
    "results-once": transactions::ResultsOnce =
        "what a reader of committed records finds in the end is one right result for each record of the input",
    "transactional": transactions::Transactional =
        "whatever the program sends to the topic, it sends in a transaction",
    "transactional-ids": transactions::TransactionalIds =
        "each instance has a transactional.id of its own, the same at every start",
    "alerted": monitoring::Alerted =
        "one alert for each time that the lag of a group in a partition comes to a limit",
    "lag-reported": monitoring::LagReported =
        "each report gives the lag of the group in each partition, as it was when somebody asked",
    "trend-reported": monitoring::TrendReported =
        "each report says whether the total grows, shrinks or stands still since the one before",
    "undisturbed": monitoring::Undisturbed =
        "a program that watches groups joins none of them, commits nothing for them, and reads no records",
    "crashed": processes::Crashed =
        "the role was killed as often as planned, was started again each time, and finished its work in the end",
    "exits": processes::Exits =
        "the exit status says whether all went well",
    "survives": processes::Survives =
        "the program runs until it is asked to stop, and then ends with status 0",
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn each_kind_has_tests_beside_it_that_find_each_of_its_codes() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/checks");
        let folders = std::fs::read_dir(&folder).expect("the checks").map(|entry| entry.expect("an entry").path());
        let subjects: Vec<_> = folders.filter(|path| path.is_dir()).collect();
        for (kind, codes) in Kind::ALL {
            let file = format!("{}.rs", kind.replace('-', "_"));
            let texts: Vec<String> =
                subjects.iter().filter_map(|subject| std::fs::read_to_string(subject.join(&file)).ok()).collect();
            let [text] = texts.as_slice() else { panic!("{file} stands in {} subjects", texts.len()) };
            let (_, tests) = text.split_once("mod tests {").unwrap_or_else(|| panic!("{file} has no tests"));
            for code in codes.iter().chain(&["passed", "no evidence"]) {
                // With the quotation mark that ends the codes of an outcome, or the space before the next one.
                let found = tests.contains(&format!("{code}\"")) || tests.contains(&format!("\"{code} "));
                assert!(found || *code == "no evidence" && *kind == "shares", "no test in {file} comes to “{code}”");
            }
        }
    }
}
