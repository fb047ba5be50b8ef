use kafka_protocol::ResponseError::*;
use kafka_protocol::messages::{BrokerId, FetchRequest, FetchResponse, ResponseKind};
use uuid::Uuid;

use crate::core::Core;
use crate::core::call::Step;
use crate::drill::Drill;
use crate::partition::Marker;
use crate::sending::{Sending, append, cluster, fetch, fetched, to_leader};
use crate::testing::{ask, assert_sayable, at, call};
use wire::header::Header;

/// Base offsets of the batches in an answer.
fn offsets(records: &[u8]) -> Vec<i64> {
    let mut offsets = Vec::new();
    let mut rest = records;
    while let Some(header) = Header::read(rest) {
        offsets.push(header.base_offset);
        rest = &rest[header.length as usize + 12..];
    }
    offsets
}

fn read(core: &mut Core, request: FetchRequest) -> (i16, Vec<i64>) {
    let mut call = to_leader(core, 12, request);
    let Step::Answer(answer) = core.step(&mut call, at(0)) else { panic!() };
    assert_sayable(&answer, 12);
    let answer = fetched(*answer);
    (answer.error_code, offsets(&answer.records.unwrap()))
}

fn committed(offset: i64) -> FetchRequest {
    fetch(offset).with_isolation_level(1)
}

fn mark(core: &mut Core, producer_id: i64, commit: bool) -> i64 {
    let marker = Marker { producer_id, producer_epoch: 0, commit, coordinator_epoch: 0 };
    core.append_marker("topic", 0, &marker, at(0)).unwrap()
}

#[test]
fn every_version_reads() {
    let mut core = cluster(1, &[]);
    append(&mut core, &Sending::plain(2));
    let id = core.topics.get("topic").unwrap().id;
    for version in 4..=17 {
        let mut request = fetch(1);
        if version >= 13 {
            request.topics[0].topic = Default::default();
            request.topics[0].topic_id = id;
        }
        let answer = fetched(ask(&mut core, at(0), version, request.clone()));
        assert_eq!(offsets(&answer.records.unwrap()), [0], "a batch is sent whole");
        assert_eq!((answer.high_watermark, answer.last_stable_offset, answer.log_start_offset), (2, 2, 0));
        assert_eq!(answer.aborted_transactions, None);
        let answer = fetched(ask(&mut core, at(0), version, request.clone().with_isolation_level(1)));
        assert_eq!(answer.aborted_transactions, Some(Vec::new()));
        request.topics[0].partitions[0].partition = 1;
        if version >= 13 {
            request.topics[0].topic_id = Uuid::from_u128(7);
        }
        let answer = fetched(ask(&mut core, at(0), version, request));
        let unknown = if version >= 13 { UnknownTopicId } else { UnknownTopicOrPartition };
        assert_eq!((answer.error_code, answer.high_watermark), (unknown.code(), -1));
    }
}

#[test]
fn it_waits_for_data() {
    let mut core = cluster(1, &[]);
    let request = fetch(0).with_max_wait_ms(500);
    let mut waiting = call(12, request.clone());
    assert!(matches!(core.step(&mut waiting, at(0)), Step::Wait(Some(until)) if until.as_millis() == 500));
    append(&mut core, &Sending::plain(1));
    assert_eq!(core.take_woken(), [1]);
    let Step::Answer(answer) = core.step(&mut waiting, at(1)) else { panic!() };
    assert_eq!(offsets(&fetched(*answer).records.unwrap()), [0]);

    // For more bytes than there are.
    let mut waiting = call(12, request.clone().with_min_bytes(200));
    assert!(matches!(core.step(&mut waiting, at(0)), Step::Wait(_)));
    assert!(matches!(core.step(&mut waiting, at(499)), Step::Wait(_)));
    let Step::Answer(answer) = core.step(&mut waiting, at(500)) else { panic!() };
    assert_eq!(offsets(&fetched(*answer).records.unwrap()), [0]);

    // Not where there is an error, or nothing to wait for.
    let mut beyond = request.clone();
    beyond.topics[0].partitions[0].fetch_offset = 2;
    assert_eq!(read(&mut core, beyond), (OffsetOutOfRange.code(), vec![]));
    let mut unknown = request.clone();
    unknown.topics[0].partitions[0].partition = 1;
    assert_eq!(read(&mut core, unknown), (UnknownTopicOrPartition.code(), vec![]));
    assert!(matches!(core.step(&mut call(12, request.with_topics(vec![])), at(0)), Step::Answer(_)));
}

#[test]
fn the_first_batch_is_sent_however_long_it_is() {
    let mut core = cluster(1, &[]);
    let size = Sending::plain(2).bytes().len() as i32;
    for offset in [0, 2, 4] {
        assert_eq!(append(&mut core, &Sending::plain(2)), offset);
    }
    assert_eq!(read(&mut core, fetch(2).with_max_bytes(1)), (0, vec![2]));
    assert_eq!(read(&mut core, fetch(0).with_max_bytes(2 * size)), (0, vec![0, 2]));
    let mut request = fetch(0);
    request.topics[0].partitions[0].partition_max_bytes = 2 * size - 1;
    assert_eq!(read(&mut core, request), (0, vec![0]));
    // But only the first.
    let mut request = fetch(0).with_max_bytes(1);
    let again = request.topics[0].partitions[0].clone();
    request.topics[0].partitions.push(again);
    let ResponseKind::Fetch(FetchResponse { responses, .. }) = ask(&mut core, at(0), 12, request) else { panic!() };
    assert_eq!(responses[0].partitions[1].records.as_deref(), Some(&[][..]));
}

#[test]
fn committed_records_only() {
    let mut core = cluster(1, &[]);
    append(&mut core, &Sending::transactional((7, 0), 0, 2)); // 0
    append(&mut core, &Sending::plain(1)); // 2
    append(&mut core, &Sending::transactional((8, 0), 0, 1)); // 3
    assert_eq!(read(&mut core, fetch(0)), (0, vec![0, 2, 3]));
    assert_eq!(read(&mut core, committed(0)), (0, vec![]), "a transaction is open from 0 on");
    assert_eq!(mark(&mut core, 7, false), 4);
    assert_eq!(read(&mut core, committed(0)), (0, vec![0, 2]), "another is open from 3 on");
    assert_eq!(mark(&mut core, 8, true), 5);
    assert_eq!(read(&mut core, committed(0)), (0, vec![0, 2, 3, 4, 5]));
    for (offset, aborted) in [(0, vec![(7, 0)]), (4, vec![(7, 0)]), (5, vec![])] {
        let answer = fetched(ask(&mut core, at(0), 12, committed(offset)));
        let listed = answer.aborted_transactions.unwrap();
        let listed: Vec<_> = listed.iter().map(|ended| (ended.producer_id.0, ended.first_offset)).collect();
        assert_eq!(listed, aborted, "from {offset}");
        assert_eq!(answer.last_stable_offset, 6);
    }
    // The second one's next transaction is open.
    append(&mut core, &Sending::transactional((8, 0), 1, 1));
    assert_eq!(read(&mut core, committed(5)), (0, vec![5]));
}

#[test]
fn a_marker_says_how_a_transaction_ended() {
    let mut core = cluster(1, &[]);
    append(&mut core, &Sending::transactional((7, 0), 0, 1));
    mark(&mut core, 7, true);
    mark(&mut core, 7, false);
    let mut records = fetched(ask(&mut core, at(0), 12, fetch(0))).records.unwrap();
    let sets = kafka_protocol::records::RecordBatchDecoder::decode_all(&mut records).unwrap();
    let control: Vec<_> = sets.iter().flat_map(|set| &set.records).filter(|record| record.control).collect();
    let keys: Vec<_> = control.iter().map(|record| record.key.clone().unwrap().to_vec()).collect();
    assert_eq!(keys, [[0, 0, 0, 1], [0, 0, 0, 0]]);
    assert!(control.iter().all(|record| record.value.as_deref() == Some(&[0; 6]) && record.producer_id == 7));
    // The second one has ended nothing.
    assert_eq!(fetched(ask(&mut core, at(0), 12, committed(0))).aborted_transactions, Some(Vec::new()));
}

#[test]
fn consumers_read_to_the_high_watermark() {
    let mut core = cluster(2, &[]);
    append(&mut core, &Sending::transactional((7, 0), 0, 1));
    core.drill(&Drill::ReplicaStops { topic: "topic".into(), partition: 0, node: 2 }).unwrap();
    append(&mut core, &Sending::transactional((7, 0), 1, 1));
    mark(&mut core, 7, true);
    assert_eq!(read(&mut core, fetch(0)), (0, vec![0]));
    assert_eq!(read(&mut core, committed(0)), (0, vec![]), "the marker can still be lost");
    assert_eq!(read(&mut core, fetch(2)), (0, vec![]), "it is there, but not for consumers");
    core.drill(&Drill::ReplicaResumes { topic: "topic".into(), partition: 0, node: 2 }).unwrap();
    assert_eq!(read(&mut core, committed(0)), (0, vec![0, 1, 2]));
}

#[test]
fn leader_epochs() {
    let mut core = cluster(2, &[]);
    append(&mut core, &Sending::plain(1));
    core.drill(&Drill::LeaderMoves { topic: "topic".into(), partition: 0, to: 2 }).unwrap();
    append(&mut core, &Sending::plain(1));
    let with_epoch = |epoch| {
        let mut request = fetch(0);
        request.topics[0].partitions[0].current_leader_epoch = epoch;
        request
    };
    assert_eq!(read(&mut core, with_epoch(-1)), (0, vec![0, 1]));
    assert_eq!(read(&mut core, with_epoch(0)), (FencedLeaderEpoch.code(), vec![]));
    assert_eq!(read(&mut core, with_epoch(1)), (0, vec![0, 1]));
    assert_eq!(read(&mut core, with_epoch(2)), (UnknownLeaderEpoch.code(), vec![]));
    // A follower answers those who know of followers, but not those who know an older leader (KIP-392).
    let answer = fetched(ask(&mut core, at(0), 10, fetch(0)));
    assert_eq!(answer.error_code, NotLeaderOrFollower.code());
    assert_eq!(fetched(ask(&mut core, at(0), 11, fetch(0))).error_code, 0);
    let mut request = with_epoch(0);
    request.topics[0].topic_id = core.topics.get("topic").unwrap().id;
    let ResponseKind::Fetch(answer) = ask(&mut core, at(0), 16, request) else { panic!() };
    assert_eq!(answer.responses[0].partitions[0].current_leader.leader_id, BrokerId(2));
    assert_eq!(answer.node_endpoints[0].node_id, BrokerId(2));
}

#[test]
fn who_has_read_what_is_lost_is_told() {
    let mut core = cluster(2, &[]);
    append(&mut core, &Sending::plain(1));
    core.drill(&Drill::ReplicaStops { topic: "topic".into(), partition: 0, node: 2 }).unwrap();
    append(&mut core, &Sending::plain(1));
    core.drill(&Drill::LeaderMoves { topic: "topic".into(), partition: 0, to: 2 }).unwrap();
    append(&mut core, &Sending::plain(3));
    let mut request = fetch(2);
    request.topics[0].partitions[0].last_fetched_epoch = 0;
    let mut call = to_leader(&core, 12, request);
    let Step::Answer(answer) = core.step(&mut call, at(0)) else { panic!() };
    let diverged = fetched(*answer).diverging_epoch;
    assert_eq!((diverged.epoch, diverged.end_offset), (0, 1));
}

#[test]
fn there_are_no_sessions() {
    let mut core = cluster(1, &[]);
    let ResponseKind::Fetch(answer) = ask(&mut core, at(0), 12, fetch(0).with_session_epoch(0)) else { panic!() };
    assert_eq!((answer.error_code, answer.session_id), (0, 0));
    let request = fetch(0).with_session_id(7).with_session_epoch(1);
    let ResponseKind::Fetch(answer) = ask(&mut core, at(0), 12, request) else { panic!() };
    assert_eq!(answer.error_code, FetchSessionIdNotFound.code());
}
