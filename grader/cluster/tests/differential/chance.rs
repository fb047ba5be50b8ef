//! Scripts by chance: what a client might do, in any order, with epochs, sequences and offsets that are right or nearly so.
//! They are texts, so that one that finds something can be put into `scripts/` as it is.

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

/// Steps of a script.
const STEPS: usize = 14;

/// The versions that a script is for, and its lines.
type Steps = fn(&mut StdRng) -> String;

/// What scripts are about, in turn by seed.
const SUBJECTS: [(&str, Steps); 4] = [
    ("producers", producers),
    ("transactions", transactions),
    ("classic groups", classic),
    ("consumer groups", consumer),
];

/// The script of this seed.
pub fn script(seed: u64) -> String {
    let mut random = StdRng::seed_from_u64(seed);
    let (subject, steps) = SUBJECTS[seed as usize % SUBJECTS.len()];
    format!("== {subject} by chance, seed {seed}{}", steps(&mut random))
}

/// Sets up, takes steps, and looks at what has come of it.
fn story(versions: &str, setup: &[&str], mut step: impl FnMut() -> String, end: &[&str]) -> String {
    let steps: Vec<String> = (0..STEPS).map(|_| step()).collect();
    let lines =
        setup.iter().map(|line| (*line).to_owned()).chain(steps).chain(end.iter().map(|line| (*line).to_owned()));
    format!("{versions}\n{}\n", lines.collect::<Vec<_>>().join("\n"))
}

const FETCH: &str = "Fetch {IsolationLevel: 1, MaxWaitMs: 10, MinBytes: 1, MaxBytes: 100000, Topics: [{Topic: $t, TopicId: $t.id, Partitions: [{PartitionMaxBytes: 100000}]}]}";

fn produce(random: &mut StdRng, epoch: &str, sequence: i64, transactional: bool) -> String {
    let values = ["[a]", "[a, b]", "[a, b, c]"].choose(random).expect("some");
    let id = if transactional { "$x" } else { "null" };
    format!(
        "Produce {{TransactionalId: {id}, Acks: -1, TimeoutMs: 5000, TopicData: [{{Name: $t, TopicId: $t.id, PartitionData: \
         [{{Records: batch{{values: {values}, producer: $p, epoch: {epoch}, sequence: {sequence}, transactional: \
         {transactional}}}}}]}}]}}"
    )
}

/// An idempotent producer that repeats, skips, and has other epochs.
fn producers(random: &mut StdRng) -> String {
    let setup = ["topic t 1", "InitProducerId {TransactionalId: null, TransactionTimeoutMs: 60000} -> p = ProducerId"];
    let mut sequence = 0;
    let step = || {
        let epoch = ["0", "0", "0", "1", "2"].choose(random).expect("some");
        let sent = match random.random_range(0..6) {
            0 => 0,
            1 => (sequence - 2).max(0),
            _ => sequence,
        };
        sequence = sent + random.random_range(1..4);
        produce(random, epoch, sent, false)
    };
    let end = [
        FETCH,
        "DescribeProducers {Topics: [{Name: $t, PartitionIndexes: [0]}]}",
        "ListOffsets {ReplicaId: -1, Topics: [{Name: $t, Partitions: [{Timestamp: -1}]}]}",
    ];
    story("", &setup, step, &end)
}

/// A transactional producer that begins anew, and whose requests come late or twice.
fn transactions(random: &mut StdRng) -> String {
    let setup = [
        "topic t 1",
        "InitProducerId {TransactionalId: $x, TransactionTimeoutMs: 60000} -> p = ProducerId, e = ProducerEpoch",
    ];
    let mut sequence = 0;
    let step = || {
        let epoch = ["$e", "$e", "$e", "$e", "$e+-1", "$e+1"].choose(random).expect("some");
        match random.random_range(0..12) {
            0 => {
                sequence = 0;
                "InitProducerId {TransactionalId: $x, TransactionTimeoutMs: 60000} -> e = ProducerEpoch".to_owned()
            }
            1..4 => format!(
                "AddPartitionsToTxn {{V3AndBelowTransactionalId: $x, V3AndBelowProducerId: $p, V3AndBelowProducerEpoch: \
                 {epoch}, V3AndBelowTopics: [{{Name: $t, Partitions: [0]}}]}}"
            ),
            4..7 => {
                let sent = sequence;
                sequence += 1;
                produce(random, epoch, sent, true)
            }
            7 => {
                format!("AddOffsetsToTxn {{TransactionalId: $x, ProducerId: $p, ProducerEpoch: {epoch}, GroupId: $g}}")
            }
            8 => format!(
                "TxnOffsetCommit {{TransactionalId: $x, GroupId: $g, ProducerId: $p, ProducerEpoch: {epoch}, Topics: \
                 [{{Name: $t, Partitions: [{{PartitionIndex: 0, CommittedOffset: {}}}]}}]}}",
                random.random_range(0..100)
            ),
            9 => FETCH.to_owned(),
            n => format!(
                "EndTxn {{TransactionalId: $x, ProducerId: $p, ProducerEpoch: {epoch}, Committed: {}}}\nwait 30",
                n == 10
            ),
        }
    };
    let end = [
        "wait 100",
        FETCH,
        "DescribeTransactions {TransactionalIds: [$x]}\n  differs TransactionStates.Topics.Partitions \"\"",
        "OffsetFetch {RequireStable: true, Groups: [{GroupId: $g, Topics: [{Name: $t, PartitionIndexes: [0]}]}]}",
    ];
    story(" [AddPartitionsToTxn 3, EndTxn 4, Produce 11, TxnOffsetCommit 4, OffsetFetch 9]", &setup, step, &end)
}

/// One member of a classic group, and others that are none.
fn classic(random: &mut StdRng) -> String {
    let join = |member: &str, protocol: &str| {
        format!(
            "once JoinGroup {{GroupId: $g, MemberId: {member}, SessionTimeoutMs: 30000, RebalanceTimeoutMs: 5000, \
             ProtocolType: consumer, Protocols: [{{Name: range, Metadata: {protocol}}}]}}"
        )
    };
    let setup =
        ["topic t 1".to_owned(), join("\"\"", "a") + " -> m = MemberId", join("$m", "a") + " -> e = GenerationId"];
    let setup: Vec<&str> = setup.iter().map(String::as_str).collect();
    let step = || {
        let generation = ["$e", "$e", "$e", "$e+1", "$e+-1", "-1"].choose(random).expect("some");
        let member = ["$m", "$m", "$m", "$m", "nobody", "\"\""].choose(random).expect("some");
        let instance = ["null", "null", "null", "i"].choose(random).expect("some");
        match random.random_range(0..12) {
            0..3 => join("$m", ["a", "b"].choose(random).expect("some")) + " -> e = GenerationId",
            3..5 => format!(
                "SyncGroup {{GroupId: $g, MemberId: {member}, GroupInstanceId: {instance}, GenerationId: {generation}, \
                 Assignments: [{{MemberId: $m, Assignment: x}}]}}"
            ),
            5..7 => format!(
                "Heartbeat {{GroupId: $g, MemberId: {member}, GroupInstanceId: {instance}, GenerationId: {generation}}}"
            ),
            7..10 => format!(
                "OffsetCommit {{GroupId: $g, MemberId: {member}, GroupInstanceId: {instance}, GenerationIdOrMemberEpoch: \
                 {generation}, Topics: [{{Name: $t, Partitions: [{{PartitionIndex: 0, CommittedOffset: {}}}]}}]}}",
                random.random_range(0..100)
            ),
            10 => "DescribeGroups {Groups: [$g]}".to_owned(),
            _ => format!("LeaveGroup {{GroupId: $g, Members: [{{MemberId: {member}, GroupInstanceId: {instance}}}]}}"),
        }
    };
    let end = [
        "DescribeGroups {Groups: [$g]}",
        "OffsetFetch {RequireStable: true, Groups: [{GroupId: $g, Topics: [{Name: $t, PartitionIndexes: [0]}]}]}",
        "DeleteGroups {GroupsNames: [$g]}",
    ];
    story(" [OffsetFetch 9]", &setup, step, &end)
}

/// Two members of a group of KIP-848.
fn consumer(random: &mut StdRng) -> String {
    let setup = ["topic t 3", "topic u 1"];
    let step = || {
        let member = *["m", "n"].choose(random).expect("some");
        let epoch = ["", "", "", "", "+1", "+-1"].choose(random).expect("some");
        let owned =
            ["null", "null", "[]", "[{TopicId: $t.id, Partitions: [0]}]", "[{TopicId: $t.id, Partitions: [0, 1, 2]}]"];
        let owned = owned.choose(random).expect("some");
        let topics = ["null", "null", "[$t]", "[$t, $u]", "[$no]"].choose(random).expect("some");
        match random.random_range(0..10) {
            0..3 => format!(
                "ConsumerGroupHeartbeat {{GroupId: $g, MemberId: ${member}, MemberEpoch: 0, RebalanceTimeoutMs: 5000, \
                 SubscribedTopicNames: [$t], TopicPartitions: []}} -> {member}.e = MemberEpoch"
            ),
            3..8 => format!(
                "ConsumerGroupHeartbeat {{GroupId: $g, MemberId: ${member}, MemberEpoch: ${member}.e{epoch}, \
                 SubscribedTopicNames: {topics}, TopicPartitions: {owned}}}"
            ),
            8 => format!(
                "OffsetCommit {{GroupId: $g, MemberId: ${member}, GenerationIdOrMemberEpoch: ${member}.e{epoch}, Topics: \
                 [{{Name: $t, Partitions: [{{PartitionIndex: 0, CommittedOffset: {}}}]}}]}}",
                random.random_range(0..100)
            ),
            _ => format!("ConsumerGroupHeartbeat {{GroupId: $g, MemberId: ${member}, MemberEpoch: -1}}"),
        }
    };
    let end = ["ConsumerGroupDescribe {GroupIds: [$g]}", "OffsetFetch {Groups: [{GroupId: $g, Topics: null}]}"];
    story(" [OffsetCommit 9, OffsetFetch 9]", &setup, step, &end)
}
