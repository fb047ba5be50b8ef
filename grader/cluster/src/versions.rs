//! The requests that are served, and in which versions.
//!
//! Written by hand: kafka-protocol claims some versions that it does not decode. The newest are Kafka 4.4's, but for the
//! last version of ApiVersions, OffsetCommit, OffsetFetch, ListOffsets, InitProducerId, TxnOffsetCommit, DescribeLogDirs
//! and DeleteGroups, which kafka-protocol does not know.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::api_versions_response::{ApiVersion, FinalizedFeatureKey, SupportedFeatureKey};
use kafka_protocol::messages::{ApiKey, ApiVersionsRequest, ApiVersionsResponse};
use kafka_protocol::protocol::StrBytes;

/// Oldest and newest version of each request.
///
/// The oldest versions are Kafka 4's, which has removed those of clients before 2.1 (KIP-896). Produce begins with 0, as
/// Kafka claims, because older librdkafkas take its absence for a broker without compression (KAFKA-18659); what they then
/// send is version 3 or newer.
pub const SERVED: &[(ApiKey, i16, i16)] = &[
    (ApiKey::Produce, 0, 13),
    (ApiKey::Fetch, 4, 18),
    (ApiKey::ListOffsets, 1, 10),
    (ApiKey::Metadata, 0, 13),
    (ApiKey::OffsetCommit, 2, 9),
    (ApiKey::OffsetFetch, 1, 9),
    (ApiKey::FindCoordinator, 0, 6),
    (ApiKey::JoinGroup, 2, 9),
    (ApiKey::Heartbeat, 0, 4),
    (ApiKey::LeaveGroup, 0, 5),
    (ApiKey::SyncGroup, 0, 5),
    (ApiKey::DescribeGroups, 0, 6),
    (ApiKey::ListGroups, 0, 5),
    (ApiKey::ApiVersions, 0, 4),
    (ApiKey::CreateTopics, 2, 7),
    (ApiKey::DeleteTopics, 1, 6),
    (ApiKey::DeleteRecords, 0, 2),
    (ApiKey::InitProducerId, 0, 5),
    (ApiKey::OffsetForLeaderEpoch, 2, 4),
    (ApiKey::AddPartitionsToTxn, 0, 5),
    (ApiKey::AddOffsetsToTxn, 0, 4),
    (ApiKey::EndTxn, 0, 5),
    (ApiKey::TxnOffsetCommit, 0, 5),
    (ApiKey::DescribeAcls, 1, 3),
    (ApiKey::CreateAcls, 1, 3),
    (ApiKey::DeleteAcls, 1, 3),
    (ApiKey::DescribeConfigs, 1, 4),
    (ApiKey::AlterConfigs, 0, 2),
    (ApiKey::DescribeLogDirs, 1, 4),
    (ApiKey::CreatePartitions, 0, 3),
    (ApiKey::DeleteGroups, 0, 2),
    (ApiKey::IncrementalAlterConfigs, 0, 1),
    (ApiKey::ListPartitionReassignments, 0, 0),
    (ApiKey::OffsetDelete, 0, 0),
    (ApiKey::DescribeClientQuotas, 0, 1),
    (ApiKey::DescribeUserScramCredentials, 0, 0),
    (ApiKey::DescribeCluster, 0, 2),
    (ApiKey::DescribeProducers, 0, 0),
    (ApiKey::DescribeTransactions, 0, 0),
    (ApiKey::ListTransactions, 0, 2),
    (ApiKey::ConsumerGroupHeartbeat, 0, 1),
    (ApiKey::ConsumerGroupDescribe, 0, 1),
    (ApiKey::ListConfigResources, 0, 1),
    (ApiKey::DescribeTopicPartitions, 0, 0),
];

/// Is this request served in this version?
pub fn serves(api: i16, version: i16) -> bool {
    SERVED.iter().any(|(key, oldest, newest)| *key as i16 == api && (*oldest..=*newest).contains(&version))
}

/// What Kafka 4.4 can do only after all its brokers can: oldest and newest level that it supports, and the level that a
/// new cluster is set to; 0 is not set.
///
/// A client speaks the version 2 of transactions (KIP-890) where it reads so here. Left out are `share.version` and
/// `streams.version`, whose groups are not served.
const FEATURES: &[(&str, i16, i16, i16)] = &[
    ("eligible.leader.replicas.version", 0, 1, 1),
    ("group.version", 0, 1, 1),
    ("kraft.version", 0, 1, 0),
    ("metadata.version", 7, 33, 33),
    ("transaction.version", 0, 2, 2),
];

/// Answers a client's first request: what may it ask?
pub(crate) fn answer(request: &ApiVersionsRequest, version: i16) -> ApiVersionsResponse {
    let names = [&request.client_software_name, &request.client_software_version];
    if version >= 3 && !names.into_iter().all(|name| is_software_name(name)) {
        return ApiVersionsResponse::default().with_error_code(ResponseError::InvalidRequest.code());
    }
    let answer = ApiVersionsResponse::default().with_api_keys(ranges());
    if version < 3 {
        return answer;
    }
    let name = |name| StrBytes::from_static_str(name);
    // Clients that ask in version 3 may choke on an oldest level of 0 (KAFKA-17011).
    let supported = FEATURES.iter().filter(|(_, oldest, ..)| version >= 4 || *oldest > 0);
    let supported = supported.map(|(feature, oldest, newest, _)| {
        SupportedFeatureKey::default().with_name(name(feature)).with_min_version(*oldest).with_max_version(*newest)
    });
    let finalized = FEATURES.iter().filter(|(.., level)| *level > 0).map(|(feature, .., level)| {
        let key = FinalizedFeatureKey::default().with_name(name(feature));
        key.with_min_version_level(*level).with_max_version_level(*level)
    });
    answer
        .with_supported_features(supported.collect())
        .with_finalized_features(finalized.collect())
        .with_finalized_features_epoch(1)
}

/// Letters and digits, with dots and dashes between them. (`ApiVersionsRequest.isValid` in Kafka)
fn is_software_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric();
    name.starts_with(plain) && name.ends_with(plain) && name.chars().all(|c| plain(c) || matches!(c, '-' | '.'))
}

/// The answer to an ApiVersions request that is newer than this cluster: sent in version 0, which every client reads
/// (KIP-511). It says only in which versions to ask again.
pub(crate) fn unknown_version() -> ApiVersionsResponse {
    let only = ranges().into_iter().filter(|range| range.api_key == ApiKey::ApiVersions as i16);
    ApiVersionsResponse::default()
        .with_error_code(ResponseError::UnsupportedVersion.code())
        .with_api_keys(only.collect())
}

fn ranges() -> Vec<ApiVersion> {
    let range = |(key, oldest, newest): &(ApiKey, i16, i16)| {
        ApiVersion::default().with_api_key(*key as i16).with_min_version(*oldest).with_max_version(*newest)
    };
    SERVED.iter().map(range).collect()
}

#[cfg(test)]
mod tests {
    use kafka_protocol::messages::{ApiVersionsRequest, ResponseKind};

    use super::*;
    use crate::settings::Settings;
    use crate::testing::{ask, at, core};

    fn request(name: &'static str) -> ApiVersionsRequest {
        let name = StrBytes::from_static_str(name);
        ApiVersionsRequest::default().with_client_software_name(name.clone()).with_client_software_version(name)
    }

    #[test]
    fn the_name_of_a_clients_software_must_be_one() {
        let mut core = core(Settings::default());
        for (name, version, error) in [("", 2, 0), ("", 3, 42), ("a b", 4, 42), ("-a", 4, 42), ("a-1.0", 4, 0)] {
            let answer = ask(&mut core, at(0), version, request(name));
            let ResponseKind::ApiVersions(answer) = answer else { panic!() };
            assert_eq!(answer.error_code, error, "{name:?} v{version}");
        }
    }

    #[test]
    fn features_are_said_to_whom_can_read_them() {
        let mut core = core(Settings::default());
        for (version, supported, finalized) in [(0, 0, 0), (2, 0, 0), (3, 1, 4), (4, 5, 4)] {
            let answer = ask(&mut core, at(0), version, request("test"));
            crate::frame::write(ApiKey::ApiVersions, version, 1, &answer).unwrap();
            let ResponseKind::ApiVersions(answer) = answer else { panic!() };
            let features = (answer.supported_features.len(), answer.finalized_features.len());
            assert_eq!(features, (supported, finalized), "ApiVersions v{version}");
        }
    }
}
