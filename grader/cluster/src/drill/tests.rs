use kafka_protocol::ResponseError::*;
use kafka_protocol::messages::offset_for_leader_epoch_request::{OffsetForLeaderPartition, OffsetForLeaderTopic};
use kafka_protocol::messages::{
    BrokerId, FindCoordinatorRequest, MetadataRequest, OffsetForLeaderEpochRequest, ResponseKind,
};
use kafka_protocol::protocol::StrBytes;

use super::Drill::*;
use super::{Drill, DrillError};
use crate::core::Core;
use crate::core::call::Step;
use crate::partition::Partition;
use crate::sending::{Sending, append, cluster, produce, produced, to_leader, topic_name};
use crate::testing::{ask, at, call};

fn partition(core: &Core) -> &Partition {
    &core.topics.get("topic").unwrap().partitions[0]
}

fn state(core: &Core) -> (Option<i32>, i32, Vec<i32>) {
    let partition = partition(core);
    let in_sync = partition.replicas.iter().filter(|replica| replica.in_sync).map(|replica| replica.node);
    (partition.leader, partition.epoch, in_sync.collect())
}

fn stops(node: i32) -> Drill {
    ReplicaStops { topic: "topic".into(), partition: 0, node }
}

fn falls_out(node: i32) -> Drill {
    ReplicaFallsOut { topic: "topic".into(), partition: 0, node }
}

fn resumes(node: i32) -> Drill {
    ReplicaResumes { topic: "topic".into(), partition: 0, node }
}

fn moves(to: i32) -> Drill {
    LeaderMoves { topic: "topic".into(), partition: 0, to }
}

fn unclean(to: i32) -> Drill {
    UncleanElection { topic: "topic".into(), partition: 0, to }
}

/// Sends one record, and returns the error and offset that the answer says; none while it waits.
fn send(core: &mut Core, acks: i16) -> Option<(i16, i64)> {
    let mut call = to_leader(core, 9, produce(acks, Sending::plain(1).bytes()));
    match core.step(&mut call, at(0)) {
        Step::Answer(answer) => Some(produced(*answer)).map(|answer| (answer.error_code, answer.base_offset)),
        _ => None,
    }
}

#[test]
fn an_acknowledged_record_is_lost_with_its_leader_if_acks_is_1() {
    let mut core = cluster(2, &[]);
    core.drill(&stops(2)).unwrap();
    assert_eq!(send(&mut core, 1), Some((0, 0)), "acknowledged");
    core.drill(&NodeLeaves { node: 1 }).unwrap();
    assert_eq!(state(&core), (Some(2), 1, vec![2]));
    assert_eq!(partition(&core).log.end(), 0, "and lost");
    assert_eq!(send(&mut core, 1), Some((0, 0)), "another one has its offset");
}

#[test]
fn an_acknowledged_record_is_kept_if_acks_is_all() {
    let mut core = cluster(2, &[]);
    assert_eq!(send(&mut core, -1), Some((0, 0)));
    core.drill(&stops(2)).unwrap();
    assert_eq!(send(&mut core, -1), None, "not acknowledged");
    core.drill(&NodeLeaves { node: 1 }).unwrap();
    assert_eq!(partition(&core).log.end(), 1, "what was acknowledged is there");
    core.drill(&NodeReturns { node: 1 }).unwrap();
    assert_eq!(state(&core), (Some(2), 1, vec![1, 2]));
    core.drill(&NodeLeaves { node: 2 }).unwrap();
    assert_eq!((state(&core), partition(&core).log.end()), ((Some(1), 2, vec![1]), 1));
}

#[test]
fn a_node_that_is_away_answers_nothing() {
    let mut core = cluster(2, &[]);
    core.drill(&stops(2)).unwrap();
    let mut waiting = to_leader(&core, 9, produce(-1, Sending::plain(1).bytes()));
    assert!(matches!(core.step(&mut waiting, at(0)), Step::Wait(_)));
    core.drill(&NodeLeaves { node: 1 }).unwrap();
    assert!(matches!(core.step(&mut waiting, at(0)), Step::HangUp));
}

#[test]
fn an_unclean_election_loses_what_was_acknowledged_by_all_in_sync_replicas() {
    let mut core = cluster(2, &[]);
    core.drill(&falls_out(2)).unwrap();
    assert_eq!(send(&mut core, -1), Some((0, 0)), "one replica is in sync, and that is all of them");
    core.drill(&NodeLeaves { node: 1 }).unwrap();
    assert_eq!(state(&core), (None, 1, vec![1]), "nobody has everything");
    assert_eq!(core.drill(&moves(2)), Err(DrillError::NotInSync(2)));
    core.drill(&unclean(2)).unwrap();
    assert_eq!((state(&core), partition(&core).log.end()), ((Some(2), 2, vec![2]), 0));
    core.drill(&NodeReturns { node: 1 }).unwrap();
    assert_eq!(state(&core), (Some(2), 2, vec![1, 2]));
}

#[test]
fn without_an_unclean_election_nothing_is_lost() {
    let mut core = cluster(2, &[]);
    core.drill(&falls_out(2)).unwrap();
    assert_eq!(send(&mut core, -1), Some((0, 0)));
    core.drill(&NodeLeaves { node: 1 }).unwrap();
    core.drill(&NodeReturns { node: 1 }).unwrap();
    assert_eq!((state(&core), partition(&core).log.end()), ((Some(1), 2, vec![1]), 1));
    core.drill(&resumes(2)).unwrap();
    assert_eq!(state(&core).2, [1, 2]);
}

#[test]
fn two_in_sync_replicas_keep_what_is_acknowledged() {
    let mut core = cluster(3, &[("min.insync.replicas", "2")]);
    core.drill(&falls_out(3)).unwrap();
    assert_eq!(send(&mut core, -1), Some((0, 0)));
    core.drill(&falls_out(2)).unwrap();
    assert_eq!(send(&mut core, -1), Some((NotEnoughReplicas.code(), -1)));
    core.drill(&resumes(2)).unwrap();
    core.drill(&NodeLeaves { node: 1 }).unwrap();
    assert_eq!((state(&core), partition(&core).log.end()), ((Some(2), 1, vec![2]), 1));
}

#[test]
fn a_new_leader_knows_producers_by_its_own_log() {
    let mut core = cluster(2, &[]);
    append(&mut core, &Sending::transactional((7, 0), 0, 1));
    core.drill(&stops(2)).unwrap();
    append(&mut core, &Sending::transactional((7, 0), 1, 1));
    append(&mut core, &Sending::transactional((8, 0), 0, 1));
    core.drill(&moves(2)).unwrap();
    let producers = &partition(&core).producers;
    assert_eq!(producers.get(7).map(|state| (state.last_sequence(), state.transaction_start)), Some((0, Some(0))));
    assert!(producers.get(8).is_none());
    assert_eq!(partition(&core).last_stable_offset(), 0);
    assert_eq!(append(&mut core, &Sending::transactional((7, 0), 1, 1)), 1);
}

#[test]
fn a_former_leader_follows() {
    let mut core = cluster(3, &[]);
    core.drill(&stops(3)).unwrap();
    core.drill(&moves(2)).unwrap();
    core.drill(&moves(2)).unwrap();
    assert_eq!(state(&core), (Some(2), 1, vec![1, 2, 3]));
    append(&mut core, &Sending::plain(1));
    let ends: Vec<i64> = partition(&core).replicas.iter().map(|replica| replica.end).collect();
    assert_eq!(ends, [1, 1, 0]);
    assert_eq!(partition(&core).high_watermark(), 0);
}

#[test]
fn epochs_end_where_the_next_one_begins() {
    let mut core = cluster(2, &[]);
    let ask_end = |core: &mut Core, epoch: i32, current: i32| {
        let asked = OffsetForLeaderPartition::default().with_leader_epoch(epoch).with_current_leader_epoch(current);
        let topic = OffsetForLeaderTopic::default().with_topic(topic_name()).with_partitions(vec![asked]);
        let request = OffsetForLeaderEpochRequest::default().with_topics(vec![topic]);
        let mut call = to_leader(core, 4, request);
        let Step::Answer(answer) = core.step(&mut call, at(0)) else { panic!() };
        crate::testing::assert_sayable(&answer, 4);
        let ResponseKind::OffsetForLeaderEpoch(answer) = *answer else { panic!() };
        let answer = &answer.topics[0].partitions[0];
        (answer.error_code, answer.leader_epoch, answer.end_offset)
    };
    assert_eq!(ask_end(&mut core, 3, -1), (0, -1, -1), "unknown");
    append(&mut core, &Sending::plain(2));
    core.drill(&moves(2)).unwrap();
    core.drill(&moves(1)).unwrap();
    append(&mut core, &Sending::plain(3));
    for (epoch, expected) in [(-1, (-1, -1)), (0, (0, 2)), (1, (0, 2)), (2, (2, 5)), (3, (-1, -1))] {
        assert_eq!(ask_end(&mut core, epoch, 2), (0, expected.0, expected.1), "{epoch}");
    }
    assert_eq!(ask_end(&mut core, 0, 1), (FencedLeaderEpoch.code(), -1, -1));
    assert_eq!(ask_end(&mut core, 0, 3), (UnknownLeaderEpoch.code(), -1, -1));
}

#[test]
fn metadata_shows_it() {
    let mut core = cluster(2, &[]);
    core.drill(&falls_out(2)).unwrap();
    core.drill(&NodeLeaves { node: 1 }).unwrap();
    let request = MetadataRequest::default().with_topics(None);
    let mut call = call(12, request);
    call.caller.node = 2;
    let Step::Answer(answer) = core.step(&mut call, at(0)) else { panic!() };
    let ResponseKind::Metadata(answer) = *answer else { panic!() };
    assert_eq!(answer.brokers.iter().map(|broker| broker.node_id).collect::<Vec<_>>(), [BrokerId(2)]);
    let partition = &answer.topics[0].partitions[0];
    assert_eq!((partition.error_code, partition.leader_id), (LeaderNotAvailable.code(), BrokerId(-1)));
    assert_eq!(partition.isr_nodes, [BrokerId(1)]);
    assert_eq!(partition.offline_replicas, [BrokerId(1)]);
}

#[test]
fn a_coordinator_moves() {
    let mut core = cluster(2, &[]);
    for node in [1, 2, 1] {
        core.drill(&CoordinatorMoves { group: "g".into(), to: node }).unwrap();
        let request = FindCoordinatorRequest::default().with_key(StrBytes::from_static_str("g"));
        let ResponseKind::FindCoordinator(answer) = ask(&mut core, at(0), 2, request) else { panic!() };
        assert_eq!(answer.node_id, BrokerId(node));
    }
}

#[test]
fn what_cannot_be_changes_nothing() {
    let mut core = cluster(2, &[]);
    let before = state(&core);
    let cases = [
        (moves(3), DrillError::NoNode(3)),
        (stops(1), DrillError::Leads(1)),
        (stops(3), DrillError::NoReplica(3)),
        (NodeLeaves { node: 3 }, DrillError::NoNode(3)),
        (NodeReturns { node: 3 }, DrillError::NoNode(3)),
        (CoordinatorMoves { group: "g".into(), to: 3 }, DrillError::NoNode(3)),
        (
            LeaderMoves { topic: "other".into(), partition: 0, to: 2 },
            DrillError::NoPartition { topic: "other".into(), partition: 0 },
        ),
    ];
    for (drill, error) in cases {
        assert_eq!(core.drill(&drill), Err(error));
        assert_eq!(state(&core), before);
    }
    core.drill(&NodeLeaves { node: 2 }).unwrap();
    assert_eq!(core.drill(&resumes(2)), Err(DrillError::Away(2)));
    assert_eq!(core.drill(&NodeLeaves { node: 2 }), Err(DrillError::Away(2)));
    core.drill(&NodeLeaves { node: 1 }).unwrap();
    assert_eq!(core.drill(&stops(2)), Err(DrillError::NoLeader));
}
