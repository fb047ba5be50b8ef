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

/// A Heartbeat of version 1 (before flexible versions, the newest that librdkafka's mock reads rightly is 3).
pub fn heartbeat_request(correlation: i32, group: &str, generation: i32, member: &str) -> Bytes {
    let mut out = Writer::request(HEARTBEAT, 1, correlation, flexible(HEARTBEAT, 1));
    out.string(group);
    out.i32(generation);
    out.string(member);
    out.finish()
}
