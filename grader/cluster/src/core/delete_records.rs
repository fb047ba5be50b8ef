//! DeleteRecords: the beginning of a log moves up. (`ReplicaManager.deleteRecordsOnLocalLog`, `Partition.deleteRecordsOnLeader`
//! in Kafka)

use kafka_protocol::ResponseError;
use kafka_protocol::messages::delete_records_request::DeleteRecordsPartition;
use kafka_protocol::messages::delete_records_response::{DeleteRecordsPartitionResult, DeleteRecordsTopicResult};
use kafka_protocol::messages::{DeleteRecordsRequest, DeleteRecordsResponse, TopicName};

use crate::core::Core;
use crate::core::call::{Caller, Step};
use crate::watch::Watched;

/// Everything that can be read.
const TO_HIGH_WATERMARK: i64 = -1;

pub(crate) fn step(core: &mut Core, request: &DeleteRecordsRequest, caller: &Caller) -> Step {
    let mut topics = Vec::new();
    for topic in &request.topics {
        let partitions = topic.partitions.iter().map(|asked| {
            let answer = DeleteRecordsPartitionResult::default().with_partition_index(asked.partition_index);
            match delete(core, &topic.name, asked, caller.node) {
                Ok(start) => answer.with_low_watermark(start),
                Err(error) => answer.with_low_watermark(-1).with_error_code(error.code()),
            }
        });
        let partitions = partitions.collect();
        topics.push(DeleteRecordsTopicResult::default().with_name(topic.name.clone()).with_partitions(partitions));
    }
    Step::answer(DeleteRecordsResponse::default().with_topics(topics))
}

/// Returns where the log begins now.
fn delete(core: &mut Core, topic: &TopicName, asked: &DeleteRecordsPartition, node: i32) -> Result<i64, ResponseError> {
    let topic = core.topics.get_mut(topic).ok_or(ResponseError::UnknownTopicOrPartition)?;
    let policy = topic.settings.get("cleanup.policy").map_or("delete", String::as_str);
    let may_delete = policy.split(',').any(|policy| policy.trim() == "delete");
    let id = topic.id;
    let partition = topic.partition_mut(asked.partition_index).ok_or(ResponseError::UnknownTopicOrPartition)?;
    partition.check_leader(node, -1)?;
    if !may_delete {
        return Err(ResponseError::PolicyViolation);
    }
    let start = match asked.offset {
        TO_HIGH_WATERMARK => partition.high_watermark(),
        offset => offset,
    };
    if !(0..=partition.high_watermark()).contains(&start) {
        return Err(ResponseError::OffsetOutOfRange);
    }
    partition.delete_before(start);
    let start = partition.log.start();
    core.watches.wake(&Watched::Partition(id, asked.partition_index));
    Ok(start)
}

#[cfg(test)]
mod tests {
    use kafka_protocol::ResponseError::*;
    use kafka_protocol::messages::ResponseKind;
    use kafka_protocol::messages::delete_records_request::DeleteRecordsTopic;

    use super::*;
    use crate::sending::{Sending, append, cluster, fetch, fetched, topic_name};
    use crate::testing::{ask, at};

    fn delete_to(core: &mut Core, version: i16, offset: i64) -> (i16, i64) {
        let partition = DeleteRecordsPartition::default().with_offset(offset);
        let topic = DeleteRecordsTopic::default().with_name(topic_name()).with_partitions(vec![partition]);
        let request = DeleteRecordsRequest::default().with_topics(vec![topic]);
        let ResponseKind::DeleteRecords(answer) = ask(core, at(0), version, request) else { panic!() };
        let answer = &answer.topics[0].partitions[0];
        (answer.error_code, answer.low_watermark)
    }

    #[test]
    fn the_beginning_moves_up_and_never_back() {
        let mut core = cluster(1, &[]);
        append(&mut core, &Sending::plain(2));
        append(&mut core, &Sending::plain(2));
        for (version, offset, expected) in [
            (0, 3, (0, 3)),
            (1, 1, (0, 3)),
            (2, 5, (OffsetOutOfRange.code(), -1)),
            (2, -2, (OffsetOutOfRange.code(), -1)),
            (2, TO_HIGH_WATERMARK, (0, 4)),
        ] {
            assert_eq!(delete_to(&mut core, version, offset), expected, "to {offset}");
        }
        assert_eq!(fetched(ask(&mut core, at(0), 12, fetch(3))).error_code, OffsetOutOfRange.code());
        assert_eq!(append(&mut core, &Sending::plain(1)), 4);
    }

    #[test]
    fn a_compacted_topic_keeps_what_it_has() {
        let mut core = cluster(1, &[("cleanup.policy", "compact")]);
        assert_eq!(delete_to(&mut core, 2, 0), (PolicyViolation.code(), -1));
    }
}
