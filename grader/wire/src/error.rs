//! Kafka's error codes, under the names that its documentation gives them.

use kafka_protocol::ResponseError;

pub const UNKNOWN_MEMBER_ID: i16 = ResponseError::UnknownMemberId.code();
/// The group has no assignor that the member knows.
pub const INCONSISTENT_GROUP_PROTOCOL: i16 = ResponseError::InconsistentGroupProtocol.code();
pub const REBALANCE_IN_PROGRESS: i16 = ResponseError::RebalanceInProgress.code();
pub const UNSUPPORTED_VERSION: i16 = ResponseError::UnsupportedVersion.code();
/// The group still has members.
pub const NON_EMPTY_GROUP: i16 = ResponseError::NonEmptyGroup.code();
pub const GROUP_ID_NOT_FOUND: i16 = ResponseError::GroupIdNotFound.code();
/// A batch of an idempotent producer does not follow on what the broker has of it.
pub const OUT_OF_ORDER_SEQUENCE_NUMBER: i16 = ResponseError::OutOfOrderSequenceNumber.code();
/// The broker has had this batch of an idempotent producer for some time.
pub const DUPLICATE_SEQUENCE_NUMBER: i16 = ResponseError::DuplicateSequenceNumber.code();
pub const GROUP_MAX_SIZE_REACHED: i16 = ResponseError::GroupMaxSizeReached.code();
/// Another member has come with the same `group.instance.id`.
pub const FENCED_INSTANCE_ID: i16 = ResponseError::FencedInstanceId.code();
/// The same in a KIP-848 group: the epoch that the member names is over.
pub const FENCED_MEMBER_EPOCH: i16 = ResponseError::FencedMemberEpoch.code();
/// The coordinator is not ready, or is another node: ask again.
pub const COORDINATOR_LOAD_IN_PROGRESS: i16 = ResponseError::CoordinatorLoadInProgress.code();
pub const COORDINATOR_NOT_AVAILABLE: i16 = ResponseError::CoordinatorNotAvailable.code();
pub const NOT_COORDINATOR: i16 = ResponseError::NotCoordinator.code();
/// The producer's last transaction is not over yet: ask again.
pub const CONCURRENT_TRANSACTIONS: i16 = ResponseError::ConcurrentTransactions.code();

/// "NOT_ENOUGH_REPLICAS(19)", spelled as in Kafka's documentation; "NONE(0)"; "UNKNOWN(999)" for a code newer than us.
pub fn error_name(code: i16) -> String {
    if code == 0 {
        return "NONE(0)".into();
    }
    match ResponseError::try_from_code(code) {
        Some(ResponseError::Unknown(_)) | None => format!("UNKNOWN({code})"),
        Some(known) => {
            let mut name = String::new();
            for c in format!("{known:?}").chars() {
                if c.is_ascii_uppercase() && !name.is_empty() {
                    name.push('_');
                }
                name.push(c.to_ascii_uppercase());
            }
            format!("{name}({code})")
        }
    }
}
