//! DeleteRecords: the beginning of a log moves up. (`ReplicaManager.deleteRecordsOnLocalLog`, `Partition.deleteRecordsOnLeader`
//! in Kafka)

use kafka_protocol::ResponseError;
use kafka_protocol::messages::delete_records_request::DeleteRecordsPartition;
use kafka_protocol::messages::delete_records_response::{DeleteRecordsPartitionResult, DeleteRecordsTopicResult};
use kafka_protocol::messages::{DeleteRecordsRequest, DeleteRecordsResponse, TopicName};

use crate::call::{Caller, Step};
use crate::core::Core;
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
