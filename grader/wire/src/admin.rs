//! What the grader asks a broker on its own account: which version it is, and which groups it holds.
//!
//! Groups are deleted with these and not with librdkafka's admin client, which aborts the process now and then when a
//! request about groups is answered late (librdkafka issue 4605).

use bytes::Bytes;

use super::api::*;
use super::error::error_name;
use super::reader::{Malformed, Reader, Result};
use super::writer::Writer;

/// ApiVersions v3, the first version whose answer tells the cluster's features.
pub fn features_request(correlation: i32) -> Bytes {
    let mut out = Writer::request(API_VERSIONS, 3, correlation, true);
    out.string("kafkacourse"); // client_software_name
    out.string(env!("CARGO_PKG_VERSION")); // client_software_version
    out.no_tags();
    out.finish()
}

/// The newest `metadata.version` that the broker supports, as the number in Kafka's own numbering (30 is 4.3-IV0), from
/// the answer to [`features_request`]. `None` where the broker names no such feature: before Kafka 3.3, or no Kafka.
pub fn parse_metadata_version(frame: &Bytes) -> Result<Option<i16>> {
    let parse = || {
        // Its header has no tags in any version, so that a client that is too new can still read it.
        let mut r = Reader::new(frame, 4, true);
        if r.i16("error_code")? != 0 {
            return Ok(None);
        }
        r.array("api_keys", |r| {
            r.i16("api_key")?;
            r.i16("min_version")?;
            r.i16("max_version")?;
            r.skip_tags()
        })?;
        r.i32("throttle_time_ms")?;
        let mut supported = None;
        r.tags(|tag, place| supported = (tag == 0).then_some(place).or(supported.take()))?;
        let Some(place) = supported else { return Ok(None) };
        let features = frame.slice(..place.end);
        let mut r = Reader::new(&features, place.start, true);
        r.uvarint("tag size")?;
        let features = r.array("supported_features", |r| {
            let (name, _oldest) = (r.string("name")?, r.i16("min_version")?);
            let newest = r.i16("max_version")?;
            r.skip_tags()?;
            Ok((name, newest))
        })?;
        Ok(features.into_iter().find(|(name, _)| name == "metadata.version").map(|(_, newest)| newest))
    };
    parse().map_err(|why: Malformed| why.within("ApiVersions v3 response"))
}

/// FindCoordinator v0 for a group; the answer is read by [`super::response`].
pub fn find_coordinator_request(correlation: i32, group: &str) -> Bytes {
    let mut out = Writer::request(FIND_COORDINATOR, 0, correlation, false);
    out.string(group);
    out.finish()
}

/// ListGroups v0: the groups that this broker coordinates, of every kind.
pub fn list_groups_request(correlation: i32) -> Bytes {
    Writer::request(LIST_GROUPS, 0, correlation, false).finish()
}

/// The names in the answer to [`list_groups_request`].
pub fn parse_groups(frame: &Bytes) -> Result<Vec<String>> {
    let parse = || {
        let mut r = Reader::new(frame, 4, false);
        refusal(r.i16("error_code")?)?;
        r.array("groups", |r| {
            let group = r.string("group_id")?;
            r.string("protocol_type")?;
            Ok(group)
        })
    };
    parse().map_err(|why: Malformed| why.within("ListGroups v0 response"))
}

/// DescribeGroups v0, for the members of a classic group.
pub fn describe_group_request(correlation: i32, group: &str) -> Bytes {
    let mut out = Writer::request(DESCRIBE_GROUPS, 0, correlation, false);
    out.array([group], |out, group| out.string(group));
    out.finish()
}

/// The member ids in the answer to [`describe_group_request`].
pub fn parse_members(frame: &Bytes) -> Result<Vec<String>> {
    let parse = || {
        let mut r = Reader::new(frame, 4, false);
        let groups = r.array("groups", |r| {
            r.i16("error_code")?;
            for what in ["group_id", "group_state", "protocol_type", "protocol_data"] {
                r.string(what)?;
            }
            r.array("members", |r| {
                let member = r.string("member_id")?;
                r.string("client_id")?;
                r.string("client_host")?;
                r.bytes("member_metadata")?;
                r.bytes("member_assignment")?;
                Ok(member)
            })
        })?;
        Ok(groups.into_iter().flatten().collect())
    };
    parse().map_err(|why: Malformed| why.within("DescribeGroups v0 response"))
}

/// ConsumerGroupDescribe v0, for the members of a KIP-848 group.
pub fn describe_consumer_group_request(correlation: i32, group: &str) -> Bytes {
    let mut out = Writer::request(CONSUMER_GROUP_DESCRIBE, 0, correlation, true);
    out.array([group], |out, group| out.string(group));
    out.i8(0); // include_authorized_operations
    out.no_tags();
    out.finish()
}

/// The member ids in the answer to [`describe_consumer_group_request`].
pub fn parse_consumer_members(frame: &Bytes) -> Result<Vec<String>> {
    let parse = || {
        let mut header = Reader::new(frame, 4, true);
        header.skip_tags()?;
        let mut r = Reader::new(frame, header.at(), true);
        r.i32("throttle_time_ms")?;
        let groups = r.array("groups", |r| {
            r.i16("error_code")?;
            r.nullable_string("error_message")?;
            r.string("group_id")?;
            r.string("group_state")?;
            r.i32("group_epoch")?;
            r.i32("assignment_epoch")?;
            r.string("assignor_name")?;
            let members = r.array("members", consumer_member)?;
            r.i32("authorized_operations")?;
            r.skip_tags()?;
            Ok(members)
        })?;
        Ok(groups.into_iter().flatten().collect())
    };
    parse().map_err(|why: Malformed| why.within("ConsumerGroupDescribe v0 response"))
}

fn consumer_member(r: &mut Reader) -> Result<String> {
    let member = r.string("member_id")?;
    r.nullable_string("instance_id")?;
    r.nullable_string("rack_id")?;
    r.i32("member_epoch")?;
    r.string("client_id")?;
    r.string("client_host")?;
    r.array("subscribed_topic_names", |r| r.string("topic"))?;
    r.nullable_string("subscribed_topic_regex")?;
    for what in ["assignment", "target_assignment"] {
        r.array(what, |r| {
            r.uuid("topic_id")?;
            r.string("topic_name")?;
            r.array("partitions", |r| r.i32("partition"))?;
            r.skip_tags()
        })?;
        r.skip_tags()?;
    }
    r.skip_tags()?;
    Ok(member)
}

/// DeleteGroups v1, the last version before flexible ones.
pub fn delete_groups_request(correlation: i32, groups: &[&str]) -> Bytes {
    let mut out = Writer::request(DELETE_GROUPS, 1, correlation, false);
    out.array(groups, |out, group| out.string(group));
    out.finish()
}

/// Each group with its error code, from the answer to [`delete_groups_request`].
pub fn parse_deleted_groups(frame: &Bytes) -> Result<Vec<(String, i16)>> {
    let parse = || {
        let mut r = Reader::new(frame, 4, false);
        r.i32("throttle_time_ms")?;
        r.array("results", |r| Ok((r.string("group_id")?, r.i16("error_code")?)))
    };
    parse().map_err(|why: Malformed| why.within("DeleteGroups v1 response"))
}

fn refusal(error: i16) -> Result<()> {
    match error {
        0 => Ok(()),
        code => Err(Malformed::new(format!("the broker refused with {}", error_name(code)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kafka_protocol::messages::api_versions_response::SupportedFeatureKey;
    use kafka_protocol::messages::consumer_group_describe_response::{
        Assignment, DescribedGroup as ConsumerGroup, Member, TopicPartitions,
    };
    use kafka_protocol::messages::delete_groups_response::DeletableGroupResult;
    use kafka_protocol::messages::describe_groups_response::{DescribedGroup, DescribedGroupMember};
    use kafka_protocol::messages::list_groups_response::ListedGroup;
    use kafka_protocol::messages::{
        ApiVersionsResponse, ConsumerGroupDescribeResponse, DeleteGroupsResponse, DescribeGroupsResponse,
        ListGroupsResponse,
    };
    use kafka_protocol::protocol::{Encodable, StrBytes};

    /// The answer's bytes, as `kafka-protocol` makes them.
    fn answer(body: &impl Encodable, version: i16, header_tags: bool) -> Bytes {
        let mut out = bytes::BytesMut::from(&[0, 0, 0, 1][..]);
        if header_tags {
            out.extend([0]);
        }
        body.encode(&mut out, version).unwrap();
        out.freeze()
    }

    fn text(text: &str) -> StrBytes {
        StrBytes::from_string(text.to_owned())
    }

    #[test]
    fn the_metadata_version_is_found_among_the_features() {
        let feature = |name, newest| {
            SupportedFeatureKey::default().with_name(text(name)).with_min_version(0).with_max_version(newest)
        };
        let mut body = ApiVersionsResponse::default();
        assert_eq!(parse_metadata_version(&answer(&body, 3, false)), Ok(None));
        body.supported_features = vec![feature("group.version", 1), feature("metadata.version", 33)];
        assert_eq!(parse_metadata_version(&answer(&body, 3, false)), Ok(Some(33)));
        body.error_code = 35;
        assert_eq!(parse_metadata_version(&answer(&body, 3, false)), Ok(None));
    }

    #[test]
    fn groups_and_their_members_are_read() {
        let listed = ListedGroup::default().with_group_id(text("orders").into());
        let body = ListGroupsResponse::default().with_groups(vec![listed]);
        assert_eq!(parse_groups(&answer(&body, 0, false)), Ok(vec!["orders".to_owned()]));
        let refused = ListGroupsResponse::default().with_error_code(15);
        assert!(parse_groups(&answer(&refused, 0, false)).is_err());

        let member = DescribedGroupMember::default()
            .with_member_id(text("m1"))
            .with_member_metadata(Bytes::from_static(b"metadata"));
        let group = DescribedGroup::default().with_members(vec![member.clone(), member.with_member_id(text("m2"))]);
        let body = DescribeGroupsResponse::default().with_groups(vec![group]);
        assert_eq!(parse_members(&answer(&body, 0, false)), Ok(vec!["m1".to_owned(), "m2".to_owned()]));

        let topic = TopicPartitions::default().with_topic_name(text("orders").into()).with_partitions(vec![0, 1]);
        let assignment = Assignment::default().with_topic_partitions(vec![topic]);
        let member = Member::default()
            .with_member_id(text("m1"))
            .with_subscribed_topic_names(vec![text("orders").into()])
            .with_assignment(assignment.clone())
            .with_target_assignment(assignment);
        let group = ConsumerGroup::default().with_members(vec![member.clone(), member.with_member_id(text("m2"))]);
        let body = ConsumerGroupDescribeResponse::default().with_groups(vec![group]);
        assert_eq!(parse_consumer_members(&answer(&body, 0, true)), Ok(vec!["m1".to_owned(), "m2".to_owned()]));

        let result = DeletableGroupResult::default().with_group_id(text("orders").into()).with_error_code(68);
        let body = DeleteGroupsResponse::default().with_results(vec![result]);
        assert_eq!(parse_deleted_groups(&answer(&body, 1, false)), Ok(vec![("orders".to_owned(), 68)]));
    }

    #[test]
    fn no_answer_is_too_odd_to_be_refused() {
        for bytes in [&b""[..], b"\0\0\0\x01", b"\0\0\0\x01\0\0\xff\xff\xff\xff\x0f", &[0xff; 64]] {
            let frame = Bytes::copy_from_slice(bytes);
            parse_metadata_version(&frame).ok();
            parse_groups(&frame).ok();
            parse_members(&frame).ok();
            parse_consumer_members(&frame).ok();
            parse_deleted_groups(&frame).ok();
        }
    }
}
