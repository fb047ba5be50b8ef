//! Answers in all versions.

use super::*;

/// Answers to an empty request, and to one about something that is not there, go out in every version.
#[test]
fn answers_can_be_sent_in_every_version() {
    let mut core = three_nodes();
    with_topic(&mut core, "t", 2);
    let partitions = CreatePartitionsTopic::default().with_name(name("t")).with_count(1).with_assignments(None);
    let config = DescribeConfigsResource::default().with_configuration_keys(None);
    let configs = [(2, "t"), (4, "1"), (2, "x"), (32, "g")]
        .map(|(kind, name)| config.clone().with_resource_type(kind).with_resource_name(text(name)));
    let gone = DeleteTopicState::default().with_name(Some(name("x")));
    let acl = create_acls_request::AclCreation::default();
    let user = describe_user_scram_credentials_request::UserName::default().with_name(text("u"));
    let requests: Vec<(ApiKey, RequestKind)> = vec![
        (
            ApiKey::CreateTopics,
            CreateTopicsRequest::default().with_topics(vec![topic("n", 1, 1), topic("t", 1, 1)]).into(),
        ),
        (
            ApiKey::DeleteTopics,
            DeleteTopicsRequest::default().with_topic_names(vec![name("n")]).with_topics(vec![gone]).into(),
        ),
        (ApiKey::CreatePartitions, CreatePartitionsRequest::default().with_topics(vec![partitions]).into()),
        (ApiKey::DescribeConfigs, DescribeConfigsRequest::default().with_resources(configs.to_vec()).into()),
        (
            ApiKey::AlterConfigs,
            AlterConfigsRequest::default().with_resources(vec![AlterConfigsResource::default()]).into(),
        ),
        (
            ApiKey::IncrementalAlterConfigs,
            IncrementalAlterConfigsRequest::default().with_resources(vec![ChangedResource::default()]).into(),
        ),
        (ApiKey::ListConfigResources, ListConfigResourcesRequest::default().into()),
        (ApiKey::DescribeCluster, DescribeClusterRequest::default().into()),
        (ApiKey::DescribeCluster, DescribeClusterRequest::default().with_endpoint_type(2).into()),
        (ApiKey::DescribeTopicPartitions, DescribeTopicPartitionsRequest::default().into()),
        (ApiKey::DescribeLogDirs, DescribeLogDirsRequest::default().with_topics(None).into()),
        (ApiKey::ListPartitionReassignments, ListPartitionReassignmentsRequest::default().into()),
        (ApiKey::DescribeAcls, DescribeAclsRequest::default().into()),
        (ApiKey::CreateAcls, CreateAclsRequest::default().with_creations(vec![acl]).into()),
        (ApiKey::DeleteAcls, DeleteAclsRequest::default().with_filters(vec![Default::default()]).into()),
        (ApiKey::DescribeClientQuotas, DescribeClientQuotasRequest::default().into()),
        (
            ApiKey::DescribeUserScramCredentials,
            DescribeUserScramCredentialsRequest::default().with_users(Some(vec![user])).into(),
        ),
        (
            ApiKey::ConsumerGroupDescribe,
            ConsumerGroupDescribeRequest::default().with_group_ids(vec![Default::default()]).into(),
        ),
        (ApiKey::ConsumerGroupHeartbeat, ConsumerGroupHeartbeatRequest::default().into()),
    ];
    for (api, request) in requests {
        let (_, oldest, newest) = SERVED.iter().find(|(key, ..)| *key == api).unwrap();
        for version in *oldest..=*newest {
            let answer = ask(&mut core, at(0), version, request.clone());
            answer.encode(&mut BytesMut::new(), version).unwrap_or_else(|error| panic!("{api:?} {version}: {error}"));
        }
    }
}
