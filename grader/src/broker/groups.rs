//! Deleting groups, with members that were killed and whose sessions have not timed out yet.

use std::collections::BTreeMap;
use std::io;

use bytes::Bytes;

use super::exchange::exchange;
use crate::wire::error::{GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP, error_name};
use crate::wire::{self, Response};

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

/// The groups that the broker at `address` coordinates.
pub(super) async fn at(address: &str) -> io::Result<Vec<String>> {
    let answer = exchange(address, wire::list_groups_request(1)).await?;
    wire::parse_groups(&answer).map_err(io::Error::other)
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
    let answer = exchange(coordinator, wire::delete_groups_request(1, groups)).await?;
    let results = wire::parse_deleted_groups(&answer).map_err(io::Error::other)?;
    match results.iter().find(|(_, error)| !matches!(*error, 0 | NON_EMPTY_GROUP | GROUP_ID_NOT_FOUND)) {
        Some((group, error)) => Err(io::Error::other(format!("{group}: {}", error_name(*error)))),
        None => {
            Ok(results.into_iter().filter(|(_, error)| *error == NON_EMPTY_GROUP).map(|(group, _)| group).collect())
        }
    }
}

/// Says goodbye in the name of every member. Who is still there after that shows when the group is deleted.
async fn end_memberships(coordinator: &str, group: &str) {
    let ask = async |request: Bytes| exchange(coordinator, request).await.ok();
    let classic = ask(wire::describe_group_request(1, group)).await;
    for member in classic.and_then(|answer| wire::parse_members(&answer).ok()).unwrap_or_default() {
        ask(wire::leave_group_request(1, group, &member, 1)).await;
    }
    let modern = ask(wire::describe_consumer_group_request(1, group)).await;
    for member in modern.and_then(|answer| wire::parse_consumer_members(&answer).ok()).unwrap_or_default() {
        ask(wire::leave_consumer_group_request(1, group, &member)).await;
    }
}

async fn coordinator(address: &str, group: &str) -> Option<String> {
    let answer = exchange(address, wire::find_coordinator_request(1, group)).await.ok()?;
    match wire::response(wire::FIND_COORDINATOR, 0, &answer).ok()? {
        Response::FindCoordinator { coordinators } => {
            let found = coordinators.into_iter().find(|coordinator| coordinator.error == 0)?;
            Some(format!("{}:{}", found.host, found.port))
        }
        _ => None,
    }
}
