//! ApiVersions, which the tap answers itself.
//!
//! A client's first request asks which kinds and versions of requests a broker knows, and from then on it uses the
//! newest that both know. So the tap decides here what it will have to read: it offers what the broker has, less what
//! it cannot decode. It must also answer clients that are newer than itself (KIP-511): such a client cannot know in
//! which version to ask, and gets error 35 in the oldest layout, with the one line that says in which to ask again.

use std::collections::BTreeMap;

use bytes::Bytes;
use kafka_protocol::messages::api_versions_response::ApiVersion;
use kafka_protocol::messages::{ApiKey, ApiVersionsResponse};
use serde::{Deserialize, Serialize};

use super::api::{self, API_VERSIONS};
use super::error;
use super::head::{RequestHead, check_version};
use super::message::write_answer;
use super::reader::Malformed;

/// Oldest and newest version of each request kind.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ranges(pub BTreeMap<i16, (i16, i16)>);

/// Kinds that the tap does not offer: telemetry, which a broker has only with a plugin; and share groups, whose fetches carry broker addresses that we do not rewrite.
fn is_withheld(api: ApiKey) -> bool {
    use ApiKey::*;
    matches!(
        api,
        GetTelemetrySubscriptions
            | PushTelemetry
            | ShareGroupHeartbeat
            | ShareGroupDescribe
            | ShareFetch
            | ShareAcknowledge
            | InitializeShareGroupState
            | ReadShareGroupState
            | WriteShareGroupState
            | DeleteShareGroupState
            | ReadShareGroupStateSummary
            | DescribeShareGroupOffsets
            | AlterShareGroupOffsets
            | DeleteShareGroupOffsets
    )
}

impl Ranges {
    /// What a broker has answered.
    ///
    /// # Errors
    /// It has refused to.
    pub fn reported(answer: &ApiVersionsResponse) -> Result<Ranges, Malformed> {
        match answer.error_code {
            0 => Ok(Ranges(
                answer.api_keys.iter().map(|row| (row.api_key, (row.min_version, row.max_version))).collect(),
            )),
            error => Err(Malformed::new(format!("the broker refused with {}", error::error_name(error)))),
        }
    }

    pub fn get(&self, api: i16) -> Option<(i16, i16)> {
        self.0.get(&api).copied()
    }

    /// Only the kinds of requests that are looked into.
    pub fn without_admin(self) -> Ranges {
        Ranges(self.0.into_iter().filter(|(api, _)| api::is_decoded(*api)).collect())
    }

    /// What the tap offers to clients of a broker that reported these ranges.
    ///
    /// Only the newest versions are cut. The oldest ones stay, above all Produce's: Kafka 4 claims v0 to v2, which it
    /// no longer accepts, because older librdkafkas take their absence for a broker without compression (KAFKA-18659).
    pub fn for_tap(&self) -> Ranges {
        let mut offered = BTreeMap::new();
        for (&api, &(oldest, newest)) in &self.0 {
            let Ok(key) = ApiKey::try_from(api) else {
                continue;
            };
            if is_withheld(key) {
                continue;
            }
            let ours = api::find(api).map_or(key.valid_versions().max, |row| row.newest);
            let newest = newest.min(ours);
            if oldest <= newest {
                offered.insert(api, (oldest, newest));
            }
        }
        // This one is between client and tap, whatever the broker knows.
        let ours = api::find(API_VERSIONS).map_or(0, |row| row.newest);
        offered.insert(API_VERSIONS, (0, ours));
        Ranges(offered)
    }
}

/// The tap's answer to a client's ApiVersions request, as a frame without its length.
///
/// Finalized features are left out. A Java client then sees no `transaction.version` and uses the first version of
/// transactions, in which it says AddPartitionsToTxn, as librdkafka does.
///
/// # Errors
/// None that is known of.
pub fn answer_api_versions(head: &RequestHead, ranges: &Ranges) -> Result<Bytes, Malformed> {
    let row = |(&api, &(oldest, newest)): (&i16, &(i16, i16))| {
        ApiVersion::default().with_api_key(api).with_min_version(oldest).with_max_version(newest)
    };
    let ours = ranges.get(API_VERSIONS).unwrap_or((0, 0));
    let known = (0..=ours.1).contains(&head.version) && check_version(API_VERSIONS, head.version).is_ok();
    let (version, answer) = match known {
        true => (head.version, ApiVersionsResponse::default().with_api_keys(ranges.0.iter().map(row).collect())),
        false => {
            let only = vec![row((&API_VERSIONS, &ours))];
            (0, ApiVersionsResponse::default().with_error_code(error::UNSUPPORTED_VERSION).with_api_keys(only))
        }
    };
    write_answer(API_VERSIONS, version, head.correlation, &answer.into())
}
