use kafka_protocol::messages::add_partitions_to_txn_request::{AddPartitionsToTxnTopic, AddPartitionsToTxnTransaction};
use kafka_protocol::messages::{
    AddOffsetsToTxnRequest, AddPartitionsToTxnRequest, ApiKey, DescribeProducersRequest, DescribeTransactionsRequest,
    EndTxnRequest, GroupId, InitProducerIdRequest, ListTransactionsRequest, ProducerId, ResponseKind, TopicName,
    TransactionalId,
};
use kafka_protocol::protocol::StrBytes;

use super::state::Target;
use super::*;
use crate::core::admin::{self, NewTopic};
use crate::frame;
use crate::producers::Producer;
use crate::settings::Settings;
use crate::testing::{ask, at, core};
use kafka_protocol::ResponseError;

const ID: &str = "transfers";

fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

fn id() -> TransactionalId {
    TransactionalId(text(ID))
}

/// A cluster with a topic of two partitions.
fn cluster() -> Core {
    let mut core = core(Settings::default());
    admin::create_topic(&mut core, "t", &NewTopic { partitions: Some(2), ..NewTopic::default() }).unwrap();
    core
}

fn init(core: &mut Core, ms: u64) -> Result<Producer, i16> {
    let request = InitProducerIdRequest::default().with_transactional_id(Some(id())).with_transaction_timeout_ms(1_000);
    match ask(core, at(ms), 4, request) {
        ResponseKind::InitProducerId(answer) if answer.error_code == 0 => {
            Ok(Producer { id: answer.producer_id.0, epoch: answer.producer_epoch })
        }
        ResponseKind::InitProducerId(answer) => Err(answer.error_code),
        other => panic!("{other:?}"),
    }
}

/// The codes of AddPartitionsToTxn for these partitions of the topic.
fn add(core: &mut Core, ms: u64, version: i16, producer: Producer, partitions: &[i32]) -> Vec<i16> {
    let topic = AddPartitionsToTxnTopic::default().with_name(TopicName(text("t"))).with_partitions(partitions.to_vec());
    let request = AddPartitionsToTxnRequest::default()
        .with_v3_and_below_transactional_id(id())
        .with_v3_and_below_producer_id(ProducerId(producer.id))
        .with_v3_and_below_producer_epoch(producer.epoch)
        .with_v3_and_below_topics(vec![topic]);
    match ask(core, at(ms), version, request) {
        ResponseKind::AddPartitionsToTxn(answer) => {
            let topics = answer.results_by_topic_v3_and_below.iter();
            topics.flat_map(|topic| &topic.results_by_partition).map(|result| result.partition_error_code).collect()
        }
        other => panic!("{other:?}"),
    }
}

/// Code, id and epoch of the answer to EndTxn.
fn end(core: &mut Core, ms: u64, version: i16, producer: Producer, commit: bool) -> (i16, i64, i16) {
    let request = EndTxnRequest::default()
        .with_transactional_id(id())
        .with_producer_id(ProducerId(producer.id))
        .with_producer_epoch(producer.epoch)
        .with_committed(commit);
    match ask(core, at(ms), version, request) {
        ResponseKind::EndTxn(answer) => (answer.error_code, answer.producer_id.0, answer.producer_epoch),
        other => panic!("{other:?}"),
    }
}

fn state(core: &Core) -> &'static str {
    core.transactions.get(ID).unwrap().state.name()
}

/// Offset and kind of each marker in a partition of the topic.
fn markers(core: &Core, index: i32) -> Vec<(i64, bool)> {
    let batches = core.topics.get("t").unwrap().partition(index).unwrap().log.batches();
    batches.filter_map(|batch| Some((batch.header.base_offset, batch.marked()?.0))).collect()
}

#[test]
fn a_transaction_from_its_first_partition_to_its_markers() {
    let mut core = cluster();
    let producer = init(&mut core, 0).unwrap();
    assert_eq!(add(&mut core, 1, 3, producer, &[0, 1]), [0, 0]);
    assert_eq!(state(&core), "Ongoing");
    assert_eq!(end(&mut core, 2, 4, producer, true), (0, -1, -1), "the producer remains who it is");
    assert_eq!(state(&core), "CompleteCommit");
    assert_eq!((markers(&core, 0), markers(&core, 1)), (vec![(0, true)], vec![(0, true)]));
    assert_eq!(add(&mut core, 3, 3, producer, &[1]), [0]);
    assert_eq!(end(&mut core, 4, 4, producer, false), (0, -1, -1));
    assert_eq!((markers(&core, 0), markers(&core, 1)), (vec![(0, true)], vec![(0, true), (1, false)]));
}

#[test]
fn with_version_2_each_transaction_has_its_epoch() {
    let mut core = cluster();
    let producer = init(&mut core, 0).unwrap();
    let Producer { id, epoch } = producer;
    let write = |core: &mut Core, producer| verify_produce(core, ID, producer, ("t", 0), 12, at(1));
    assert_eq!(write(&mut core, producer), Ok(()), "it is added without being asked for");
    assert_eq!(end(&mut core, 2, 5, producer, true), (0, id, epoch + 1));
    assert_eq!(end(&mut core, 2, 5, producer, true), (0, id, epoch + 1), "it has missed the answer");
    assert_eq!(write(&mut core, producer), Err(ResponseError::InvalidProducerEpoch), "too late for it");
    let next = Producer { id, epoch: epoch + 1 };
    assert_eq!(end(&mut core, 3, 5, next, true).0, 48, "nothing to commit: INVALID_TXN_STATE");
    assert_eq!(end(&mut core, 3, 5, next, false), (0, id, epoch + 2), "an empty one can be aborted");
    assert_eq!(markers(&core, 0), [(0, true)]);
}

#[test]
fn who_may_end_what() {
    // Version of EndTxn, epoch less than the present one, state, commit, code.
    const CASES: [(i16, i16, &str, bool, i16); 22] = [
        (4, 0, "Empty", true, 48),
        (4, 0, "Empty", false, 48),
        (4, 0, "CompleteCommit", true, 0),
        (4, 0, "CompleteCommit", false, 48),
        (4, 0, "CompleteAbort", true, 48),
        (4, 0, "CompleteAbort", false, 0),
        (4, 1, "Ongoing", true, 90),
        (1, 1, "Ongoing", true, 47),
        (4, -1, "Ongoing", true, 90),
        (5, 0, "Empty", true, 48),
        (5, 0, "Empty", false, 0),
        (5, 1, "Empty", false, 90),
        (5, 1, "Ongoing", true, 90),
        (5, -1, "Ongoing", false, 90),
        (5, 0, "CompleteCommit", true, 48),
        (5, 0, "CompleteCommit", false, 0),
        (5, 1, "CompleteCommit", true, 0),
        (5, 1, "CompleteCommit", false, 48),
        (5, 2, "CompleteCommit", true, 90),
        (5, 1, "CompleteAbort", false, 0),
        (5, 0, "CompleteAbort", false, 0),
        (5, 0, "CompleteAbort", true, 48),
    ];
    for (version, older, state, commit, code) in CASES {
        let mut core = cluster();
        init(&mut core, 0).unwrap();
        init(&mut core, 0).unwrap();
        let producer = init(&mut core, 0).unwrap();
        if state != "Empty" {
            assert_eq!(add(&mut core, 1, 3, producer, &[0]), [0]);
        }
        let version_before = version.max(2);
        match state {
            "CompleteCommit" => assert_eq!(end(&mut core, 2, version_before, producer, true).0, 0),
            "CompleteAbort" => assert_eq!(end(&mut core, 2, version_before, producer, false).0, 0),
            _ => {}
        }
        let Producer { id, epoch } = core.transactions.get(ID).unwrap().producer;
        let asks = Producer { id, epoch: epoch - older };
        let got = end(&mut core, 3, version, asks, commit).0;
        assert_eq!(got, code, "EndTxn v{version} with epoch -{older} in {state}, commit: {commit}");
    }
}

#[test]
fn nobody_ends_what_is_not_theirs() {
    let mut core = cluster();
    let producer = Producer { id: 7, epoch: 0 };
    assert_eq!(end(&mut core, 0, 4, producer, true).0, 49, "an unknown transactional id");
    init(&mut core, 0).unwrap();
    assert_eq!(end(&mut core, 0, 4, producer, true).0, 49);
    assert_eq!(end(&mut core, 0, 5, producer, true).0, 49);
    assert_eq!(add(&mut core, 0, 3, producer, &[0]), [49]);
}

#[test]
fn a_successor_aborts_what_is_open_and_fences() {
    let mut core = cluster();
    let zombie = init(&mut core, 0).unwrap();
    add(&mut core, 1, 3, zombie, &[0]);
    assert_eq!(init(&mut core, 2), Err(51), "CONCURRENT_TRANSACTIONS while it is aborted");
    assert_eq!(state(&core), "CompleteAbort");
    assert_eq!(markers(&core, 0), [(0, false)]);
    let successor = init(&mut core, 3).unwrap();
    assert_eq!(successor, Producer { id: zombie.id, epoch: zombie.epoch + 2 }, "one epoch was for the abort");
    assert_eq!(add(&mut core, 4, 3, zombie, &[0]), [90]);
    assert_eq!(add(&mut core, 4, 1, zombie, &[0]), [47], "as older clients know it");
    assert_eq!(end(&mut core, 4, 4, zombie, true).0, 90);
}

#[test]
fn a_transaction_that_takes_too_long_is_aborted() {
    let mut core = cluster();
    let producer = init(&mut core, 0).unwrap();
    add(&mut core, 100, 3, producer, &[0]);
    assert_eq!(core.next_timer(), Some(at(1_100).elapsed));
    core.tick(at(1_099));
    assert_eq!(state(&core), "Ongoing");
    core.tick(at(1_100));
    assert_eq!((state(&core), markers(&core, 0)), ("CompleteAbort", vec![(0, false)]));
    assert_eq!(core.next_timer(), None);
    assert_eq!(end(&mut core, 1_200, 4, producer, true).0, 90, "the producer is fenced");
}

#[test]
fn partitions_are_added_all_or_none() {
    let mut core = cluster();
    let producer = init(&mut core, 0).unwrap();
    assert_eq!(add(&mut core, 1, 3, producer, &[0, 9]), [55, 3]);
    assert_eq!(state(&core), "Empty");
}

#[test]
fn records_of_a_partition_that_was_not_added_are_refused() {
    let mut core = cluster();
    let producer = init(&mut core, 0).unwrap();
    add(&mut core, 1, 3, producer, &[0]);
    let fenced = Producer { epoch: producer.epoch - 1, ..producer };
    let stranger = Producer { id: 77, epoch: 0 };
    let mut write = |version, producer, index| verify_produce(&mut core, ID, producer, ("t", index), version, at(1));
    assert_eq!(write(9, producer, 0), Ok(()));
    assert_eq!(write(9, producer, 1), Err(ResponseError::InvalidTxnState));
    assert_eq!(write(11, producer, 1), Err(ResponseError::TransactionAbortable));
    assert_eq!(write(9, fenced, 0), Err(ResponseError::InvalidProducerEpoch));
    assert_eq!(write(9, stranger, 0), Err(ResponseError::InvalidProducerIdMapping));
    assert_eq!(write(12, producer, 1), Ok(()));
}

#[test]
fn a_transaction_is_not_complete_before_its_markers_are_replicated() {
    let mut core = cluster();
    let producer = init(&mut core, 0).unwrap();
    add(&mut core, 1, 3, producer, &[0]);
    let leader = |core: &mut Core, leader| core.topics.get_mut("t").unwrap().partition_mut(0).unwrap().leader = leader;
    leader(&mut core, None);
    assert_eq!(end(&mut core, 2, 4, producer, true), (0, -1, -1), "it is decided");
    assert_eq!(state(&core), "PrepareCommit");
    assert_eq!(add(&mut core, 3, 3, producer, &[0]), [51]);
    assert_eq!(init(&mut core, 3), Err(51));
    assert_eq!(end(&mut core, 3, 4, producer, true).0, 51);
    assert_eq!(end(&mut core, 3, 4, producer, false).0, 48);
    leader(&mut core, Some(1));
    core.tick(at(4));
    assert_eq!((state(&core), markers(&core, 0)), ("CompleteCommit", vec![(0, true)]));
}

#[test]
fn a_deleted_topic_needs_no_marker() {
    let mut core = cluster();
    let producer = init(&mut core, 0).unwrap();
    add(&mut core, 1, 3, producer, &[0]);
    core.topics.remove("t");
    assert_eq!(end(&mut core, 2, 4, producer, true).0, 0);
    assert_eq!(state(&core), "CompleteCommit");
}

#[test]
fn the_last_epoch_of_an_id_is_for_its_markers() {
    let mut core = cluster();
    let first = init(&mut core, 0).unwrap();
    core.transactions.change(ID, |transaction| transaction.producer.epoch = i16::MAX - 1).unwrap();
    let last = Producer { id: first.id, epoch: i16::MAX - 1 };
    add(&mut core, 1, 3, last, &[0]);
    let next = (0, first.id + 1, 0);
    assert_eq!(end(&mut core, 2, 5, last, true), next);
    assert_eq!(end(&mut core, 3, 5, last, true), next, "it has missed the answer");
    assert_eq!(markers(&core, 0), [(0, true)]);
}

fn describe(core: &mut Core, id: &str) -> kafka_protocol::messages::describe_transactions_response::TransactionState {
    let request = DescribeTransactionsRequest::default().with_transactional_ids(vec![TransactionalId(text(id))]);
    match ask(core, at(9), 0, request) {
        ResponseKind::DescribeTransactions(mut answer) => answer.transaction_states.remove(0),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_going_on_can_be_described() {
    let mut core = cluster();
    let producer = init(&mut core, 0).unwrap();
    add(&mut core, 1, 3, producer, &[1, 0]);
    let request = AddOffsetsToTxnRequest::default()
        .with_transactional_id(id())
        .with_producer_id(ProducerId(producer.id))
        .with_producer_epoch(producer.epoch)
        .with_group_id(GroupId(text("readers")));
    let ResponseKind::AddOffsetsToTxn(answer) = ask(&mut core, at(2), 3, request) else { panic!() };
    assert_eq!(answer.error_code, 0);

    let state = describe(&mut core, ID);
    assert_eq!((&*state.transaction_state, state.transaction_start_time_ms), ("Ongoing", at(1).wall_ms));
    let topics: Vec<_> = state.topics.iter().map(|topic| (topic.topic.as_str(), topic.partitions.clone())).collect();
    let Target::Offsets(index) = Target::offsets("readers") else { panic!() };
    assert_eq!(topics, [("__consumer_offsets", vec![index]), ("t", vec![0, 1])]);
    assert_eq!(describe(&mut core, "nobody").error_code, 105);
    assert_eq!(describe(&mut core, "").error_code, 42);
}

#[test]
fn transactions_are_listed_by_state_producer_age_and_pattern() {
    let mut core = cluster();
    let producer = init(&mut core, 0).unwrap();
    add(&mut core, 1, 3, producer, &[0]);
    let all = ListTransactionsRequest::default;
    let states = |state: &str| all().with_state_filters(vec![text(state)]);
    let pattern = |pattern: &str| all().with_transactional_id_pattern(Some(text(pattern)));
    let cases = [
        (all(), 1),
        (states("Ongoing"), 1),
        (states("Empty"), 0),
        (states("Nonsense"), 0),
        (all().with_producer_id_filters(vec![ProducerId(producer.id)]), 1),
        (all().with_producer_id_filters(vec![ProducerId(99)]), 0),
        (all().with_duration_filter(7), 1),
        (all().with_duration_filter(8), 0),
        (pattern("trans.*"), 1),
        (pattern("rans"), 0),
    ];
    for (request, count) in cases {
        match ask(&mut core, at(9), 2, request.clone()) {
            ResponseKind::ListTransactions(answer) => {
                assert_eq!(answer.transaction_states.len(), count, "{request:?}");
                let unknown = request.state_filters.iter().any(|state| **state == *"Nonsense");
                assert_eq!(answer.unknown_state_filters.len(), usize::from(unknown));
            }
            other => panic!("{other:?}"),
        }
    }
    let ResponseKind::ListTransactions(answer) = ask(&mut core, at(9), 2, pattern("(")) else { panic!() };
    assert_eq!(answer.error_code, 128);
}

#[test]
fn every_version_can_be_said() {
    let mut core = cluster();
    let producer = init(&mut core, 0).unwrap();
    let one = AddPartitionsToTxnTransaction::default()
        .with_transactional_id(id())
        .with_producer_id(ProducerId(producer.id))
        .with_producer_epoch(producer.epoch)
        .with_topics(vec![AddPartitionsToTxnTopic::default().with_name(TopicName(text("t"))).with_partitions(vec![0])]);
    let batched = AddPartitionsToTxnRequest::default().with_transactions(vec![one]);
    let offsets = AddOffsetsToTxnRequest::default().with_transactional_id(id()).with_group_id(GroupId(text("g")));
    let topic = kafka_protocol::messages::txn_offset_commit_request::TxnOffsetCommitRequestTopic::default()
        .with_name(TopicName(text("t")))
        .with_partitions(vec![Default::default()]);
    let commit = kafka_protocol::messages::TxnOffsetCommitRequest::default()
        .with_transactional_id(id())
        .with_group_id(GroupId(text("g")))
        .with_topics(vec![topic]);
    let producers = kafka_protocol::messages::describe_producers_request::TopicRequest::default()
        .with_name(TopicName(text("t")))
        .with_partition_indexes(vec![0, 5]);
    let requests: Vec<(ApiKey, RequestKind)> = vec![
        (ApiKey::InitProducerId, InitProducerIdRequest::default().with_transactional_id(None).into()),
        (ApiKey::AddPartitionsToTxn, batched.into()),
        (ApiKey::AddOffsetsToTxn, offsets.into()),
        (ApiKey::TxnOffsetCommit, commit.into()),
        (ApiKey::EndTxn, EndTxnRequest::default().with_transactional_id(id()).into()),
        (
            ApiKey::DescribeTransactions,
            DescribeTransactionsRequest::default().with_transactional_ids(vec![id()]).into(),
        ),
        (ApiKey::ListTransactions, ListTransactionsRequest::default().into()),
        (ApiKey::DescribeProducers, DescribeProducersRequest::default().with_topics(vec![producers]).into()),
    ];
    for (api, request) in requests {
        let (_, oldest, newest) = crate::versions::SERVED.iter().find(|(key, ..)| *key == api).unwrap();
        for version in *oldest..=*newest {
            let answer = ask(&mut core, at(1), version, request.clone());
            frame::write(api, version, 1, &answer).unwrap_or_else(|why| panic!("{api:?} v{version}: {why}"));
        }
    }
}
