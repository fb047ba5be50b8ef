//! The numbers and names of Kafka's request kinds ("API keys"), the versions that we decode, and those that the tap offers.

use std::borrow::Cow;

use kafka_protocol::messages::ApiKey;

pub const PRODUCE: i16 = ApiKey::Produce as i16;
pub const FETCH: i16 = ApiKey::Fetch as i16;
pub const LIST_OFFSETS: i16 = ApiKey::ListOffsets as i16;
pub const METADATA: i16 = ApiKey::Metadata as i16;
pub const OFFSET_COMMIT: i16 = ApiKey::OffsetCommit as i16;
pub const OFFSET_FETCH: i16 = ApiKey::OffsetFetch as i16;
pub const FIND_COORDINATOR: i16 = ApiKey::FindCoordinator as i16;
pub const JOIN_GROUP: i16 = ApiKey::JoinGroup as i16;
pub const HEARTBEAT: i16 = ApiKey::Heartbeat as i16;
pub const LEAVE_GROUP: i16 = ApiKey::LeaveGroup as i16;
pub const SYNC_GROUP: i16 = ApiKey::SyncGroup as i16;
pub const API_VERSIONS: i16 = ApiKey::ApiVersions as i16;
pub const INIT_PRODUCER_ID: i16 = ApiKey::InitProducerId as i16;
pub const ADD_PARTITIONS_TO_TXN: i16 = ApiKey::AddPartitionsToTxn as i16;
pub const ADD_OFFSETS_TO_TXN: i16 = ApiKey::AddOffsetsToTxn as i16;
pub const END_TXN: i16 = ApiKey::EndTxn as i16;
pub const TXN_OFFSET_COMMIT: i16 = ApiKey::TxnOffsetCommit as i16;
pub const DESCRIBE_GROUPS: i16 = ApiKey::DescribeGroups as i16;
pub const LIST_GROUPS: i16 = ApiKey::ListGroups as i16;
pub const DELETE_GROUPS: i16 = ApiKey::DeleteGroups as i16;
pub const DESCRIBE_CLUSTER: i16 = ApiKey::DescribeCluster as i16;
pub const CONSUMER_GROUP_HEARTBEAT: i16 = ApiKey::ConsumerGroupHeartbeat as i16;
pub const CONSUMER_GROUP_DESCRIBE: i16 = ApiKey::ConsumerGroupDescribe as i16;

/// One request kind that we decode.
pub(super) struct Decoded {
    pub api: i16,
    /// The newest version that we know, and that clients may use through the tap. Those older than Kafka 4's oldest
    /// (KIP-896) are decoded for Produce and Fetch alone.
    pub newest: i16,
}

const fn decoded(api: i16, newest: i16) -> Decoded {
    Decoded { api, newest }
}

/// Kafka 4.4's, `clients/src/main/resources/common/message/*.json`, but for version 10 of OffsetCommit and OffsetFetch,
/// which kafka-protocol does not know. It only names topics by their ids, and clients get on with version 9.
pub(super) const DECODED: &[Decoded] = &[
    decoded(PRODUCE, 13),
    decoded(FETCH, 18),
    decoded(LIST_OFFSETS, 10),
    decoded(METADATA, 13),
    decoded(OFFSET_COMMIT, 9),
    decoded(OFFSET_FETCH, 9),
    decoded(FIND_COORDINATOR, 6),
    decoded(JOIN_GROUP, 9),
    decoded(HEARTBEAT, 4),
    decoded(LEAVE_GROUP, 5),
    decoded(SYNC_GROUP, 5),
    decoded(API_VERSIONS, 4),
    decoded(INIT_PRODUCER_ID, 5),
    decoded(ADD_PARTITIONS_TO_TXN, 5),
    decoded(ADD_OFFSETS_TO_TXN, 4),
    decoded(END_TXN, 5),
    decoded(TXN_OFFSET_COMMIT, 5),
    decoded(DESCRIBE_CLUSTER, 2),
    decoded(CONSUMER_GROUP_HEARTBEAT, 1),
];

pub(super) fn find(api: i16) -> Option<&'static Decoded> {
    DECODED.iter().find(|row| row.api == api)
}

/// Are requests of this kind looked into? Those of admin clients are not.
pub fn is_decoded(api: i16) -> bool {
    find(api).is_some()
}

/// "Produce", "OffsetCommit", …; "Api123" for a kind that did not exist when this was written.
pub fn api_name(api: i16) -> Cow<'static, str> {
    match ApiKey::try_from(api) {
        Ok(key) => Cow::Owned(format!("{key:?}")),
        Err(()) => Cow::Owned(format!("Api{api}")),
    }
}

/// Whether this version speaks the dialect of KIP-482: compact lengths and tagged fields.
pub(super) fn flexible(api: i16, version: i16) -> bool {
    ApiKey::try_from(api).is_ok_and(|key| key.request_header_version(version) >= 2)
}

/// Whether the *header* of the answer has tagged fields. That of ApiVersions never has: a client reads it before it
/// knows what the broker speaks, so its form may never change (KIP-511).
pub(super) fn flexible_answer(api: i16, version: i16) -> bool {
    api != API_VERSIONS && flexible(api, version)
}
