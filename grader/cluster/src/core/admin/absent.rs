//! What this cluster does not have, but tools and web interfaces ask for before they show anything: access control,
//! quotas, passwords, reassignments, and the sizes of logs on disks.

use kafka_protocol::ResponseError::SecurityDisabled;
use kafka_protocol::messages::create_acls_response::AclCreationResult;
use kafka_protocol::messages::delete_acls_response::DeleteAclsFilterResult;
use kafka_protocol::messages::describe_log_dirs_response::{
    DescribeLogDirsPartition, DescribeLogDirsResult, DescribeLogDirsTopic,
};
use kafka_protocol::messages::describe_user_scram_credentials_response::DescribeUserScramCredentialsResult;
use kafka_protocol::messages::{
    CreateAclsResponse, DeleteAclsResponse, DescribeAclsResponse, DescribeClientQuotasResponse, DescribeLogDirsRequest,
    DescribeLogDirsResponse, DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse,
    ListPartitionReassignmentsResponse, RequestKind,
};
use kafka_protocol::protocol::StrBytes;

use crate::core::Core;
use crate::core::call::{Caller, Step};
use crate::topics::Topic;

/// Where logs lie: a folder in Kafka.
const LOG_DIR: StrBytes = StrBytes::from_static_str("memory");

pub(super) fn step(core: &mut Core, request: &RequestKind, caller: &Caller) -> Step {
    match request {
        RequestKind::DescribeAcls(_) => {
            let why = StrBytes::from_static_str("No Authorizer is configured on the broker");
            let answer = DescribeAclsResponse::default().with_error_code(SecurityDisabled.code());
            Step::answer(answer.with_error_message(Some(why)))
        }
        RequestKind::CreateAcls(request) => {
            let refused = AclCreationResult::default()
                .with_error_code(SecurityDisabled.code())
                .with_error_message(Some(no_authorizer()));
            Step::answer(CreateAclsResponse::default().with_results(vec![refused; request.creations.len()]))
        }
        RequestKind::DeleteAcls(request) => {
            let refused = DeleteAclsFilterResult::default()
                .with_error_code(SecurityDisabled.code())
                .with_error_message(Some(no_authorizer()));
            Step::answer(DeleteAclsResponse::default().with_filter_results(vec![refused; request.filters.len()]))
        }
        RequestKind::DescribeClientQuotas(_) => {
            Step::answer(DescribeClientQuotasResponse::default().with_entries(Some(Vec::new())))
        }
        RequestKind::DescribeUserScramCredentials(request) => Step::answer(no_passwords(request)),
        RequestKind::ListPartitionReassignments(_) => {
            Step::answer(ListPartitionReassignmentsResponse::default().with_error_message(None))
        }
        RequestKind::DescribeLogDirs(request) => Step::answer(sizes(core, request, caller)),
        _ => Step::HangUp,
    }
}

fn no_authorizer() -> StrBytes {
    StrBytes::from_static_str("No Authorizer is configured.")
}

fn no_passwords(request: &DescribeUserScramCredentialsRequest) -> DescribeUserScramCredentialsResponse {
    let error = kafka_protocol::ResponseError::ResourceNotFound;
    let users = request.users.iter().flatten().map(|user| {
        let why = format!("Attempt to describe a user credential that does not exist: {}", user.name.as_str());
        DescribeUserScramCredentialsResult::default()
            .with_user(user.name.clone())
            .with_error_code(error.code())
            .with_error_message(Some(why.into()))
    });
    DescribeUserScramCredentialsResponse::default().with_results(users.collect())
}

/// The sizes of the copies that this node has.
fn sizes(core: &Core, request: &DescribeLogDirsRequest, caller: &Caller) -> DescribeLogDirsResponse {
    let wanted = |topic: &Topic, index: i32| match &request.topics {
        None => true,
        Some(topics) => topics.iter().any(|asked| *asked.topic == *topic.name && asked.partitions.contains(&index)),
    };
    let topics = core.topics.iter().filter_map(|topic| {
        let partitions = topic.partitions.iter().filter(|partition| wanted(topic, partition.index));
        let copies = partitions.filter_map(|partition| Some((partition, partition.replica(caller.node)?)));
        let copies = copies.map(|(partition, copy)| {
            let lag = partition.high_watermark().saturating_sub(copy.end).max(0);
            DescribeLogDirsPartition::default()
                .with_partition_index(partition.index)
                .with_partition_size(i64::try_from(partition.log.bytes()).unwrap_or(i64::MAX))
                .with_offset_lag(lag)
        });
        let copies: Vec<_> = copies.collect();
        let described = DescribeLogDirsTopic::default().with_name(topic.wire_name()).with_partitions(copies);
        (!described.partitions.is_empty()).then_some(described)
    });
    let result = DescribeLogDirsResult::default().with_log_dir(LOG_DIR).with_topics(topics.collect());
    DescribeLogDirsResponse::default().with_results(vec![result])
}
