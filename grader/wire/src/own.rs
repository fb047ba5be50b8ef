//! Requests that the grader sends itself, on behalf of a member of a group.

use bytes::Bytes;

use super::api::*;
use super::writer::Writer;

/// A LeaveGroup request of the grader's own, on behalf of a member that it killed, so that the group need not wait for
/// the session to time out. From v3 on it may name several members.
pub fn leave_group_request(correlation: i32, group: &str, member: &str, version: i16) -> Bytes {
    let mut out = Writer::request(LEAVE_GROUP, version, correlation, flexible(LEAVE_GROUP, version));
    out.string(group);
    if version < 3 {
        out.string(member);
    } else {
        out.array([member], |out, member| {
            out.string(member);
            out.null_string(); // group_instance_id
            if version >= 5 {
                out.null_string(); // reason
            }
            out.no_tags();
        });
    }
    out.no_tags();
    out.finish()
}

/// A Heartbeat of version 1, which every broker knows.
pub fn heartbeat_request(correlation: i32, group: &str, generation: i32, member: &str) -> Bytes {
    let mut out = Writer::request(HEARTBEAT, 1, correlation, flexible(HEARTBEAT, 1));
    out.string(group);
    out.i32(generation);
    out.string(member);
    out.finish()
}

/// A ConsumerGroupHeartbeat with epoch -1, which is how a member of a KIP-848 group leaves.
pub fn leave_consumer_group_request(correlation: i32, group: &str, member: &str) -> Bytes {
    let mut out = Writer::request(CONSUMER_GROUP_HEARTBEAT, 1, correlation, true);
    out.string(group);
    out.string(member);
    out.i32(-1); // member_epoch: leaves
    out.null_string(); // instance_id
    out.null_string(); // rack_id
    out.i32(-1); // rebalance_timeout_ms: unchanged
    out.i8(0); // subscribed_topic_names: null (compact), unchanged
    out.null_string(); // subscribed_topic_regex
    out.null_string(); // server_assignor
    out.i8(0); // topic_partitions: null (compact), unchanged
    out.no_tags();
    out.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Request, request, request_head};

    #[test]
    fn what_we_send_reads_as_what_we_mean() {
        let read = |frame: Bytes| request(&request_head(&frame).unwrap(), &frame).unwrap();
        let (group, member) = ("g".to_owned(), "m".to_owned());
        assert_eq!(
            read(leave_group_request(1, "g", "m", 1)),
            Request::LeaveGroup { group: group.clone(), members: vec![member.clone()] }
        );
        assert_eq!(
            read(heartbeat_request(1, "g", 7, "m")),
            Request::Heartbeat { group: group.clone(), generation: 7, member: member.clone() }
        );
        let left = read(leave_consumer_group_request(1, "g", "m"));
        assert!(
            matches!(&left, Request::ConsumerGroupHeartbeat { group: g, member: m, epoch: -1, .. } if *g == group && *m == member),
            "{left:?}"
        );
    }
}
