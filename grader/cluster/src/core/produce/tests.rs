use kafka_protocol::ResponseError::{self, *};
use kafka_protocol::messages::ProduceRequest;
use proptest::prelude::*;
use uuid::Uuid;

use crate::core::Core;
use crate::core::call::Step;
use crate::drill::Drill;
use crate::sending::{Sending, append, cluster, produce, produce_in, produced, to_leader, with_checksum};
use crate::testing::{ask, at, call};

fn code(error: Option<ResponseError>) -> i16 {
    error.map_or(0, |error| error.code())
}

#[test]
fn every_version_appends() {
    let mut core = cluster(1, &[]);
    let id = core.topics.get("topic").unwrap().id;
    for version in 3..=13 {
        let mut request = produce(-1, Sending::plain(2).bytes());
        if version >= 13 {
            request.topic_data[0].topic_id = id;
            request.topic_data[0].name = Default::default();
        }
        let answer = produced(ask(&mut core, at(0), version, request));
        assert_eq!((answer.error_code, answer.base_offset), (0, i64::from(version - 3) * 2), "v{version}");
        let mut unknown = produce(-1, Sending::plain(2).bytes());
        unknown.topic_data[0].partition_data[0].index = 1;
        if version >= 13 {
            unknown.topic_data[0].topic_id = Uuid::from_u128(7);
        }
        let answer = produced(ask(&mut core, at(0), version, unknown));
        let expected = if version >= 13 { UnknownTopicId } else { UnknownTopicOrPartition };
        assert_eq!((answer.error_code, answer.base_offset, answer.log_start_offset), (expected.code(), -1, -1));
    }
}

#[test]
fn what_is_wrong_is_refused_as_kafka_refuses_it() {
    let changed = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut batch = Sending::plain(2).bytes().to_vec();
        change(&mut batch);
        batch
    };
    let valid = |change: &dyn Fn(&mut Vec<u8>)| with_checksum(changed(change)).to_vec();
    let late = Sending { timestamp: at(0).wall_ms + 3_600_000, ..Sending::plain(2) };
    let old = Sending { timestamp: 1, ..Sending::plain(1) };
    let cases: Vec<(&str, Vec<u8>, Option<ResponseError>)> = vec![
        ("nothing", vec![], Some(InvalidRecord)),
        ("right", changed(&|_| {}), None),
        ("a byte changed", changed(&|batch| batch[70] ^= 1), Some(CorruptMessage)),
        ("magic 1", valid(&|batch| batch[16] = 1), Some(InvalidRecord)),
        ("magic 3", valid(&|batch| batch[16] = 3), Some(CorruptMessage)),
        ("two batches", [changed(&|_| {}), changed(&|_| {})].concat(), Some(InvalidRecord)),
        ("a rest that is no batch", [changed(&|_| {}), vec![0; 11]].concat(), None),
        ("cut short", changed(&|batch| batch.truncate(70)), Some(InvalidRecord)),
        ("a negative length", changed(&|batch| batch[8] = 0xff), Some(CorruptMessage)),
        ("shorter than a header", changed(&|batch| batch[11] = 20), Some(CorruptMessage)),
        ("an offset", valid(&|batch| batch[7] = 1), Some(InvalidRecord)),
        ("a marker", valid(&|batch| batch[22] |= 0x30), Some(TransactionalIdAuthorizationFailed)),
        ("a control batch", valid(&|batch| batch[22] |= 0x20), Some(InvalidRecord)),
        ("more offsets than records", valid(&|batch| batch[26] = 2), Some(InvalidRecord)),
        ("a negative count", valid(&|batch| batch[57] = 0xff), Some(InvalidRecord)),
        ("more records than there are", valid(&|batch| (batch[26], batch[60]) = (2, 3)), Some(InvalidRecord)),
        ("fewer records than there are", valid(&|batch| (batch[26], batch[60]) = (0, 1)), Some(InvalidRecord)),
        ("a producer without sequence", valid(&|batch| batch[43] = 0), Some(InvalidRecord)),
        ("a record that is too long", valid(&|batch| batch[61] = 126), Some(InvalidRecord)),
        ("no compression that is known", valid(&|batch| batch[22] = 7), Some(UnknownServerError)),
        ("not compressed as it says", valid(&|batch| batch[22] = 1), Some(UnknownServerError)),
        ("from the future", late.bytes().to_vec(), Some(InvalidTimestamp)),
        ("from the past", old.bytes().to_vec(), None),
        ("a time of the broker", valid(&|batch| batch[22] |= 8), None),
    ];
    for (name, records, expected) in cases {
        let mut core = cluster(1, &[]);
        let answer = produced(ask(&mut core, at(0), 9, produce(1, records.clone().into())));
        assert_eq!(answer.error_code, code(expected), "{name}");
        // Without an answer, an error ends the connection.
        let mut core = cluster(1, &[]);
        let step = core.step(&mut call(9, produce(0, records.into())), at(0));
        assert_eq!(matches!(step, Step::HangUp), expected.is_some(), "{name}: {step:?}");
    }
}

#[test]
fn it_is_said_which_records_are_wrong() {
    let mut core = cluster(1, &[("cleanup.policy", "compact")]);
    let sending = Sending { records: vec![(Some("k"), "v"), (None, "v")], ..Sending::plain(0) };
    for version in [7, 8] {
        let answer = produced(ask(&mut core, at(0), version, produce(1, sending.bytes())));
        assert_eq!(answer.error_code, InvalidRecord.code());
        let wrong: Vec<i32> = answer.record_errors.iter().map(|record| record.batch_index).collect();
        assert_eq!(wrong, if version == 7 { vec![] } else { vec![1] });
        assert_eq!(answer.error_message.is_some(), version == 8);
        assert_eq!(answer.log_start_offset, 0);
    }
}

#[test]
fn limits_and_acks() {
    let mut core = cluster(1, &[("max.message.bytes", "100")]);
    let answer = produced(ask(&mut core, at(0), 9, produce(1, Sending::plain(9).bytes())));
    assert_eq!(answer.error_code, MessageTooLarge.code());
    let answer = produced(ask(&mut core, at(0), 9, produce(2, Sending::plain(1).bytes())));
    assert_eq!(answer.error_code, InvalidRequiredAcks.code());
    let zstd = Sending { attributes: 4, ..Sending::plain(1) };
    let answer = produced(ask(&mut core, at(0), 6, produce(1, zstd.bytes())));
    assert_eq!(answer.error_code, UnsupportedCompressionType.code());
}

#[test]
fn the_time_of_the_broker_is_written_where_the_topic_wants_it() {
    let mut core = cluster(1, &[("message.timestamp.type", "LogAppendTime")]);
    let answer = produced(ask(&mut core, at(5), 9, produce(1, Sending { timestamp: 1, ..Sending::plain(3) }.bytes())));
    assert_eq!(answer.log_append_time_ms, at(5).wall_ms);
    let batch = core.topics.get("topic").unwrap().partitions[0].log.batches().next().unwrap().clone();
    assert!(batch.header.has_append_time() && batch.has_right_checksum());
    assert_eq!(batch.first_since(0, 0).unwrap().timestamp, at(5).wall_ms);
}

#[test]
fn all_logs_together_have_a_bound() {
    let mut core = cluster(1, &[]);
    core.settings.log_bytes = 2_000;
    let refused = |core: &mut Core| {
        produced(ask(core, at(0), 9, produce(1, Sending::plain(1).bytes()))).error_code == KafkaStorageError.code()
    };
    let fitting = (0..100).take_while(|_| !refused(&mut core)).count();
    assert_eq!(fitting, 6);
    core.topics.get_mut("topic").unwrap().partitions[0].delete_before(3);
    assert!(!refused(&mut core));
}

#[test]
fn a_repeated_batch_is_stored_once() {
    let mut core = cluster(1, &[]);
    let send = |core: &mut Core, epoch: i16, sequence: i32, count: usize| {
        let sending = Sending::idempotent((7, epoch), sequence, count);
        let answer = produced(ask(core, at(0), 9, produce(-1, sending.bytes())));
        (answer.error_code, answer.base_offset)
    };
    for batch in 0..6 {
        assert_eq!(send(&mut core, 0, batch * 2, 2), (0, i64::from(batch) * 2));
    }
    assert_eq!(send(&mut core, 0, 10, 2), (0, 10), "the last one");
    assert_eq!(send(&mut core, 0, 2, 2), (0, 2), "the fifth but last");
    assert_eq!(send(&mut core, 0, 0, 2), (OutOfOrderSequenceNumber.code(), -1), "one that is forgotten");
    assert_eq!(
        send(&mut core, 0, 10, 1),
        (OutOfOrderSequenceNumber.code(), -1),
        "the same first record, another batch"
    );
    assert_eq!(send(&mut core, 0, 13, 1), (OutOfOrderSequenceNumber.code(), -1), "one is missing");
    assert_eq!(send(&mut core, 1, 1, 1), (OutOfOrderSequenceNumber.code(), -1), "a new epoch begins with 0");
    assert_eq!(send(&mut core, 1, 0, 1), (0, 12));
    assert_eq!(send(&mut core, 0, 12, 1), (InvalidProducerEpoch.code(), -1), "the old epoch is over");
}

#[test]
fn sequence_numbers_begin_again_after_the_last() {
    let mut core = cluster(1, &[]);
    assert_eq!(append(&mut core, &Sending::idempotent((7, 0), i32::MAX - 1, 3)), 0);
    assert_eq!(append(&mut core, &Sending::idempotent((7, 0), 1, 1)), 3);
    assert_eq!(append(&mut core, &Sending::idempotent((7, 0), i32::MAX - 1, 3)), 0, "repeated");
}

#[test]
fn a_transaction_names_its_partitions() {
    let mut core = cluster(1, &[]);
    let sent = Sending::transactional((7, 0), 0, 1).bytes();
    let refused = |core: &mut Core, request: ProduceRequest| produced(ask(core, at(0), 9, request)).error_code;
    assert_eq!(refused(&mut core, produce(-1, sent.clone())), TransactionalIdAuthorizationFailed.code());
    assert_eq!(refused(&mut core, produce_in("t", sent)), InvalidProducerIdMapping.code());
}

fn stop(node: i32) -> Drill {
    Drill::ReplicaStops { topic: "topic".into(), partition: 0, node }
}

fn fall_out(node: i32) -> Drill {
    Drill::ReplicaFallsOut { topic: "topic".into(), partition: 0, node }
}

fn resume(node: i32) -> Drill {
    Drill::ReplicaResumes { topic: "topic".into(), partition: 0, node }
}

#[test]
fn acks_all_waits_for_the_in_sync_replicas() {
    let mut core = cluster(3, &[]);
    core.drill(&stop(2)).unwrap();
    let mut waiting = call(9, produce(-1, Sending::plain(2).bytes()));
    assert!(matches!(core.step(&mut waiting, at(0)), Step::Wait(Some(at)) if at.as_millis() == 1_000));
    core.drill(&resume(2)).unwrap();
    assert_eq!(core.take_woken(), [1]);
    let Step::Answer(answer) = core.step(&mut waiting, at(1)) else { panic!() };
    assert_eq!(produced(*answer).base_offset, 0);

    core.drill(&stop(3)).unwrap();
    let mut waiting = call(9, produce(-1, Sending::plain(2).bytes()));
    assert!(matches!(core.step(&mut waiting, at(0)), Step::Wait(_)));
    assert!(matches!(core.step(&mut waiting, at(999)), Step::Wait(_)));
    let Step::Answer(answer) = core.step(&mut waiting, at(1_000)) else { panic!() };
    assert_eq!(produced(*answer).error_code, RequestTimedOut.code());
    // It was appended once, and only once.
    assert_eq!(core.topics.get("topic").unwrap().partitions[0].log.end(), 4);
}

#[test]
fn min_insync_replicas() {
    let mut core = cluster(2, &[("min.insync.replicas", "2")]);
    core.drill(&stop(2)).unwrap();
    let mut waiting = call(9, produce(-1, Sending::plain(1).bytes()));
    assert!(matches!(core.step(&mut waiting, at(0)), Step::Wait(_)));
    core.drill(&fall_out(2)).unwrap();
    // The high watermark does not rise without the second replica (KIP-966).
    let Step::Answer(answer) = core.step(&mut waiting, at(1_000)) else { panic!() };
    assert_eq!(produced(*answer).error_code, RequestTimedOut.code());
    let all = produced(ask(&mut core, at(0), 9, produce(-1, Sending::plain(1).bytes())));
    assert_eq!(all.error_code, NotEnoughReplicas.code());
    let one = produced(ask(&mut core, at(0), 9, produce(1, Sending::plain(1).bytes())));
    assert_eq!(one.error_code, 0);
    core.drill(&resume(2)).unwrap();
    let all = produced(ask(&mut core, at(0), 9, produce(-1, Sending::plain(1).bytes())));
    assert_eq!((all.error_code, all.base_offset), (0, 2));
}

#[test]
fn who_does_not_lead_says_who_does() {
    let mut core = cluster(2, &[]);
    for version in [9, 10] {
        let mut call = call(version, produce(1, Sending::plain(1).bytes()));
        call.caller.node = 2;
        let Step::Answer(answer) = core.step(&mut call, at(0)) else { panic!() };
        crate::testing::assert_sayable(&answer, version);
        let answer = produced(*answer);
        assert_eq!(answer.error_code, NotLeaderOrFollower.code());
        assert_eq!(answer.current_leader.leader_id.0, if version == 9 { -1 } else { 1 });
    }
}

#[test]
fn a_leader_that_moves_away_ends_the_wait() {
    let mut core = cluster(2, &[]);
    core.drill(&stop(2)).unwrap();
    let mut waiting = to_leader(&core, 9, produce(-1, Sending::plain(1).bytes()));
    assert!(matches!(core.step(&mut waiting, at(0)), Step::Wait(_)));
    core.drill(&Drill::LeaderMoves { topic: "topic".into(), partition: 0, to: 2 }).unwrap();
    let Step::Answer(answer) = core.step(&mut waiting, at(1)) else { panic!() };
    assert_eq!(produced(*answer).error_code, NotLeaderOrFollower.code());
}

proptest! {
    /// Whatever is sent, it is refused or stored, and what is stored can be walked through.
    #[test]
    fn bytes_do_no_harm(at_byte in 0_usize..90, value: u8, more in prop::collection::vec(any::<u8>(), 0..40)) {
        let mut batch = Sending::idempotent((7, 0), 0, 2).bytes().to_vec();
        let index = at_byte.min(batch.len() - 1);
        batch[index] = value;
        for records in [with_checksum(batch.clone()).to_vec(), [batch, more.clone()].concat(), more] {
            let mut core = cluster(1, &[]);
            let step = core.step(&mut call(9, produce_in("t", records.into())), at(0));
            prop_assert!(matches!(step, Step::Answer(_)));
            let log = &core.topics.get("topic").unwrap().partitions[0].log;
            let stored: usize = log.batches().map(|batch| batch.records().unwrap().count()).sum();
            prop_assert_eq!(stored as i64, log.end());
        }
    }
}
