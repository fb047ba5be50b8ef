//! The kinds of event: what each is called, and what a pattern can ask of it. Here, and nowhere else, both are declared.

use super::{Event, What};
use crate::wire::{
    Batch, FetchFrom, Fetched, Offset, PartitionError, Produced, Record, Request, Response, TopicPartition,
};

/// A kind of event.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Kind {
    /// As patterns write it: `produce.request`, `offset_commit.response`, `call`, `exited`…
    pub name: &'static str,
    /// It happens to a program, and so has the role of one.
    pub of_program: bool,
    /// What it says of itself: names of the methods of [`Listener`].
    says: &'static [&'static str],
}

impl Kind {
    /// The kind that is called so, if there is one.
    pub(super) fn named(name: &str) -> Option<&'static Kind> {
        KINDS.iter().find(|kind| kind.name == name)
    }

    /// The fields that a pattern for events of this kind may have, besides `event`.
    pub(super) fn fields(&self) -> Vec<&'static str> {
        let has = |(field, what): &(&'static str, &str)| self.says(what).then_some(*field);
        let role = self.of_program.then_some("role");
        role.into_iter().chain(FIELDS.iter().filter_map(has)).collect()
    }

    /// Does an event of this kind say such a thing of itself?
    pub(super) fn says(&self, what: &str) -> bool {
        self.says.contains(&what)
    }
}

/// A field of a pattern, and what an event says that has it.
const FIELDS: &[(&str, &str)] = &[
    ("topic", "place"),
    ("partition", "place"),
    ("group", "group"),
    ("op", "op"),
    ("error", "error"),
    ("ok", "ok"),
    ("records", "records"),
    ("key", "record"),
    ("mark", "mark"),
    ("commit", "commit"),
];

/// Each kind of event, and the fields that a pattern for it may have besides `event`.
pub fn event_kinds() -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    KINDS.iter().map(|kind| (kind.name, kind.fields()))
}

/// Hears what an event says of itself.
pub(super) trait Listener {
    /// It is about this partition of this topic.
    fn place(&mut self, _: &impl Place) {}
    /// About this consumer group.
    fn group(&mut self, _: &str) {}
    /// This is what the outside world was asked to do.
    fn op(&mut self, _: &str) {}
    /// It carries this Kafka error code, 0 for none.
    fn error(&mut self, _: i16) {}
    /// Has the outside world said yes?
    fn ok(&mut self, _: bool) {}
    /// Does it bring the program records?
    fn records(&mut self, _: bool) {}
    /// It brings the broker this record.
    fn record(&mut self, _: &Record) {}
    /// It is about a record of the input that the scenario marks so.
    fn mark(&mut self, _: &str) {}
    /// It ends a transaction: is that a commit?
    fn commit(&mut self, _: bool) {}
}

/// Takes a table in the form of a `match`, which rustfmt understands. Each row has a kind's events, whether they happen
/// to a program or are of the grader's making, the kind's name, and what its events say: one call of a [`Listener`]'s
/// method for each of the values.
macro_rules! declare {
    (match $event:ident {
        $($events:pat => $origin:ident($name:literal $(, $says:ident($values:expr))*),)*
    }) => {
        /// Every kind of event.
        pub(super) static KINDS: &[Kind] = &[$(Kind {
            name: $name,
            of_program: declare!($origin),
            says: &[$(stringify!($says)),*],
        }),*];

        impl Event {
            /// The name of its kind, by which patterns select it.
            #[allow(unused_variables, reason = "the values are for what it says")]
            pub fn kind(&self) -> &'static str {
                match &self.what { $($events => $name,)* }
            }

            /// Tells `listener` what it says of itself.
            pub(super) fn tell(&self, listener: &mut impl Listener) {
                match &self.what {
                    $($events => { $($values.into_iter().for_each(|value| listener.$says(value));)* })*
                }
            }
        }
    };
    (program) => { true };
    (grader) => { false };
}

declare!(match event {
    What::Given { .. } => grader("given"),
    What::Input { topic, partition, mark, .. } => grader("input", place([&(topic, partition)]), mark(mark)),
    What::Aborted { topic, partition, .. } => grader("aborted", place([&(topic, partition)])),
    What::Read { topic, partition, .. } => grader("read", place([&(topic, partition)])),
    What::Replaces { .. } => program("replaces"),
    What::Started { .. } => program("started"),
    What::Output { .. } => program("output"),
    What::Panicked { .. } => program("panicked"),
    What::Stopping => program("stopping"),
    What::Killed => program("killed"),
    What::Exited { .. } => program("exited"),
    What::Connected { .. } => program("connected"),
    What::Disconnected { .. } => program("disconnected"),
    What::Stranger { .. } => program("stranger"),
    What::Undecoded { .. } => program("undecoded"),
    What::NotServed { .. } => program("not-served"),
    What::Call { op, mark, .. } => program("call", op([op]), mark(mark)),
    What::Answer { op, ok, mark, .. } => program("answer", op([op]), ok([*ok]), mark(mark)),
    What::Fault { .. } => program("fault"),
    What::Expired { group, .. } => program("expired", group([group])),
    What::Reset { group } => grader("reset", group([group])),
    What::Changed { .. } => grader("changed"),
    What::Arranged { .. } => grader("arranged"),
    What::Late { .. } => grader("late"),
    What::Collected { .. } => grader("collected"),
    What::Crash { .. } => program("crash"),
    What::GaveUp { .. } => grader("gave-up"),
    What::Observed { .. } => grader("observed"),
    What::GraderFault { .. } => program("grader-fault"),

    What::Request { body: Request::Produce { batches, .. }, .. } =>
        program("produce.request", place(batches.iter()), record(batches.iter().flat_map(|batch| &batch.records))),
    What::Request { body: Request::Fetch { partitions, .. }, .. } => program("fetch.request", place(partitions)),
    What::Request { body: Request::ListOffsets { .. }, .. } => program("list_offsets.request"),
    What::Request { body: Request::Metadata { .. }, .. } => program("metadata.request"),
    What::Request { body: Request::OffsetCommit { group, offsets, .. }, .. } =>
        program("offset_commit.request", group([group]), place(offsets)),
    What::Request { body: Request::OffsetFetch { group, .. }, .. } => program("offset_fetch.request", group([group])),
    What::Request { body: Request::FindCoordinator { .. }, .. } => program("find_coordinator.request"),
    What::Request { body: Request::JoinGroup { group, .. }, .. } => program("join_group.request", group([group])),
    What::Request { body: Request::SyncGroup { group, .. }, .. } => program("sync_group.request", group([group])),
    What::Request { body: Request::Heartbeat { group, .. }, .. } => program("heartbeat.request", group([group])),
    What::Request { body: Request::LeaveGroup { group, .. }, .. } => program("leave_group.request", group([group])),
    What::Request { body: Request::ConsumerGroupHeartbeat { group, .. }, .. } =>
        program("consumer_group_heartbeat.request", group([group])),
    What::Request { body: Request::InitProducerId { .. }, .. } => program("init_producer_id.request"),
    What::Request { body: Request::AddPartitionsToTxn { partitions, .. }, .. } =>
        program("add_partitions_to_txn.request", place(partitions)),
    What::Request { body: Request::AddOffsetsToTxn { group, .. }, .. } =>
        program("add_offsets_to_txn.request", group([group])),
    What::Request { body: Request::TxnOffsetCommit { group, offsets, .. }, .. } =>
        program("txn_offset_commit.request", group([group]), place(offsets)),
    What::Request { body: Request::EndTxn { committed, .. }, .. } => program("end_txn.request", commit([*committed])),
    What::Request { body: Request::ApiVersions { .. }, .. } => program("api_versions.request"),
    What::Request { body: Request::Other, .. } => program("other.request"),

    What::Response { body: Response::Produce { partitions }, .. } =>
        program("produce.response", place(partitions), error(partitions.iter().map(|answer| answer.error))),
    What::Response { body: Response::Fetch { partitions, .. }, .. } => program(
        "fetch.response",
        place(partitions),
        error(partitions.iter().map(|answer| answer.error)),
        records([partitions.iter().any(|answer| answer.count > 0)])
    ),
    What::Response { body: body @ Response::ListOffsets { .. }, .. } =>
        program("list_offsets.response", error([body.error()])),
    What::Response { body: body @ Response::Metadata { .. }, .. } =>
        program("metadata.response", error([body.error()])),
    What::Response { body: Response::OffsetCommit { partitions }, .. } =>
        program("offset_commit.response", place(partitions), error(partitions.iter().map(|answer| answer.error))),
    What::Response { body: body @ Response::OffsetFetch { .. }, .. } =>
        program("offset_fetch.response", error([body.error()])),
    What::Response { body: body @ Response::FindCoordinator { .. }, .. } =>
        program("find_coordinator.response", error([body.error()])),
    What::Response { body: Response::JoinGroup { error, .. }, .. } => program("join_group.response", error([*error])),
    What::Response { body: Response::SyncGroup { error, partitions }, .. } =>
        program("sync_group.response", place(partitions), error([*error])),
    What::Response { body: Response::Heartbeat { error }, .. } => program("heartbeat.response", error([*error])),
    What::Response { body: Response::LeaveGroup { error }, .. } => program("leave_group.response", error([*error])),
    What::Response { body: Response::ConsumerGroupHeartbeat { error, .. }, .. } =>
        program("consumer_group_heartbeat.response", error([*error])),
    What::Response { body: Response::InitProducerId { error, .. }, .. } =>
        program("init_producer_id.response", error([*error])),
    What::Response { body: body @ Response::AddPartitionsToTxn { partitions, .. }, .. } =>
        program("add_partitions_to_txn.response", place(partitions), error([body.error()])),
    What::Response { body: Response::AddOffsetsToTxn { error }, .. } =>
        program("add_offsets_to_txn.response", error([*error])),
    What::Response { body: body @ Response::TxnOffsetCommit { partitions }, .. } =>
        program("txn_offset_commit.response", place(partitions), error([body.error()])),
    What::Response { body: Response::EndTxn { error }, .. } => program("end_txn.response", error([*error])),
    What::Response { body: Response::ApiVersions { error }, .. } => program("api_versions.response", error([*error])),
    What::Response { body: Response::Other, .. } => program("other.response"),
});

impl Event {
    /// The partitions that it is about, as far as it says so itself.
    pub fn partitions(&self) -> Vec<i32> {
        struct Partitions(Vec<i32>);
        impl Listener for Partitions {
            fn place(&mut self, place: &impl Place) {
                self.0.push(place.partition());
            }
        }
        let mut partitions = Partitions(Vec::new());
        self.tell(&mut partitions);
        partitions.0
    }
}

/// A partition of a topic.
pub(super) trait Place {
    fn topic(&self) -> &str;
    fn partition(&self) -> i32;
}

impl Place for (&String, &i32) {
    fn topic(&self) -> &str {
        self.0
    }
    fn partition(&self) -> i32 {
        *self.1
    }
}

/// Types with a field `topic` and a field `partition`.
macro_rules! places {
    ($($type:ty),*) => {
        $(impl Place for $type {
            fn topic(&self) -> &str {
                &self.topic
            }
            fn partition(&self) -> i32 {
                self.partition
            }
        })*
    };
}

places!(Batch, FetchFrom, Fetched, Offset, PartitionError, Produced, TopicPartition);
