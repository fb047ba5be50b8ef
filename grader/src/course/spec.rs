//! What an `exercise.toml` may hold. Unknown keys are refused; the type is the documentation.

use super::sensible;
use crate::checks::{Harm, Kind};
use crate::cluster::Drill as Change;
use crate::evidence::{Pattern, Rule, State};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The most records of one input. Ids of one part would reach into those of the next beyond it.
pub(super) const MOST_RECORDS: u32 = 10_000;

/// One run of the program, with what happens to it and how it is judged.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Stable: `--scenario` and file names use it.
    #[serde(deserialize_with = "sensible::name")]
    pub id: String,
    /// A sentence for the learner.
    pub title: String,
    /// What Kafka it needs, where one node that stays as it is will not do.
    pub cluster: Option<ClusterSpec>,
    pub input: Option<InputSpec>,
    /// What the program finds in `KAFKACOURSE_MODE`: in which of the ways that its exercise knows it is to work.
    #[serde(default, deserialize_with = "sensible::maybe_name")]
    pub mode: Option<String>,
    /// What the report draws of it.
    pub picture: Option<Picture>,
    #[serde(default)]
    pub rules: Vec<Rule>,
    pub steps: Vec<Step>,
    /// It takes seconds: it goes on only as long as nothing is wrong in the others.
    #[serde(default)]
    pub long: bool,
    #[serde(rename = "check")]
    pub checks: Vec<CheckSpec>,
}

impl Scenario {
    /// One in which nothing happens by itself: whoever plays it takes steps of his own.
    pub fn by_hand(id: &str) -> Scenario {
        Scenario {
            id: id.to_owned(),
            title: String::new(),
            cluster: None,
            input: None,
            mode: None,
            picture: None,
            rules: Vec::new(),
            steps: Vec::new(),
            long: false,
            checks: Vec::new(),
        }
    }
}

/// A view of the evidence that says more than a list of events.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Picture {
    /// One line for each crash of a drill.
    Crashes,
    /// Who of the group held which partition of the topic, over time.
    Ownership { group: String, topic: String },
    /// The program's figures beside what the wire says, for each key that it sent to the topic.
    Bars {
        topic: String,
        file: String,
        /// And what they mean.
        #[serde(default)]
        explained: bool,
    },
}

/// Several nodes, each with a replica of every topic, that can be changed by the scenario's steps and rules. Only the
/// embedded Kafka is such a one: elsewhere the scenario is not played, and its checks count neither way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ClusterSpec {
    #[serde(deserialize_with = "sensible::between::<2, 3, _, _>")]
    pub nodes: i32,
    /// `min.insync.replicas`
    #[serde(default = "one", deserialize_with = "sensible::between::<1, 3, _, _>")]
    pub min_insync_replicas: i32,
}

fn one() -> i32 {
    1
}

/// What the program works on, made from the seed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputSpec {
    pub generator: Generator,
    /// How many: a number drawn from this range, both ends included.
    pub count: [u32; 2],
    /// Never a multiple of this.
    pub not_multiple_of: Option<u32>,
    /// How many records among them are not JSON.
    #[serde(default, deserialize_with = "sensible::between::<0, MOST_RECORDS, _, _>")]
    pub poison: u32,
    /// Those stand at the very end, rather than between others.
    #[serde(default)]
    pub poison_last: bool,
    /// How many events of types that nobody has heard of are among them.
    #[serde(default, deserialize_with = "sensible::between::<0, MOST_RECORDS, _, _>")]
    pub strangers: u32,
    /// So many further records before all these, in a transaction that is aborted: none of them is to be acted on.
    #[serde(default, deserialize_with = "sensible::between::<0, MOST_RECORDS, _, _>")]
    pub aborted: u32,
    /// How many records come a second time, later, byte for byte.
    #[serde(default, deserialize_with = "sensible::between::<0, MOST_RECORDS, _, _>")]
    pub duplicates: u32,
    /// How many records among them are JSON and not what they should be: a field is missing, or of another type. They count
    /// as poison, too: nobody can process them.
    #[serde(default, deserialize_with = "sensible::between::<0, MOST_RECORDS, _, _>")]
    pub broken: u32,
    /// How many of all those that nobody can process have no key.
    #[serde(default, deserialize_with = "sensible::between::<0, MOST_RECORDS, _, _>")]
    pub keyless: u32,
    /// How many more readings come behind one of the same vehicle that was taken after them: a clock went back.
    #[serde(default, deserialize_with = "sensible::between::<0, MOST_RECORDS, _, _>")]
    pub late: u32,
    /// So many records, drawn by the seed, that patterns can speak of: `{ always = 2 }`, and `mark = "always"`.
    #[serde(default)]
    pub marks: BTreeMap<String, u32>,
    /// Each record has headers of its own: text, raw bytes, one key twice.
    #[serde(default)]
    pub headers: bool,
    /// Further headers of each record, behind those: `[["attempt", "2"], ["not_before", { in_ms = 20_000 }]]`.
    #[serde(default)]
    pub labels: Vec<(String, Label)>,
    /// The same number of records in each partition, whatever their keys.
    #[serde(default)]
    pub spread: bool,
    /// Into these partitions, one after the other, whatever the keys.
    #[serde(default)]
    pub partitions: Vec<i32>,
    /// So many words more in each order's product, for records of some size that compress as text does.
    #[serde(default, deserialize_with = "sensible::between::<0, 1_000, _, _>")]
    pub words: u32,
    /// Into this topic; without one it is a file that the program reads.
    pub topic: Option<String>,
    /// Or the program asks for it: each call of this op is answered with the next record, and after the last with null.
    pub op: Option<String>,
}

/// The value of a header.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Label {
    Text(String),
    /// The time of day when the record is made, and so many milliseconds later: as text, in milliseconds since 1970. The
    /// one thing of an input that does not come from the seed.
    Later {
        in_ms: i64,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Generator {
    /// `{order_id, customer_id, product, quantity, price_cents}`, keyed by customer.
    Orders,
    /// `{payment_id, customer_id, amount_cents}`, keyed by customer.
    Payments,
    /// `{vehicle_id, timestamp, latitude, longitude, speed_kmh, odometer_km}` of ten vehicles, and `battery_percent` of an
    /// electric one or `engine_temp_c` of another; keyed by vehicle.
    Telemetry,
    /// The same fleet through the versions of its schema, one after the other, each as a mark: `v1`, `v2`, `v3`, `both`
    /// (names at once, in the middle of a rename), `future` (with fields that nobody knows yet).
    TelemetryVersions,
    /// `{order_id, customer_id, placed_at, items}`, keyed by order; an item is `{product, quantity, price_cents}`.
    Baskets,
    /// The same, each as `data` of an event `order.placed`: `{event_type, event_id, timestamp, data}`.
    PlacedOrders,
    /// Such events in rounds of four, a round for each product in turn: each order of a round wants the same, and more than
    /// half of what there is, so only one of them can have it. With `spread`, each of four partitions has one of a round.
    Rush,
}

/// One step of a scenario. Waiting is always for evidence.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    /// Put more records into a topic.
    Produce(InputSpec),
    /// Put records into a topic one by one until a state holds: the occasion for what comes next.
    Feed(Box<Feed>),
    /// Put records into a topic one by one, at a pace: for contracts that are about time.
    Trickle(Box<Trickle>),
    /// Start a process of this role.
    Start(String),
    /// Wait until events that fit have been seen.
    Wait(Wait),
    /// Wait until each good record of the input has a call of this `op` that was answered with yes.
    Processed(Work),
    /// Wait until the group has committed everything that lies in the topic.
    Committed { group: String, topic: String },
    /// Wait until the group has given so many of the topic's partitions to each role, and none to another.
    Owned { group: String, topic: String, by: BTreeMap<String, usize> },
    /// Wait until the program has put so many records into the topic.
    Stored { topic: String, count: u32 },
    /// Wait until the role's process has ended.
    Ended(String),
    /// SIGTERM, then wait until it has ended.
    Stop(String),
    /// SIGKILL.
    Kill(String),
    /// The membership of a role that has ended is over at once, as if its session had timed out.
    Expire(String),
    /// Start the (ended) role again; its old membership is ended at once.
    Restart(String),
    /// Start a process that takes the place of another one, which may still be there.
    Replace(Replace),
    /// Take into the evidence what the topic holds for a reader of committed records.
    Read { topic: String },
    /// Change the cluster: a leader moves, a replica stops, a node goes away.
    Change(Change),
    /// Commit in the name of a group that has no members.
    Commit(Commit),
    /// Delete the oldest records of a partition, as retention does.
    DeleteRecords(DeleteRecords),
    /// Write records into one partition, in a transaction that stays open.
    Begin(InputSpec),
    /// Commit the open transaction, or abort it.
    End(Ending),
    /// Ask the broker how a topic stands, and groups in it: what a program says of them from here on is held against this.
    Observe(Observe),
    /// Nothing is committed any more for this group, whose members have all ended.
    Reset(String),
    /// Take what a file of the program's folder holds into the evidence.
    Collect(Collect),
    /// Wait until each record that the program was given to send has a call of this op, at most so many milliseconds: the
    /// time that the contract allows, several times over. What happens then, happens in either case.
    Settled { op: String, id: String, ms: u64 },
    /// Kill the role again and again, at moments that the seed draws, and start it again each time.
    Drill(Drill),
}

/// Work in small portions, so that a state is arranged and not hoped for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feed {
    /// As many as it takes, and no more than these. With `spread`, one partition after the other gets one.
    pub input: InputSpec,
    /// The next record comes when a call of this op for the one before was answered with yes.
    pub op: String,
    /// It ends as soon as this holds; whether it came to that is an event, `arranged`.
    pub until: State,
}

/// A successor of a process that is gone, or only seems to be.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replace {
    /// Whose membership is over, as if its session had timed out. A process that has not ended goes on.
    pub role: String,
    /// The role of the new process. It is told that it is `role`.
    pub by: String,
}

/// Work that comes little by little, whatever the program does.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trickle {
    pub input: InputSpec,
    /// So long after the one before.
    #[serde(deserialize_with = "sensible::between::<10, 2_000, _, _>")]
    pub every_ms: u32,
    /// It ends as soon as this holds; whether it came to that is an event, `arranged`.
    pub until: Option<State>,
}

/// What a group has done with, told from the ends of the partitions.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commit {
    pub group: String,
    pub topic: String,
    pub offsets: Vec<Behind>,
}

/// An offset so far before the end of the log: a number drawn from this range, both ends included. What is below zero lies
/// behind the end.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Behind {
    pub partition: i32,
    pub behind: [i64; 2],
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DeleteRecords {
    pub topic: String,
    pub partition: i32,
    /// How many offsets are left: drawn from this range.
    pub left: [i64; 2],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    Commit,
    Abort,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observe {
    pub topic: String,
    pub groups: Vec<String>,
}

/// Which calls a wait is about: an op, or an op, whose calls count, and the marks of records for which no yes is expected.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Work {
    Op(String),
    Of {
        op: String,
        #[serde(default)]
        except: Vec<String>,
        /// By processes of this role.
        role: Option<String>,
    },
}

/// A JSON file, or a table of a SQLite database.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Collect {
    /// Its name in the folder that the program was given.
    #[serde(deserialize_with = "sensible::name")]
    pub file: String,
    /// The rows of this table, where the file is a SQLite database.
    pub table: Option<String>,
}

/// Crashes at moments of the seed's choice.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drill {
    pub role: String,
    /// The group whose commits show that the work given so far is done.
    pub group: String,
    /// How often it is killed.
    #[serde(deserialize_with = "sensible::between::<1, 100, _, _>")]
    pub crashes: u32,
    /// More work for each crash.
    pub input: InputSpec,
    /// The kinds of moment. Only those are drawn that have occurred since the scenario began, so what has been played
    /// before the drill is its dry run.
    pub moments: Vec<Moment>,
    /// A SQLite file in the program's folder. Where the program does not tell about it (`db.write`, `db.commit`), the
    /// locks that it takes there are watched, and the beginnings and ends of its transactions are moments, too.
    #[serde(default, deserialize_with = "sensible::maybe_name")]
    pub database: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moment {
    pub on: Pattern,
    /// What must hold as well.
    #[serde(default, rename = "while")]
    pub states: Vec<State>,
    /// In words, as the report says it: "before the commit reaches the broker".
    pub told: String,
    /// At the first to the `within`th such event after the start.
    #[serde(default)]
    pub within: Count,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wait {
    #[serde(rename = "for")]
    pub pattern: Pattern,
    /// Or for one such event: the program has ended instead, say.
    pub or: Option<Pattern>,
    #[serde(default)]
    pub count: Count,
    /// At most so many milliseconds, and the scenario goes on in either case.
    pub ms: Option<u64>,
}

/// How many events, at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Count(pub u32);

impl Default for Count {
    fn default() -> Self {
        Count(1)
    }
}

/// A check of one scenario, with the words that the learner reads.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckSpec {
    /// Unique in the exercise.
    #[serde(deserialize_with = "sensible::name")]
    pub id: String,
    /// What is required, as a short line: "each customer's orders stay in one partition".
    pub title: String,
    pub kind: Kind,
    /// Why it matters, one or two sentences.
    pub why: String,
    /// The section that explains it: `producers/03-acks`.
    pub read: String,
    /// What the broker must be for this check to mean anything.
    #[serde(default)]
    pub needs: Needs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Needs {
    #[default]
    AnyBroker,
    /// Not the embedded one.
    RealKafka,
}

/// A known wrong turn: a hypothesis, held against what was found. Of those that fit, the one that explains the most harm
/// is the diagnosis, and among equals the first in the file, so the more specific one stands first.
///
/// Each finding is written as `CHECK/CODE`, or as `CHECK` for any of this check, or as `*/CODE` in any check; ` | ` between
/// two of them means that one is enough.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mistake {
    /// As reports and scripts call it.
    #[serde(deserialize_with = "sensible::name")]
    pub name: String,
    /// The name of its program, `solutions/…/src/bin/PROGRAM.rs`, where that is another: all programs of the course are
    /// built into one folder, and an exercise before may have one of this name.
    program: Option<String>,
    /// What the program does, as a short line.
    pub title: String,
    pub explanation: String,
    /// What tells it from the mistakes that look like it, in a sentence.
    pub differs: Option<String>,
    pub read: String,
    /// Findings that must be there, all of them: what the program was seen to do.
    pub codes: Vec<String>,
    /// Findings that rule it out.
    #[serde(default)]
    pub unless: Vec<String>,
    /// Further findings that follow from it, and are no problem of their own.
    #[serde(default)]
    pub explains: Vec<String>,
}

impl Mistake {
    /// The name of its program.
    pub fn program(&self) -> &str {
        self.program.as_deref().unwrap_or(&self.name)
    }

    /// The most harm that is done by what it explains; none where these `findings`, each as `CHECK/CODE` with its harm, do
    /// not fit it.
    pub fn fits(&self, findings: &[(String, Harm)]) -> Option<Harm> {
        let found = |code: &String| findings.iter().any(|(finding, _)| names(code, finding));
        if !self.codes.iter().all(found) || self.unless.iter().any(found) {
            return None;
        }
        findings.iter().filter(|(finding, _)| self.explains(finding)).map(|(_, harm)| *harm).min()
    }

    /// Can what this check finds rule it out?
    pub fn is_ruled_out_by(&self, check: &str) -> bool {
        let of_check = |code: &str| code.split_once('/').map_or(code, |(check, _)| check) == check;
        self.unless.iter().flat_map(|codes| codes.split(" | ")).any(of_check)
    }

    /// Is this finding, `CHECK/CODE`, one of those by which it is recognised?
    pub fn shows_in(&self, finding: &str) -> bool {
        self.codes.iter().any(|code| names(code, finding))
    }

    /// Is it one of those, or does it follow from the mistake?
    pub fn explains(&self, finding: &str) -> bool {
        self.shows_in(finding) || self.explains.iter().any(|code| names(code, finding))
    }
}

/// Does what a mistake names, `CHECK/CODE`, `CHECK` or `*/CODE`, or one of several such with ` | ` between them, include
/// this finding?
fn names(code: &str, finding: &str) -> bool {
    code.split(" | ").any(|code| match code.strip_prefix("*/") {
        Some(code) => finding.split_once('/').is_some_and(|(_, of)| of == code),
        None => finding.strip_prefix(code).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistake(codes: &[&str], unless: &[&str], explains: &[&str]) -> Mistake {
        let owned = |codes: &[&str]| codes.iter().map(ToString::to_string).collect();
        Mistake {
            name: "name".into(),
            program: None,
            title: String::new(),
            explanation: String::new(),
            differs: None,
            read: String::new(),
            codes: owned(codes),
            unless: owned(unless),
            explains: owned(explains),
        }
    }

    #[test]
    fn a_mistake_fits_when_all_that_it_names_was_found_and_counts_by_the_worst_of_it() {
        let found = [("steady/twice", Harm::Duplicate), ("crash/lost", Harm::Lost), ("crash/slow", Harm::Slow)];
        let found: Vec<(String, Harm)> = found.map(|(code, harm)| (code.to_owned(), harm)).into();
        for (codes, unless, explains, harm) in [
            (&["steady/twice"][..], &[][..], &[][..], Some(Harm::Duplicate)),
            (&["steady/twice"], &[], &["crash"], Some(Harm::Lost)),
            (&["crash"], &[], &[], Some(Harm::Lost)),
            (&["*/slow", "steady"], &[], &[], Some(Harm::Duplicate)),
            (&["crash/lost", "crash/stuck"], &[], &[], None),
            (&["crash/lost"], &["*/twice"], &[], None),
            (&["crash/lost"], &["steady/lost"], &[], Some(Harm::Lost)),
            (&["cra"], &[], &["crash"], None),
            (&["crash/stuck | crash/slow"], &[], &[], Some(Harm::Slow)),
            (&["crash"], &["crash/stuck | */twice"], &[], None),
        ] {
            assert_eq!(mistake(codes, unless, explains).fits(&found), harm, "{codes:?} unless {unless:?}");
        }
    }

    #[test]
    fn a_mistake_explains_itself_and_what_follows_from_it() {
        let mistake = mistake(&["steady/twice"], &["crash/lost"], &["*/slow"]);
        let explained = ["steady/twice", "crash/slow", "crash/lost", "steady/lost"].map(|code| mistake.explains(code));
        assert_eq!(explained, [true, true, false, false]);
    }
}
