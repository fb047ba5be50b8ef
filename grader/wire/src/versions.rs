//! ApiVersions, which the tap answers itself.
//!
//! A client's first request asks which kinds and versions of requests a broker knows, and from then on it uses the
//! newest that both know. So the tap decides here what it will have to read: it offers what the broker has, less what
//! it cannot decode. It must also answer clients that are newer than itself (KIP-511): such a client cannot know in
//! which version to ask, and gets error 35 in the oldest layout, with the one line that says in which to ask again.

use std::collections::BTreeMap;

use bytes::Bytes;
use kafka_protocol::messages::ApiKey;
use serde::{Deserialize, Serialize};

use super::api::{self, API_VERSIONS};
use super::error;
use super::head::{RequestHead, check_version};
use super::reader::{Malformed, Reader};
use super::writer::Writer;

/// Oldest and newest version of each request kind.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ranges(pub BTreeMap<i16, (i16, i16)>);

/// A question of the tap's own to the broker, in v0, which every broker knows; without its length.
pub fn api_versions_request(correlation: i32) -> Bytes {
    Writer::request(API_VERSIONS, 0, correlation, false).finish()
}

/// The answer to [`api_versions_request`].
pub fn parse_api_versions(frame: &Bytes) -> Result<Ranges, Malformed> {
    let parse = || {
        let mut r = Reader::new(frame, 0, false);
        r.i32("correlation_id")?;
        let error = r.i16("error_code")?;
        if error != 0 {
            return Err(Malformed::new(format!("the broker refused with {}", error::error_name(error))));
        }
        let ranges =
            r.array("api_keys", |r| Ok((r.i16("api_key")?, (r.i16("min_version")?, r.i16("max_version")?))))?;
        Ok(Ranges(ranges.into_iter().collect()))
    };
    parse().map_err(|why: Malformed| why.within("ApiVersions v0 response"))
}

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
pub fn answer_api_versions(head: &RequestHead, ranges: &Ranges) -> Bytes {
    let (oldest, newest) = ranges.get(API_VERSIONS).unwrap_or((0, 0));
    if !(0..=newest).contains(&head.version) || check_version(API_VERSIONS, head.version).is_err() {
        let mut out = Writer::response(head.correlation, false, false);
        out.i16(error::UNSUPPORTED_VERSION);
        out.array([(API_VERSIONS, (oldest, newest))], range);
        return out.finish();
    }
    let mut out = Writer::response(head.correlation, false, api::flexible(API_VERSIONS, head.version));
    out.i16(0);
    out.array(ranges.0.iter().map(|(&api, &versions)| (api, versions)), range);
    if head.version >= 1 {
        out.i32(0); // throttle_time_ms
    }
    out.no_tags();
    out.finish()
}

fn range(out: &mut Writer, (api, (oldest, newest)): (i16, (i16, i16))) {
    out.i16(api);
    out.i16(oldest);
    out.i16(newest);
    out.no_tags();
}
