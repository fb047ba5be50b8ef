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
