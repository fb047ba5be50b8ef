//! Deleting groups, with members that were killed and whose sessions have not timed out yet.
//!
//! With requests of our own and not with librdkafka's admin client, which aborts the process now and then when a request
//! about groups is answered late (librdkafka issue 4605). Each is in the oldest version that says what is asked here.

use std::collections::BTreeMap;
use std::io;

use kafka_protocol::messages::{
    ConsumerGroupDescribeRequest, ConsumerGroupHeartbeatRequest, DeleteGroupsRequest, DescribeGroupsRequest,
    FindCoordinatorRequest, LeaveGroupRequest, ListGroupsRequest,
};

use super::request::{ask_at, text};
use crate::wire::error::{GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP, error_name};

/// Deletes `groups`, each at its coordinator, which `address` knows; returns whether all of them are gone.
pub(super) async fn delete(address: &str, groups: &[String]) -> bool {
    let mut coordinators: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let mut all_found = true;
    for group in groups {
        match coordinator(address, group).await {
            Some(coordinator) => coordinators.entry(coordinator).or_default().push(group),
            None => all_found = false,
        }
    }
    let mut all_gone = all_found;
    for (coordinator, groups) in coordinators {
        all_gone &= delete_at(&coordinator, &groups).await;
    }
    all_gone
}

/// The groups that the broker at `address` coordinates, of every kind.
pub(super) async fn at(address: &str) -> io::Result<Vec<String>> {
    let answer = ask_at(address, &ListGroupsRequest::default(), 0).await?;
    match answer.error_code {
        0 => Ok(answer.groups.iter().map(|group| group.group_id.to_string()).collect()),
        error => Err(io::Error::other(format!("the broker refused with {}", error_name(error)))),
    }
}

/// Deletes groups at their coordinator; returns whether all of them are gone.
pub(super) async fn delete_at(coordinator: &str, groups: &[&str]) -> bool {
    if groups.is_empty() {
        return true;
    }
    let Ok(kept) = try_delete(coordinator, groups).await else { return false };
    for group in &kept {
        end_memberships(coordinator, group).await;
    }
    let kept: Vec<&str> = kept.iter().map(String::as_str).collect();
    kept.is_empty() || try_delete(coordinator, &kept).await.is_ok_and(|kept| kept.is_empty())
}

/// Returns those that still have members.
async fn try_delete(coordinator: &str, groups: &[&str]) -> io::Result<Vec<String>> {
    let request = DeleteGroupsRequest::default().with_groups_names(groups.iter().map(|group| text(group)).collect());
    let mut kept = Vec::new();
    for result in ask_at(coordinator, &request, 1).await?.results {
        match result.error_code {
            0 | GROUP_ID_NOT_FOUND => {}
            NON_EMPTY_GROUP => kept.push(result.group_id.to_string()),
            error => return Err(io::Error::other(format!("{}: {}", result.group_id.as_str(), error_name(error)))),
        }
    }
    Ok(kept)
}

/// Says goodbye in the name of every member. Who is still there after that shows when the group is deleted.
async fn end_memberships(coordinator: &str, group: &str) {
    let described = DescribeGroupsRequest::default().with_groups(vec![text(group)]);
    let classic = ask_at(coordinator, &described, 0).await.map(|answer| answer.groups).unwrap_or_default();
    for member in classic.iter().flat_map(|group| &group.members) {
        ask_at(coordinator, &leave(group, &member.member_id), 1).await.ok();
    }
    let described = ConsumerGroupDescribeRequest::default().with_group_ids(vec![text(group)]);
    let modern = ask_at(coordinator, &described, 0).await.map(|answer| answer.groups).unwrap_or_default();
    for member in modern.iter().flat_map(|group| &group.members) {
        ask_at(coordinator, &leave_consumer_group(group, &member.member_id), 1).await.ok();
    }
}

/// How a member of a classic group leaves, so that the group need not wait for the session to time out. Version 1.
pub(super) fn leave(group: &str, member: &str) -> LeaveGroupRequest {
    LeaveGroupRequest::default().with_group_id(text(group)).with_member_id(text(member))
}

/// How a member of a KIP-848 group leaves: a heartbeat with epoch -1. Version 1.
pub(super) fn leave_consumer_group(group: &str, member: &str) -> ConsumerGroupHeartbeatRequest {
    ConsumerGroupHeartbeatRequest::default()
        .with_group_id(text(group))
        .with_member_id(text(member))
        .with_member_epoch(-1)
}

async fn coordinator(address: &str, group: &str) -> Option<String> {
    let found = ask_at(address, &FindCoordinatorRequest::default().with_key(text(group)), 0).await.ok()?;
    (found.error_code == 0).then(|| format!("{}:{}", found.host.as_str(), found.port))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Request, message::write_request, request, request_head};
    use kafka_protocol::protocol;

    fn said(sent: &impl protocol::Request) -> Request {
        let frame = write_request(7, 1, sent).unwrap();
        request(&request_head(&frame).unwrap(), &frame).unwrap()
    }

    #[test]
    fn leaving_reads_as_leaving() {
        let (group, member) = ("g".to_owned(), "m".to_owned());
        let left = Request::LeaveGroup { group: group.clone(), members: vec![member.clone()] };
        assert_eq!(said(&leave("g", "m")), left);
        let left = Request::ConsumerGroupHeartbeat {
            group,
            member,
            epoch: -1,
            instance: None,
            rebalance_timeout_ms: -1,
            topics: None,
            regex: None,
            assignor: None,
            owned: None,
        };
        assert_eq!(said(&leave_consumer_group("g", "m")), left);
    }
}
