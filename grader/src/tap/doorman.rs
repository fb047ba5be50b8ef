//! Who may join a group on librdkafka's test cluster.
//!
//! A Kafka broker refuses a member that has no assignor in common with those that are there. The test cluster looks at the
//! first assignor of each member only, and aborts its process where they differ. With a hundred members it aborts, too,
//! when one is late. So the tap refuses in its place, with the errors that Kafka has for it.

use crate::evidence::{Event, What};
use crate::wire::{Request, Response};

const INCONSISTENT_GROUP_PROTOCOL: i16 = 23;
const GROUP_MAX_SIZE_REACHED: i16 = 81;

/// As Kafka's `group.max.size` would say it; more than any lesson needs.
const MOST_MEMBERS: usize = 12;

/// The error with which the JoinGroup request at `position` is to be refused, if it is.
pub(super) fn refusal(events: &[Event], position: usize) -> Option<i16> {
    let What::Request { body: Request::JoinGroup { group, member, protocols, .. }, .. } = &events.get(position)?.what
    else {
        return None;
    };
    // Position of the request, member, first assignor.
    let mut there: Vec<(usize, &str, Option<&String>)> = Vec::new();
    for (at, event) in events[..position].iter().enumerate() {
        match &event.what {
            What::Request { body: Request::JoinGroup { group: of, member, protocols, .. }, .. } if of == group => {
                there.retain(|(_, known, _)| known.is_empty() || known != member);
                there.push((at, member, protocols.first()));
            }
            What::Response { to, body: Response::JoinGroup { error, member, .. }, .. } => {
                there.retain(|(at, ..)| *error == 0 || at != to);
                there.iter_mut().filter(|(at, ..)| at == to).for_each(|known| known.1 = member);
            }
            What::Request { body: Request::LeaveGroup { group: of, members, .. }, .. } if of == group => {
                there.retain(|(_, known, _)| !members.iter().any(|left| left == known));
            }
            What::Expired { group: of, member } if of == group => there.retain(|(_, known, _)| known != member),
            _ => {}
        }
    }
    there.retain(|(_, known, _)| known.is_empty() || known != member);
    if there.iter().any(|(.., first)| *first != protocols.first()) {
        return Some(INCONSISTENT_GROUP_PROTOCOL);
    }
    (there.len() >= MOST_MEMBERS).then_some(GROUP_MAX_SIZE_REACHED)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn events(events: &[serde_json::Value]) -> Vec<Event> {
        events.iter().map(|event| serde_json::from_value(event.clone()).expect("an event")).collect()
    }

    fn asks(member: &str, assignor: &str) -> serde_json::Value {
        let body = json!({"api": "join_group", "group": "g", "member": member, "session_timeout_ms": 1, "rebalance_timeout_ms": 1, "protocols": [assignor]});
        json!({"at": 0, "event": "request", "conn": 1, "correlation": 1, "version": 5, "body": body})
    }

    fn joined(to: usize, member: &str) -> serde_json::Value {
        let body = json!({"api": "join_group", "error": 0, "generation": 1, "member": member, "leader": member});
        json!({"at": 0, "event": "response", "conn": 1, "to": to, "by": "broker", "body": body})
    }

    #[test]
    fn another_assignor_is_refused_while_somebody_is_there() {
        let both = events(&[asks("", "range"), joined(0, "m"), asks("", "sticky")]);
        assert_eq!(refusal(&both, 2), Some(INCONSISTENT_GROUP_PROTOCOL));
        assert_eq!(refusal(&both, 0), None, "the first one sets the tone");
        let same = events(&[asks("", "range"), joined(0, "m"), asks("", "range"), asks("m", "range")]);
        assert_eq!((refusal(&same, 2), refusal(&same, 3)), (None, None));
        let alone = events(&[asks("", "range"), joined(0, "m"), asks("m", "sticky")]);
        assert_eq!(refusal(&alone, 2), None, "who is alone may change its mind");
        let left = json!({"at": 0, "event": "request", "conn": 1, "correlation": 2, "version": 1,
            "body": {"api": "leave_group", "group": "g", "members": ["m"]}});
        let gone = events(&[asks("", "range"), joined(0, "m"), left, asks("", "sticky")]);
        assert_eq!(refusal(&gone, 3), None);
    }

    #[test]
    fn a_crowd_is_refused() {
        let many: Vec<serde_json::Value> = (0..=MOST_MEMBERS).map(|_| asks("", "range")).collect();
        let many = events(&many);
        assert_eq!(refusal(&many, MOST_MEMBERS - 1), None);
        assert_eq!(refusal(&many, MOST_MEMBERS), Some(GROUP_MAX_SIZE_REACHED));
    }
}
